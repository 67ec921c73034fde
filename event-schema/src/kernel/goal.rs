//! From literals to alternatives: the search.

use std::collections::HashSet;
use std::rc::Rc;

use serde_json::{Number, Value};

use super::split::{Fact, Split};
use super::state::{State, least};
use super::tags::waits;
use super::{Kernel, Lit, Outcome};
use crate::format;
use crate::model::{Bound, Decimal, NodeId, Types};
use crate::validate::{canonical, equal, is_exact_everywhere, type_of};

/// Most numbers in a value that are written in both forms where that matters.
const MAX_SPELLINGS: u32 = 6;

/// From so many values on, lists are looked through as sets.
pub(super) const LONG: usize = 64;

/// An alternative of a goal under way.
#[derive(Clone, Default)]
pub(super) struct Work<'s> {
    /// Literals that are taken into account.
    pub(super) path: Vec<Lit>,
    /// Wanted literals as they were asked for, without what follows from them.
    pub(super) core: Vec<Lit>,
    /// Unwanted literals that are still to be split.
    pub(super) unwanted: Vec<Lit>,
    /// Choices that are still to be made.
    pub(super) splits: Vec<Rc<Split<'s>>>,
    pub(super) state: State<'s>,
}

impl<'s> Kernel<'s> {
    pub(super) fn search(&mut self, lits: &[Lit], except: &[Value]) -> Outcome {
        let work = Work {
            core: lits.iter().copied().filter(|l| l.wanted).collect(),
            state: State { strict: self.is_strict(), ..State::default() },
            ..Work::default()
        };
        self.expand(lits.to_vec(), work, except)
    }

    /// Looks for an object that a writer emits.
    pub(super) fn search_written(&mut self, lits: &[Lit]) -> Outcome {
        let state = State {
            types: Types::OBJECT,
            manner: super::state::Manner::Declared,
            strict: self.is_strict(),
            ..State::default()
        };
        let core = lits.iter().copied().filter(|l| l.wanted).collect();
        self.depth += 1;
        let outcome = self.expand(lits.to_vec(), Work { core, state, ..Work::default() }, &[]);
        self.depth -= 1;
        outcome
    }

    /// Takes in what is to be taken in, and splits what must be split.
    pub(super) fn expand(
        &mut self,
        mut todo: Vec<Lit>,
        mut work: Work<'s>,
        except: &[Value],
    ) -> Outcome {
        self.budget.spend(todo.len() + work.path.len() + work.unwanted.len());
        if let Some(why) = self.exhausted() {
            return why;
        }
        loop {
            while let Some(lit) = todo.pop() {
                self.budget.spend(work.path.len() / 8);
                if self.contradicts(lit, &work.path) {
                    return Outcome::None;
                }
                if work.path.contains(&lit) {
                    continue;
                }
                work.path.push(lit);
                if !lit.wanted {
                    work.unwanted.push(lit);
                } else if !self.want(lit, &mut todo, &mut work) {
                    return Outcome::None;
                }
            }
            if work.state.types.is_empty() {
                return Outcome::None;
            }
            if let Some(values) = &work.state.values {
                return self.among(values, &work, except);
            }
            // What has one alternative left is no choice.
            let mut forced = None;
            let mut unwanted = Vec::with_capacity(work.unwanted.len());
            for lit in std::mem::take(&mut work.unwanted) {
                let mut split = self.deny(lit, &work.state);
                self.budget.spend(split.len());
                match split.len() {
                    0 => return Outcome::None,
                    1 if forced.is_none() && !waits(&split, &work) => forced = split.pop(),
                    _ => unwanted.push((lit, split)),
                }
            }
            if let Some(facts) = forced {
                work.unwanted = unwanted.into_iter().map(|(lit, _)| lit).collect();
                if !work.take(&facts, &mut todo) {
                    return Outcome::None;
                }
                continue;
            }
            return self.branch(work, unwanted, except);
        }
    }

    /// Leaves out what does not matter, and continues.
    fn branch(
        &mut self,
        work: Work<'s>,
        unwanted: Vec<(Lit, Split<'s>)>,
        except: &[Value],
    ) -> Outcome {
        if unwanted.len() < 2 {
            return self.choose(work, unwanted, except);
        }
        // An unwanted node that nothing here could be an instance of is no matter.
        let matters = |kernel: &mut Self, lit: Lit| {
            let wanted = Lit { wanted: true, ..lit };
            let mut goal = work.core.clone();
            goal.push(wanted);
            !kernel.apart(wanted, &work.state)
                && (goal.len() == 1 || !matches!(kernel.solve(&goal), Outcome::None))
        };
        let mut left = Vec::with_capacity(unwanted.len());
        let mut dropped = Vec::new();
        for (lit, split) in &unwanted {
            if matters(self, *lit) {
                left.push((*lit, split.clone()));
            } else {
                dropped.push(*lit);
            }
        }
        if !self.thorough || dropped.is_empty() {
            return self.choose(work, left, except);
        }
        // It may be unwanted by a choice that the goal itself leaves open: then it is a matter after all.
        match self.choose(work.clone(), left, except) {
            Outcome::Found(value)
                if dropped.iter().any(|lit| self.holds(*lit, &value) != Some(true)) =>
            {
                self.choose(work, unwanted, except)
            }
            outcome => outcome,
        }
    }

    /// Makes the choice with the fewest alternatives, or ends in an instance where none is left.
    fn choose(
        &mut self,
        mut work: Work<'s>,
        mut unwanted: Vec<(Lit, Split<'s>)>,
        except: &[Value],
    ) -> Outcome {
        for split in &mut work.splits {
            self.prune(split, &work.state);
        }
        let ready = |(_, (_, split)): &(usize, &(Lit, Split<'s>))| !waits(split, &work);
        let fewest = unwanted.iter().enumerate().filter(ready);
        let fewest = fewest.min_by_key(|(_, (_, s))| s.len()).map(|(i, _)| i);
        let split = (0..work.splits.len()).min_by_key(|i| work.splits[*i].len());
        let alternatives = match (fewest, split) {
            (_, Some(at))
                if fewest.is_none_or(|f| unwanted[f].1.len() >= work.splits[at].len()) =>
            {
                work.splits.swap_remove(at)
            }
            (Some(at), _) => Rc::new(unwanted.swap_remove(at).1),
            (None, None) => return self.leaf(&work, except),
            (None, Some(at)) => work.splits.swap_remove(at),
        };
        work.unwanted = unwanted.into_iter().map(|(lit, _)| lit).collect();
        let mut unknown: Option<Rc<str>> = None;
        for facts in alternatives.iter() {
            self.budget.spend(work.weight());
            if self.is_over() {
                return Outcome::Unknown(self.why());
            }
            let (mut todo, mut next) = (Vec::new(), work.clone());
            if !next.take(facts, &mut todo) {
                continue;
            }
            next.core.extend(todo.iter().copied().filter(|l| l.wanted));
            match self.expand(todo, next, except) {
                Outcome::None => {}
                Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
                found @ Outcome::Found(_) => return found,
            }
        }
        unknown.map_or(Outcome::None, Outcome::Unknown)
    }

    /// Whether the same is wanted and unwanted.
    fn contradicts(&self, lit: Lit, path: &[Lit]) -> bool {
        if (self.class(lit) == 1 && !lit.wanted) || (lit.wanted && self.node(lit).never) {
            return true;
        }
        path.iter().any(|other| match (lit.wanted, other.wanted) {
            (true, false) => self.covers(lit, *other),
            (false, true) => self.covers(*other, lit),
            _ => false,
        })
    }

    /// Takes in a wanted node. False where that leaves nothing.
    fn want(&mut self, lit: Lit, todo: &mut Vec<Lit>, work: &mut Work<'s>) -> bool {
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
            // What is of one branch of a tagged union is of no other.
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

    /// The long lists of values on the path, as sets: whether a value must be in each.
    fn lists(&self, count: usize, path: &[Lit]) -> Vec<(bool, HashSet<String>)> {
        if count < LONG {
            return Vec::new();
        }
        let listed = path.iter().filter_map(|lit| {
            let node = self.node(*lit);
            let values = node.values.as_ref().filter(|_| !self.judge(lit.side).is_open(node))?;
            // An unwanted node may fail by something else than its list.
            (lit.wanted || node.is_only_values())
                .then(|| (lit.wanted, values.iter().map(|l| canonical(&l.value)).collect()))
        });
        listed.collect()
    }

    /// The first of the values that everything on the path is true of, and that is as the state says.
    fn among(&mut self, values: &[&Value], work: &Work<'s>, except: &[Value]) -> Outcome {
        let mut unknown = false;
        let lists = self.lists(values.len(), &work.path);
        for value in values {
            if !lists.is_empty() && rejected(&lists, value) {
                continue;
            }
            self.budget.spend(work.path.len() + except.len());
            if self.is_over() {
                return Outcome::Unknown(self.why());
            }
            if except.iter().any(|e| equal(e, value)) {
                continue;
            }
            let (spellings, all) = self.spellings(value, work.state.strict);
            // However it is written, it is listed.
            if !all && work.path.iter().any(|lit| !lit.wanted && self.lists_alone(*lit, value)) {
                continue;
            }
            unknown |= !all;
            for value in spellings {
                let mut answer = self.is_named(&work.state, &value);
                for lit in &work.path {
                    if answer == Some(false) {
                        break;
                    }
                    match self.holds(*lit, &value) {
                        Some(true) => {}
                        Some(false) => answer = Some(false),
                        None => answer = None,
                    }
                }
                match answer {
                    Some(true) if is_exact_everywhere(&value) => return Outcome::Found(value),
                    Some(false) => {}
                    Some(true) | None => unknown = true,
                }
            }
        }
        if unknown {
            Outcome::Unknown("a value that cannot be judged".into())
        } else {
            Outcome::None
        }
    }

    /// Whether a value is of the types and patterns that were asked for without a literal: those of a
    /// member's name.
    fn is_named(&self, state: &State<'s>, value: &Value) -> Option<bool> {
        if !state.types.intersects(kinds_of(value)) {
            return Some(false);
        }
        match value {
            Value::String(s) => self.string_fits(state, s, &[]),
            _ => Some(true),
        }
    }

    /// The value as it may be written: where a point tells an integer from another number, a whole number
    /// that has one may do without, and one that has none may have one, if no publisher is asked. And whether
    /// these are all ways; where there are too many, one number at a time has its other form, and all have.
    pub(super) fn spellings(&self, value: &Value, strict: bool) -> (Vec<Value>, bool) {
        if !strict {
            return (vec![value.clone()], true);
        }
        let as_listed = self.writer(0) || self.writer(1);
        let count = numbers_in_two_forms(value, as_listed);
        let other = |bits: u64| respelled(value, as_listed, &mut bits.clone());
        if count <= MAX_SPELLINGS {
            return ((0..1u64 << count).map(other).collect(), true);
        }
        let single = (0..count.min(u64::BITS)).map(|at| 1u64 << at);
        ([0, u64::MAX].into_iter().chain(single).map(other).collect(), false)
    }

    /// Whether the node lists the value and says nothing else.
    pub(super) fn lists_alone(&self, lit: Lit, value: &Value) -> bool {
        let node = self.node(lit);
        node.is_only_values() && node.values.iter().flatten().any(|l| equal(&l.value, value))
    }

    /// Builds an instance: nothing is left to choose.
    fn leaf(&mut self, work: &Work<'s>, except: &[Value]) -> Outcome {
        let state = &work.state;
        let mut unknown: Option<Rc<str>> = None;
        let types = [
            Types::NULL,
            Types::BOOLEAN,
            Types::NUMERIC,
            Types::STRING,
            Types::ARRAY,
            Types::OBJECT,
        ];
        for kind in types {
            if !state.types.intersects(kind) {
                continue;
            }
            let outcome = match kind {
                Types::NULL => one_of([Value::Null], state, except),
                Types::BOOLEAN => one_of([true.into(), false.into()], state, except),
                Types::NUMERIC => super::number::solve(state, except),
                Types::STRING => self.string(state, except),
                Types::ARRAY => self.array(state, except),
                _ => self.object(state, &work.path, except),
            };
            match outcome {
                Outcome::None => {}
                Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
                Outcome::Found(_) if !state.unsupported.is_empty() => {
                    return Outcome::Unknown(state.unsupported[0].reason().into());
                }
                found @ Outcome::Found(_) => return found,
            }
        }
        unknown.map_or(Outcome::None, Outcome::Unknown)
    }
}

fn rejected(lists: &[(bool, HashSet<String>)], value: &Value) -> bool {
    let text = canonical(value);
    lists.iter().any(|(wanted, list)| list.contains(&text) != *wanted)
}

/// The kinds that a value may be of, as any dialect has it.
fn kinds_of(value: &Value) -> Types {
    match type_of(value) {
        Types::INTEGER => Types::INTEGER.union(Types::POINT),
        other => other,
    }
}

/// How many numbers in the value may be written in another form, too.
fn numbers_in_two_forms(value: &Value, as_listed: bool) -> u32 {
    match value {
        Value::Number(n) => u32::from(other_form(n, as_listed).is_some()),
        Value::Array(items) => items.iter().map(|v| numbers_in_two_forms(v, as_listed)).sum(),
        Value::Object(members) => {
            members.values().map(|v| numbers_in_two_forms(v, as_listed)).sum()
        }
        _ => 0,
    }
}

/// A whole number without its point; one that has none with a point, unless it is written as it is listed.
fn other_form(n: &Number, as_listed: bool) -> Option<Number> {
    let whole = Decimal::from_number(n)?;
    if n.is_f64() {
        return i64::try_from(whole.to_i128()?).ok().map(Number::from);
    }
    whole.to_double().filter(|_| !as_listed)
}

/// The value with some of its numbers in their other form: those of the bits that are set.
fn respelled(value: &Value, as_listed: bool, bits: &mut u64) -> Value {
    match value {
        Value::Number(n) => match other_form(n, as_listed) {
            Some(other) => {
                let chosen = *bits & 1 == 1;
                *bits >>= 1;
                Value::Number(if chosen { other } else { n.clone() })
            }
            None => value.clone(),
        },
        Value::Array(items) => items.iter().map(|item| respelled(item, as_listed, bits)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), respelled(member, as_listed, bits)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

fn one_of<const N: usize>(values: [Value; N], state: &State<'_>, except: &[Value]) -> Outcome {
    values.into_iter().find(|v| is_free(v, state, except)).map_or(Outcome::None, Outcome::Found)
}

/// Whether the value is neither excluded nor excepted.
pub(super) fn is_free(value: &Value, state: &State<'_>, except: &[Value]) -> bool {
    !state.excluded.iter().any(|e| equal(e, value)) && !except.iter().any(|e| equal(e, value))
}

impl<'s> Work<'s> {
    /// What it costs to go on from here in one more way.
    fn weight(&self) -> usize {
        let State { excluded, members, items, .. } = &self.state;
        let listed = excluded.len() + members.len() + items.len();
        1 + (self.path.len() + self.unwanted.len() + self.splits.len() + listed) / 8
    }

    /// Takes facts in. False where they contradict what is known.
    fn take(&mut self, facts: &[Fact<'s>], todo: &mut Vec<Lit>) -> bool {
        let state = &mut self.state;
        for fact in facts {
            match *fact {
                Fact::Lit(lit) => todo.push(lit),
                Fact::Types(types) => state.types = state.types.intersection(types),
                Fact::NotIn(values) => state.excluded.extend(values.iter().map(|l| &l.value)),
                Fact::Below(b) => state.lower(Bound { exclusive: !b.exclusive, value: b.value }),
                Fact::Above(b) => state.raise(Bound { exclusive: !b.exclusive, value: b.value }),
                Fact::NotStep(step) => state.not_steps.push(step),
                Fact::Shorter(n) => state.max_length = least(state.max_length, Some(n - 1)),
                Fact::Longer(n) => state.min_length = state.min_length.max(n.saturating_add(1)),
                Fact::NotPattern(pattern) => state.patterns.push((pattern, false)),
                Fact::NotFormat(format) => state.formats.push((format, false)),
                Fact::FewerItems(n) => state.max_items = least(state.max_items, Some(n - 1)),
                Fact::MoreItems(n) => state.min_items = state.min_items.max(n.saturating_add(1)),
                Fact::Duplicates => state.duplicates = true,
                Fact::Items(items) => state.items.push(items),
                Fact::Absent(name) => state.absent.push(name),
                Fact::Present(name) => state.present.push(name),
                Fact::Members(members) => state.members.push(members),
                Fact::FewerMembers(n) => {
                    state.max_properties = least(state.max_properties, Some(n - 1));
                }
                Fact::MoreMembers(n) => {
                    state.min_properties = state.min_properties.max(n.saturating_add(1));
                }
                Fact::Unsupported(keyword) => state.unsupported.push(keyword),
            }
        }
        !state.types.is_empty()
    }
}
