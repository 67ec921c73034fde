//! Random events of a schema, as a publisher writes them: declared names, and others only if the
//! schema restricts them. Some are invalid; the judge removes those.

use event_schema::model::{Node, NodeId, Schema, Types};
use serde_json::{Map, Value, json};

use crate::dice::Dice;

/// An event.
pub(crate) fn write(schema: &Schema, dice: &mut Dice) -> Value {
    value(schema, schema.root, 0, dice)
}

fn value(schema: &Schema, id: NodeId, depth: usize, dice: &mut Dice) -> Value {
    let node = schema.node(schema.resolve(id));
    if let Some(values) = &node.values {
        return values.get(dice.below(values.len())).map_or(Value::Null, |v| v.value.clone());
    }
    let branches: Vec<NodeId> = node.any_of.iter().chain(&node.one_of).copied().collect();
    let mut parts = node.all_of.clone();
    parts.extend(node.reference);
    if !branches.is_empty() {
        parts.push(*dice.pick(&branches));
    }
    let mut whole = Value::Null;
    if parts.is_empty() || node.object.is_some() {
        whole = plain(schema, node, depth, dice);
    }
    for part in parts {
        let part = value(schema, part, depth + 1, dice);
        match (&mut whole, part) {
            (Value::Object(whole), Value::Object(part)) => whole.extend(part),
            (whole, part) => *whole = part,
        }
    }
    whole
}

fn plain(schema: &Schema, node: &Node, depth: usize, dice: &mut Dice) -> Value {
    let kinds: Vec<Types> = [
        Types::NULL,
        Types::BOOLEAN,
        Types::INTEGER,
        Types::NUMBER,
        Types::STRING,
        Types::ARRAY,
        Types::OBJECT,
    ]
    .into_iter()
    .filter(|t| node.types.contains(*t))
    .collect();
    if kinds.is_empty() {
        return Value::Null;
    }
    match *dice.pick(&kinds) {
        Types::NULL => Value::Null,
        Types::BOOLEAN => dice.one_in(2).into(),
        Types::INTEGER => integer(node, dice),
        Types::NUMBER => json!(*dice.pick(&[0.5, 1.25, -3.75, 7.0, 120.5, 1e10])),
        Types::STRING => string(node, dice),
        Types::ARRAY => array(schema, node, depth, dice),
        _ => object(schema, node, depth, dice),
    }
}

fn integer(node: &Node, dice: &mut Dice) -> Value {
    let (min, max) = node.number.as_ref().map_or((None, None), |n| n.integer_range());
    let low = min.unwrap_or(-9_007_199_254_740_991).max(i128::from(i64::MIN));
    let high = max.unwrap_or(9_007_199_254_740_991).min(i128::from(u64::MAX));
    let near = |n: i128| n.clamp(low, high.max(low));
    let n = *dice.pick(&[low, high, near(0), near(1), near(7), near(low + 1), near(high - 1)]);
    i64::try_from(n).map_or_else(|_| json!(u64::try_from(n).unwrap_or(0)), |n| json!(n))
}

fn string(node: &Node, dice: &mut Dice) -> Value {
    let rules = node.string.as_deref().cloned().unwrap_or_default();
    let text = match rules.format.as_deref() {
        Some("date-time") => *dice.pick(&[
            "2024-01-31T12:00:00Z",
            "1999-12-01T00:00:00.5+01:00",
            "2030-06-30T23:59:59.123456Z",
        ]),
        Some("date") => *dice.pick(&["2024-02-29", "1999-12-01"]),
        Some("time") => *dice.pick(&["12:00:00Z", "23:59:59.5+02:00"]),
        Some("uuid") => "67e55044-10b1-426f-9247-bb680e5fe0c8",
        Some("email") => "a@example.com",
        Some("uri" | "uri-reference") => "https://example.com/a?b=c",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        Some("hostname") => "example.com",
        Some("duration") => "P1DT2H",
        _ => *dice.pick(&[
            "",
            "a",
            "ab",
            "A-1",
            "EUR",
            "zażółć",
            "x\"y\\z\n",
            "0",
            "longer than a word",
        ]),
    };
    let mut text = text.to_owned();
    while (text.chars().count() as u64) < rules.min_length.min(100) {
        text.push('a');
    }
    if let Some(max) = rules.max_length {
        text = text.chars().take(usize::try_from(max).unwrap_or(usize::MAX)).collect();
    }
    text.into()
}

fn array(schema: &Schema, node: &Node, depth: usize, dice: &mut Dice) -> Value {
    let Some(rules) = &node.array else { return json!([]) };
    let least = usize::try_from(rules.min_items).unwrap_or(0).max(rules.prefix.len()).min(20);
    let most = rules.max_items.and_then(|n| usize::try_from(n).ok()).unwrap_or(least + 3);
    let extra = if depth > 4 { 0 } else { dice.below(most.saturating_sub(least) + 1).min(3) };
    (0..least + extra)
        .map(|at| rules.item(at).map_or(Value::Null, |item| value(schema, item, depth + 1, dice)))
        .collect()
}

fn object(schema: &Schema, node: &Node, depth: usize, dice: &mut Dice) -> Value {
    let Some(rules) = &node.object else { return json!({}) };
    let mut out = Map::new();
    for property in &rules.properties {
        // only required fields at depth: schemas may be recursive
        let wanted = depth <= 4 && dice.below(3) > 0;
        if depth < 20 && (wanted || rules.is_required(&property.name)) {
            out.insert(property.name.clone(), value(schema, property.node, depth + 1, dice));
        }
    }
    if let Some(other) = rules.additional.filter(|id| !schema.node(*id).never && depth <= 4) {
        let says_something = schema.node(schema.resolve(other)).types != Types::ALL;
        for name in ["k", "other key"] {
            if says_something && dice.one_in(2) {
                out.insert(name.to_owned(), value(schema, other, depth + 1, dice));
            }
        }
    }
    out.into()
}
