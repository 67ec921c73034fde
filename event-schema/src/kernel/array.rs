//! Arrays: what each position must contain, and which positions satisfy the demands.
//!
//! The search is complete: it tries every assignment of demands to positions and, if the array that it
//! finds is excluded, every way to differ from it. `None` is a proof; anything that stops the search early
//! is `Unknown`.

use std::rc::Rc;

use serde_json::Value;

use super::state::{Items, State};
use super::{Kernel, Lit, Outcome};
use crate::validate::equal;

/// The maximum length of an array that is written out.
pub(super) const MAX_ITEMS: usize = 1_000;

/// The maximum number of items of one kind that are demanded one by one.
const MAX_DEMANDS: u64 = 64;

/// A demand on an item.
#[derive(Clone, Copy)]
struct Demand {
    from: usize,
    to: usize,
    lit: Lit,
    /// Whether it needs a separate item among those with the same literal.
    counted: bool,
}

/// How the array differs from the excluded ones.
#[derive(Clone, Default)]
pub(super) struct Frame<'a> {
    pub(super) min: usize,
    pub(super) max: Option<usize>,
    /// Values that a position must not have.
    differs: Vec<(usize, &'a Value)>,
}

pub(super) struct Plan<'a, 's> {
    pub(super) state: &'a State<'s>,
    pub(super) frame: Frame<'a>,
    /// From this position on, all positions have the same rules.
    tail: usize,
    /// Two positions with the same value.
    pub(super) twins: Option<(usize, usize)>,
    /// A condition that at most this many items may meet.
    pub(super) few: Vec<(u64, Lit)>,
}

/// Where demands have been placed.
type Placed = Vec<(usize, Lit)>;

impl Plan<'_, '_> {
    /// The position that the value of `at` is chosen for.
    pub(super) fn slot(&self, at: usize) -> usize {
        match self.twins {
            Some((first, second)) if at == second => first,
            _ => at,
        }
    }

    pub(super) fn lits(&self, at: usize, placed: &[(usize, Lit)]) -> Vec<Lit> {
        let mut lits = rules_at(self.state, at);
        if let Some((first, second)) = self.twins
            && at == first
        {
            lits.extend(rules_at(self.state, second));
        }
        lits.extend(placed.iter().filter(|(p, _)| self.slot(*p) == at).map(|(_, lit)| *lit));
        lits
    }
}

impl<'a> Plan<'a, '_> {
    pub(super) fn except(&self, at: usize) -> Vec<&'a Value> {
        self.frame.differs.iter().filter(|(p, _)| self.slot(*p) == at).map(|(_, v)| *v).collect()
    }
}

/// The literals that always apply at a position.
fn rules_at(state: &State<'_>, at: usize) -> Vec<Lit> {
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

impl<'s> Kernel<'s> {
    /// An array that satisfies the state.
    pub(super) fn array(&mut self, state: &State<'s>, except: &[Value]) -> Outcome {
        if state.unique && state.duplicates {
            return Outcome::None;
        }
        let mut demands = Vec::new();
        let mut many: Vec<(u64, Lit)> = Vec::new();
        for items in &state.items {
            match *items {
                Items::Some { from, to, lit } => {
                    let to = to.unwrap_or(usize::MAX);
                    demands.push(Demand { from, to, lit, counted: false });
                }
                // Twice the same demand is one: `if` and what it leads to may both hold the array to it.
                Items::AtLeast(n, lit) => match many.iter_mut().find(|(_, other)| *other == lit) {
                    Some((most, _)) => *most = n.max(*most),
                    None => many.push((n, lit)),
                },
                Items::AtMost(..) => {}
            }
        }
        let ends = demands.iter().map(|d| if d.to == usize::MAX { d.from } else { d.to });
        let rules = state.arrays.iter().map(|(_, r)| r.prefix.len());
        let tail = ends.chain(rules).max().unwrap_or(0);
        let mut longest = state.max_items.map(|m| usize::try_from(m).unwrap_or(usize::MAX));
        // if no item is possible at a position, no array is longer
        for at in 0..=tail {
            if longest.is_none_or(|l| at < l)
                && matches!(self.solve(&rules_at(state, at)), Outcome::None)
            {
                longest = Some(at);
                break;
            }
        }
        let min = usize::try_from(state.min_items).unwrap_or(usize::MAX);
        if longest.is_some_and(|l| l < min) {
            return Outcome::None;
        }
        let few: Vec<(u64, Lit)> = state
            .items
            .iter()
            .filter_map(|i| if let Items::AtMost(n, lit) = i { Some((*n, *lit)) } else { None })
            .collect();
        for (n, lit) in &many {
            if longest.is_some_and(|l| (l as u64) < *n) {
                return Outcome::None;
            }
            for (max, few) in &few {
                let outside = Lit { wanted: !few.wanted, ..*few };
                if n > max && matches!(self.solve(&[*lit, outside]), Outcome::None) {
                    return Outcome::None;
                }
            }
        }
        if min > MAX_ITEMS {
            if demands.iter().any(|demand| self.is_unmet(state, demand, tail)) {
                return Outcome::None;
            }
            let message =
                format!("too large, because an array of {min} items would have to be written out");
            return Outcome::Unknown(message.into());
        }
        for (n, lit) in many {
            if n > MAX_DEMANDS {
                return Outcome::Unknown("`minContains`".into());
            }
            demands.extend((0..n).map(|_| Demand { from: 0, to: usize::MAX, lit, counted: true }));
        }
        // demands with the fewest positions first
        demands.sort_by_key(|d| d.to.saturating_sub(d.from));
        let taken: Vec<&Value> =
            state.excluded.iter().copied().chain(except).filter(|v| v.is_array()).collect();
        let few = few.into_iter().filter(|(max, _)| *max > 0).collect();
        let frame = Frame { min, max: longest, differs: Vec::new() };
        self.differing(Plan { state, frame, tail, twins: None, few }, &demands, &taken)
    }

    /// Whether no position of any array meets the demand.
    fn is_unmet(&mut self, state: &State<'s>, demand: &Demand, tail: usize) -> bool {
        let end = demand.to.min(tail.max(demand.from) + 1);
        (demand.from..end).all(|at| {
            let mut lits = rules_at(state, at);
            lits.push(demand.lit);
            matches!(self.solve(&lits), Outcome::None)
        })
    }

    /// An array that follows the plan and is not one of `taken`.
    fn differing(&mut self, plan: Plan<'_, 's>, demands: &[Demand], taken: &[&Value]) -> Outcome {
        if let Some(why) = self.exhausted() {
            return why;
        }
        let frame = plan.frame.clone();
        if frame.max.is_some_and(|max| max < frame.min) {
            return Outcome::None;
        }
        let state = plan.state;
        let (tail, few) = (plan.tail, plan.few.clone());
        let outcome = if state.duplicates {
            self.duplicates(plan, demands)
        } else {
            self.place(&plan, demands, &mut Vec::new())
        };
        let Outcome::Found(found) = outcome else { return outcome };
        let Some(items) = taken.iter().find(|t| equal(t, &found)).and_then(|t| t.as_array()) else {
            return Outcome::Found(found);
        };
        // longer, or with another item somewhere, or shorter
        let mut frames = vec![Frame { min: frame.min.max(items.len() + 1), ..frame.clone() }];
        frames.extend(items.iter().enumerate().map(|(at, item)| {
            let mut other = frame.clone();
            other.min = other.min.max(at + 1);
            other.differs.push((at, item));
            other
        }));
        if let Some(max) = items.len().checked_sub(1) {
            frames.push(Frame { max: Some(frame.max.map_or(max, |m| m.min(max))), ..frame });
        }
        let mut unknown: Option<Rc<str>> = None;
        for frame in frames {
            let tail = frame.differs.iter().map(|(at, _)| at + 1).max().unwrap_or(0).max(tail);
            let plan = Plan { state, frame, tail, twins: None, few: few.clone() };
            match self.differing(plan, demands, taken) {
                found @ Outcome::Found(_) => return found,
                Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
                Outcome::None => {}
            }
        }
        unknown.map_or(Outcome::None, Outcome::Unknown)
    }

    /// Two positions with the same value: each pair of positions with different rules.
    fn duplicates(&mut self, mut plan: Plan<'_, 's>, demands: &[Demand]) -> Outcome {
        let tail = plan.tail;
        let mut unknown: Option<Rc<str>> = None;
        for first in 0..=tail {
            for second in first + 1..=tail.max(first + 1) {
                plan.twins = Some((first, second));
                plan.tail = tail.max(second + 1);
                match self.place(&plan, demands, &mut Vec::new()) {
                    found @ Outcome::Found(_) => return found,
                    Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
                    Outcome::None => {}
                }
            }
        }
        unknown.map_or(Outcome::None, Outcome::Unknown)
    }

    /// Assigns each demand to a position, one after the other.
    fn place(&mut self, plan: &Plan<'_, 's>, demands: &[Demand], placed: &mut Placed) -> Outcome {
        if let Some(why) = self.exhausted() {
            return why;
        }
        let Some((demand, rest)) = demands.split_first() else {
            return self.fill(plan, placed);
        };
        // positions in the tail are alike: try those in use, and one more
        let used = placed.iter().map(|(p, _)| p + 1).max().unwrap_or(0).max(plan.tail);
        let end = demand.to.min(used + 1).min(plan.frame.max.unwrap_or(usize::MAX));
        // demands for the same literals are placed from left to right
        let after = placed.iter().filter(|(_, lit)| demand.counted && *lit == demand.lit);
        let from = after.map(|(p, _)| p + 1).max().unwrap_or(0).max(demand.from);
        let mut unknown: Option<Rc<str>> = None;
        for at in from..end {
            placed.push((at, demand.lit));
            let slot = plan.slot(at);
            let goal = plan.lits(slot, placed);
            let outcome = match self.other_than(&goal, &plan.except(slot)) {
                Outcome::Found(_) => self.place(plan, rest, placed),
                outcome => outcome,
            };
            placed.pop();
            match outcome {
                found @ Outcome::Found(_) => return found,
                Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
                Outcome::None => {}
            }
        }
        unknown.map_or(Outcome::None, Outcome::Unknown)
    }
}
