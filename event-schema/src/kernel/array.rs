//! Arrays: what each place must hold, and which places show what is demanded.
//!
//! The search is complete: every way to put the demands at places is tried, and where the array that is
//! found is excluded, every way to differ from it. `None` is a proof; whatever stops the search short of
//! one is `Unknown`.

use std::rc::Rc;

use serde_json::Value;

use super::state::{Items, State};
use super::{Kernel, Lit, Outcome};
use crate::validate::equal;

/// Longest array that is written out.
const MAX_ITEMS: usize = 1_000;

/// Most items of one kind that are demanded one by one.
const MAX_DEMANDS: u64 = 64;

/// Most places whose share of `maxContains` is chosen by trying.
const MAX_CHOICES: usize = 12;

/// An item that must be so.
#[derive(Clone, Copy)]
struct Demand {
    from: usize,
    to: usize,
    lit: Lit,
    /// Whether it needs an item of its own among those with the same literal.
    counted: bool,
}

/// How the array differs from those that are excluded.
#[derive(Clone, Default)]
struct Frame<'a> {
    min: usize,
    max: Option<usize>,
    /// Values that must not be at a place.
    differs: Vec<(usize, &'a Value)>,
}

struct Plan<'a, 's> {
    state: &'a State<'s>,
    frame: Frame<'a>,
    /// From this place on, all places have the same rules.
    tail: usize,
    /// Two places that hold the same value.
    twins: Option<(usize, usize)>,
    /// What must not hold for more items than this.
    few: Vec<(u64, Lit)>,
}

/// A place to be filled: its goal, what it must not hold, and how many items it stands for.
struct Slot<'a> {
    lits: Vec<Lit>,
    except: Vec<&'a Value>,
    weight: u64,
}

/// Where demands have been put.
type Placed = Vec<(usize, Lit)>;

impl Plan<'_, '_> {
    /// The place that the value of `at` is chosen for.
    fn slot(&self, at: usize) -> usize {
        match self.twins {
            Some((first, second)) if at == second => first,
            _ => at,
        }
    }

    fn lits(&self, at: usize, placed: &[(usize, Lit)]) -> Vec<Lit> {
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
    fn except(&self, at: usize) -> Vec<&'a Value> {
        self.frame.differs.iter().filter(|(p, _)| self.slot(*p) == at).map(|(_, v)| *v).collect()
    }
}

/// What holds at a place whatever else is wanted there.
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
    /// An array that is as the state says.
    pub(super) fn array(&mut self, state: &State<'s>, except: &[Value]) -> Outcome {
        if state.unique && state.duplicates {
            return Outcome::None;
        }
        let mut demands = Vec::new();
        let mut many = Vec::new();
        for items in &state.items {
            match *items {
                Items::Some { from, to, lit } => {
                    let to = to.unwrap_or(usize::MAX);
                    demands.push(Demand { from, to, lit, counted: false });
                }
                Items::AtLeast(n, lit) => many.push((n, lit)),
                Items::AtMost(..) => {}
            }
        }
        let ends = demands.iter().map(|d| if d.to == usize::MAX { d.from } else { d.to });
        let rules = state.arrays.iter().map(|(_, r)| r.prefix.len());
        let tail = ends.chain(rules).max().unwrap_or(0);
        let mut longest = state.max_items.map(|m| usize::try_from(m).unwrap_or(usize::MAX));
        // Where an item cannot be, no array goes on.
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
        // Those with the fewest places first.
        demands.sort_by_key(|d| d.to.saturating_sub(d.from));
        let taken: Vec<&Value> =
            state.excluded.iter().copied().chain(except).filter(|v| v.is_array()).collect();
        let few = few.into_iter().filter(|(max, _)| *max > 0).collect();
        let frame = Frame { min, max: longest, differs: Vec::new() };
        self.differing(Plan { state, frame, tail, twins: None, few }, &demands, &taken)
    }

    /// Whether no place of any array meets the demand.
    fn is_unmet(&mut self, state: &State<'s>, demand: &Demand, tail: usize) -> bool {
        let end = demand.to.min(tail.max(demand.from) + 1);
        (demand.from..end).all(|at| {
            let mut lits = rules_at(state, at);
            lits.push(demand.lit);
            matches!(self.solve(&lits), Outcome::None)
        })
    }

    /// As the plan says, and none of `taken`.
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
        // Longer, or with another item somewhere, or shorter.
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

    /// Two places with the same value: each pair of places that differ in what they must hold.
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

    /// Puts each demand at some place, one after the other.
    fn place(&mut self, plan: &Plan<'_, 's>, demands: &[Demand], placed: &mut Placed) -> Outcome {
        if let Some(why) = self.exhausted() {
            return why;
        }
        let Some((demand, rest)) = demands.split_first() else {
            return self.fill(plan, placed);
        };
        // Of the places in the tail, which are all alike: those in use, and one more.
        let used = placed.iter().map(|(p, _)| p + 1).max().unwrap_or(0).max(plan.tail);
        let end = demand.to.min(used + 1).min(plan.frame.max.unwrap_or(usize::MAX));
        // Demands for the same are put from left to right.
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

    /// Fills every place of the shortest array that the placed demands fit in. A longer one has all its
    /// problems, and more.
    fn fill(&mut self, plan: &Plan<'_, 's>, placed: &[(usize, Lit)]) -> Outcome {
        let shown = placed.iter().map(|(p, _)| p + 1).chain(plan.twins.map(|(_, b)| b + 1)).max();
        let length = plan.frame.min.max(shown.unwrap_or(0));
        if plan.frame.max.is_some_and(|max| length > max) {
            return Outcome::None;
        }
        if length > MAX_ITEMS {
            return Outcome::Unknown("an array too long to write".into());
        }
        let mut slots: Vec<Slot<'_>> = Vec::with_capacity(length);
        let mut slot_of = Vec::with_capacity(length);
        for at in 0..length {
            if plan.slot(at) == at {
                slot_of.push(slots.len());
                let (lits, except) = (plan.lits(at, placed), plan.except(at));
                slots.push(Slot { lits, except, weight: 1 });
            } else {
                let slot = slot_of[plan.slot(at)];
                slots[slot].weight += 1;
                slot_of.push(slot);
            }
        }
        let open: Vec<Vec<Lit>> = slots.iter().map(|s| s.lits.clone()).collect();
        match self.spare(plan, &mut slots) {
            Ok(()) => {}
            Err(outcome) => return outcome,
        }
        let values = if plan.state.unique {
            match self.distinct(&slots) {
                Err(Outcome::None) if !plan.few.is_empty() => {
                    for (slot, lits) in slots.iter_mut().zip(open) {
                        slot.lits = lits;
                    }
                    let without = self.distinct(&slots).map(|_| ());
                    return match without {
                        Err(Outcome::None) => Outcome::None,
                        _ => Outcome::Unknown("`uniqueItems` beside `contains`".into()),
                    };
                }
                values => values,
            }
        } else {
            slots
                .iter()
                .map(|slot| match self.other_than(&slot.lits, &slot.except) {
                    Outcome::Found(value) => Ok(value),
                    other => Err(other),
                })
                .collect::<Result<Vec<_>, _>>()
        };
        match values {
            Ok(values) => {
                Outcome::Found(slot_of.into_iter().map(|slot| values[slot].clone()).collect())
            }
            Err(outcome) => outcome,
        }
    }

    /// Makes as few items as can be such as only so many may be.
    fn spare(&mut self, plan: &Plan<'_, 's>, slots: &mut [Slot<'_>]) -> Result<(), Outcome> {
        if plan.few.is_empty() {
            return Ok(());
        }
        let without = |lits: &[Lit], kept: u32| {
            let denied = plan.few.iter().enumerate().filter(|(i, _)| kept >> i & 1 == 0);
            let mut all = lits.to_vec();
            all.extend(denied.map(|(_, (_, lit))| Lit { wanted: !lit.wanted, ..*lit }));
            all
        };
        if plan.few.len() > 4 {
            return Err(Outcome::Unknown("`maxContains`".into()));
        }
        // Per place that cannot be without any: the sets that it may be with.
        let mut hard: Vec<(usize, Vec<u32>)> = Vec::new();
        let mut unknown: Option<Rc<str>> = None;
        for (i, slot) in slots.iter_mut().enumerate() {
            let mut ways: Vec<u32> = Vec::new();
            let mut kept: Vec<u32> = (0..1u32 << plan.few.len()).collect();
            kept.sort_by_key(|k| k.count_ones());
            for kept in kept {
                if ways.iter().any(|w| w & kept == *w) {
                    continue;
                }
                match self.other_than(&without(&slot.lits, kept), &slot.except) {
                    Outcome::Found(_) => ways.push(kept),
                    Outcome::None => {}
                    Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
                }
            }
            match ways.as_slice() {
                [] => return Err(unknown.map_or(Outcome::None, Outcome::Unknown)),
                [one] => {
                    slot.lits = without(&slot.lits, *one);
                    if *one != 0 {
                        hard.push((i, ways));
                    }
                }
                _ => hard.push((i, ways)),
            }
        }
        let mut room: Vec<u64> = plan.few.iter().map(|(max, _)| *max).collect();
        let open = hard.iter().filter(|(_, ways)| ways.len() > 1).count();
        if open > MAX_CHOICES {
            return Err(Outcome::Unknown("`maxContains`".into()));
        }
        // What there is no choice about comes first.
        hard.sort_by_key(|(_, ways)| ways.len());
        let weights: Vec<u64> = hard.iter().map(|(i, _)| slots[*i].weight).collect();
        let mut chosen = Vec::new();
        if !share(&hard, &weights, &mut room, &mut chosen) {
            return Err(unknown.map_or(Outcome::None, Outcome::Unknown));
        }
        for ((i, ways), kept) in hard.iter().zip(chosen) {
            if ways.len() > 1 {
                slots[*i].lits = without(&slots[*i].lits, kept);
            }
        }
        Ok(())
    }

    /// A value for each place, no two alike: places with few values are matched to them, and one with
    /// as many values as there are places always has another.
    fn distinct(&mut self, slots: &[Slot<'_>]) -> Result<Vec<Value>, Outcome> {
        let mut kinds: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut table: Vec<Value> = Vec::new();
        let mut kind_of = Vec::new();
        let mut unknown: Option<Rc<str>> = None;
        for (i, slot) in slots.iter().enumerate() {
            let same = |other: &Slot<'_>| {
                other.lits == slot.lits
                    && other.except.len() == slot.except.len()
                    && other.except.iter().zip(&slot.except).all(|(a, b)| equal(a, b))
            };
            if let Some(known) = kinds.iter().position(|(first, _)| same(&slots[*first])) {
                kind_of.push(known);
                continue;
            }
            let mut values: Vec<Value> = Vec::new();
            while values.len() < slots.len() {
                let except: Vec<&Value> = slot.except.iter().copied().chain(&values).collect();
                match self.other_than(&slot.lits, &except) {
                    Outcome::Found(value) if except.iter().any(|e| equal(e, &value)) => {
                        unknown = unknown.or(Some("`uniqueItems`".into()));
                        break;
                    }
                    Outcome::Found(value) => values.push(value),
                    Outcome::None => break,
                    Outcome::Unknown(why) => {
                        unknown = unknown.or(Some(why));
                        break;
                    }
                }
            }
            let mut indices = Vec::with_capacity(values.len());
            for value in values {
                indices.push(table.iter().position(|v| equal(v, &value)).unwrap_or_else(|| {
                    table.push(value);
                    table.len() - 1
                }));
            }
            kind_of.push(kinds.len());
            kinds.push((i, indices));
        }
        let mut holder: Vec<Option<usize>> = vec![None; table.len()];
        let rich = |slot: usize| kinds[kind_of[slot]].1.len() >= slots.len();
        for slot in (0..slots.len()).filter(|s| !rich(*s)) {
            let options = |slot: usize| kinds[kind_of[slot]].1.as_slice();
            if !augment(slot, &options, &mut holder, &mut vec![false; table.len()]) {
                return Err(unknown.map_or(Outcome::None, Outcome::Unknown));
            }
        }
        for slot in (0..slots.len()).filter(|s| rich(*s)) {
            if let Some(free) = kinds[kind_of[slot]].1.iter().find(|v| holder[**v].is_none()) {
                holder[*free] = Some(slot);
            }
        }
        let mut values = vec![Value::Null; slots.len()];
        for (value, slot) in table.into_iter().zip(holder) {
            if let Some(slot) = slot {
                values[slot] = value;
            }
        }
        Ok(values)
    }
}

/// Chooses a way for each place, within what is left of each kind.
fn share(
    hard: &[(usize, Vec<u32>)],
    weights: &[u64],
    room: &mut [u64],
    chosen: &mut Vec<u32>,
) -> bool {
    // Without a choice there is nothing to come back to.
    let depth = chosen.len();
    let Some((_, ways)) = hard.get(depth) else { return true };
    for way in ways {
        let takes = |i: &usize| way >> i & 1 == 1;
        let all: Vec<usize> = (0..room.len()).filter(takes).collect();
        if all.iter().any(|i| room[*i] < weights[depth]) {
            continue;
        }
        for i in &all {
            room[*i] -= weights[depth];
        }
        chosen.push(*way);
        if share(hard, weights, room, chosen) {
            return true;
        }
        chosen.pop();
        for i in &all {
            room[*i] += weights[depth];
        }
    }
    false
}

/// Finds a value for the place, where others may have to change theirs.
fn augment<'k>(
    slot: usize,
    options: &impl Fn(usize) -> &'k [usize],
    holder: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for value in options(slot) {
        if std::mem::replace(&mut seen[*value], true) {
            continue;
        }
        let free = match holder[*value] {
            None => true,
            Some(other) => augment(other, options, holder, seen),
        };
        if free {
            holder[*value] = Some(slot);
            return true;
        }
    }
    false
}
