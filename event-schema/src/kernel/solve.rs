//! Solves a goal once: the memo, the budget, and what writers emit.

use std::collections::hash_map::Entry;
use std::hash::Hasher as _;

use serde_json::Value;

use super::{Kernel, Key, Known, Lit, MAX_DEPTH, Outcome, ROOMY_DEPTH, budget, wide};

impl Kernel<'_> {
    /// The answer after the question has used all its steps.
    pub(super) fn exhausted(&mut self) -> Option<Outcome> {
        self.budget.step(0);
        self.is_over().then(|| Outcome::Unknown(self.why()))
    }

    /// Whether a writer emits any object that satisfies its literals among these. If not, its schema is
    /// interpreted as written, because everything could be proved of an empty set.
    pub(super) fn writes(&mut self, path: &[Lit]) -> bool {
        let lits: Vec<Lit> = path.iter().filter(|l| self.writer(l.side)).copied().collect();
        let key = self.key(&lits);
        if let Some(known) = self.written.get(&key) {
            return *known;
        }
        // assumed to be true while it is being determined; conclusions from that are only kept if it turns
        // out to be true
        self.written.insert(key, true);
        let memo = std::mem::take(&mut self.memo);
        let lowest = std::mem::replace(&mut self.lowest, usize::MAX);
        let outcome = self.search_written(&lits);
        let written = matches!(outcome, Outcome::Found(_));
        let concluded = std::mem::replace(&mut self.memo, memo);
        if written {
            self.memo.extend(concluded);
        }
        self.lowest = lowest;
        self.written.insert(key, written);
        written
    }

    pub(super) fn key(&self, lits: &[Lit]) -> Key {
        // a class is a hash with seeds of the process, so a constant is enough to distinguish four kinds of
        // literals
        let of = |lit: &Lit| {
            let kind = u128::from(lit.side) << 1 | u128::from(lit.wanted);
            self.class(*lit) ^ (kind << 64 | kind)
        };
        let (mut few, mut many);
        let all: &mut [u128] = if lits.len() <= 8 {
            few = [0; 8];
            few.iter_mut().zip(lits).for_each(|(to, lit)| *to = of(lit));
            &mut few[..lits.len()]
        } else {
            many = lits.iter().map(of).collect::<Vec<_>>();
            &mut many
        };
        all.sort_unstable();
        let mut before = None;
        wide::wide(|h| {
            for one in all {
                if before.replace(*one) != Some(*one) {
                    h.write_u128(*one);
                }
            }
        })
    }

    /// An instance that satisfies the literals and is not one of `except`.
    pub(super) fn other_than(&mut self, lits: &[Lit], except: &[&Value]) -> Outcome {
        if except.is_empty() {
            return self.solve(lits);
        }
        let except: Vec<Value> = except.iter().copied().cloned().collect();
        self.solve_except(lits, &except)
    }

    /// Whether the value satisfies the literal.
    pub(super) fn holds(&self, lit: Lit, value: &Value) -> Option<bool> {
        self.judge(lit.side).holds(lit.node, value).map(|b| b == lit.wanted)
    }

    /// Searches for an instance that satisfies all literals.
    pub(super) fn solve(&mut self, lits: &[Lit]) -> Outcome {
        let key = self.key(lits);
        if self.is_over() {
            return Outcome::Unknown(self.why());
        }
        let depth = self.depth;
        match self.memo.entry(key) {
            Entry::Vacant(free) => {
                free.insert(Known::Active(depth));
            }
            Entry::Occupied(known) => match known.get() {
                Known::Active(depth) => {
                    self.lowest = self.lowest.min(*depth);
                    return Outcome::None;
                }
                Known::Solved(outcome) => {
                    if let Outcome::Found(value) = outcome {
                        self.budget.spend(budget::size(value));
                    }
                    return outcome.clone();
                }
            },
        }
        let outer = std::mem::replace(&mut self.lowest, usize::MAX);
        let outcome = self.solve_except(lits, &[]);
        let settled = matches!(outcome, Outcome::Found(_)) || self.lowest >= depth;
        if settled && !self.is_over() {
            self.memo.insert(key, Known::Solved(outcome.clone()));
            self.lowest = outer;
        } else {
            self.memo.remove(&key);
            self.lowest = outer.min(self.lowest);
        }
        outcome
    }

    /// Same as [`solve`](Self::solve), for an instance that is not one of `except`.
    pub(super) fn solve_except(&mut self, lits: &[Lit], except: &[Value]) -> Outcome {
        // the result is compared with each of them, and so is every candidate on the way
        self.budget.spend(4 * except.len());
        if let Some(why) = self.exhausted() {
            return why;
        }
        let deepest = if self.cache.roomy { ROOMY_DEPTH } else { MAX_DEPTH };
        if self.depth >= deepest {
            return Outcome::Unknown("nesting too deep to decide".into());
        }
        self.depth += 1;
        let by_branch = if except.is_empty() { self.by_branch(lits) } else { None };
        let outcome = by_branch.unwrap_or_else(|| self.search(lits, except));
        self.depth -= 1;
        outcome
    }
}
