//! Turns keywords into the rules of a [`Node`].

use super::dialect::Dialect;
use super::node::Reader;
use super::parts::{discriminator, read_array, read_object, tuple_tail};
use super::sources::Place;
use super::{literal, slip, vocabulary};
use crate::document::{Json, Value};
use crate::model::{
    ArrayRules, Bound, Conditional, Decimal, Node, NodeId, NumberRules, ObjectRules, StringRules,
    Types, Unsupported,
};

/// Formats of numbers.
const NUMBER_FORMATS: [&str; 12] = [
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float", "double",
    "decimal", "int128",
];

/// Reads the keywords for people and generators.
pub(super) fn read_notes<'d>(r: &mut Reader<'d>, place: &Place<'d>, node: &mut Node) {
    for member in place.json.members() {
        let (json, notes) = (&member.value, &mut node.notes);
        match member.key.as_str() {
            "title" => notes.title = json.as_str().map(str::to_owned),
            "description" => notes.description = json.as_str().map(str::to_owned),
            "default" => notes.default = Some(r.literal(place, json)),
            "example" => notes.examples.push(r.literal(place, json)),
            "examples" => {
                let examples = json.as_array().unwrap_or_default();
                notes.examples.extend(examples.iter().map(|e| r.literal(place, e)));
            }
            "deprecated" => notes.deprecated = json.as_bool() == Some(true),
            "x-open" => notes.open = json.as_bool() == Some(true),
            key if vocabulary::find(key).is_none() => {
                notes.extensions.push((key.to_owned(), json.to_value()));
            }
            _ => {}
        }
    }
}

/// Reads a schema object except for its `$ref`.
pub(super) fn read_all<'d>(r: &mut Reader<'d>, place: &Place<'d>, node: &mut Node) {
    read_notes(r, place, node);
    let mut number = NumberRules::default();
    let mut string = StringRules::default();
    let mut array = ArrayRules { ..ArrayRules::default() };
    let mut object = ObjectRules::default();
    let (mut has_number, mut has_string, mut has_array, mut has_object) =
        (false, false, false, false);
    let (mut has_enum, mut has_const) = (false, false);
    for member in place.json.members() {
        let (key, json) = (member.key.as_str(), &member.value);
        if !r.counts(place, member) {
            continue;
        }
        match key {
            "type" => node.types = types(r, place, json),
            "enum" if json.as_array().is_none() => {
                r.malformed(place, key, json, "an array of values");
            }
            // read together, below
            "enum" => has_enum = true,
            "const" => has_const = true,
            "minimum" | "maximum" => {
                has_number = true;
                let twin = if key == "minimum" { "exclusiveMinimum" } else { "exclusiveMaximum" };
                let exclusive = place.json.get(twin).and_then(Json::as_bool) == Some(true);
                if let Some(value) = decimal(r, place, key, json) {
                    tighten(&mut number, key == "minimum", Bound { value, exclusive });
                }
            }
            "exclusiveMinimum" | "exclusiveMaximum" if json.as_bool().is_none() => {
                has_number = true;
                if let Some(value) = decimal(r, place, key, json) {
                    let bound = Bound { value, exclusive: true };
                    tighten(&mut number, key == "exclusiveMinimum", bound);
                }
            }
            "multipleOf" => {
                has_number = true;
                match decimal(r, place, key, json) {
                    Some(step) if step.is_positive() => number.multiple_of = Some(step),
                    Some(_) => r.malformed(place, key, json, "a positive number"),
                    None => {}
                }
            }
            "minLength" => (has_string, string.min_length) = (true, count(r, place, key, json)),
            "maxLength" => {
                (has_string, string.max_length) = (true, Some(count(r, place, key, json)));
            }
            "pattern" => {
                has_string = true;
                string.pattern = text(r, place, key, json);
                if let Some(pattern) = &string.pattern {
                    r.pattern(place, key, pattern, json.span);
                }
            }
            // an annotation from 2019-09 on
            "contentEncoding" if r.dialect(place) < Dialect::Draft2019 => {
                has_string = true;
                string.content_encoding = text(r, place, key, json);
                if !matches!(json.as_str(), Some("base64" | "7bit" | "8bit" | "binary")) {
                    node.unsupported.push(unsupported(r, place, key, json));
                }
            }
            "format" => {
                let format = text(r, place, key, json);
                if let Some(meant) = format.as_deref().and_then(slip::format_name) {
                    r.misspelt(
                        place,
                        key,
                        json.span,
                        format!("unknown format `{}`", format.as_deref().unwrap_or_default()),
                        meant,
                    );
                }
                if format.as_deref().is_some_and(|f| NUMBER_FORMATS.contains(&f)) {
                    (has_number, number.format) = (true, format);
                } else {
                    (has_string, string.format) = (true, format);
                }
            }
            "items" | "prefixItems" | "minItems" | "maxItems" | "uniqueItems" | "contains" => {
                has_array = true;
                read_array(r, place, key, json, &mut array);
            }
            "properties"
            | "required"
            | "patternProperties"
            | "additionalProperties"
            | "propertyNames"
            | "minProperties"
            | "maxProperties"
            | "dependencies"
            | "dependentRequired"
            | "dependentSchemas" => {
                has_object = true;
                read_object(r, place, key, json, &mut object);
            }
            "unevaluatedProperties" if alone(place) => {
                has_object = true;
                if place.json.get("additionalProperties").is_none() {
                    object.additional = Some(r.child(place, key, json));
                }
            }
            "unevaluatedItems" if alone(place) && place.json.get("contains").is_none() => {
                has_array = true;
                let items = place.json.get("items").map(|items| items.as_array().is_some());
                // `additionalItems` counts only after `items` as an array
                let tail = items == Some(true) && place.json.get("additionalItems").is_some();
                if !tail && items != Some(false) {
                    array.items = Some(r.child(place, key, json));
                }
            }
            "unevaluatedProperties" => {
                let rest = r.child(place, key, json);
                node.waiting.get_or_insert_default().properties = Some(rest);
            }
            "unevaluatedItems" => {
                let rest = r.child(place, key, json);
                node.waiting.get_or_insert_default().items = Some(rest);
            }
            "allOf" => node.all_of.extend(list(r, place, key, json)),
            "anyOf" => node.any_of = list(r, place, key, json),
            "oneOf" => node.one_of = list(r, place, key, json),
            "not" => node.not = Some(r.child(place, key, json)),
            "if" => {
                let part = |r: &mut Reader<'d>, key: &str| {
                    place.json.get(key).map(|json| r.child(place, key, json))
                };
                let (then, otherwise) = (part(r, "then"), part(r, "else"));
                if then.is_some() || otherwise.is_some() {
                    let condition = r.child(place, key, json);
                    node.conditional = Some(Conditional { condition, then, otherwise });
                } else if r.dialect(place) >= Dialect::Draft2019 {
                    let condition = r.child(place, key, json);
                    node.waiting.get_or_insert_default().condition = Some(condition);
                }
            }
            "discriminator" => node.discriminator = discriminator(r, place, json),
            "$dynamicRef" | "$recursiveRef" => match r.static_target(place, key, json) {
                Some(target) if node.reference.is_none() => node.reference = Some(target),
                Some(target) => node.all_of.push(target),
                // the target depends on the dynamic scope
                None => {
                    let context = Some(r.context(&place.pointer));
                    let keyword = Unsupported { context, ..unsupported(r, place, key, json) };
                    node.unsupported.push(keyword);
                }
            },
            _ if key.starts_with("x-") || vocabulary::find(key).is_some() => {}
            _ => {
                if let Some(meant) = slip::keyword(key, json, place.json, r.dialect(place)) {
                    let message = format!("unknown keyword `{key}`");
                    r.misspelt(place, key, member.key_span, message, meant);
                }
            }
        }
    }
    let listed = literal::listed(r, place, has_enum, has_const);
    node.values = listed.values;
    // a `const` that is not in the `enum`
    node.never |= has_enum && has_const && node.values.as_ref().is_some_and(Vec::is_empty);
    node.all_of.extend(listed.nodes);
    for key in listed.unclear {
        let json = place.json.get(key).unwrap_or(place.json);
        let context = Some(r.context(&place.pointer));
        node.unsupported.push(Unsupported { context, ..unsupported(r, place, key, json) });
    }
    tuple_tail(r, place, &mut array);
    object.required.sort();
    object.required.dedup();
    object.index();
    node.number = has_number.then(|| Box::new(number));
    node.string = has_string.then(|| Box::new(string));
    node.array = has_array.then(|| Box::new(array));
    node.object = has_object.then(|| Box::new(object));
}

fn unsupported(r: &Reader<'_>, place: &Place<'_>, key: &str, json: &Json) -> Unsupported {
    let pos = r.pos(place, json.span);
    let keyword = key.to_owned();
    Unsupported { keyword, value: json.to_value(), pos, context: None, why: None }
}

/// Whether no other keyword evaluates properties or items, so that `unevaluated…` means `additional…`.
fn alone(place: &Place<'_>) -> bool {
    const APPLIES: [&str; 10] = [
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "$ref",
        "dependentSchemas",
        "dependencies",
        "$dynamicRef",
        "$recursiveRef",
    ];
    APPLIES.iter().all(|keyword| place.json.get(keyword).is_none())
}

fn types<'d>(r: &mut Reader<'d>, place: &Place<'d>, json: &'d Json) -> Types {
    let one = |json: &Json| match json.as_str()? {
        "null" => Some(Types::NULL),
        "boolean" => Some(Types::BOOLEAN),
        "integer" => Some(Types::INTEGER),
        "number" => Some(Types::NUMBER),
        "string" => Some(Types::STRING),
        "array" => Some(Types::ARRAY),
        "object" => Some(Types::OBJECT),
        "any" => Some(Types::ALL),
        _ => None,
    };
    let all = match &json.value {
        Value::Array(list) => list.iter().map(one).collect::<Option<Vec<_>>>(),
        _ => one(json).map(|t| vec![t]),
    };
    if let Some(all) = all {
        return all.into_iter().fold(Types::NONE, Types::union);
    }
    let names = json.as_array().unwrap_or(std::slice::from_ref(json));
    let unknown = names.iter().filter(|name| one(name).is_none());
    for name in unknown {
        match name.as_str().map(|text| (text, slip::type_name(text))) {
            Some((text, Some(meant))) => {
                r.misspelt(place, "type", name.span, format!("unknown type `{text}`"), meant);
            }
            _ => {
                r.malformed(
                    place,
                    "type",
                    name,
                    "a JSON type, such as `string`, or a list of them",
                );
            }
        }
    }
    Types::ALL
}

fn decimal<'d>(
    r: &mut Reader<'d>,
    place: &Place<'d>,
    key: &str,
    json: &'d Json,
) -> Option<Decimal> {
    let number = match &json.value {
        Value::Number(text) => Decimal::parse(text),
        _ => None,
    };
    if number.is_none() {
        r.malformed(place, key, json, "a number of at most 38 digits");
    }
    number
}

pub(super) fn count<'d>(r: &mut Reader<'d>, place: &Place<'d>, key: &str, json: &'d Json) -> u64 {
    let number = match &json.value {
        Value::Number(text) => Decimal::parse(text),
        _ => None,
    };
    match number.filter(Decimal::is_integer) {
        Some(n) if n >= Decimal::ZERO => {
            n.to_i128().and_then(|n| u64::try_from(n).ok()).unwrap_or(u64::MAX)
        }
        _ => {
            r.malformed(place, key, json, "a non-negative integer");
            0
        }
    }
}

fn text<'d>(r: &mut Reader<'d>, place: &Place<'d>, key: &str, json: &'d Json) -> Option<String> {
    if json.as_str().is_none() {
        r.malformed(place, key, json, "a string");
    }
    json.as_str().map(str::to_owned)
}

fn list<'d>(r: &mut Reader<'d>, place: &Place<'d>, key: &str, json: &'d Json) -> Vec<NodeId> {
    let Some(list) = json.as_array().filter(|list| !list.is_empty()) else {
        r.malformed(place, key, json, "an array of at least one schema");
        return Vec::new();
    };
    list.iter().enumerate().map(|(i, json)| r.child(place, &format!("{key}/{i}"), json)).collect()
}

fn tighten(rules: &mut NumberRules, lower: bool, bound: Bound) {
    let slot = if lower { &mut rules.min } else { &mut rules.max };
    let tighter = slot.as_ref().is_none_or(|old| match bound.value.cmp(&old.value) {
        std::cmp::Ordering::Equal => bound.exclusive,
        order => (order == std::cmp::Ordering::Greater) == lower,
    });
    if tighter {
        *slot = Some(bound);
    }
}
