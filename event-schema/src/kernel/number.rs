//! Numbers: intervals, steps, and the numbers between them.

use std::collections::HashSet;

use serde_json::Value;

use super::Outcome;
use super::goal::is_free;
use super::listed::LONG;
use super::state::State;
use crate::model::{Bound, Decimal, Types};

/// The maximum number of multiples that are tried one by one.
const MAX_TRIES: i128 = 10_000;

/// From here on, a double only represents integers, and not all of them.
const LARGE: f64 = 9_007_199_254_740_992.0;

/// How a number is written, which determines its type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// An integer without a point.
    Whole,
    /// An integer with a point.
    Point,
    /// A fraction.
    Fraction,
}

/// The excluded numbers.
struct Taken<'a> {
    except: &'a [Value],
    count: usize,
    /// The same, for many numbers.
    all: Option<HashSet<Decimal>>,
}

impl<'a> Taken<'a> {
    fn new(state: &State<'_>, except: &'a [Value]) -> Taken<'a> {
        let numbers = || state.excluded.iter().copied().chain(except).filter_map(Value::as_number);
        let count = numbers().count();
        let all = || numbers().filter_map(Decimal::from_number).collect();
        Taken { except, count, all: (count >= LONG).then(all) }
    }

    /// Whether a number that cannot be written out is excluded.
    fn counts(&self, state: &State<'_>, decimal: &Decimal) -> bool {
        let mut numbers =
            state.excluded.iter().copied().chain(self.except).filter_map(Value::as_number);
        match &self.all {
            Some(all) => all.contains(decimal),
            None => numbers.any(|n| Decimal::from_number(n).as_ref() == Some(decimal)),
        }
    }

    fn has(&self, state: &State<'_>, decimal: &Decimal, value: &Value) -> bool {
        match &self.all {
            Some(all) => all.contains(decimal),
            None => !is_free(value, state, self.except),
        }
    }
}

/// A number that satisfies the state.
pub(super) fn solve(state: &State<'_>, except: &[Value]) -> Outcome {
    let except = &Taken::new(state, except);
    let fractions = Types::NUMBER.difference(Types::INTEGER);
    let mut outcome = Outcome::None;
    // the same numbers may be written with and without a point
    if state.types.intersects(Types::INTEGER) {
        outcome = integers(state, except, Form::Whole);
    } else if state.types.intersects(Types::POINT) {
        outcome = integers(state, except, Form::Point);
    }
    if state.types.intersects(fractions) && !matches!(outcome, Outcome::Found(_)) {
        outcome = match (fraction(state, except), outcome) {
            (found @ Outcome::Found(_), _) => found,
            (_, unknown @ Outcome::Unknown(_)) => unknown,
            (other, _) => other,
        };
    }
    outcome
}

/// The least common multiple of all steps; `Err` if it is too large to compute with.
fn step(steps: impl IntoIterator<Item = Decimal>) -> Result<Option<Decimal>, Outcome> {
    let mut all: Option<Decimal> = None;
    for step in steps {
        all = match all {
            None => Some(step),
            Some(other) => match other.least_common_multiple(&step) {
                Some(least) => Some(least),
                None => return Err(undecided()),
            },
        };
    }
    Ok(all)
}

fn undecided() -> Outcome {
    Outcome::Unknown("`multipleOf`".into())
}

fn integers(state: &State<'_>, except: &Taken<'_>, form: Form) -> Outcome {
    let step = match step(state.steps.iter().copied().chain([Decimal::ONE])) {
        Ok(step) => step.unwrap_or(Decimal::ONE),
        Err(outcome) => return outcome,
    };
    multiples(state, except, step, form)
}

/// Multiples of the step, nearest to zero first.
fn multiples(state: &State<'_>, except: &Taken<'_>, step: Decimal, form: Form) -> Outcome {
    let end = |bound: &Option<Bound>, up: bool| {
        bound.as_ref().map(|b| {
            let n = b.value.quotient(&step, up)?;
            let on = b.exclusive && b.value.is_multiple_of(&step);
            Some(if !on {
                n
            } else if up {
                n + 1
            } else {
                n - 1
            })
        })
    };
    let (low, high) = (end(&state.low, true), end(&state.high, false));
    let (low, high) = match (low, high) {
        // a bound too large to compute with: no result beyond it, and no proof either
        (Some(None), _) if state.low.as_ref().is_some_and(|b| b.value > Decimal::ZERO) => {
            return undecided();
        }
        (_, Some(None)) if state.high.as_ref().is_some_and(|b| b.value < Decimal::ZERO) => {
            return undecided();
        }
        (low, high) => (low.flatten(), high.flatten()),
    };
    if let (Some(low), Some(high)) = (low, high)
        && low > high
    {
        return Outcome::None;
    }
    if state.not_steps.iter().any(|not| step.is_multiple_of(not)) {
        return if zero_only(low, high) {
            try_one(state, except, Decimal::ZERO, form)
        } else {
            Outcome::None
        };
    }
    // which multiples are possible repeats with the least common multiple of all steps
    let whole = (form == Form::Fraction).then_some(Decimal::ONE);
    let period = self::step(state.not_steps.iter().copied().chain([step]).chain(whole))
        .ok()
        .flatten()
        .and_then(|p| p.quotient(&step, false));
    let start = match (low, high) {
        (Some(low), _) if low > 0 => low,
        (_, Some(high)) if high < 0 => high,
        _ => 0,
    };
    // each excluded value may be the only possible one of its period
    let periods = i128::try_from(except.count).unwrap_or(MAX_TRIES) + 1;
    let mut tried = 0;
    let mut unknown = None;
    for distance in 0..MAX_TRIES {
        let mut inside = false;
        for n in [start + distance, start - distance] {
            if low.is_some_and(|l| n < l) || high.is_some_and(|h| n > h) {
                continue;
            }
            inside = true;
            tried += 1;
            let Some(value) = step.checked_times(n) else { return undecided() };
            match try_one(state, except, value, form) {
                found @ Outcome::Found(_) => return found,
                Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
                Outcome::None => {}
            }
            if distance == 0 {
                break;
            }
        }
        let all_seen =
            period.is_some_and(|p| tried > p.saturating_add(1).saturating_mul(2 * periods));
        if !inside || all_seen {
            return unknown.map_or(Outcome::None, Outcome::Unknown);
        }
    }
    undecided()
}

fn zero_only(low: Option<i128>, high: Option<i128>) -> bool {
    low == Some(0) && high == Some(0)
}

fn fits(state: &State<'_>, value: &Decimal) -> bool {
    let above = state
        .low
        .as_ref()
        .is_none_or(|b| if b.exclusive { *value > b.value } else { *value >= b.value });
    let below = state
        .high
        .as_ref()
        .is_none_or(|b| if b.exclusive { *value < b.value } else { *value <= b.value });
    above
        && below
        && state.steps.iter().all(|s| value.is_multiple_of(s))
        && !state.not_steps.iter().any(|s| value.is_multiple_of(s))
}

fn try_one(state: &State<'_>, except: &Taken<'_>, value: Decimal, form: Form) -> Outcome {
    if !fits(state, &value) || value.is_integer() != (form != Form::Fraction) {
        return Outcome::None;
    }
    let number = match form {
        Form::Whole => value.to_number(),
        Form::Point | Form::Fraction => value.to_double(),
    };
    // a double beyond 53 bits may be read as the number that is written, or as the number that it
    // represents; if a point matters, the double cannot show one
    let faithful = |n: &serde_json::Number| {
        !n.is_f64()
            || !value.is_integer()
            || n.as_f64()
                .is_some_and(|d| d.abs() < LARGE || (!state.strict && value.to_i128() == whole(d)))
    };
    match number.filter(faithful).map(Value::Number) {
        Some(number) if !except.has(state, &value, &number) => Outcome::Found(number),
        Some(_) => Outcome::None,
        None if except.counts(state, &value) => Outcome::None,
        None => Outcome::Unknown(super::NO_DOUBLE.into()),
    }
}

/// The integer that a double represents.
fn whole(double: f64) -> Option<i128> {
    #[expect(clippy::cast_possible_truncation, reason = "whole, and far below the end of `i128`")]
    (double.fract() == 0.0 && double.abs() < 1e38).then_some(double as i128)
}

fn fraction(state: &State<'_>, except: &Taken<'_>) -> Outcome {
    let step = match step(state.steps.iter().copied()) {
        Ok(step) => step,
        Err(outcome) => return outcome,
    };
    if let Some(step) = step {
        return if step.is_integer() {
            Outcome::None
        } else {
            multiples(state, except, step, Form::Fraction)
        };
    }
    let dense = match (&state.low, &state.high) {
        (Some(low), Some(high)) if low.value >= high.value => {
            if low.value > high.value || low.exclusive || high.exclusive {
                return Outcome::None;
            }
            return try_one(state, except, low.value, Form::Fraction);
        }
        (low, high) => (low.as_ref().map(|b| b.value), high.as_ref().map(|b| b.value)),
    };
    for candidate in between(dense.0, dense.1) {
        if let found @ Outcome::Found(_) = try_one(state, except, candidate, Form::Fraction) {
            return found;
        }
    }
    Outcome::Unknown("a narrow interval of numbers".into())
}

/// Some fractions between two numbers.
fn between(low: Option<Decimal>, high: Option<Decimal>) -> Vec<Decimal> {
    let mut out = Vec::new();
    let fractions = ["0.5", "0.25", "0.1", "0.3", "0.7", "0.01", "0.001", "0.37", "0.123457"];
    let bases = [Some(Decimal::ZERO), low, high];
    for base in bases.into_iter().flatten() {
        for fraction in fractions.iter().filter_map(|f| Decimal::parse(f)) {
            out.extend(base.checked_add(&fraction));
            out.extend(fraction.checked_times(-1).and_then(|f| base.checked_add(&f)));
        }
        out.push(base);
    }
    if let (Some(low), Some(high)) = (low, high) {
        let (mut left, mut right) = (low, high);
        for i in 0..40 {
            let Some(middle) = left.checked_add(&right).and_then(|s| s.half()) else { break };
            out.push(middle);
            if i % 3 == 0 { left = middle } else { right = middle }
        }
    }
    out
}
