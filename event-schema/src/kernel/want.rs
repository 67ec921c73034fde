//! What a required node adds to an alternative: facts, further nodes, and choices.

use std::rc::Rc;

use serde_json::Value;

use super::goal::Work;
use super::split::Fact;
use super::state::least;
use super::{Kernel, Lit};
use crate::format;
use crate::model::NodeId;
use crate::validate::equal;

impl<'s> Kernel<'s> {
    /// Takes in a required node. Returns false if nothing is left.
    pub(super) fn want(&mut self, lit: Lit, todo: &mut Vec<Lit>, work: &mut Work<'s>) -> bool {
        let node = self.node(lit);
        let open = self.judge(lit.side).is_open(node);
        let state = &mut work.state;
        state.types = state.types.intersection(self.types(lit.side, node));
        if let Some(values) = node.values.as_ref().filter(|_| !open) {
            let keep =
                |v: &Value| state.values.as_ref().is_none_or(|old| old.iter().any(|o| equal(o, v)));
            state.values = Some(values.iter().map(|l| &l.value).filter(|v| keep(v)).collect());
        }
        if let Some(rules) = node.number.as_deref() {
            let (low, high) = rules.interval();
            if let Some(low) = low {
                state.raise(low);
            }
            if let Some(high) = high {
                state.lower(high);
            }
            state.steps.extend(rules.multiple_of);
        }
        if let Some(rules) = node.string.as_deref() {
            state.min_length = state.min_length.max(rules.min_length);
            state.max_length = least(state.max_length, rules.max_length);
            state.patterns.extend(rules.pattern.as_deref().map(|p| (p, true)));
            state.formats.extend(format::of(rules).map(|f| (f, true)));
        }
        if let Some(rules) = node.array.as_deref() {
            state.min_items = state.min_items.max(rules.min_items);
            state.max_items = least(state.max_items, rules.max_items);
            state.unique |= rules.unique;
            if let Some(contains) = &rules.contains {
                let lit = Lit { node: contains.node, ..lit };
                state.items.push(super::state::Items::AtLeast(contains.min, lit));
                state.items.extend(contains.max.map(|max| super::state::Items::AtMost(max, lit)));
            }
            state.arrays.push((lit.side, rules));
        }
        if let Some(rules) = node.object.as_deref() {
            state.min_properties = state.min_properties.max(rules.min_properties);
            state.max_properties = least(state.max_properties, rules.max_properties);
            for (name, id) in &rules.dependent_schemas {
                let lit = Lit { node: *id, ..lit };
                work.splits.push(Rc::new(vec![
                    Rc::new([Fact::Absent(name)]),
                    Rc::new([Fact::Present(name), Fact::Lit(lit)]),
                ]));
            }
            work.state.objects.push((lit.side, rules));
        }
        work.state.unsupported.extend(&node.unsupported);
        let same = |node| Lit { node, ..lit };
        let not = |node| Lit { node, wanted: false, ..lit };
        todo.extend(node.reference.map(same));
        todo.extend(node.all_of.iter().chain(&node.unevaluated).map(|id| same(*id)));
        todo.extend(node.not.map(not));
        let alone = |id: &NodeId| -> Rc<[Fact<'s>]> { Rc::new([Fact::Lit(same(*id))]) };
        if !open && !node.any_of.is_empty() {
            work.splits.push(Rc::new(node.any_of.iter().map(alone).collect()));
        }
        if !open && !node.one_of.is_empty() {
            let alternative = |i: usize| {
                let lit =
                    |(j, id): (usize, &_)| Fact::Lit(if i == j { same(*id) } else { not(*id) });
                node.one_of.iter().enumerate().map(lit).collect()
            };
            // an instance of one branch of a tagged union matches no other
            let tagged = self.tagged(lit).is_some();
            work.splits.push(Rc::new(if tagged {
                node.one_of.iter().map(alone).collect()
            } else {
                self.budget.spend(node.one_of.len() * node.one_of.len() / 8);
                (0..node.one_of.len()).map(alternative).collect()
            }));
        }
        if let Some(c) = &node.conditional {
            let way = |condition: Lit, then: Option<NodeId>| {
                [condition].into_iter().chain(then.map(same)).map(Fact::Lit).collect()
            };
            let (met, unmet) = (same(c.condition), not(c.condition));
            work.splits.push(Rc::new(vec![way(met, c.then), way(unmet, c.otherwise)]));
        }
        true
    }
}
