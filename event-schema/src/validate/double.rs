//! Compares readers that read a number as a double with those that read it as the written decimal.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::value::{equal, has_point};
use crate::model::{Bound, Decimal, Node, NumberRules, Types};

/// From here on, a double only represents integers, and not all of them.
const LARGE: f64 = 9_007_199_254_740_992.0;

/// Whether the node's own keywords give the same result for both kinds of readers.
pub(super) fn means_one_number(node: &Node, value: &Value, strict_integers: bool) -> bool {
    match value {
        Value::Number(n) if n.is_f64() => {
            let told_by_point = strict_integers && has_point(n) && is_large(n);
            let (integers, all) = (Types::INTEGER, Types::NUMBER);
            let one_type = !told_by_point
                || node.types.contains(all)
                || !node.types.intersects(all.union(integers));
            one_type
                && node.number.as_deref().is_none_or(|rules| rules_agree(rules, n))
                && lists_agree(node, value)
        }
        Value::Array(_) => {
            let repeats = node.array.as_ref().is_some_and(|rules| rules.unique);
            !(repeats && any_number(value, is_large)) && lists_agree(node, value)
        }
        Value::Object(_) => lists_agree(node, value),
        _ => true,
    }
}

/// Whether each number in the value is exactly the same as a decimal and as a double: some readers compare
/// a double with the integer that a schema spells out.
pub(crate) fn is_exact_everywhere(value: &Value) -> bool {
    match value {
        Value::Number(n) if is_large(n) => Decimal::from_number(n)
            .zip(n.as_f64())
            .is_some_and(|(decimal, double)| is_exact(&decimal, double)),
        Value::Array(items) => items.iter().all(is_exact_everywhere),
        Value::Object(members) => members.values().all(is_exact_everywhere),
        _ => true,
    }
}

fn is_large(n: &Number) -> bool {
    n.is_f64() && n.as_f64().is_some_and(|d| d.abs() >= LARGE)
}

/// Whether a number in the value is one of these.
fn any_number(value: &Value, is: fn(&Number) -> bool) -> bool {
    match value {
        Value::Number(n) => is(n),
        Value::Array(items) => items.iter().any(|item| any_number(item, is)),
        Value::Object(members) => members.values().any(|member| any_number(member, is)),
        _ => false,
    }
}

/// Whether the value is listed for both, or for neither.
fn lists_agree(node: &Node, value: &Value) -> bool {
    node.values.is_none()
        || !any_number(value, Number::is_f64)
        || node.values.iter().flatten().all(|l| equal(&l.value, value) == same(&l.value, value))
}

/// Whether both are equal, with numbers as doubles if one of them is a double.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) if x.is_f64() || y.is_f64() => {
            x.as_f64() == y.as_f64()
        }
        (Value::Array(x), Value::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y))
        }
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| same(v, w)))
        }
        _ => equal(a, b),
    }
}

/// Whether bounds and steps give the same result for the decimal and the double.
fn rules_agree(rules: &NumberRules, n: &Number) -> bool {
    let (Some(decimal), Some(double)) = (Decimal::from_number(n), n.as_f64()) else { return false };
    // on the right side, or on the bound itself
    let agree = |bound: &Bound, inside: Ordering| {
        let holds = |order| order == inside || (order == Ordering::Equal && !bound.exclusive);
        let order = bound.value.nearest_double().and_then(|b| double.partial_cmp(&b));
        order.map(holds) == Some(holds(decimal.cmp(&bound.value)))
    };
    let (low, high) = rules.interval();
    low.iter().all(|bound| agree(bound, Ordering::Greater))
        && high.iter().all(|bound| agree(bound, Ordering::Less))
        && (rules.multiple_of.is_none() || !is_large(n) || is_exact(&decimal, double))
}

/// Whether the double represents the decimal exactly.
fn is_exact(decimal: &Decimal, double: f64) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "whole, and far below the end of `i128`")]
    let whole = (double.fract() == 0.0 && double.abs() < 1e38).then_some(double as i128);
    whole.is_some() && whole == decimal.to_i128()
}
