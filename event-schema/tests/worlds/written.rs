//! What publishers write: additive changes of schemas that require more than they declare.

use event_schema::compat::{self, Policy, Verdict, Writer};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::choices::{ALL, Choices};
use super::instances::Pool;

/// An object with declared fields that is not valid with these alone.
fn asking(c: &mut Choices<'_>, kind: &str) -> Value {
    let own = json!({ "type": "object", "properties": { "a": { "type": kind } } });
    let open = |name: &str, kind: &str| json!({ "type": "object", "properties": { name: { "type": kind } } });
    let mut node = own;
    match c.below(9) {
        0 => node["required"] = json!(["ghost"]),
        1 => node["minProperties"] = json!(2 + c.below(3)),
        2 => node["allOf"] = json!([{ "required": ["ghost"] }]),
        3 => node["allOf"] = json!([{ "minProperties": 3 }]),
        4 => node = json!({ "oneOf": [open("a", kind), open("b", "string")] }),
        5 => {
            node["properties"]["r"] =
                json!({ "oneOf": [open("b", "string"), open("c", "string")] });
        }
        6 => node["anyOf"] = json!([{ "required": ["ghost"] }, { "minProperties": 4 }]),
        7 => node["not"] = json!({ "maxProperties": 1 }),
        _ => {
            node["properties"]["b"] =
                json!({ "type": "object", "properties": {}, "minProperties": 1 });
            node["required"] = json!(["b", "ghost"]);
        }
    }
    if node["properties"].get("r").is_some() {
        node["required"] = json!(["r"]);
    }
    node
}

/// The object at some place of an event.
fn placed(c: &mut Choices<'_>, node: Value) -> Value {
    match c.below(5) {
        0 => node,
        1 => json!({ "type": "object", "properties": { "in": node }, "required": ["in"] }),
        2 => json!({ "type": "object", "properties": { "in": node } }),
        3 => {
            json!({ "type": "object", "properties": { "list": { "type": "array", "items": node } } })
        }
        _ => json!({ "type": "object", "properties": { "id": { "type": "string" }, "in": {
            "type": "object", "properties": { "deep": node }, "required": ["deep"] } } }),
    }
}

fn run(law: impl Fn(&mut Choices<'_>, &[u8]) -> Result<(), TestCaseError>) {
    let made = (
        0..ALL.len(),
        prop::collection::vec(any::<u8>(), 12),
        prop::collection::vec(any::<u8>(), 400),
    );
    let config = Config {
        cases: super::cases().min(50_000),
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&made, |(dialect, bytes, more)| law(&mut Choices::new(&bytes, ALL[dialect]), &more))
        .unwrap_or_else(|e| panic!("{}", super::reason(&e)));
}

#[test]
fn type_change_beside_what_no_publisher_writes_is_a_break() {
    run(|c, _| {
        let shape: Vec<u8> = (0..4).map(|_| u8::try_from(c.below(250)).unwrap()).collect();
        let dialect = c.dialect;
        let make = |kind: &str| {
            let mut c = Choices::new(&shape, dialect);
            let node = asking(&mut c, kind);
            placed(&mut c, node)
        };
        let (old, new) = (make("string"), make("integer"));
        let report = compat::check(&dialect.model(&old), &dialect.model(&new), Policy::Additive);
        if report.verdict == Verdict::Compatible {
            return Err(super::fail(dialect, &old, &new, "a change of type was not found"));
        }
        let (a, b) = (dialect.judge(&old), dialect.judge(&new));
        for change in &report.changes {
            let Some(witness) = &change.witness else { continue };
            let (writer, reader) =
                if change.writer == Some(Writer::Old) { (&a, &b) } else { (&b, &a) };
            if !writer.is_valid(witness) || reader.is_valid(witness) {
                let what = format!("{witness} is not a witness for {}", change.rule.id);
                return Err(super::fail(dialect, &old, &new, &what));
            }
        }
        Ok(())
    });
}

/// Whether all names of the instance are declared or required where they stand.
fn is_written(schema: &Value, value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(|item| is_written(&schema["items"], item)),
        Value::Object(members) => members.iter().all(|(name, value)| {
            let required = schema["required"].as_array().is_some_and(|r| r.contains(&json!(name)));
            match schema["properties"].get(name) {
                Some(own) => is_written(own, value),
                None => required,
            }
        }),
        _ => true,
    }
}

#[test]
fn additive_changes_keep_what_publishers_write() {
    run(|c, more| {
        let dialect = c.dialect;
        let object = |c: &mut Choices<'_>| {
            let kinds = ["string", "integer", "number", "boolean"];
            let mut out = json!({ "type": "object", "properties": {
                "a": { "type": c.pick(&kinds) }, "b": { "type": c.pick(&kinds) } } });
            if c.one_in(3) {
                out["properties"]["c"] = json!({ "type": c.pick(&kinds) });
            }
            if c.one_in(3) {
                out["required"] = json!([c.pick(&["a", "ghost", "b"])]);
            }
            if c.one_in(4) {
                out["minProperties"] = json!(c.below(3));
            }
            out
        };
        let old = object(c);
        let mut new = old.clone();
        match c.below(4) {
            0 => new = object(c),
            1 => new["properties"]["d"] = json!({ "type": "string" }),
            2 => new["required"] = json!(["a"]),
            _ => new["properties"]["a"] = json!({ "type": "integer" }),
        }
        let report = compat::check(&dialect.model(&old), &dialect.model(&new), Policy::Additive);
        if report.verdict == Verdict::Breaking {
            return Ok(());
        }
        let (a, b) = (dialect.judge(&old), dialect.judge(&new));
        let pool = Pool::of(&[&old, &new]);
        let mut choices = Choices::new(more, dialect);
        for _ in 0..16 {
            let value = pool.draw(&old, &mut choices);
            let whole = dialect.payload(&value);
            let missed = (a.is_valid(&whole) && is_written(&old, &value) && !b.is_valid(&whole))
                || (b.is_valid(&whole) && is_written(&new, &value) && !a.is_valid(&whole));
            if missed {
                let what = format!("{value} shows a break that was not found");
                return Err(super::fail(dialect, &old, &new, &what));
            }
        }
        Ok(())
    });
}
