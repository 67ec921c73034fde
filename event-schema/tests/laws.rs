//! Laws that hold for every pair of schemas, with the `jsonschema` crate evaluating instances.
//!
//! `EVENT_LAW_CASES` sets the number of pairs (default: 2,000; a release build makes a million in minutes).
#![allow(clippy::unwrap_used, reason = "a test")]

use event_schema::compat::{self, Policy, Verdict, Writer};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::{read, validate};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

/// Choices, taken from bytes: equal bytes make equal schemas, so that pairs can differ a little.
struct Choices<'a>(std::slice::Iter<'a, u8>);

impl Choices<'_> {
    fn below(&mut self, n: usize) -> usize {
        usize::from(*self.0.next().unwrap_or(&0)) % n
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

fn schema(c: &mut Choices<'_>, depth: usize) -> Value {
    if depth == 0 {
        return leaf(c);
    }
    match c.below(14) {
        0 | 1 => json!({ "anyOf": [schema(c, depth - 1), schema(c, depth - 1)] }),
        2 => json!({ "oneOf": [schema(c, depth - 1), schema(c, depth - 1)] }),
        3 => json!({ "allOf": [schema(c, depth - 1), schema(c, depth - 1)] }),
        4 => json!({ "not": schema(c, depth - 1) }),
        5 => {
            json!({ "if": schema(c, depth - 1), "then": schema(c, depth - 1), "else": schema(c, depth - 1) })
        }
        6 | 7 => array(c, depth),
        8..=11 => object(c, depth),
        _ => leaf(c),
    }
}

fn leaf(c: &mut Choices<'_>) -> Value {
    let mut out = Map::new();
    match c.below(9) {
        0 => return Value::Bool(c.below(4) != 0),
        1 => {
            let pool = [
                json!(null),
                json!(true),
                json!(0),
                json!(1),
                json!(1.5),
                json!("a"),
                json!("ab"),
                json!([]),
                json!({}),
            ];
            let count = 1 + c.below(3);
            let mut values: Vec<Value> = (0..count).map(|_| c.pick(&pool)).collect();
            values.dedup();
            out.insert("enum".into(), values.into());
        }
        2 => {
            out.insert(
                "const".into(),
                c.pick(&[json!(0), json!("a"), json!([0]), json!({"a": 1}), json!(2.5)]),
            );
        }
        3 | 4 => {
            out.insert("type".into(), c.pick(&["integer", "number"]).into());
            if c.below(2) == 0 {
                out.insert(
                    c.pick(&["minimum", "exclusiveMinimum"]).into(),
                    c.pick(&[json!(0), json!(-1), json!(2), json!(0.5)]),
                );
            }
            if c.below(2) == 0 {
                out.insert(
                    c.pick(&["maximum", "exclusiveMaximum"]).into(),
                    c.pick(&[json!(3), json!(1), json!(2.5), json!(10)]),
                );
            }
            if c.below(3) == 0 {
                out.insert(
                    "multipleOf".into(),
                    c.pick(&[json!(2), json!(3), json!(0.5), json!(1)]),
                );
            }
        }
        5 | 6 => {
            if c.below(3) > 0 {
                out.insert("type".into(), "string".into());
            }
            if c.below(2) == 0 {
                out.insert("minLength".into(), c.below(3).into());
            }
            if c.below(2) == 0 {
                out.insert("maxLength".into(), (1 + c.below(3)).into());
            }
            if c.below(2) == 0 {
                out.insert(
                    "pattern".into(),
                    c.pick(&["^a", "b$", "^[ab]*$", "^a+$", "^.$", "\\d"]).into(),
                );
            }
        }
        _ => {
            let types = ["null", "boolean", "integer", "number", "string", "array", "object"];
            if c.below(2) == 0 {
                out.insert("type".into(), c.pick(&types).into());
            } else {
                let (a, b) = (c.pick(&types), c.pick(&types));
                out.insert("type".into(), if a == b { json!([a]) } else { json!([a, b]) });
            }
        }
    }
    out.into()
}

fn array(c: &mut Choices<'_>, depth: usize) -> Value {
    let mut out = Map::new();
    if c.below(3) > 0 {
        out.insert("type".into(), "array".into());
    }
    if c.below(2) == 0 {
        let count = 1 + c.below(2);
        out.insert("prefixItems".into(), (0..count).map(|_| schema(c, depth - 1)).collect());
    }
    if c.below(2) == 0 {
        out.insert("items".into(), schema(c, depth - 1));
    }
    if c.below(3) == 0 {
        out.insert("minItems".into(), c.below(3).into());
    }
    if c.below(3) == 0 {
        out.insert("maxItems".into(), c.below(4).into());
    }
    if c.below(4) == 0 {
        out.insert("uniqueItems".into(), true.into());
    }
    if c.below(4) == 0 {
        out.insert("contains".into(), schema(c, depth - 1));
        if c.below(2) == 0 {
            out.insert("minContains".into(), c.below(3).into());
        }
        if c.below(2) == 0 {
            out.insert("maxContains".into(), (1 + c.below(2)).into());
        }
    }
    out.into()
}

fn object(c: &mut Choices<'_>, depth: usize) -> Value {
    const NAMES: [&str; 4] = ["a", "b", "ab", "c"];
    let mut out = Map::new();
    if c.below(4) > 0 {
        out.insert("type".into(), "object".into());
    }
    let mut properties = Map::new();
    for name in NAMES {
        if c.below(2) == 0 {
            properties.insert(name.into(), schema(c, depth - 1));
        }
    }
    if !properties.is_empty() {
        out.insert("properties".into(), properties.into());
    }
    let required: Vec<_> = NAMES.iter().filter(|_| c.below(4) == 0).copied().collect();
    if !required.is_empty() {
        out.insert("required".into(), required.into());
    }
    match c.below(5) {
        0 => {
            out.insert("additionalProperties".into(), false.into());
        }
        1 => {
            out.insert("additionalProperties".into(), schema(c, depth - 1));
        }
        _ => {}
    }
    if c.below(4) == 0 {
        let pattern = c.pick(&["^a", "b", "^[ab]+$"]);
        out.insert("patternProperties".into(), json!({ pattern: schema(c, depth - 1) }));
    }
    if c.below(6) == 0 {
        out.insert(
            "propertyNames".into(),
            c.pick(&[
                json!({"maxLength": 1}),
                json!({"pattern": "^[a-c]"}),
                json!({"enum": ["a", "b"]}),
            ]),
        );
    }
    if c.below(6) == 0 {
        out.insert("dependentRequired".into(), json!({ c.pick(&NAMES): [c.pick(&NAMES)] }));
    }
    if c.below(8) == 0 {
        out.insert("dependentSchemas".into(), json!({ c.pick(&NAMES): schema(c, depth - 1) }));
    }
    if c.below(5) == 0 {
        out.insert("minProperties".into(), c.below(3).into());
    }
    if c.below(5) == 0 {
        out.insert("maxProperties".into(), c.below(3).into());
    }
    out.into()
}

fn instance(c: &mut Choices<'_>, depth: usize) -> Value {
    match c.below(if depth == 0 { 6 } else { 9 }) {
        0 => Value::Null,
        1 => Value::Bool(c.below(2) == 0),
        2 => c.pick(&[json!(0), json!(1), json!(2), json!(3), json!(-1), json!(6)]),
        3 => c.pick(&[json!(0.5), json!(1.5), json!(2.5), json!(-0.25)]),
        4 | 5 => c.pick(&["", "a", "b", "ab", "aa", "abc", "1", "é"]).into(),
        6 => (0..c.below(4)).map(|_| instance(c, depth - 1)).collect(),
        _ => {
            let count = c.below(4);
            let member = |c: &mut Choices<'_>| {
                (c.pick(&["a", "b", "ab", "c", "z"]).to_owned(), instance(c, depth - 1))
            };
            Value::Object((0..count).map(|_| member(c)).collect())
        }
    }
}

fn judge(schema: &Value) -> jsonschema::Validator {
    jsonschema::options().with_draft(jsonschema::Draft::Draft202012).build(schema).unwrap()
}

fn model(schema: &Value) -> Schema {
    let doc = Document::parse("generated", schema.to_string()).unwrap();
    read::schema_with(&doc, Some(read::Dialect::Modern), &|_| None).unwrap()
}

/// Two schemas, the second one with some choices made differently, and choices for instances.
fn pairs() -> impl Strategy<Value = (Vec<u8>, Vec<(usize, u8)>, Vec<u8>)> {
    (
        prop::collection::vec(any::<u8>(), 4..120),
        prop::collection::vec((0..120usize, any::<u8>()), 0..3),
        prop::collection::vec(any::<u8>(), 300),
    )
}

fn make((bytes, edits, _): &(Vec<u8>, Vec<(usize, u8)>, Vec<u8>)) -> (Value, Value) {
    let mut edited = bytes.clone();
    for (at, byte) in edits {
        let at = at % edited.len();
        edited[at] = *byte;
    }
    (schema(&mut Choices(bytes.iter()), 2), schema(&mut Choices(edited.iter()), 2))
}

fn cases() -> u32 {
    std::env::var("EVENT_LAW_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000)
}

fn run(law: impl Fn(&Value, &Value, &[u8]) -> Result<(), TestCaseError>) {
    let config = Config {
        cases: cases(),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&pairs(), |choices| {
            let (old, new) = make(&choices);
            law(&old, &new, &choices.2)
        })
        .unwrap();
}

fn fail(old: &Value, new: &Value, what: &str) -> TestCaseError {
    TestCaseError::fail(format!("{what}\nold: {old}\nnew: {new}"))
}

#[test]
fn no_instance_contradicts_a_proof() {
    run(|old, new, bytes| {
        let report = compat::check(&model(old), &model(new), Policy::Backward);
        let (a, b) = (judge(old), judge(new));
        if report.verdict == Verdict::Compatible {
            let mut choices = Choices(bytes.iter());
            for _ in 0..20 {
                let value = instance(&mut choices, 3);
                if a.is_valid(&value) && !b.is_valid(&value) {
                    return Err(fail(
                        old,
                        new,
                        &format!("{value} shows a break that was not found"),
                    ));
                }
            }
        }
        for change in &report.changes {
            let Some(witness) = &change.witness else { continue };
            let (writer, reader) =
                if change.writer == Some(Writer::Old) { (&a, &b) } else { (&b, &a) };
            if !writer.is_valid(witness) || reader.is_valid(witness) {
                return Err(fail(
                    old,
                    new,
                    &format!("{witness} is no witness for {}", change.rule.id),
                ));
            }
        }
        Ok(())
    });
}

/// A second opinion, which compares the schemas themselves: the canonical forms of `jsonschema`.
#[test]
fn no_canonical_form_refutes_a_proof() {
    use jsonschema::canonical::{self, Containment};
    let form = |schema: &Value| {
        let options = canonical::options().with_draft(jsonschema::Draft::Draft202012);
        options.canonicalize(schema).ok()
    };
    run(|old, new, _| {
        let (Some(a), Some(b)) = (form(old), form(new)) else { return Ok(()) };
        let report = compat::check(&model(old), &model(new), Policy::Backward);
        let refuted = matches!(b.covers(&a), Ok(Containment::No));
        if refuted && report.verdict == Verdict::Compatible {
            return Err(fail(old, new, "canonical forms show a break that was not found"));
        }
        Ok(())
    });
}

#[test]
fn a_schema_is_compatible_with_itself() {
    run(|old, _, _| {
        for policy in Policy::ALL {
            let report = compat::check(&model(old), &model(old), policy);
            if !report.changes.is_empty() {
                return Err(fail(old, old, &format!("{policy}: {:?}", report.changes)));
            }
        }
        Ok(())
    });
}

#[test]
fn forward_is_backward_seen_from_the_other_side() {
    run(|old, new, _| {
        let (a, b) = (model(old), model(new));
        let back = compat::check(&a, &b, Policy::Backward).verdict;
        if back != compat::check(&b, &a, Policy::Forward).verdict {
            return Err(fail(old, new, "the mirror differs"));
        }
        Ok(())
    });
}

#[test]
fn a_reference_means_what_it_leads_to() {
    run(|old, new, _| {
        let behind = |schema: &Value| json!({ "$defs": { "It": schema }, "$ref": "#/$defs/It" });
        let plain = compat::check(&model(old), &model(new), Policy::Backward).verdict;
        let one = compat::check(&model(&behind(old)), &model(new), Policy::Backward).verdict;
        let both =
            compat::check(&model(&behind(old)), &model(&behind(new)), Policy::Backward).verdict;
        if (plain, plain) != (one, both) {
            return Err(fail(old, new, "a reference changed the verdict"));
        }
        Ok(())
    });
}

#[test]
fn instances_are_judged_as_the_other_judge_does() {
    run(|old, _, bytes| {
        let (ours, theirs) = (model(old), judge(old));
        let mut choices = Choices(bytes.iter());
        for _ in 0..10 {
            let value = instance(&mut choices, 3);
            if validate::validate(&ours, &value).is_ok() != theirs.is_valid(&value) {
                return Err(fail(old, old, &format!("the judges differ on {value}")));
            }
        }
        Ok(())
    });
}

#[test]
fn most_pairs_are_decided() {
    let (mut undecided, mut all) = (0, 0);
    let mut runner = TestRunner::deterministic();
    for _ in 0..2_000 {
        let choices = pairs().new_tree(&mut runner).unwrap().current();
        let (old, new) = make(&choices);
        all += 1;
        let report = compat::check(&model(&old), &model(&new), Policy::Full);
        undecided += usize::from(report.changes.iter().any(|c| c.rule.id == "undecided"));
    }
    assert!(undecided * 100 <= all * 3, "{undecided} of {all} pairs are undecided");
}

/// Schemas of objects, arrays and leaves alone, for which it is clear what a publisher writes.
fn plain(c: &mut Choices<'_>, depth: usize) -> Value {
    let mut out = if depth == 0 || c.below(3) == 0 {
        return leaf(c);
    } else if c.below(4) == 0 {
        json!({ "type": "array", "items": plain(c, depth - 1) })
    } else {
        let mut properties = Map::new();
        for name in ["a", "b", "c"] {
            if c.below(2) == 0 {
                properties.insert(name.into(), plain(c, depth - 1));
            }
        }
        json!({ "type": "object", "properties": properties })
    };
    match c.below(8) {
        0 => out["additionalProperties"] = false.into(),
        1 => out["additionalProperties"] = plain(c, depth - 1),
        2..=4 => out["required"] = json!(["a"]),
        _ => {}
    }
    out
}

/// Whether a publisher with this schema writes the instance: no undeclared names.
fn writes(schema: &Value, value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(|item| writes(&schema["items"], item)),
        Value::Object(members) => {
            let declared = schema["properties"].as_object();
            let other = &schema["additionalProperties"];
            // `{}` has as few constraints as `true`
            let says_nothing = match other {
                Value::Object(own) => own.is_empty(),
                other => other.is_null() || other.is_boolean(),
            };
            let closed = declared.is_some_and(|d| !d.is_empty()) && says_nothing;
            members.iter().all(|(name, value)| match declared.and_then(|d| d.get(name)) {
                Some(own) => writes(own, value),
                None => !closed && writes(other, value),
            })
        }
        _ => true,
    }
}

#[test]
fn additive_changes_are_read_by_both_sides() {
    let found = std::cell::Cell::new(0);
    let config = Config { cases: 2 * cases(), failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&pairs(), |(bytes, edits, more)| {
            let mut edited = bytes.clone();
            for (at, byte) in edits {
                let at = at % edited.len();
                edited[at] = byte;
            }
            let (old, new) =
                (plain(&mut Choices(bytes.iter()), 3), plain(&mut Choices(edited.iter()), 3));
            if compat::check(&model(&old), &model(&new), Policy::Additive).verdict
                == Verdict::Breaking
            {
                return Ok(());
            }
            found.set(found.get() + 1);
            let (a, b) = (judge(&old), judge(&new));
            let mut choices = Choices(more.iter());
            for _ in 0..20 {
                let value = instance(&mut choices, 3);
                let breaks = (a.is_valid(&value) && writes(&old, &value) && !b.is_valid(&value))
                    || (b.is_valid(&value) && writes(&new, &value) && !a.is_valid(&value));
                if breaks {
                    return Err(fail(
                        &old,
                        &new,
                        &format!("{value} shows a break that was not found"),
                    ));
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(found.get() > 100, "only {} pairs were additive", found.get());
}
