//! Strict decoding compared with the `jsonschema` crate, in both directions: an event that its
//! schema allows decodes, and one that it refuses does not. Every schema gives a valid event, and
//! events with one fault each. The types check structure; the keywords that they do not check are
//! [`CONSTRAINTS`], and the judge ignores them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde_json::{Map, Value, json};

use super::decode::subset;
use super::krate::{NO_WARNINGS, run, scratch, type_path};
use super::{corpora, generate, lay_out, schemas};

/// The keywords that a generated type does not check, as in `event_codegen`'s documentation.
/// [`optional`] makes the judge accept what serde accepts in addition.
const CONSTRAINTS: &[&str] = &[
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "contains",
    "minProperties",
    "maxProperties",
    "propertyNames",
    "patternProperties",
    "dependencies",
    "not",
    "if",
    "then",
    "else",
];

/// The schema without the keywords that types do not check, and without every format except
/// `date-time`.
fn structure(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let mut out = Map::new();
            for (key, value) in map {
                let value = match key.as_str() {
                    // the length of a tuple is structure
                    "minItems" if map.get("items").is_some_and(Value::is_array) => value.clone(),
                    key if CONSTRAINTS.contains(&key) => continue,
                    "additionalProperties" if map.contains_key("patternProperties") => {
                        undeclared(value, &map["patternProperties"])
                    }
                    // a later minor may add values
                    "enum" if map.get("x-open") == Some(&json!(true)) => continue,
                    "oneOf" | "anyOf" if map.contains_key("properties") && only_requires(value) => {
                        continue;
                    }
                    "format" if value != "date-time" => continue,
                    // the keys of these are names, not keywords
                    "properties" => {
                        optional(&named(value), &map.get("required").cloned().unwrap_or_default())
                    }
                    "definitions" | "$defs" => named(value),
                    "required" | "enum" | "const" | "default" | "examples" | "example" => {
                        value.clone()
                    }
                    _ => structure(value),
                };
                // that only one branch matches is not structure either
                let key = if key == "oneOf" { "anyOf" } else { key };
                out.insert(key.to_owned(), value);
            }
            Value::Object(out)
        }
        Value::Array(all) => all.iter().map(structure).collect(),
        other => other.clone(),
    }
}

/// The schema of undeclared fields in a type, if their names have a pattern.
fn undeclared(additional: &Value, patterns: &Value) -> Value {
    let patterns: Vec<&Value> = patterns.as_object().into_iter().flat_map(|p| p.values()).collect();
    match patterns.as_slice() {
        [one] if *additional == json!(false) => structure(one),
        _ => json!(true),
    }
}

/// Whether the branches of a union only require properties.
fn only_requires(branches: &Value) -> bool {
    let only = |b: &Value| b.as_object().is_some_and(|b| b.keys().all(|key| key == "required"));
    branches.as_array().is_some_and(|all| all.iter().all(only))
}

fn named(schemas: &Value) -> Value {
    let Value::Object(map) = schemas else { return schemas.clone() };
    map.iter().map(|(k, v)| (k.clone(), structure(v))).collect()
}

/// `null` for an optional field counts as absent, as serde reads an `Option`.
fn optional(properties: &Value, required: &Value) -> Value {
    let Value::Object(map) = properties else { return properties.clone() };
    let field = |(name, schema): (&String, &Value)| {
        let required = required.as_array().is_some_and(|r| r.contains(&json!(name)));
        let null = json!({ "anyOf": [schema, { "type": "null" }] });
        (name.clone(), if required { schema.clone() } else { null })
    };
    map.iter().map(field).collect()
}

/// The schema of a whole event: EventBridge sets all of its fields, whatever a schema requires.
fn delivered(schema: &Value) -> Value {
    let mut schema = schema.clone();
    schema["required"] = json!([
        "version",
        "id",
        "detail-type",
        "source",
        "account",
        "time",
        "region",
        "resources",
        "detail"
    ]);
    schema
}

/// An instance with every declared field.
fn instance(root: &Value, schema: &Value, depth: usize) -> Value {
    if let Some(to) = schema["$ref"].as_str() {
        let Some(target) = root.pointer(to.trim_start_matches('#')) else { return json!({}) };
        return instance(root, target, depth + 1);
    }
    if let Some(value) = schema.get("const").or_else(|| schema["enum"].get(0)) {
        return value.clone();
    }
    for union in ["oneOf", "anyOf"] {
        if let Some(first) = schema[union].get(0)
            && schema.get("properties").is_none()
        {
            return instance(root, first, depth + 1);
        }
    }
    let ty = match &schema["type"] {
        Value::String(ty) => ty.as_str(),
        Value::Array(all) => all.first().and_then(Value::as_str).unwrap_or_default(),
        _ if schema.get("properties").is_some() || schema.get("allOf").is_some() => "object",
        _ => "",
    };
    match ty {
        "object" => {
            let mut out = Map::new();
            if let Some(part) = schema["allOf"].get(0)
                && let leaf @ (Value::String(_) | Value::Number(_) | Value::Array(_)) =
                    instance(root, part, depth + 1)
            {
                return leaf;
            }
            for part in schema["allOf"].as_array().into_iter().flatten() {
                if let Value::Object(more) = instance(root, part, depth + 1) {
                    out.extend(more);
                }
            }
            for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                let required =
                    schema["required"].as_array().is_some_and(|r| r.contains(&json!(name)));
                if required || depth < 12 {
                    out.insert(name.clone(), instance(root, field, depth + 1));
                }
            }
            if out.is_empty() && schema["additionalProperties"].is_object() {
                let value = instance(root, &schema["additionalProperties"], depth + 1);
                out.insert("key".to_owned(), value);
            }
            Value::Object(out)
        }
        "array" => match &schema["items"] {
            items @ Value::Object(_) if depth < 12 => json!([instance(root, items, depth + 1)]),
            Value::Array(places) => places.iter().map(|p| instance(root, p, depth + 1)).collect(),
            _ => json!([]),
        },
        "integer" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "number" => schema.get("minimum").cloned().unwrap_or(json!(1.5)),
        "boolean" => json!(true),
        "null" => json!(null),
        _ if schema["format"] == "date-time" => json!("2026-11-24T14:00:00Z"),
        _ => json!("some"),
    }
}

/// Replacements for any value: every JSON type, a name that no enum has, text that no format
/// allows.
fn others() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!("no such value"),
        json!(12),
        json!(-1),
        json!(1.5),
        json!([]),
        json!([null]),
        json!({}),
        json!("2026-11-24T14:00:00.5+02:00"),
        json!("2026-11-24T14:00:00"),
        json!("2026-11-24"),
        json!("Tue, 24 Nov 2026 14:00:00 GMT"),
        json!("1795528800"),
    ]
}

/// The event with one fault (or none that counts), each with a description.
pub(super) fn faults(event: &Value) -> Vec<(String, Value)> {
    let mut out = vec![("as it is".to_owned(), event.clone())];
    let mut places = Vec::new();
    pointers(event, &mut String::new(), &mut places);
    for at in places {
        if event.pointer(&at).is_some_and(Value::is_object) {
            let mut more = event.clone();
            more.pointer_mut(&at).unwrap()["unheardOf"] = json!("some");
            out.push((format!("{at} with a field more"), more));
        }
        let Some((above, name)) = at.rsplit_once('/') else { continue };
        let mut less = event.clone();
        if let Value::Object(map) = less.pointer_mut(above).unwrap() {
            map.remove(&name.replace("~1", "/").replace("~0", "~"));
            out.push((format!("{at} dropped"), less));
        }
        for other in others() {
            let mut changed = event.clone();
            // serde reads an array instead of an object by position: documented, and not compared
            if other.is_array() && changed.pointer(&at).is_some_and(Value::is_object) {
                continue;
            }
            let word = format!("{at} as {other}");
            *changed.pointer_mut(&at).unwrap() = other;
            out.push((word, changed));
        }
    }
    out
}

fn pointers(value: &Value, at: &mut String, out: &mut Vec<String>) {
    out.push(at.clone());
    let depth = at.len();
    let inside: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(all) => all.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in inside {
        let _ = write!(at, "/{}", name.replace('~', "~0").replace('/', "~1"));
        pointers(value, at, out);
        at.truncate(depth);
    }
}

/// One event, its origin, and the verdict of the judge.
pub(super) struct Case {
    pub of: usize,
    pub word: String,
    pub event: Value,
    pub allowed: bool,
}

/// The event around a payload whose schema describes the payload alone.
pub(super) fn whole(detail: &Value) -> Value {
    json!({
        "version": "0", "id": "1", "source": "app.test", "account": "123456789012",
        "detail-type": "test:v1", "time": "2026-11-24T14:00:00Z", "region": "eu-central-1",
        "resources": [], "detail": detail,
    })
}

/// The judge of events for a type of the schema, and whether it judges whole events.
pub(super) fn judge(schema: &Value) -> (bool, jsonschema::Validator) {
    let outer = schema["properties"].get("detail").is_some();
    let judged = if outer { delivered(schema) } else { schema.clone() };
    let options = jsonschema::options().should_validate_formats(true);
    let judge = options.build(&structure(&judged));
    (outer, judge.unwrap_or_else(|e| panic!("{e}: {schema}")))
}

/// Whether a type of the schema must read the event.
pub(super) fn allows(schema: &Value, event: &Value) -> bool {
    let (outer, judge) = judge(schema);
    judge.is_valid(if outer { event } else { &event["detail"] })
}

/// All events of a corpus, with the paths of its types: `judged` are the schemas as the judge reads them.
fn cases(judged: &BTreeMap<String, String>) -> Vec<Case> {
    let mut out = Vec::new();
    for (of, (name, text)) in judged.iter().enumerate() {
        let schema: Value = serde_json::from_str(text).unwrap();
        let (outer, judge) = judge(&schema);
        let fits = instance(&schema, &schema, 0);
        assert!(judge.is_valid(&fits), "{name}: {fits}: {:?}", judge.validate(&fits));
        for (word, event) in faults(&fits) {
            let allowed = judge.is_valid(&event);
            let event = if outer { event } else { whole(&event) };
            out.push(Case { of, word, event, allowed });
        }
    }
    out
}

/// Decodes every case with its type and compares it with the judge.
pub(super) fn agree(
    corpus: &str,
    generated: &event_codegen::Generated,
    root: &std::path::Path,
    names: &[&String],
    cases: &[Case],
) {
    let mut arms = String::new();
    for (i, name) in names.iter().enumerate() {
        let path = type_path(&generated.rust, name);
        writeln!(arms, "            {i} => read::<{path}>(line),").unwrap();
    }
    let lines: String = cases.iter().map(|c| format!("{} {}\n", c.of, c.event)).collect();
    fs::write(root.join("cases.txt"), lines).unwrap();
    generated.write(&root.join("event-contracts")).unwrap();
    let main = format!(
        "{NO_WARNINGS}use event_runtime::__private::v0_1::serde::{{Serialize, de::DeserializeOwned}};\n\
         fn read<T: DeserializeOwned + Serialize>(line: &str) -> Result<String, serde_json::Error> {{\n    \
         serde_json::from_str::<event_runtime::AwsEvent<T>>(line).map(|e| serde_json::to_string(&e).unwrap())\n}}\n\
         fn main() {{\n    for line in include_str!(\"../cases.txt\").lines() {{\n        \
         let (of, line) = line.split_once(' ').unwrap();\n        let read = match of.parse::<usize>().unwrap() {{\n{arms}            \
         _ => unreachable!(),\n        }};\n        match read {{ Ok(json) => println!(\"ok {{json}}\"), Err(e) => println!(\"no {{e}}\") }}\n    }}\n}}\n"
    );
    let out = run(
        scratch(root, &format!("scratch-strict-{corpus}"), &main).args(["run", "--offline", "-q"]),
        "decoding",
    );
    assert_eq!(out.lines().count(), cases.len());
    let mut apart = Vec::new();
    for (line, case) in out.lines().zip(cases) {
        let (state, text) = line.split_at(2);
        if (state == "ok") != case.allowed {
            let judge = if case.allowed { "allowed" } else { "refused" };
            apart.push(format!("{}: {}: {judge}, but {line}", names[case.of], case.word));
        } else if case.allowed {
            let back: Value = serde_json::from_str(text.trim_start()).unwrap();
            assert!(subset(&back, &case.event), "{}: {}: {back}", names[case.of], case.word);
        }
    }
    let allowed = cases.iter().filter(|c| c.allowed).count();
    println!(
        "{corpus}: {} events of {} schemas, {allowed} allowed, {} apart",
        cases.len(),
        names.len(),
        apart.len()
    );
    assert!(allowed > names.len() && allowed < cases.len());
    assert!(
        apart.is_empty(),
        "{} apart:\n{}",
        apart.len(),
        apart[..apart.len().min(40)].join("\n")
    );
}

#[test]
fn aws_types_are_as_strict_as_their_schemas() {
    let Some(corpora) = corpora() else { return };
    let (root, generated, listed) = generate("strict", "aws-events", &corpora.join("aws-events"));
    assert_eq!(listed, Vec::<String>::new());
    let judged = schemas(&corpora.join("aws-events-draft4"));
    agree("aws", &generated, &root, &judged.keys().collect::<Vec<_>>(), &cases(&judged));
}

#[test]
fn orcabus_types_are_as_strict_as_their_schemas() {
    let Some(corpora) = corpora() else { return };
    let (root, generated, listed) = generate("strict", "orcabus", &corpora.join("orcabus"));
    assert_eq!(listed, Vec::<String>::new());
    let judged = schemas(&corpora.join("orcabus"));
    agree("orcabus", &generated, &root, &judged.keys().collect::<Vec<_>>(), &cases(&judged));
}

/// Each way to state that a required field may be `null`. Needs no corpora.
#[test]
fn required_nullable_field_must_be_present() {
    let ways = [
        ("list", r#"{ "type": ["string", "null"] }"#),
        ("any", r#"{ "anyOf": [{ "type": "integer" }, { "type": "null" }] }"#),
        ("one", r##"{ "oneOf": [{ "$ref": "#/definitions/place" }, { "type": "null" }] }"##),
        ("values", r#"{ "enum": ["a", "b", null] }"#),
        ("nothing", r#"{ "type": "null" }"#),
        ("reference", r##"{ "$ref": "#/definitions/maybe" }"##),
        ("moment", r#"{ "type": ["string", "null"], "format": "date-time" }"#),
        ("items", r#"{ "type": ["array", "null"], "items": { "type": ["number", "null"] } }"#),
        ("either", r#"{ "type": ["string", "integer", "null"] }"#),
        ("map", r#"{ "type": ["object", "null"], "additionalProperties": { "type": "boolean" } }"#),
    ];
    let schema = |(name, maybe): &(&str, &str)| {
        let text = format!(
            r#"{{ "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
            "required": ["id", "maybe-so"], "properties": {{ "id": {{ "type": "string" }},
            "maybe-so": {maybe}, "inside": {{ "type": "array", "items": {{ "type": "object",
            "required": ["it"], "properties": {{ "it": {maybe}, "open": {maybe} }} }} }} }},
            "definitions": {{ "maybe": {{ "type": ["string", "null"] }}, "place": {{ "type": "object",
            "required": ["x"], "properties": {{ "x": {{ "type": ["number", "null"] }} }} }} }} }}"#
        );
        ((*name).to_owned(), text)
    };
    let judged: BTreeMap<String, String> = ways.iter().map(schema).collect();
    let root = lay_out("strict", "nullable", &judged);
    let config = event_codegen::configure().schemas(root.join("schemas"));
    let (diagnostics, generated) = config.source("nullable", "app.test").run();
    let generated = generated.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    agree("nullable", &generated, &root, &judged.keys().collect::<Vec<_>>(), &cases(&judged));
}
