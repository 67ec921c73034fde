//! Listed values: each is examined, in every way in which it may be written.

use std::collections::HashSet;

use serde_json::{Number, Value};

use super::goal::Work;
use super::state::State;
use super::{Kernel, Lit, Outcome};
use crate::model::{Decimal, Types};
use crate::validate::{canonical, equal, is_exact_everywhere, type_of};

/// The maximum number of numbers in a value that are tried in both forms, if the form matters.
const MAX_SPELLINGS: u32 = 6;

/// The length from which lists are searched as sets.
pub(super) const LONG: usize = 64;

impl<'s> Kernel<'s> {
    /// The long lists of values on the path, as sets: whether a value must be in each.
    fn lists(&self, count: usize, path: &[Lit]) -> Vec<(bool, HashSet<String>)> {
        if count < LONG {
            return Vec::new();
        }
        let listed = path.iter().filter_map(|lit| {
            let node = self.node(*lit);
            let values = node.values.as_ref().filter(|_| !self.judge(lit.side).is_open(node))?;
            // an excluded node may fail because of another keyword than its list
            (lit.wanted || node.is_only_values())
                .then(|| (lit.wanted, values.iter().map(|l| canonical(&l.value)).collect()))
        });
        listed.collect()
    }

    /// The first value that satisfies everything on the path and the state.
    pub(super) fn among(
        &mut self,
        values: &[&Value],
        work: &Work<'s>,
        except: &[Value],
    ) -> Outcome {
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
            // it is listed in any form
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
            Outcome::Unknown("a value that cannot be evaluated".into())
        } else {
            Outcome::None
        }
    }

    /// Whether a value satisfies the types and patterns that were required without a literal: those of a
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

    /// The ways to write the value. If a point distinguishes an integer from another number, an integer
    /// that has one may be written without it, and one without may have one, unless a publisher is asked
    /// about. Also returns whether these are all ways: if there are too many, either one number at a time
    /// has its other form, or all numbers have.
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

    /// Whether the node only lists the value.
    pub(super) fn lists_alone(&self, lit: Lit, value: &Value) -> bool {
        let node = self.node(lit);
        node.is_only_values() && node.values.iter().flatten().any(|l| equal(&l.value, value))
    }
}

fn rejected(lists: &[(bool, HashSet<String>)], value: &Value) -> bool {
    let text = canonical(value);
    lists.iter().any(|(wanted, list)| list.contains(&text) != *wanted)
}

/// The types that a value may have in any dialect.
fn kinds_of(value: &Value) -> Types {
    match type_of(value) {
        Types::INTEGER => Types::INTEGER.union(Types::POINT),
        other => other,
    }
}

/// How many numbers in the value may also be written in another form.
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

/// An integer without its point; an integer without one gets one, unless it is written as it is listed.
fn other_form(n: &Number, as_listed: bool) -> Option<Number> {
    let whole = Decimal::from_number(n)?;
    if n.is_f64() {
        return i64::try_from(whole.to_i128()?).ok().map(Number::from);
    }
    whole.to_double().filter(|_| !as_listed)
}

/// The value with some of its numbers in their other form: those whose bits are set.
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
