//! The ways in which an instance can fail a node.

use std::rc::Rc;

use super::state::{Items, Members, State, tighter};
use super::{Kernel, Lit, Mode};
use crate::format::{self, Format};
use crate::model::{Bound, Decimal, Literal, Node, NodeId, ObjectRules, Types, Unsupported};

/// A demand on an instance.
#[derive(Clone, Copy)]
pub(super) enum Fact<'s> {
    Lit(Lit),
    Types(Types),
    NotIn(&'s [Literal]),
    /// Below a lower bound.
    Below(Bound),
    /// Above an upper bound.
    Above(Bound),
    NotStep(Decimal),
    Shorter(u64),
    Longer(u64),
    NotPattern(&'s str),
    NotFormat(&'static Format),
    FewerItems(u64),
    MoreItems(u64),
    Duplicates,
    Items(Items),
    Absent(&'s str),
    Present(&'s str),
    Members(Members<'s>),
    FewerMembers(u64),
    MoreMembers(u64),
    /// A keyword that is not understood is violated.
    Unsupported(&'s Unsupported),
}

/// Alternatives, each a list of facts. They are shared, because a search that branches often has many
/// copies.
pub(super) type Split<'s> = Vec<Rc<[Fact<'s>]>>;

impl<'s> Kernel<'s> {
    /// The ways in which an instance that satisfies `state` can fail the node; cheapest first.
    pub(super) fn deny(&self, lit: Lit, state: &State<'s>) -> Split<'s> {
        let node = self.node(lit);
        if node.never {
            return vec![Rc::new([])];
        }
        let mut out: Split<'s> = Vec::new();
        let judge = self.judge(lit.side);
        let open = judge.is_open(node);
        let others = state.types.difference(self.types(lit.side, node));
        if !others.is_empty() {
            out.push(Rc::new([Fact::Types(others)]));
        }
        if let Some(values) = node.values.as_ref().filter(|_| !open) {
            out.push(Rc::new([Fact::NotIn(values)]));
        }
        deny_number(node, state, &mut out);
        deny_string(node, state, &mut out);
        self.deny_array(lit, state, &mut out);
        self.deny_object(lit, state, &mut out);
        let unwanted = |id| Lit { node: id, wanted: false, ..lit };
        let wanted = |id| Lit { node: id, wanted: true, ..lit };
        out.extend(
            node.reference
                .iter()
                .chain(node.all_of.iter().chain(&node.unevaluated))
                .map(|id| one(Fact::Lit(unwanted(*id)))),
        );
        if !open && !node.any_of.is_empty() {
            let left = self.within_reach(lit, &node.any_of, state);
            out.push(left.into_iter().map(|id| Fact::Lit(unwanted(id))).collect());
        }
        if !open && !node.one_of.is_empty() {
            let left = self.within_reach(lit, &node.one_of, state);
            out.push(left.into_iter().map(|id| Fact::Lit(unwanted(id))).collect());
            // no instance matches two branches of a tagged union
            let overlapping = if self.tagged(lit).is_some() { &[][..] } else { &node.one_of };
            for (i, a) in overlapping.iter().enumerate() {
                for b in &overlapping[i + 1..] {
                    out.push(Rc::new([Fact::Lit(wanted(*a)), Fact::Lit(wanted(*b))]));
                }
            }
        }
        out.extend(node.not.map(|id| one(Fact::Lit(wanted(id)))));
        if let Some(c) = &node.conditional {
            let both = |condition: Lit, id| -> Rc<[Fact<'s>]> {
                Rc::new([Fact::Lit(condition), Fact::Lit(unwanted(id))])
            };
            out.extend(c.then.map(|id| both(wanted(c.condition), id)));
            out.extend(c.otherwise.map(|id| both(unwanted(c.condition), id)));
        }
        for keyword in &node.unsupported {
            let same = |u: &&Unsupported| u.says_the_same(keyword);
            if !state.unsupported.iter().any(same) {
                out.push(Rc::new([Fact::Unsupported(keyword)]));
            }
        }
        out
    }

    fn deny_array(&self, lit: Lit, state: &State<'s>, out: &mut Split<'s>) {
        let node = self.node(lit);
        let Some(rules) = node.array.as_deref().filter(|_| state.types.intersects(Types::ARRAY))
        else {
            return;
        };
        let mut push = |fact| out.push(Rc::new([Fact::Types(Types::ARRAY), fact]));
        if rules.min_items > state.min_items {
            push(Fact::FewerItems(rules.min_items));
        }
        if let Some(max) = rules.max_items
            && state.max_items.is_none_or(|m| m > max)
        {
            push(Fact::MoreItems(max));
        }
        if rules.unique && !state.unique {
            push(Fact::Duplicates);
        }
        let unwanted = |id| Lit { node: id, wanted: false, ..lit };
        for (i, id) in rules.prefix.iter().enumerate() {
            push(Fact::Items(Items::Some { from: i, to: Some(i + 1), lit: unwanted(*id) }));
        }
        if let Some(id) = rules.items {
            push(Fact::Items(Items::Some {
                from: rules.prefix.len(),
                to: None,
                lit: unwanted(id),
            }));
        }
        if let Some(c) = &rules.contains {
            let wanted = Lit { node: c.node, wanted: true, ..lit };
            if c.min > 0 {
                push(Fact::Items(Items::AtMost(c.min - 1, wanted)));
            }
            if let Some(max) = c.max {
                push(Fact::Items(Items::AtLeast(max + 1, wanted)));
            }
        }
    }

    fn deny_object(&self, lit: Lit, state: &State<'s>, out: &mut Split<'s>) {
        let node = self.node(lit);
        let Some(rules) = node.object.as_deref().filter(|_| state.types.intersects(Types::OBJECT))
        else {
            return;
        };
        let object = Fact::Types(Types::OBJECT);
        let mut push = |facts: Rc<[Fact<'s>]>| out.push(facts);
        let required = |name: &str| state.objects.iter().any(|(_, r)| r.is_required(name));
        for name in &rules.required {
            if !required(name) && !state.present.contains(&name.as_str()) {
                push(Rc::new([object, Fact::Absent(name)]));
            }
        }
        if rules.min_properties > state.min_properties {
            push(Rc::new([object, Fact::FewerMembers(rules.min_properties)]));
        }
        if let Some(max) = rules.max_properties
            && state.max_properties.is_none_or(|m| m > max)
        {
            push(Rc::new([object, Fact::MoreMembers(max)]));
        }
        let unwanted = |id| Lit { node: id, wanted: false, ..lit };
        for property in &rules.properties {
            let lit = unwanted(property.node);
            if !self.surely(&property.name, lit, state) {
                push(Rc::new([object, Fact::Members(Members::Named(&property.name, lit))]));
            }
        }
        // demands that the same names have already are not a way to fail
        let within = |id, of: &dyn Fn(&'s ObjectRules) -> Option<NodeId>| {
            self.classes[usize::from(lit.side)].is_trivial(id)
                || state.objects.iter().any(|(side, other)| {
                    let wanted = of(other).map(|node| Lit { side: *side, wanted: true, node });
                    wanted.is_some_and(|w| self.covers(w, unwanted(id)))
                })
        };
        for (pattern, id) in &rules.patterns {
            let same = |other: &'s ObjectRules| {
                other.patterns.iter().find(|(p, _)| p == pattern).map(|(_, node)| *node)
            };
            if !within(*id, &same) {
                push(Rc::new([object, Fact::Members(Members::Matching(pattern, unwanted(*id)))]));
            }
        }
        if let Some(id) = rules.additional {
            // what these rules leave over, the others leave over too
            let same = |other: &'s ObjectRules| {
                let names = other.properties.iter().all(|p| rules.property(&p.name).is_some());
                let known = |p: &String| rules.patterns.iter().any(|(q, _)| p == q);
                let leaves = names && other.patterns.iter().all(|(p, _)| known(p));
                other.additional.filter(|_| leaves)
            };
            if !within(id, &same) {
                push(Rc::new([
                    object,
                    Fact::Members(Members::Other(lit.side, rules, unwanted(id))),
                ]));
            }
        }
        if let Some(id) = rules.names
            && !within(id, &|other| other.names)
        {
            push(Rc::new([object, Fact::Members(Members::Name(unwanted(id)))]));
        }
        for (name, needs) in &rules.dependent_required {
            for need in needs {
                if !required(need) {
                    push(Rc::new([object, Fact::Present(name), Fact::Absent(need)]));
                }
            }
        }
        for (name, id) in &rules.dependent_schemas {
            push(Rc::new([object, Fact::Present(name), Fact::Lit(unwanted(*id))]));
        }
    }

    /// Whether the existing demand on a member is what the excluded node states.
    fn surely(&self, name: &str, unwanted: Lit, state: &State<'s>) -> bool {
        self.classes[usize::from(unwanted.side)].is_trivial(unwanted.node)
            || state.objects.iter().any(|(side, rules)| {
                rules.property(name).is_some_and(|p| {
                    let wanted = Lit { side: *side, wanted: true, node: p.node };
                    self.covers(wanted, unwanted) || self.within_types(wanted, unwanted)
                })
            })
    }

    /// Whether the required literal contradicts the excluded one because both have the same meaning. A
    /// writer's set is a subset of the plain schema, and that of a reader's set; so the required literal
    /// must not have the wider interpretation.
    pub(super) fn covers(&self, wanted: Lit, unwanted: Lit) -> bool {
        let width = |side: u8| match self.sides[usize::from(side)].1 {
            Mode::Writer => 0,
            Mode::Plain => 1,
            Mode::Reader => 2,
        };
        self.class(wanted) == self.class(unwanted)
            && (wanted.side == unwanted.side || width(wanted.side) <= width(unwanted.side))
    }
}

fn one(fact: Fact<'_>) -> Rc<[Fact<'_>]> {
    Rc::new([fact])
}

fn deny_number<'s>(node: &'s Node, state: &State<'s>, out: &mut Split<'s>) {
    let Some(rules) = node.number.as_deref().filter(|_| state.types.intersects(Types::NUMERIC))
    else {
        return;
    };
    let mut push = |fact| out.push(Rc::new([Fact::Types(Types::NUMERIC), fact]));
    let (low, high) = rules.interval();
    if let Some(bound) = low.filter(|b| !state.low.as_ref().is_some_and(|l| tighter(l, b, true))) {
        push(Fact::Below(bound));
    }
    if let Some(bound) = high.filter(|b| !state.high.as_ref().is_some_and(|h| tighter(h, b, false)))
    {
        push(Fact::Above(bound));
    }
    if let Some(step) = rules.multiple_of
        && !state.steps.iter().any(|s| s.is_multiple_of(&step))
    {
        push(Fact::NotStep(step));
    }
}

fn deny_string<'s>(node: &'s Node, state: &State<'s>, out: &mut Split<'s>) {
    let Some(rules) = node.string.as_deref().filter(|_| state.types.intersects(Types::STRING))
    else {
        return;
    };
    let mut push = |fact| out.push(Rc::new([Fact::Types(Types::STRING), fact]));
    if rules.min_length > state.min_length {
        push(Fact::Shorter(rules.min_length));
    }
    if let Some(max) = rules.max_length
        && state.max_length.is_none_or(|m| m > max)
    {
        push(Fact::Longer(max));
    }
    if let Some(pattern) = rules.pattern.as_deref()
        && !state.patterns.contains(&(pattern, true))
    {
        push(Fact::NotPattern(pattern));
    }
    for format in format::of(rules) {
        if !state.formats.iter().any(|(f, wanted)| *wanted && f.name == format.name) {
            push(Fact::NotFormat(format));
        }
    }
}
