//! Hostile schemas and events: each comparison and each validation ends soon, with an answer or undecided
//! because it is too large. The limits are a multiple of what a debug build needs on a busy machine.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that reports its figures")]

use std::time::{Duration, Instant};

use event_schema::compat::{self, Policy, Report, Verdict};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::{read, validate};
use serde_json::{Map, Value, json};

const SOON: Duration = Duration::from_secs(20);

/// A part of a schema: its number, and its content.
type Part = fn(usize, Value) -> Value;

fn schema(value: &Value) -> Schema {
    let doc = Document::parse("a.json", value.to_string()).unwrap();
    read::schema_with(&doc, Some(read::Dialect::Modern), &|_| None).unwrap()
}

/// Compares under each policy that searches in another way.
#[expect(clippy::needless_pass_by_value, reason = "called with literals")]
fn check(name: &str, old: Value, new: Value) -> Vec<Report> {
    let start = Instant::now();
    let (old, new) = (schema(&old), schema(&new));
    let read = start.elapsed();
    let (mut times, mut reports) = (Vec::new(), Vec::new());
    for policy in [Policy::Backward, Policy::Forward, Policy::Additive] {
        let start = Instant::now();
        reports.push(compat::check(&old, &new, policy));
        times.push(start.elapsed());
    }
    eprintln!("{name}: {times:.0?}, read in {read:.0?}");
    assert!(times.iter().all(|time| *time < SOON) && read < SOON, "{name} took {times:?}");
    for report in &reports {
        let mut undecided = report.breaks().filter(|change| change.rule.id == "undecided");
        assert!(undecided.all(|change| change.message.contains(": ")), "{name}");
    }
    reports
}

/// Both directions are breaks.
fn breaks(name: &str, old: Value, new: Value) {
    let reports = check(name, old, new);
    assert!(reports.iter().all(|r| r.verdict == Verdict::Breaking), "{name}");
}

fn object(members: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(members.into_iter().collect::<Map<_, _>>())
}

fn chain(n: usize, link: impl Fn(usize, Value) -> Value, leaf: Value) -> Value {
    let next = |at: usize| json!({"$ref": format!("#/$defs/d{}", at + 1)});
    let links = (0..n).map(|at| (format!("d{at}"), link(at, next(at))));
    json!({"$ref": "#/$defs/d0", "$defs": object(links.chain([(format!("d{n}"), leaf)]))})
}

#[test]
fn chains_of_every_keyword_end() {
    let leaf = |kind: &str| json!({"type": "object", "properties": {"x": {"type": kind}}});
    let links: [(&str, Part); 12] = [
        ("$ref", |_, next| next),
        ("allOf twice", |_, next| json!({"allOf": [next, next]})),
        (
            "allOf with parts",
            |at, next| json!({"allOf": [next, {"properties": {format!("p{at}"): {"type": "string"}}}]}),
        ),
        ("anyOf twice", |_, next| json!({"anyOf": [next, next]})),
        (
            "anyOf beside",
            |at, next| json!({"anyOf": [next, {"properties": {format!("p{at}"): {"type": "string"}}}]}),
        ),
        ("oneOf beside", |at, next| json!({"oneOf": [next, {"required": [format!("p{at}")]}]})),
        ("not", |_, next| json!({"not": next})),
        (
            "if",
            |at, next| json!({"if": {"required": [format!("p{at}")]}, "then": {"properties": {format!("q{at}"): false}}, "else": next}),
        ),
        ("dependentSchemas", |at, next| json!({"dependentSchemas": {format!("p{at}"): next}})),
        ("items", |_, next| json!({"type": "array", "items": next, "minItems": 1})),
        (
            "additionalProperties",
            |_, next| json!({"type": "object", "additionalProperties": next, "minProperties": 1}),
        ),
        (
            "unevaluatedProperties",
            |at, next| json!({"properties": {format!("p{at}"): {"type": "string"}}, "anyOf": [next, {"properties": {format!("q{at}"): {}}}], "unevaluatedProperties": false}),
        ),
    ];
    for (name, link) in links {
        for n in [12, 40, 200, 1_500] {
            // the nesting of unevaluated keywords is an error of the schema beyond this
            if name.starts_with("uneval") && n > 40 {
                continue;
            }
            check(
                &format!("{name} {n}"),
                chain(n, link, leaf("string")),
                chain(n, link, leaf("integer")),
            );
        }
    }
}

#[test]
fn wide_lists_of_values_end() {
    let texts = |n: usize| json!({"enum": (0..n).map(|i| format!("v{i}")).collect::<Vec<_>>()});
    let reports = check("enum of texts", texts(50_000), texts(50_001));
    assert_eq!(reports[0].verdict, Verdict::Compatible);
    let numbers = |n: u32| json!({"enum": (0..n).map(|i| json!(f64::from(i))).collect::<Vec<_>>()});
    check("enum of numbers", numbers(20_000), numbers(20_001));
    let objects =
        |n: usize| json!({"enum": (0..n).map(|i| json!({"a": [i, {"b": i}]})).collect::<Vec<_>>()});
    check("enum of objects", objects(5_000), objects(5_001));
    check("enum to bounds", numbers(20_000), json!({"type": "integer", "maximum": 19_000}));
    check(
        "bounds to enum",
        json!({"type": "integer", "minimum": 0, "maximum": 19_000}),
        numbers(20_000),
    );
    check("enum to pattern", texts(20_000), json!({"type": "string", "pattern": "^v[0-9]+$"}));
    let consts = |n: usize| json!({"anyOf": (0..n).map(|i| json!({"const": format!("v{i}")})).collect::<Vec<_>>()});
    check("anyOf of constants", consts(500), consts(501));
    check("anyOf of constants and enum", consts(500), texts(500));
    check("oneOf of constants", json!({"oneOf": consts(500)["anyOf"]}), texts(500));
}

#[test]
fn patterns_that_explode_end() {
    let text = |pattern: &str| json!({"type": "object", "properties": {"t": {"type": "string", "pattern": pattern}}, "required": ["t"]});
    for (old, new) in [
        ("^a{1,10000}$", "^a{1,10001}$"),
        ("^[a-z]{1,1000}$", "^[a-z]{1,999}$"),
        ("^\\w{1,10000}$", "^\\w{1,9999}$"),
        ("(a|b)*a(a|b){14}", "(a|b)*a(a|b){15}"),
        ("(a|b)*a(a|b){60}", "(a|b)*a(a|b){61}"),
        ("((a{1,99}){1,99}){1,99}", "((a{1,99}){1,99}){1,98}"),
        ("^\\p{L}{1,200}$", "^\\p{L}{1,201}$"),
        ("^(?=.*a)(?=.*b)(?=.*c).{3,900}$", "^(?=.*a)(?=.*b)(?=.*d).{3,900}$"),
        ("^(a+)+$", "^(a+)+b$"),
    ] {
        check(old, text(old), text(new));
    }
    let many = |n: usize, max: u64| {
        object([
            ("type".into(), json!("object")),
            (
                "properties".into(),
                object((0..n).map(|i| {
                    (
                        format!("p{i}"),
                        json!({"type": "string", "pattern": format!("^[a-z]{{1,{max}}}(x|y){i}$")}),
                    )
                })),
            ),
        ])
    };
    breaks("300 patterns", many(300, 40), many(300, 41));
    breaks("2,000 patterns", many(2_000, 40), many(2_000, 41));
    let words = |n: usize| {
        text(&format!("^({})$", (0..n).map(|i| format!("word{i}x")).collect::<Vec<_>>().join("|")))
    };
    check("a pattern of words", words(3_000), words(3_001));
    let all = |n: usize, last: &str| {
        let parts: Vec<Value> = (0..n)
            .map(|i| json!({"pattern": format!("x{i}y")}))
            .chain([json!({"pattern": last})])
            .collect();
        json!({"type": "string", "allOf": parts})
    };
    check("patterns in allOf", all(12, "z"), all(12, "w"));
    check("patterns in allOf", all(60, "z"), all(60, "w"));
}

#[test]
fn objects_with_many_patterns_end() {
    let patterns = |n: usize, properties: usize, kind: &str| {
        let all = (0..n).map(|i| {
            (format!("^x{i}_"), json!({"type": if i == n / 2 { kind } else { "string" }}))
        });
        let named = (0..properties).map(|i| (format!("x{i}_a"), json!({"type": "string"})));
        json!({"type": "object", "properties": object(named), "patternProperties": object(all)})
    };
    for (n, properties) in [(5, 5), (100, 0), (100, 100), (1_000, 0), (30, 2_000)] {
        breaks(
            &format!("{n} patterns, {properties} properties"),
            patterns(n, properties, "string"),
            patterns(n, properties, "integer"),
        );
    }
    let overlapping = |n: usize, kind: &str| {
        let all = (0..n).map(|i| {
            (
                format!("[a-z]{{{},}}", i + 1),
                json!({"type": [if i == 0 { kind } else { "string" }, "null"]}),
            )
        });
        json!({"type": "object", "patternProperties": object(all), "additionalProperties": false, "minProperties": 3})
    };
    check("overlapping patterns", overlapping(12, "string"), overlapping(12, "integer"));
    let names = |n: u64| json!({"type": "object", "propertyNames": {"pattern": format!("^[a-z]{{1,{n}}}$")}, "minProperties": 400});
    check("names", names(20), names(21));
}

#[test]
fn demands_that_multiply_end() {
    let required = |n: usize, kind: Value| {
        let names: Vec<String> = (0..n).map(|i| format!("p{i}")).collect();
        json!({"type": "object", "properties": object(names.iter().map(|n| (n.clone(), json!({"type": kind})))), "required": names})
    };
    breaks("2,000 fields", required(2_000, json!("string")), required(2_000, json!("integer")));
    let dependent = |n: usize, last: &str| {
        let all = (0..n).map(|i| (format!("p{i}"), json!({"required": [format!("p{}", i + 1)], "properties": {"x": {"type": if i == n - 1 { last } else { "string" }}}})));
        json!({"type": "object", "dependentSchemas": object(all)})
    };
    for n in [8, 30, 200] {
        check(&format!("{n} dependent schemas"), dependent(n, "string"), dependent(n, "integer"));
    }
    let dependent = |n: usize| json!({"type": "object", "dependentRequired": object((0..n).map(|i| (format!("p{i}"), json!([format!("p{}", i + 1)]))))});
    check("dependentRequired", dependent(400), dependent(401));
    let ladder = |n: usize, last: &str| {
        let steps: Vec<Value> = (0..n).map(|i| json!({"if": {"properties": {"k": {"const": i}}, "required": ["k"]}, "then": {"properties": {"v": {"type": if i == n - 1 { last } else { "string" }}}}})).collect();
        json!({"type": "object", "allOf": steps})
    };
    for n in [8, 30, 200] {
        check(&format!("{n} conditions"), ladder(n, "string"), ladder(n, "integer"));
    }
    let contains = |n: usize, least: u64| {
        let parts: Vec<Value> = (0..n)
            .map(|i| json!({"contains": {"required": [format!("p{i}")]}, "minContains": least}))
            .collect();
        json!({"type": "array", "uniqueItems": true, "allOf": parts})
    };
    for (n, least) in [(3, 2), (6, 10), (8, 30)] {
        check(&format!("{n} contains"), contains(n, least), contains(n, least + 1));
    }
    let many = |n: usize| {
        let parts: Vec<Value> = (0..n).map(|i| json!({"not": {"properties": {format!("p{i}"): {"type": "string"}}, "required": [format!("p{i}")]}})).collect();
        json!({"type": "object", "allOf": parts, "minProperties": 5})
    };
    check("not in allOf", many(40), many(41));
    let maps = |n: usize| {
        let parts: Vec<Value> =
            (0..n).map(|i| json!({"not": {"additionalProperties": {"const": i}}})).collect();
        json!({"type": "object", "allOf": parts})
    };
    for n in [6, 9, 12, 40] {
        check(&format!("{n} maps that are not"), maps(n), maps(n + 1));
    }
    let products = |n: usize| json!({"type": "integer", "allOf": (0..n).map(|i| json!({"not": {"multipleOf": 2 * i + 3}})).collect::<Vec<_>>()});
    check("multiples", products(20), products(21));
    let tuple = |n: usize, kind: &str| {
        json!({"type": "array", "uniqueItems": true, "minItems": n, "maxItems": n,
        "prefixItems": (0..n).map(|i| json!({"enum": (0..n).map(|j| json!(if i == 0 { format!("{kind}{j}") } else { format!("s{j}") })).collect::<Vec<_>>()})).collect::<Vec<_>>()})
    };
    check("tuple of unique items", tuple(60, "s"), tuple(60, "t"));
}

#[test]
fn unions_of_two_hundred_branches_end() {
    let (n, at) = (200, 120);
    let styles: [(&str, Part); 9] = [
        (
            "const",
            |i, v| json!({"type": "object", "properties": {"k": {"const": format!("k{i}")}, "v": v}, "required": ["k"]}),
        ),
        (
            "external",
            |i, v| json!({"type": "object", "properties": {format!("k{i}"): v}, "required": [format!("k{i}")]}),
        ),
        (
            "external closed",
            |i, v| json!({"type": "object", "properties": {format!("k{i}"): v}, "required": [format!("k{i}")], "additionalProperties": false}),
        ),
        (
            "adjacent",
            |i, v| json!({"type": "object", "properties": {"t": {"enum": [format!("k{i}")]}, "c": v}, "required": ["t", "c"], "additionalProperties": false}),
        ),
        ("tuple", |i, v| json!({"type": "array", "prefixItems": [{"const": i}, v], "minItems": 2})),
        (
            "untagged",
            |i, v| json!({"type": "object", "properties": {format!("a{i}"): {"type": "integer"}, "v": v}}),
        ),
        (
            "untagged closed",
            |i, v| json!({"type": "object", "properties": {format!("a{i}"): {"type": "integer"}, "v": v}, "additionalProperties": false}),
        ),
        (
            "overlapping",
            |i, v| json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": i, "maximum": i + 5}, "v": v}, "required": ["n"]}),
        ),
        ("constants", |i, _| json!({"const": i})),
    ];
    for (name, branch) in styles {
        for keyword in ["oneOf", "anyOf"] {
            let union = |kind: &str| {
                let of = |i| branch(i, json!({"type": if i == at { kind } else { "string" }}));
                json!({keyword: (0..n).map(of).collect::<Vec<_>>()})
            };
            check(&format!("{keyword} {name}"), union("string"), union("integer"));
            check(&format!("{keyword} {name} widened"), union("integer"), union("number"));
        }
    }
}

#[test]
fn large_events_are_validated_soon() {
    let time = |name: &str, schema: &Value, event: &Value| {
        let schema = self::schema(schema);
        let start = Instant::now();
        let answer = validate::validate(&schema, event);
        eprintln!("validate {name}: {:.0?}", start.elapsed());
        assert!(start.elapsed() < SOON, "{name}");
        answer
    };
    let items: Vec<Value> =
        (0..100_000).map(|i| json!({"id": i, "name": format!("n{i}")})).collect();
    let row = json!({"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string", "pattern": "^n[0-9]+$"}}, "required": ["id"]});
    let list = json!({"type": "array", "items": row, "uniqueItems": true});
    assert!(time("a list", &list, &json!(items)).is_ok());
    let union = json!({"type": "array", "items": {"oneOf": (0..100).map(|i| json!({"type": "object", "properties": {"id": {"const": i}}, "required": ["id"]})).collect::<Vec<_>>()}});
    let _ = time("a list of a union", &union, &json!(items[..20_000]));
    let open = json!({"type": "array", "items": {"anyOf": (0..100).map(|i| json!({"required": [format!("x{i}")]})).collect::<Vec<_>>()}});
    assert!(time("a list of nothing that fits", &open, &json!(items[..20_000])).is_err());
    let twice = chain(40, |_, next| json!({"anyOf": [next, next]}), json!({"type": "string"}));
    assert!(time("a chain of anyOf", &twice, &json!(1)).is_err());
    let deep = (0..400).fold(json!(1), |inner, _| json!([inner]));
    let nested = json!({"$defs": {"l": {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"$ref": "#/$defs/l"}}, {"type": "array", "prefixItems": [{"$ref": "#/$defs/l"}]}]}}, "$ref": "#/$defs/l"});
    let _ = time("a deep list", &nested, &deep);
    let listed = json!({"enum": (0..50_000).map(|i| json!([i])).collect::<Vec<_>>()});
    let _ = time(
        "a list of values",
        &json!({"type": "array", "items": listed}),
        &json!((0..200).map(|i| json!([i + 49_900])).collect::<Vec<_>>()),
    );
    let object = object((0..50_000).map(|i| (format!("x{i}_"), json!(i))));
    let patterns = self::object((0..50).map(|i| (format!("^x{i}"), json!({"type": "integer"}))));
    assert!(time("members and patterns", &json!({"patternProperties": patterns}), &object).is_ok());
    let text = "a".repeat(100_000);
    let _ = time("a text", &json!({"type": "string", "pattern": "^(a+)+(?!a)$"}), &json!(text));
    let _ = time(
        "a text, regular",
        &json!({"type": "string", "pattern": "^(a|aa|a?){1,50}$"}),
        &json!(text),
    );
    let texts = json!({"type": "array", "items": {"type": "string", "pattern": "^(a|ab|(ba)+)*$"}});
    let _ = time("long texts", &texts, &json!(vec!["ab".repeat(5_000); 100]));
}
