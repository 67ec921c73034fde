//! Every comparison ends soon: with an answer, or undecided because it is too large. The limits are a
//! multiple of what a debug build needs on a busy machine.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that reports its figures")]

use std::time::{Duration, Instant};

use event_schema::compat::{self, Policy, Report, Verdict};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read;
use serde_json::{Map, Value, json};

const SOON: Duration = Duration::from_secs(20);

fn schema(value: &Value) -> Schema {
    let doc = Document::parse("a.json", value.to_string()).unwrap();
    read::schema_with(&doc, Some(read::Dialect::Modern), &|_| None).unwrap()
}

/// Compares under every policy, on a stack as small as a test's.
#[expect(clippy::needless_pass_by_value, reason = "called with literals")]
fn check(name: &str, old: Value, new: Value) -> Vec<Report> {
    let (old, new) = (schema(&old), schema(&new));
    let work = move || -> Vec<(Duration, Report)> {
        let timed = |policy| {
            let start = Instant::now();
            let report = compat::check(&old, &new, policy);
            (start.elapsed(), report)
        };
        [Policy::Backward, Policy::Forward, Policy::Additive].map(timed).into()
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap();
    let (times, reports): (Vec<_>, Vec<_>) = thread.join().unwrap().into_iter().unzip();
    eprintln!("{name}: {times:?}");
    assert!(times.iter().all(|time| *time < SOON), "{name} took {times:?}");
    reports
}

fn verdicts(reports: &[Report]) -> Vec<Verdict> {
    reports.iter().map(|r| r.verdict).collect()
}

use Verdict::{Breaking, Compatible};

#[test]
fn counts_of_members_and_items_are_bounded() {
    for n in [900, 2_000, 5_000] {
        let of = |n: u64| json!({"type": "object", "minProperties": n});
        let reports = check("minProperties", of(n), of(n + 1));
        assert_eq!(verdicts(&reports)[..2], [Breaking, Compatible]);
        let of = |n: u64| json!({"type": "array", "uniqueItems": true, "minItems": n, "items": {"type": "integer"}});
        let reports = check("unique items", of(n), of(n + 1));
        assert_eq!(verdicts(&reports)[..2], [Breaking, Compatible]);
    }
}

#[test]
fn long_arrays_are_decided_where_none_has_to_be_written_out() {
    let of = |n: u64, kind: &str| json!({"type": "array", "minItems": n, "items": {"type": kind}});
    let reports = check("minItems", of(1_500, "integer"), of(1_000, "integer"));
    assert_eq!(reports[0].verdict, Compatible, "{:?}", reports[0].changes);
    let reports = check("minItems and type", of(1_500, "integer"), of(1_000, "number"));
    assert_eq!(reports[0].verdict, Compatible, "{:?}", reports[0].changes);
    let reports = check("minItems and another type", of(1_500, "number"), of(1_000, "integer"));
    assert_eq!(reports[0].verdict, Breaking);
    let undecided = reports[0].breaks().find(|c| c.rule.id == "undecided");
    assert!(undecided.is_none_or(|c| c.message.contains("too large")), "{undecided:?}");
}

/// `d0` → twice `d1` → … → a leaf.
fn tree(depth: usize, leaf: &str) -> Value {
    let mut defs = Map::new();
    for at in 0..depth {
        let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
        defs.insert(
            format!("d{at}"),
            json!({"type": "object", "properties": {"l": next, "r": next}, "required": ["l", "r"]}),
        );
    }
    defs.insert(format!("d{depth}"), json!({"type": leaf}));
    json!({"$ref": "#/$defs/d0", "$defs": defs})
}

#[test]
fn tree_of_definitions_ends_although_its_instances_explode() {
    for depth in [8, 20, 60, 150] {
        let reports = check("tree", tree(depth, "string"), tree(depth, "integer"));
        assert_eq!(verdicts(&reports), [Breaking; 3], "{depth}");
        let told = |r: &Report| {
            r.breaks().any(|c| c.rule.id == "field-type-changed" || c.message.contains("too large"))
        };
        assert!(reports.iter().all(told), "{depth}: {:?}", reports[0].changes);
        let reports = check("tree", tree(depth, "integer"), tree(depth, "number"));
        assert_eq!(reports[0].verdict, Compatible, "{depth}: {:?}", reports[0].changes);
    }
}

#[test]
fn thousands_of_nested_all_of_are_joined() {
    let chain = |leaf: Value, wrap: bool| {
        let mut defs = Map::new();
        for at in 0..3_000 {
            let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
            let part = json!({"properties": {format!("p{at}"): {"type": "string"}}});
            defs.insert(
                format!("d{at}"),
                if wrap { json!({"allOf": [next]}) } else { json!({"allOf": [next, part]}) },
            );
        }
        defs.insert("d3000".into(), leaf);
        json!({"$ref": "#/$defs/d0", "$defs": defs})
    };
    let leaf = |kind: &str| json!({"type": "object", "properties": {"x": {"type": kind}}});
    let reports = check("wrapped", chain(leaf("string"), true), chain(leaf("integer"), true));
    assert_eq!(verdicts(&reports), [Breaking; 3]);
    let reports = check("wrapped", chain(leaf("integer"), true), leaf("number"));
    assert_eq!(reports[0].verdict, Compatible);
    check("chained", chain(leaf("string"), false), chain(leaf("integer"), false));
}

#[test]
fn thousands_of_fields_made_nullable_are_reported() {
    let wide = |kind: Value| {
        let names: Vec<String> = (0..2_000).map(|i| format!("p{i}")).collect();
        let properties: Map<String, Value> =
            names.iter().map(|n| (n.clone(), json!({"type": kind}))).collect();
        json!({"type": "object", "properties": properties, "required": names})
    };
    let reports = check("nullable", wide(json!("string")), wide(json!(["string", "null"])));
    assert_eq!(verdicts(&reports), [Compatible, Breaking, Breaking]);
    assert_eq!(reports[2].breaks().count(), 2_000);
    assert!(reports[2].breaks().next().unwrap().witness.is_some());
    let reports = check("nullable back", wide(json!(["string", "null"])), wide(json!("string")));
    assert_eq!(verdicts(&reports), [Breaking, Compatible, Breaking]);
}

#[test]
fn nesting_of_a_hundred_levels_is_decided() {
    let nested = |depth: usize, leaf: &str| {
        (0..depth).fold(
            json!({"type": leaf}),
            |inner, _| json!({"type": "object", "properties": {"a": inner}, "required": ["a"]}),
        )
    };
    let reports = check("nested", nested(100, "string"), nested(100, "integer"));
    assert_eq!(verdicts(&reports), [Breaking; 3]);
    let found = reports[0].breaks().next().unwrap();
    assert_eq!(found.rule.id, "field-type-changed");
    assert!(found.witness.is_some());
    let reports = check("nested", nested(100, "integer"), nested(100, "number"));
    assert_eq!(reports[0].verdict, Compatible);
    let chain = |leaf: &str| {
        let mut defs = Map::new();
        for at in 0..250 {
            let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
            defs.insert(
                format!("d{at}"),
                json!({"type": "object", "properties": {"a": next}, "required": ["a"]}),
            );
        }
        defs.insert("d250".into(), json!({"type": leaf}));
        json!({"$ref": "#/$defs/d0", "$defs": defs})
    };
    let reports = check("chain", chain("string"), chain("integer"));
    assert_eq!(verdicts(&reports), [Breaking; 3]);
    assert_eq!(reports[0].breaks().next().unwrap().rule.id, "field-type-changed");
    let reports = check("chain", chain("integer"), chain("number"));
    assert_eq!(reports[0].verdict, Compatible, "{:?}", reports[0].changes);
}

#[test]
fn wide_schemas_of_every_kind_end() {
    let n = 2_000;
    let values = |n: usize| json!({"enum": (0..n).map(|i| format!("v{i}")).collect::<Vec<_>>()});
    let reports = check("enum", values(10_000), values(10_001));
    assert_eq!(verdicts(&reports), [Compatible, Breaking, Breaking]);
    let patterns = |kind: &str| {
        let all: Map<String, Value> = (0..100)
            .map(|i| (format!("^x{i}_"), json!({"type": if i == 50 { kind } else { "string" }})))
            .collect();
        json!({"type": "object", "patternProperties": all})
    };
    check("patterns", patterns("string"), patterns("integer"));
    let untagged = |n: usize, at: usize, kind: &str| {
        let branch = |i: usize| {
            json!({"type": "object", "properties": {format!("a{i}"): {"type": if i == at { kind } else { "string" }},
                   "shared": {"type": "integer"}}, "required": [format!("a{i}"), "shared"]})
        };
        json!({"anyOf": (0..n).map(branch).collect::<Vec<_>>()})
    };
    for n in [8, 30, 200] {
        let reports = check("untagged", untagged(n, 3, "string"), untagged(n, 3, "integer"));
        assert_eq!(reports[0].verdict, Breaking, "{n}");
    }
    let defs = |leaf: &str| {
        let all: Map<String, Value> = (0..n)
            .map(|i| (format!("d{i}"), json!({"type": "object", "properties": {"x": {"type": if i == 7 { leaf } else { "string" }}}})))
            .collect();
        let properties: Map<String, Value> =
            (0..n).map(|i| (format!("p{i}"), json!({"$ref": format!("#/$defs/d{i}")}))).collect();
        json!({"type": "object", "properties": properties, "$defs": all})
    };
    let reports = check("definitions", defs("string"), defs("integer"));
    assert_eq!(verdicts(&reports), [Breaking; 3]);
    let strings = |max: u64| {
        let properties: Map<String, Value> = (0..300)
            .map(|i| {
                (
                    format!("p{i}"),
                    json!({"type": "string", "pattern": format!("^[a-z]{{1,{max}}}(x|y){i}$")}),
                )
            })
            .collect();
        json!({"type": "object", "properties": properties})
    };
    check("many patterns of strings", strings(40), strings(41));
}

#[test]
fn all_of_unions_of_tags_ends() {
    let union = |shift: usize| {
        let branch = |i: usize| json!({"type": "object", "properties": {"k": {"const": i + shift}}, "required": ["k"]});
        json!({"oneOf": (0..60).map(branch).collect::<Vec<_>>()})
    };
    let both = |a: usize, b: usize| json!({"allOf": [union(a), union(b)]});
    let reports = check("intersections of unions", both(0, 30), both(0, 31));
    assert_eq!(reports[0].verdict, Breaking);
}
