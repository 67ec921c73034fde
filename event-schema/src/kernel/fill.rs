//! Fills the positions of an array: demands are placed already, and each position needs a value.

use std::rc::Rc;

use serde_json::Value;

use super::array::{MAX_ITEMS, Plan};
use super::{Kernel, Lit, Outcome};
use crate::validate::equal;

/// The maximum number of positions whose share of `maxContains` is chosen by trial.
const MAX_CHOICES: usize = 12;

/// A position to fill: its goal, the values that it must not have, and the number of items that it
/// represents.
struct Slot<'a> {
    lits: Vec<Lit>,
    except: Vec<&'a Value>,
    weight: u64,
}

impl<'s> Kernel<'s> {
    /// Fills every position of the shortest array that fits the placed demands. A longer array has the same
    /// problems and more.
    pub(super) fn fill(&mut self, plan: &Plan<'_, 's>, placed: &[(usize, Lit)]) -> Outcome {
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

    /// Makes as few items as possible meet the conditions that only so many may meet.
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
        // per position that must meet some condition: the sets of conditions that it may meet
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
        // positions without a choice come first
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

    /// A value for each position, all different: positions with few values are matched to them, and a
    /// position with as many values as there are positions always has a free one.
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

/// Chooses a set for each position, within what is left of each condition.
fn share(
    hard: &[(usize, Vec<u32>)],
    weights: &[u64],
    room: &mut [u64],
    chosen: &mut Vec<u32>,
) -> bool {
    // without a choice, nothing needs backtracking
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

/// Finds a value for the position; others may have to change theirs.
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
