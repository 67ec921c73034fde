//! From literals to alternatives: the search.

use std::rc::Rc;

use serde_json::Value;

use super::split::{Fact, Split};
use super::state::{State, least};
use super::tags::waits;
use super::{Kernel, Lit, Outcome};
use crate::model::{Bound, Types};
use crate::validate::equal;

/// An alternative of a goal, in progress.
#[derive(Clone, Default)]
pub(super) struct Work<'s> {
    /// Literals that are taken into account.
    pub(super) path: Vec<Lit>,
    /// Required literals as they were stated, without their consequences.
    pub(super) core: Vec<Lit>,
    /// Excluded literals that still have to be split.
    pub(super) unwanted: Vec<Lit>,
    /// Choices that still have to be made.
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

    /// Searches for an object that a writer emits.
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

    /// Takes in pending literals, and splits the excluded ones.
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
            // a choice with one alternative left is not a choice
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

    /// Drops irrelevant literals, and continues.
    fn branch(
        &mut self,
        work: Work<'s>,
        unwanted: Vec<(Lit, Split<'s>)>,
        except: &[Value],
    ) -> Outcome {
        if unwanted.len() < 2 {
            return self.choose(work, unwanted, except);
        }
        // an excluded node that no instance here could match is irrelevant
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
        // the goal may exclude it by a choice that is still open: then it is relevant after all
        match self.choose(work.clone(), left, except) {
            Outcome::Found(value)
                if dropped.iter().any(|lit| self.holds(*lit, &value) != Some(true)) =>
            {
                self.choose(work, unwanted, except)
            }
            outcome => outcome,
        }
    }

    /// Makes the choice with the fewest alternatives; without choices, ends in an instance.
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

    /// Whether the same node is required and excluded.
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

    /// Builds an instance, because no choice is left.
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

fn one_of<const N: usize>(values: [Value; N], state: &State<'_>, except: &[Value]) -> Outcome {
    values.into_iter().find(|v| is_free(v, state, except)).map_or(Outcome::None, Outcome::Found)
}

/// Whether the value is neither excluded nor excepted.
pub(super) fn is_free(value: &Value, state: &State<'_>, except: &[Value]) -> bool {
    !state.excluded.iter().any(|e| equal(e, value)) && !except.iter().any(|e| equal(e, value))
}

impl<'s> Work<'s> {
    /// The cost of continuing from here in one more way.
    fn weight(&self) -> usize {
        let State { excluded, members, items, .. } = &self.state;
        let listed = excluded.len() + members.len() + items.len();
        1 + (self.path.len() + self.unwanted.len() + self.splits.len() + listed) / 8
    }

    /// Takes in facts. Returns false if they contradict the state.
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
