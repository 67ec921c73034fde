//! Events decoded by generated types: an event that the `jsonschema` crate accepts must decode, and
//! serializes to the same JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::krate::{NO_WARNINGS, run, scratch, type_path};
use super::{corpora, generate, lay_out, strict};

#[test]
fn aws_samples_decode() {
    let Some(corpora) = corpora() else { return };
    let (root, generated, _) = generate("samples", "aws-events", &corpora.join("aws-events"));
    let samples = aws_samples(&corpora, &generated);
    let decoded = decode(&root, "scratch-aws-samples", &generated, &samples);
    println!("{decoded} of {} samples decode", samples.len());
    // the schemas refuse a string field with a number here, and two missing required fields
    assert!(decoded < samples.len(), "the strict types have become lenient");
}

/// AWS's own sample events, with the types of `generated`.
pub(super) fn aws_samples(corpora: &Path, generated: &event_codegen::Generated) -> Vec<Sample> {
    let text = fs::read_to_string(corpora.join("aws-samples/samples.jsonl")).unwrap();
    let schema = |name: &str| {
        fs::read_to_string(corpora.join("aws-events-draft4").join(format!("{name}.json"))).unwrap()
    };
    let sample = |line: &str| {
        let sample: Value = serde_json::from_str(line).unwrap();
        let name = sample["schema"].as_str().unwrap();
        Sample {
            name: name.to_owned(),
            path: type_path(&generated.rust, name),
            schema: serde_json::from_str(&schema(name)).unwrap(),
            event: sample["event"].clone(),
        }
    };
    let samples: Vec<Sample> = text.lines().map(sample).collect();
    assert!(!samples.is_empty());
    samples
}

#[test]
fn orcabus_examples_decode() {
    let Some(corpora) = corpora() else { return };
    let dir = corpora.join("orcabus");
    let (root, generated, listed) = generate("examples", "orcabus", &dir);
    assert_eq!(listed, Vec::<String>::new());
    let list: Value =
        serde_json::from_str(&fs::read_to_string(dir.join("examples.json")).unwrap()).unwrap();
    let samples: Vec<Sample> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|e| {
            let read = |path: PathBuf| -> Value {
                serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
            };
            let file = e["schema"].as_str().unwrap();
            let name = file.strip_suffix(".json").unwrap();
            Sample {
                name: name.to_owned(),
                path: type_path(&generated.rust, name),
                schema: read(dir.join(file)),
                event: read(dir.join("examples").join(e["example"].as_str().unwrap())),
            }
        })
        .collect();
    assert_eq!(decode(&root, "scratch-orcabus", &generated, &samples), samples.len());
}

/// A schema may restrict the values of undeclared fields: the types read exactly what the judge
/// allows, and write all of it back. Needs no corpora.
#[test]
fn undeclared_fields_decode_as_schema_states() {
    let schema = |properties: &str, additional: &str| {
        format!(
            r#"{{ "$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "required": ["id"],
            "properties": {{ "id": {{ "type": "string" }} {properties} }},
            "additionalProperties": {additional} }}"#
        )
    };
    let place =
        r#"{ "type": "object", "required": ["x"], "properties": { "x": { "type": "number" } } }"#;
    let schemas = BTreeMap::from([
        ("count".to_owned(), schema(r#", "n": { "type": "integer" }"#, r#"{ "type": "integer" }"#)),
        ("ratio".to_owned(), schema("", r#"{ "type": ["number", "null"] }"#)),
        ("place".to_owned(), schema(r#", "extra": { "type": "boolean" }"#, place)),
        (
            "either".to_owned(),
            schema("", r#"{ "oneOf": [{ "type": "integer" }, { "type": "string" }] }"#),
        ),
        ("at".to_owned(), schema("", r#"{ "type": "string", "format": "date-time" }"#)),
    ]);
    let values = [
        "1",
        "-1",
        "1.5",
        "18446744073709551615",
        "null",
        "true",
        "\"a\"",
        "[]",
        "{}",
        r#"{ "x": 1 }"#,
        r#"{ "x": "1" }"#,
        "\"2026-11-24T14:00:00Z\"",
    ];
    let root = lay_out("undeclared", "extras", &schemas);
    let config = event_codegen::configure().schemas(root.join("schemas"));
    let (diagnostics, generated) = config.source("extras", "app.test").run();
    let generated = generated.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    let mut samples = Vec::new();
    for (name, schema) in &schemas {
        for value in values {
            let detail = format!(r#"{{ "id": "a", "more": {value}, "12": {value} }}"#);
            let detail: Value = serde_json::from_str(&detail).unwrap();
            samples.push(Sample {
                name: format!("{name} {value}"),
                path: type_path(&generated.rust, name),
                schema: serde_json::from_str(schema).unwrap(),
                event: serde_json::json!({
                    "version": "0", "id": "1", "source": "app.test", "account": "123456789012",
                    "detail-type": format!("{name}:v1"), "time": "2026-11-24T14:00:00Z",
                    "region": "eu-central-1", "resources": [], "detail": detail,
                }),
            });
        }
    }
    // 64 bits are the accepted limit of integers without bounds
    samples.retain(|s| !s.name.ends_with("18446744073709551615") || s.name.starts_with("ratio"));
    let allowed = samples.iter().filter(|s| judge(&s.schema, &s.event)).count();
    assert!(allowed > 8 && allowed < samples.len() / 2, "{allowed}");
    assert_eq!(decode(&root, "scratch-undeclared", &generated, &samples), allowed);
}

/// A real event, with its type and schema.
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) schema: Value,
    pub(super) event: Value,
}

/// Decodes the samples with their types. A sample that its schema allows, as the `jsonschema` crate
/// judges, must decode; one that the schema refuses even without the keywords that types do not
/// check must not; and the output must equal the input. Returns how many decode.
fn decode(
    root: &Path,
    krate: &str,
    generated: &event_codegen::Generated,
    samples: &[Sample],
) -> usize {
    let mut arms = String::new();
    for (i, sample) in samples.iter().enumerate() {
        let path = &sample.path;
        writeln!(arms, "        {i} => serde_json::from_str::<event_runtime::AwsEvent<{path}>>(line).map(|e| serde_json::to_string(&e.detail).unwrap()),").unwrap();
    }
    let events: String = samples.iter().map(|s| format!("{}\n", s.event)).collect();
    fs::write(root.join("events.jsonl"), events).unwrap();
    generated.write(&root.join("event-contracts")).unwrap();
    let main = format!(
        "{NO_WARNINGS}fn main() {{\n    let lines = include_str!(\"../events.jsonl\").lines();\n    for (i, line) in lines.enumerate() {{\n        let decoded = match i {{\n{arms}            _ => unreachable!(),\n        }};\n        match decoded {{ Ok(json) => println!(\"ok {{json}}\"), Err(e) => println!(\"no {{e}}\") }}\n    }}\n}}\n"
    );
    let out = run(scratch(root, krate, &main).args(["run", "--offline", "-q"]), "decoding");
    assert_eq!(out.lines().count(), samples.len());

    let mut decoded = 0;
    for (line, sample) in out.lines().zip(samples) {
        let (state, text) = line.split_at(2);
        let allowed = judge(&sample.schema, &sample.event);
        let why = if state == "ok" { "" } else { text };
        println!("{}: decodes: {state}, allowed by its schema: {allowed}{why}", sample.name);
        decoded += usize::from(state == "ok");
        // events that the schema allows must decode, and also those that only a validator refuses
        assert!(state == "ok" || !allowed, "{}: {text}", sample.name);
        assert_eq!(state == "ok", strict::allows(&sample.schema, &sample.event), "{}", sample.name);
        if state == "ok" {
            let back: Value = serde_json::from_str(text).unwrap();
            assert!(
                subset(&back, &sample.event["detail"]),
                "{}: {back} is not what came",
                sample.name
            );
        }
    }
    decoded
}

/// Whether the schema allows the event, as the `jsonschema` crate judges. A schema of the payload
/// is checked against the payload.
pub(super) fn judge(schema: &Value, event: &Value) -> bool {
    let validator = jsonschema::options().should_validate_formats(true).build(schema).unwrap();
    let whole = schema["properties"].get("detail").is_some();
    validator.is_valid(if whole { event } else { &event["detail"] })
}

/// Whether all of `part` is in `whole`, dates and numbers by value.
pub(super) fn subset(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(a), Value::Object(b)) => {
            a.iter().all(|(k, v)| b.get(k).is_some_and(|w| subset(v, w)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(v, w)| subset(v, w))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::String(a), Value::String(b)) => {
            let time = |s: &str| s.parse::<event_runtime::Timestamp>().ok();
            a == b || time(a).is_some_and(|t| Some(t) == time(b))
        }
        (a, b) => a == b,
    }
}
