//! Arrays: what holds at each place, and which places are made to show something.

use std::rc::Rc;

use serde_json::Value;

use super::state::{Items, State};
use super::{Kernel, Lit, Outcome};
use crate::validate::equal;

/// Longest array that is written out.
const MAX_ITEMS: u64 = 1_000;

/// Most items that must be made so or so.
const MAX_DEMANDS: u64 = 64;

/// An item that must be so.
#[derive(Clone, Copy)]
struct Demand {
    from: usize,
    to: usize,
    lit: Lit,
    /// Whether it needs an item of its own among those with the same literal.
    counted: bool,
}

struct Plan<'a, 's> {
    state: &'a State<'s>,
    /// Before this place, each has rules of its own; from there on all have the same.
    tail: usize,
    /// No array is longer.
    longest: Option<usize>,
    except: &'a [Value],
}

fn at_least(state: &State<'_>) -> Vec<(u64, Lit)> {
    let pick =
        |items: &Items| if let Items::AtLeast(n, lit) = items { Some((*n, *lit)) } else { None };
    state.items.iter().filter_map(pick).collect()
}

fn at_most(state: &State<'_>) -> Vec<(u64, Lit)> {
    let pick =
        |items: &Items| if let Items::AtMost(n, lit) = items { Some((*n, *lit)) } else { None };
    state.items.iter().filter_map(pick).collect()
}

impl<'s> Kernel<'s> {
    /// An array that is as the state says.
    pub(super) fn array(&mut self, state: &State<'s>, except: &[Value]) -> Outcome {
        if state.unique && state.duplicates {
            return Outcome::None;
        }
        let tail = state.arrays.iter().map(|(_, r)| r.prefix.len()).max().unwrap_or(0);
        let mut longest = state.max_items.map(|m| usize::try_from(m).unwrap_or(usize::MAX));
        // Where an item can't be, no array goes on.
        for at in 0..=tail {
            if longest.is_none_or(|l| at < l)
                && matches!(self.item(state, at, &[], &[]), Outcome::None)
            {
                longest = Some(at);
                break;
            }
        }
        let plan = Plan { state, tail, longest, except };
        let min = usize::try_from(state.min_items).unwrap_or(usize::MAX);
        if longest.is_some_and(|l| l < min) {
            return Outcome::None;
        }
        if state.min_items > MAX_ITEMS {
            if self.unmet(state, tail) {
                return Outcome::None;
            }
            let message = format!(
                "too large, because an array of {} items would have to be written out",
                state.min_items
            );
            return Outcome::Unknown(message.into());
        }
        for (n, many) in at_least(state) {
            for (max, few) in at_most(state) {
                let outside = Lit { wanted: !few.wanted, ..few };
                if n > max && matches!(self.solve(&[many, outside]), Outcome::None) {
                    return Outcome::None;
                }
            }
        }
        let mut demands = Vec::new();
        for items in &state.items {
            match *items {
                Items::Some { from, to, lit } => {
                    demands.push(Demand {
                        from,
                        to: to.unwrap_or(usize::MAX),
                        lit,
                        counted: false,
                    });
                }
                Items::AtLeast(n, _) if n > MAX_DEMANDS => {
                    return if longest.is_some_and(|l| (l as u64) < n) {
                        Outcome::None
                    } else {
                        Outcome::Unknown("`minContains`".into())
                    };
                }
                Items::AtLeast(n, lit) => {
                    demands.extend((0..n).map(|_| Demand {
                        from: 0,
                        to: usize::MAX,
                        lit,
                        counted: true,
                    }));
                }
                Items::AtMost(..) => {}
            }
        }
        if state.duplicates {
            return self.duplicates(&plan, &demands);
        }
        self.place(&plan, &demands, &mut Vec::new())
    }

    /// Whether some item that must be shown can stand at no place, however long the array is.
    fn unmet(&mut self, state: &State<'s>, tail: usize) -> bool {
        state.items.iter().any(|items| match *items {
            Items::Some { from, to, lit } => {
                let end = to.unwrap_or(usize::MAX).min(tail.max(from) + 1);
                (from..end).all(|at| matches!(self.item(state, at, &[lit], &[]), Outcome::None))
            }
            Items::AtLeast(1.., lit) => {
                (0..=tail).all(|at| matches!(self.item(state, at, &[lit], &[]), Outcome::None))
            }
            _ => false,
        })
    }

    /// What holds at a place whatever else is wanted there.
    fn rules_at(state: &State<'s>, at: usize) -> Vec<Lit> {
        let mut lits: Vec<Lit> = state
            .arrays
            .iter()
            .filter_map(|(side, r)| r.item(at).map(|node| Lit { side: *side, wanted: true, node }))
            .collect();
        for items in &state.items {
            if let Items::AtMost(0, lit) = items {
                lits.push(Lit { wanted: !lit.wanted, ..*lit });
            }
        }
        lits
    }

    fn item(&mut self, state: &State<'s>, at: usize, more: &[Lit], except: &[Value]) -> Outcome {
        let mut lits = Kernel::rules_at(state, at);
        lits.extend(more);
        if except.is_empty() { self.solve(&lits) } else { self.solve_except(&lits, except) }
    }

    /// Puts each demand at some place, one after the other.
    fn place(
        &mut self,
        plan: &Plan<'_, 's>,
        demands: &[Demand],
        placed: &mut Vec<(usize, Lit)>,
    ) -> Outcome {
        let Some((demand, rest)) = demands.split_first() else {
            return self.fill(plan, placed, None);
        };
        let last = plan.tail.max(demand.from) + placed.len() + 1;
        let end = demand.to.min(last).min(plan.longest.unwrap_or(usize::MAX));
        let mut unknown: Option<Rc<str>> = None;
        for at in demand.from..end {
            let taken = placed.iter().any(|(p, lit)| *p == at && *lit == demand.lit);
            if demand.counted && taken {
                continue;
            }
            let mut lits: Vec<Lit> =
                placed.iter().filter(|(p, _)| *p == at).map(|(_, l)| *l).collect();
            lits.push(demand.lit);
            match self.item(plan.state, at, &lits, &[]) {
                Outcome::None => continue,
                Outcome::Unknown(why) => {
                    unknown = unknown.or(Some(why));
                    continue;
                }
                Outcome::Found(_) => {}
            }
            placed.push((at, demand.lit));
            let outcome = self.place(plan, rest, placed);
            placed.pop();
            match outcome {
                found @ Outcome::Found(_) => return found,
                Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
                Outcome::None => {}
            }
        }
        unknown.map_or(Outcome::None, Outcome::Unknown)
    }

    /// Two places with the same value.
    fn duplicates(&mut self, plan: &Plan<'_, 's>, demands: &[Demand]) -> Outcome {
        let end = (plan.tail + 2).min(plan.longest.unwrap_or(usize::MAX));
        let mut unknown: Option<Rc<str>> = None;
        if !demands.is_empty() {
            unknown = Some("`uniqueItems` beside `contains`".into());
        }
        for first in 0..end {
            for second in first + 1..end {
                let both = Kernel::rules_at(plan.state, second);
                match self.item(plan.state, first, &both, &[]) {
                    Outcome::Found(value) => {
                        if let found @ Outcome::Found(_) =
                            self.fill(plan, &[], Some((first, second, &value)))
                        {
                            return found;
                        }
                    }
                    Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
                    Outcome::None => {}
                }
            }
        }
        unknown.map_or(Outcome::None, Outcome::Unknown)
    }

    /// Fills every place up to the shortest length that will do.
    fn fill(
        &mut self,
        plan: &Plan<'_, 's>,
        placed: &[(usize, Lit)],
        twice: Option<(usize, usize, &Value)>,
    ) -> Outcome {
        let state = plan.state;
        let shown =
            placed.iter().map(|(p, _)| p + 1).chain(twice.map(|(_, second, _)| second + 1)).max();
        let least = usize::try_from(state.min_items).unwrap_or(usize::MAX).max(shown.unwrap_or(0));
        let bounded = state.items.iter().any(|i| matches!(i, Items::AtMost(1.., _)));
        // A longer one where the shortest is taken.
        for length in least..least + 3 {
            if plan.longest.is_some_and(|l| length > l) {
                return Outcome::None;
            }
            let mut items: Vec<Value> = Vec::new();
            for at in 0..length {
                if let Some((_, _, value)) = twice.filter(|(a, b, _)| at == *a || at == *b) {
                    items.push(value.clone());
                    continue;
                }
                let mut lits: Vec<Lit> =
                    placed.iter().filter(|(p, _)| *p == at).map(|(_, l)| *l).collect();
                let except: &[Value] = if state.unique { &items } else { &[] };
                // Each item is compared with each before it, and so is each that is tried.
                self.budget.spend(except.len() * except.len() / 32);
                let mut outcome = Outcome::None;
                if bounded {
                    let mut sparing = lits.clone();
                    sparing.extend(state.items.iter().filter_map(|i| match i {
                        Items::AtMost(1.., lit) if !lits.contains(lit) => {
                            Some(Lit { wanted: !lit.wanted, ..*lit })
                        }
                        _ => None,
                    }));
                    outcome = self.item(state, at, &sparing, except);
                }
                if !matches!(outcome, Outcome::Found(_)) {
                    outcome = self.item(state, at, &std::mem::take(&mut lits), except);
                }
                match outcome {
                    Outcome::Found(value) => items.push(value),
                    Outcome::Unknown(why) => return Outcome::Unknown(why),
                    Outcome::None if state.unique && !items.is_empty() => {
                        // As many places as values, all under the same rules: that is all there is.
                        let rules = Kernel::rules_at(state, at);
                        let alike = placed.is_empty()
                            && (0..at).all(|p| Kernel::rules_at(state, p) == rules);
                        return if alike {
                            Outcome::None
                        } else {
                            Outcome::Unknown("`uniqueItems`".into())
                        };
                    }
                    Outcome::None => return Outcome::None,
                }
            }
            for wanted in &state.items {
                if let Items::AtMost(max, lit) = wanted {
                    let count =
                        items.iter().filter(|v| self.holds(*lit, v) != Some(false)).count() as u64;
                    if count > *max {
                        return Outcome::Unknown("`maxContains`".into());
                    }
                }
            }
            let value = Value::Array(items);
            let taken = |v: &&Value| equal(v, &value);
            if !state.excluded.iter().any(taken) && !plan.except.iter().any(|v| equal(v, &value)) {
                return Outcome::Found(value);
            }
        }
        self.vary(plan, least)
    }

    /// Another array of the same length, where those tried are taken.
    fn vary(&mut self, plan: &Plan<'_, 's>, length: usize) -> Outcome {
        if length == 0 || !plan.state.items.is_empty() || plan.state.duplicates {
            return Outcome::Unknown("arrays that are ruled out one by one".into());
        }
        let mut seen: Vec<Value> = Vec::new();
        for _ in 0..=plan.state.excluded.len() + plan.except.len() {
            let Outcome::Found(first) = self.item(plan.state, 0, &[], &seen) else { break };
            seen.push(first.clone());
            let mut items = vec![first];
            for at in 1..length {
                let except: &[Value] = if plan.state.unique { &items } else { &[] };
                let Outcome::Found(value) = self.item(plan.state, at, &[], except) else { break };
                items.push(value);
            }
            let complete = items.len() == length;
            let value = Value::Array(items);
            if complete && super::goal::is_free(&value, plan.state, plan.except) {
                return Outcome::Found(value);
            }
        }
        Outcome::Unknown("arrays that are ruled out one by one".into())
    }
}
