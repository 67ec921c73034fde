//! Which values a schema allows, as far as a condition of a pattern asks. Errs on one side: what may be allowed is.

use event_schema::model::{Bound, Node, NodeId, Schema, Types};
use event_topology::pattern::Condition;
use serde_json::Value;

/// Whether a value of a node may meet a condition. An array stands for its elements.
pub(super) fn value(schema: &Schema, id: NodeId, condition: &Condition, steps: &mut usize) -> bool {
    if *steps == 0 {
        return true;
    }
    *steps -= 1;
    let node = schema.node(id);
    if node.never {
        return false;
    }
    if let Some(values) = &node.values {
        // another keyword may forbid some of them, and none is forbidden here
        return values.iter().any(|literal| listed(&literal.value, condition));
    }
    let mut all = [&node.all_of, &node.unevaluated].into_iter().flatten().chain(&node.reference);
    let any = |branches: &[NodeId], steps: &mut usize| {
        branches.is_empty() || branches.iter().any(|id| value(schema, *id, condition, steps))
    };
    own(schema, node, condition, steps)
        && any(&node.any_of, steps)
        && any(&node.one_of, steps)
        && all.all(|id| value(schema, *id, condition, steps))
}

fn listed(value: &Value, condition: &Condition) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| listed(item, condition)),
        value => condition.allows(value),
    }
}

/// Whether the node itself allows a value that meets a condition.
fn own(schema: &Schema, node: &Node, condition: &Condition, steps: &mut usize) -> bool {
    let has = |types: Types| node.types.intersects(types);
    let scalar = match condition {
        Condition::Null => has(Types::NULL),
        Condition::Bool(_) => has(Types::BOOLEAN),
        Condition::Number(number) => {
            has(Types::NUMBER)
                && number.as_f64().is_none_or(|number| in_interval(node, number, number))
        }
        Condition::Numeric(range) => {
            let low = range.low().map_or(f64::NEG_INFINITY, |bound| bound.number());
            let high = range.high().map_or(f64::INFINITY, |bound| bound.number());
            has(Types::NUMBER) && in_interval(node, low, high)
        }
        Condition::String(text) => {
            let length = text.chars().count() as u64;
            let rules = node.string.as_ref();
            has(Types::STRING) && rules.is_none_or(|r| r.max_length.is_none_or(|max| length <= max))
        }
        Condition::AnythingBut(_) | Condition::Exists(true) => {
            has(Types::NULL.union(Types::BOOLEAN).union(Types::NUMBER).union(Types::STRING))
        }
        Condition::Prefix(_)
        | Condition::PrefixIgnoreCase(_)
        | Condition::Suffix(_)
        | Condition::SuffixIgnoreCase(_)
        | Condition::EqualsIgnoreCase(_)
        | Condition::Wildcard(_)
        | Condition::Cidr(_) => has(Types::STRING),
        _ => true,
    };
    if scalar || !has(Types::ARRAY) {
        return scalar;
    }
    match &node.array {
        None => true,
        Some(array) => {
            array.items.is_none()
                || array
                    .prefix
                    .iter()
                    .chain(&array.items)
                    .any(|id| value(schema, *id, condition, steps))
        }
    }
}

/// Whether a number of a range may be one of the node's, as far as doubles say.
fn in_interval(node: &Node, low: f64, high: f64) -> bool {
    let Some(number) = &node.number else { return true };
    let (min, max) = number.interval();
    let double = |bound: Bound| bound.value.to_double().and_then(|n| n.as_f64());
    let above = min.and_then(double).is_none_or(|min| min <= high);
    let below = max.and_then(double).is_none_or(|max| low <= max);
    above && below
}

/// What a schema says of a value, in words.
pub(super) fn described(schema: &Schema, id: NodeId) -> String {
    let node = schema.node(schema.resolve(id));
    if let Some(values) = &node.values {
        let mut shown: Vec<String> = values.iter().take(8).map(|v| v.value.to_string()).collect();
        if values.len() > shown.len() {
            shown.push("..".to_owned());
        }
        return shown.join(" | ");
    }
    if !node.is_plain() && node.types == Types::ALL {
        return "of several forms".to_owned();
    }
    let mut text = types(node.types);
    if let Some((low, high)) = node.number.as_ref().map(|number| number.interval()) {
        let bound = |bound: Option<Bound>, word: &str| {
            bound.map(|b| format!(" {word} {}", b.value)).unwrap_or_default()
        };
        text += &bound(low, "from");
        text += &bound(high, "up to");
    }
    text
}

pub(super) fn types(types: Types) -> String {
    const NAMES: [(Types, &str); 7] = [
        (Types::STRING, "a string"),
        (Types::NUMBER, "a number"),
        (Types::INTEGER, "an integer"),
        (Types::BOOLEAN, "a Boolean"),
        (Types::OBJECT, "an object"),
        (Types::ARRAY, "an array"),
        (Types::NULL, "null"),
    ];
    if types == Types::ALL {
        return "any value".to_owned();
    }
    let mut named: Vec<&str> = Vec::new();
    for (one, name) in NAMES {
        if types.contains(one) && !(one == Types::INTEGER && types.contains(Types::NUMBER)) {
            named.push(name);
        }
    }
    named.join(" or ")
}
