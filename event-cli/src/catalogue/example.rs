//! An example of a payload: the schema's own, else one that is made of its fields, if it conforms.

use event_schema::model::{NodeId, Schema, Types};
use event_schema::validate;
use serde_json::{Map, Value, json};

/// How deep an example nests.
const DEPTH: usize = 24;

/// An example that conforms; none where none was found.
pub(crate) fn example(schema: &Schema) -> Option<Value> {
    let root = schema.node(schema.resolve(schema.root));
    let own = root.notes.examples.iter().map(|literal| literal.value.clone());
    let conforms = |value: &Value| validate::validate(schema, value).is_ok();
    // with all fields first, then with those that must be there
    let made = [false, true].into_iter().filter_map(|lean| make(schema, schema.root, lean, 0));
    own.chain(made).find(conforms)
}

fn make(schema: &Schema, id: NodeId, lean: bool, depth: usize) -> Option<Value> {
    if depth > DEPTH {
        return None;
    }
    let id = schema.resolve(id);
    let node = schema.node(id);
    if node.never {
        return None;
    }
    if let Some(example) = node.notes.examples.first() {
        return Some(example.value.clone());
    }
    if let Some(values) = &node.values {
        return values.first().map(|literal| literal.value.clone());
    }
    if let Some(default) = &node.notes.default {
        return Some(default.value.clone());
    }
    let mut object = Map::new();
    for part in node.reference.iter().chain(&node.all_of) {
        match make(schema, *part, lean, depth + 1)? {
            Value::Object(members) => object.extend(members),
            other => return Some(other),
        }
    }
    let branches = node.branches();
    if !branches.is_empty() {
        let made = branches.iter().find_map(|id| make(schema, *id, lean, depth + 1))?;
        let Value::Object(members) = made else { return Some(made) };
        object.extend(members);
    }
    let has = |types: Types| node.types.intersects(types);
    if let Some(rules) = &node.object
        && has(Types::OBJECT)
    {
        for property in &rules.properties {
            let required = rules.is_required(&property.name);
            if (lean || depth > 4) && !required {
                continue;
            }
            match make(schema, property.node, lean, depth + 1) {
                Some(value) => drop(object.insert(property.name.clone(), value)),
                None if required => return None,
                None => {}
            }
        }
        return Some(Value::Object(object));
    }
    if !object.is_empty() || node.types == Types::OBJECT {
        return Some(Value::Object(object));
    }
    if has(Types::STRING) {
        return Some(text(node.string.as_deref()));
    }
    if has(Types::INTEGER) {
        let (low, high) = node.number.as_ref().map_or((None, None), |n| n.integer_range());
        let number = low.or(high.map(|high| high.min(1))).unwrap_or(1).max(low.unwrap_or(1).min(1));
        let number = if low.is_none_or(|low| low <= 1) && high.is_none_or(|high| high >= 1) {
            1
        } else {
            number
        };
        return i64::try_from(number).ok().map(Value::from);
    }
    if has(Types::ARRAY) {
        let array = node.array.as_deref();
        let item = array.and_then(|a| a.item(0)).and_then(|id| make(schema, id, lean, depth + 1));
        let wanted = array.map_or(0, |a| a.min_items.max(u64::from(!lean))).min(8);
        let items = item.into_iter().cycle().take(usize::try_from(wanted).unwrap_or(0));
        return Some(Value::Array(items.collect()));
    }
    if has(Types::BOOLEAN) {
        return Some(json!(true));
    }
    Some(Value::Null)
}

fn text(rules: Option<&event_schema::model::StringRules>) -> Value {
    let Some(rules) = rules else { return json!("text") };
    let text = match rules.format.as_deref() {
        Some("date-time") => "2026-01-31T12:00:00Z",
        Some("date") => "2026-01-31",
        Some("time") => "12:00:00Z",
        Some("uuid") => "0195d3c4-7a10-7cc0-8000-000000000001",
        Some("email") => "ada@example.com",
        Some("uri" | "url") => "https://example.com/",
        Some("ipv4") => "192.0.2.1",
        Some("duration") => "PT15M",
        _ => "text",
    };
    let mut text = text.to_owned();
    while (text.chars().count() as u64) < rules.min_length && text.len() < 1000 {
        text.push('x');
    }
    if let Some(max) = rules.max_length {
        text = text.chars().take(usize::try_from(max).unwrap_or(usize::MAX)).collect();
    }
    Value::from(text)
}
