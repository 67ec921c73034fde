//! Random schemas with every keyword that a type can express: without a diagnostic, the type
//! accepts the same events as the `jsonschema` crate, in both directions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::lay_out;
use super::strict::{Case, agree, faults, judge, whole};

const WORDS: [&str; 12] = [
    "id", "name", "kind", "type", "state", "lines", "c++", "<=", "userId", "x-note", "self", "2nd",
];

/// xorshift64*, so that a seed reproduces a test case.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % sides
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.roll(WORDS.len())]
    }

    /// Different words.
    fn words(&mut self, most: usize) -> Vec<&'static str> {
        let all: BTreeSet<_> = (0..=self.roll(most)).map(|_| self.word()).collect();
        all.into_iter().collect()
    }
}

fn node(dice: &mut Dice, depth: usize) -> Value {
    match dice.roll(if depth == 0 { 12 } else { 24 }) {
        0 => json!({ "type": "string" }),
        1 => json!({ "type": "integer" }),
        2 => json!({ "type": "boolean" }),
        3 => json!({ "type": "number" }),
        4 => json!({ "type": "string", "enum": ["on", "ON", "off", "<=", ""] }),
        5 => json!({ "enum": [1, 2, -5] }),
        6 => json!({ "enum": ["a", 1, true, 2.5, null, [1]] }),
        7 => json!({ "const": dice.word() }),
        8 => json!({ "type": ["string", "null"] }),
        9 => json!({ "type": "string", "format": "date-time" }),
        10 => json!({ "enum": [true] }),
        11 => json!({ "type": "string", "enum": ["on", "off"], "x-open": true }),
        12 => json!({ "type": "array", "items": node(dice, depth - 1) }),
        13 => json!({ "type": "object", "additionalProperties": node(dice, depth - 1) }),
        14 => json!({ "type": ["integer", "string"] }),
        15 => {
            json!({ "type": "array", "items": [node(dice, 0), node(dice, 0)], "minItems": 2, "additionalItems": false })
        }
        16 => json!({ "anyOf": [{ "type": "string" }, object(dice, depth - 1)] }),
        17 => {
            json!({ "anyOf": [object(dice, depth - 1), { "type": "array", "items": { "type": "integer" } }] })
        }
        18 => tagged(dice, depth - 1),
        19 => json!({ "allOf": [object(dice, depth - 1), object(dice, depth - 1)] }),
        20 => json!({ "oneOf": [node(dice, 0), { "type": "null" }] }),
        21 => patterned(dice, depth - 1),
        22 => beside(dice, depth - 1),
        _ => object(dice, depth - 1),
    }
}

fn object(dice: &mut Dice, depth: usize) -> Value {
    let names = dice.words(3);
    let properties: Map<String, Value> =
        names.iter().map(|n| ((*n).to_owned(), node(dice, depth))).collect();
    let required: Vec<&str> = names.iter().copied().filter(|_| dice.roll(2) == 0).collect();
    let mut out = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        out["required"] = json!(required);
    }
    match dice.roll(6) {
        0 => out["additionalProperties"] = json!(false),
        1 => out["additionalProperties"] = json!({ "type": "integer" }),
        _ => {}
    }
    out
}

/// Closed, but for names of a pattern.
fn patterned(dice: &mut Dice, depth: usize) -> Value {
    let mut out = object(dice, depth);
    out["additionalProperties"] = json!(false);
    out["patternProperties"] = json!({ "^unheardOf": node(dice, 0) });
    out
}

/// A union by a constant.
fn tagged(dice: &mut Dice, depth: usize) -> Value {
    let mut branch = |tag: &str| {
        let mut out = object(dice, depth);
        out["properties"]["kind"] = json!({ "const": tag });
        let mut required: BTreeSet<String> =
            serde_json::from_value(out["required"].clone()).unwrap_or_default();
        required.insert("kind".to_owned());
        out["required"] = json!(required);
        out
    };
    json!({ "oneOf": [branch("a"), branch("b c"), branch("+")] })
}

/// A union beside properties.
fn beside(dice: &mut Dice, depth: usize) -> Value {
    let branch = |dice: &mut Dice, name: &str| json!({ "type": "object", "properties": { name: node(dice, 0) }, "required": [name] });
    let mut out = object(dice, depth);
    out.as_object_mut().unwrap().remove("additionalProperties");
    out["oneOf"] = json!([branch(dice, "mail"), branch(dice, "sms")]);
    out
}

/// A payload.
fn payload(dice: &mut Dice) -> Value {
    let mut out = match dice.roll(8) {
        0 => tagged(dice, 2),
        1 => beside(dice, 2),
        2 => patterned(dice, 2),
        3 => json!({ "type": "object", "additionalProperties": node(dice, 1) }),
        4 => json!({ "allOf": [object(dice, 2), object(dice, 2)] }),
        _ => object(dice, 3),
    };
    out["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    out
}

/// A matching value, if the parts of the schema agree.
fn instance(dice: &mut Dice, schema: &Value) -> Value {
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    if let Some(values) = schema["enum"].as_array() {
        return values[dice.roll(values.len())].clone();
    }
    let mut out = Map::new();
    for union in ["oneOf", "anyOf"] {
        if let Some(branches) = schema[union].as_array() {
            let branch = &branches[dice.roll(branches.len())];
            match instance(dice, branch) {
                Value::Object(map) => out.extend(map),
                other => return other,
            }
        }
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if let Value::Object(map) = instance(dice, part) {
            out.extend(map);
        }
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let ty = if types.is_empty() { "object" } else { types[dice.roll(types.len())] };
    match ty {
        "string" if schema["format"] == "date-time" => json!("2026-11-24T14:00:00Z"),
        "string" => json!("some"),
        "integer" => json!(3),
        "number" => json!(1.5),
        "boolean" => json!(true),
        "null" => json!(null),
        "array" => match &schema["items"] {
            Value::Array(places) => places.iter().map(|p| instance(dice, p)).collect(),
            items => (0..dice.roll(3)).map(|_| instance(dice, items)).collect(),
        },
        _ => {
            let required = |name: &String| {
                schema["required"].as_array().is_some_and(|r| r.contains(&json!(name)))
            };
            for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                if required(name) || dice.roll(3) > 0 {
                    out.insert(name.clone(), instance(dice, field));
                }
            }
            if schema["additionalProperties"].is_object() && dice.roll(2) == 0 {
                out.insert("more".to_owned(), instance(dice, &schema["additionalProperties"]));
            }
            for field in
                schema["patternProperties"].as_object().into_iter().flat_map(|p| p.values())
            {
                out.insert("unheardOf-1".to_owned(), instance(dice, field));
            }
            Value::Object(out)
        }
    }
}

/// `EVENT_RANDOM_SCHEMAS` sets the number of schemas; `EVENT_RANDOM_SEED` sets the seed.
#[test]
fn random_types_keep_schema_except_for_diagnostics() {
    let number = |name: &str, usual: u64| {
        std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
    };
    let (count, seed) =
        (number("EVENT_RANDOM_SCHEMAS", 60), number("EVENT_RANDOM_SEED", 20_261_128));
    let mut dice = Dice(seed | 1);
    let mut schemas: BTreeMap<String, String> =
        (0..count).map(|i| (format!("drawn.{i:04}"), payload(&mut dice).to_string())).collect();
    let drawn = schemas.len();
    let (root, generated) = loop {
        let root = lay_out("random", "random", &schemas);
        let config = event_codegen::configure().schemas(root.join("schemas"));
        let (diagnostics, generated) = config.source("random", "app.test").run();
        let named: BTreeSet<String> = diagnostics
            .iter()
            .filter(|d| generated.is_none() || d.rule.id == "not-in-the-type")
            .map(|d| d.file.split('/').nth_back(1).unwrap_or_default().to_owned())
            .collect();
        match generated {
            Some(generated) if named.is_empty() => break (root, generated),
            _ => schemas.retain(|name, _| !named.contains(name)),
        }
    };
    println!("{drawn} schemas drawn, {} without a diagnostic", schemas.len());
    assert!(schemas.len() * 2 > drawn, "most schemas are named by a diagnostic");
    let mut cases = Vec::new();
    for (of, text) in schemas.values().enumerate() {
        let schema: Value = serde_json::from_str(text).unwrap();
        let (_, judge) = judge(&schema);
        let mut seen = BTreeSet::new();
        for _ in 0..4 {
            for (word, event) in faults(&instance(&mut dice, &schema)) {
                // the payload of an event is an object
                if event.is_object() && seen.insert(event.to_string()) {
                    let allowed = judge.is_valid(&event);
                    cases.push(Case { of, word, event: whole(&event), allowed });
                }
            }
        }
    }
    agree("random", &generated, &root, &schemas.keys().collect::<Vec<_>>(), &cases);
}
