//! `validate` and the `jsonschema` crate evaluate the same events against the same schemas, in every
//! dialect.
//!
//! `EVENT_LAW_CASES` sets the number of schemas (default: 3,000). Both must agree on all of them, except
//! for the differences in [`differs`].
#![allow(clippy::unwrap_used, reason = "a test")]

use event_schema::document::Document;
use event_schema::read::{self, Dialect};
use event_schema::validate;
use serde_json::{Map, Value, json};

/// A generator of numbers (splitmix64), so that a seed identifies a case.
struct Choices(u64);

impl Choices {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

const DIALECTS: [(Dialect, jsonschema::Draft, &str); 5] = [
    (Dialect::Draft4, jsonschema::Draft::Draft4, "http://json-schema.org/draft-04/schema#"),
    (Dialect::Draft6, jsonschema::Draft::Draft6, "http://json-schema.org/draft-06/schema#"),
    (Dialect::Draft7, jsonschema::Draft::Draft7, "http://json-schema.org/draft-07/schema#"),
    (
        Dialect::Draft2019,
        jsonschema::Draft::Draft201909,
        "https://json-schema.org/draft/2019-09/schema",
    ),
    (
        Dialect::Modern,
        jsonschema::Draft::Draft202012,
        "https://json-schema.org/draft/2020-12/schema",
    ),
];

const NAMES: [&str; 5] = ["a", "b", "ab", "", "a/b~c"];

const STRINGS: [&str; 44] = [
    "",
    "a",
    "b",
    "ab",
    "aa",
    "abc",
    "1",
    "é",
    "🐲",
    "tmp-1",
    "A1",
    "two words",
    "a\nb",
    "0.5",
    "2024-02-29",
    "2023-02-29",
    "2024-02-29T23:59:60Z",
    "2016-12-31T23:59:60Z",
    "2024-01-01T00:00:00z",
    "2024-01-01t00:00:00.123+01:00",
    "2024-01-01 00:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:00:00",
    "2024-01-01T00:00:00+24:00",
    "2024-01-01T00:00:00.Z",
    "24:00:00Z",
    "12:00:00Z",
    "12:00:00+00:60",
    "P1D",
    "P1Y2W",
    "PT",
    "127.0.0.1",
    "127.0.0.01",
    "::1",
    "1::2::3",
    "::ffff:1.2.3.4",
    "example.com",
    "-a.b",
    "a@b.co",
    "http://a/b?c#d",
    "urn:x",
    "not a uri",
    "123e4567-e89b-12d3-a456-426614174000",
    "YQ==",
];

const PATTERNS: [&str; 16] = [
    "^a",
    "b$",
    "^[ab]*$",
    r"\d",
    r"^\w+$",
    "^.$",
    r"\s",
    "^(?!tmp-)[a-z0-9-]+$",
    "^(?=.*[0-9]).+$",
    r"(a|b)\1",
    r"(?<=a)b",
    r"^\S*$",
    r"^\p{L}+$",
    "^(a|ab)(?!c)",
    "[^a]",
    r"\u00e9",
];

const FORMATS: [&str; 14] = [
    "date",
    "date-time",
    "time",
    "duration",
    "ipv4",
    "ipv6",
    "hostname",
    "email",
    "uri",
    "uri-reference",
    "uuid",
    "json-pointer",
    "regex",
    "password",
];

fn schema(c: &mut Choices, dialect: Dialect, depth: usize) -> Value {
    if dialect > Dialect::Draft4 && c.one_in(12) {
        return Value::Bool(!c.one_in(3));
    }
    let mut out = Map::new();
    let mut rounds = 1 + c.below(2);
    while rounds > 0 {
        rounds -= 1;
        match c.below(if depth == 0 { 6 } else { 11 }) {
            0 | 5 => types(c, &mut out),
            1 => values(c, &mut out),
            2 => numbers(c, dialect, &mut out),
            3 | 4 => strings(c, dialect, &mut out),
            6 => array(c, dialect, depth, &mut out),
            7 | 8 => object(c, dialect, depth, &mut out),
            9 => composed(c, dialect, depth, &mut out),
            _ => conditional(c, dialect, depth, &mut out),
        }
    }
    out.into()
}

fn types(c: &mut Choices, out: &mut Map<String, Value>) {
    let types = ["null", "boolean", "integer", "number", "string", "array", "object"];
    let (a, b) = (c.pick(&types), c.pick(&types));
    let value = if c.one_in(2) || a == b { json!(a) } else { json!([a, b]) };
    out.insert("type".into(), value);
}

fn values(c: &mut Choices, out: &mut Map<String, Value>) {
    let mut pool: Vec<Value> = (0..=c.below(3)).map(|_| instance(c, 1)).collect();
    pool.dedup();
    if c.one_in(3) {
        out.insert("const".into(), pool.remove(0));
    } else {
        out.insert("enum".into(), pool.into());
    }
}

fn numbers(c: &mut Choices, dialect: Dialect, out: &mut Map<String, Value>) {
    let bounds = [
        json!(0),
        json!(-1),
        json!(2),
        json!(0.5),
        json!(3),
        json!(1e19),
        json!(9_007_199_254_740_993_i64),
    ];
    for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        match c.below(4) {
            0 => drop(out.insert(bound.into(), c.pick(&bounds))),
            1 if dialect == Dialect::Draft4 => {
                out.insert(bound.into(), c.pick(&bounds));
                out.insert(exclusive.into(), (!c.one_in(2)).into());
            }
            1 => drop(out.insert(exclusive.into(), c.pick(&bounds))),
            _ => {}
        }
    }
    if c.one_in(3) {
        out.insert(
            "multipleOf".into(),
            c.pick(&[json!(2), json!(0.5), json!(0.1), json!(1), json!(3)]),
        );
    }
}

fn strings(c: &mut Choices, dialect: Dialect, out: &mut Map<String, Value>) {
    match c.below(5) {
        0 => drop(out.insert("minLength".into(), c.below(4).into())),
        1 => drop(out.insert("maxLength".into(), c.below(4).into())),
        2 | 3 => drop(out.insert("pattern".into(), c.pick(&PATTERNS).into())),
        // a format is only asserted on request
        _ if c.one_in(6) => drop(out.insert("contentEncoding".into(), "base64".into())),
        _ => {
            let format = c.pick(&FORMATS);
            if knows_format(dialect, format) {
                out.insert("format".into(), format.into());
            }
        }
    }
}

/// Formats that the other validator asserts in the dialect; it ignores later ones.
fn knows_format(dialect: Dialect, format: &str) -> bool {
    let since = match format {
        "uri-reference" | "json-pointer" => Dialect::Draft6,
        "date" | "time" | "regex" => Dialect::Draft7,
        "duration" | "uuid" => Dialect::Draft2019,
        _ => Dialect::Draft4,
    };
    dialect >= since
}

fn array(c: &mut Choices, dialect: Dialect, depth: usize, out: &mut Map<String, Value>) {
    let part = |c: &mut Choices| schema(c, dialect, depth - 1);
    if c.one_in(2) {
        out.insert("items".into(), part(c));
    } else if dialect < Dialect::Modern && c.one_in(2) {
        let tuple: Vec<Value> = (0..=c.below(2)).map(|_| part(c)).collect();
        out.insert("items".into(), tuple.into());
        if c.one_in(2) {
            out.insert("additionalItems".into(), part(c));
        }
    }
    if c.one_in(3) {
        out.insert("prefixItems".into(), (0..=c.below(2)).map(|_| part(c)).collect());
    }
    if c.one_in(3) {
        out.insert("contains".into(), part(c));
        for (key, below) in [("minContains", 3), ("maxContains", 2)] {
            if c.one_in(2) {
                out.insert(key.into(), c.below(below).into());
            }
        }
    }
    match c.below(6) {
        0 => drop(out.insert("minItems".into(), c.below(3).into())),
        1 => drop(out.insert("maxItems".into(), c.below(3).into())),
        2 => drop(out.insert("uniqueItems".into(), true.into())),
        3 => drop(out.insert("unevaluatedItems".into(), part(c))),
        _ => {}
    }
}

fn object(c: &mut Choices, dialect: Dialect, depth: usize, out: &mut Map<String, Value>) {
    let part = |c: &mut Choices| schema(c, dialect, depth - 1);
    let properties: Map<String, Value> =
        (0..=c.below(3)).map(|_| (c.pick(&NAMES).to_owned(), part(c))).collect();
    out.insert("properties".into(), properties.into());
    if c.one_in(3) {
        out.insert("required".into(), json!([c.pick(&NAMES)]));
    }
    match c.below(10) {
        0 => drop(out.insert("additionalProperties".into(), part(c))),
        1 => drop(out.insert("additionalProperties".into(), false.into())),
        2 => drop(out.insert("patternProperties".into(), json!({ c.pick(&PATTERNS): part(c) }))),
        3 => drop(out.insert("propertyNames".into(), part(c))),
        4 => drop(out.insert("minProperties".into(), c.below(3).into())),
        5 => drop(out.insert("maxProperties".into(), c.below(3).into())),
        6 if dialect <= Dialect::Draft7 => {
            let needs = if c.one_in(2) { json!([c.pick(&NAMES)]) } else { part(c) };
            out.insert("dependencies".into(), json!({ c.pick(&NAMES): needs }));
        }
        7 => drop(
            out.insert("dependentRequired".into(), json!({ c.pick(&NAMES): [c.pick(&NAMES)] })),
        ),
        8 => drop(out.insert("dependentSchemas".into(), json!({ c.pick(&NAMES): part(c) }))),
        9 => drop(out.insert("unevaluatedProperties".into(), part(c))),
        _ => {}
    }
}

fn composed(c: &mut Choices, dialect: Dialect, depth: usize, out: &mut Map<String, Value>) {
    let parts: Vec<Value> = (0..=c.below(3)).map(|_| schema(c, dialect, depth - 1)).collect();
    out.insert(c.pick(&["allOf", "anyOf", "oneOf"]).into(), parts.into());
}

fn conditional(c: &mut Choices, dialect: Dialect, depth: usize, out: &mut Map<String, Value>) {
    if c.one_in(2) {
        out.insert("not".into(), schema(c, dialect, depth - 1));
        return;
    }
    for key in ["if", "then", "else"] {
        out.insert(key.into(), schema(c, dialect, depth - 1));
    }
    // an unknown keyword is an annotation
    out.insert("x-note".into(), json!(1));
    out.insert("javaType".into(), json!("A"));
}

fn instance(c: &mut Choices, depth: usize) -> Value {
    match c.below(if depth == 0 { 6 } else { 9 }) {
        0 => c.pick(&[Value::Null, json!(true), json!(false)]),
        1 => c.pick(&[
            json!(0),
            json!(1),
            json!(2),
            json!(3),
            json!(-1),
            json!(i64::MAX),
            json!(u64::MAX),
        ]),
        2 => c.pick(&[
            json!(1.0),
            json!(0.5),
            json!(-0.0),
            json!(2.0),
            json!(1e19),
            json!(1e300),
            json!(0.3),
            json!(9_007_199_254_740_993_i64),
        ]),
        3..=5 => c.pick(&STRINGS).into(),
        6 => (0..c.below(4)).map(|_| instance(c, depth - 1)).collect(),
        _ => {
            let member = |c: &mut Choices| (c.pick(&NAMES).to_owned(), instance(c, depth - 1));
            Value::Object((0..c.below(4)).map(|_| member(c)).collect())
        }
    }
}

/// Where the two differ, and why.
fn differs(schema: &str, event: &str) -> Option<&'static str> {
    if schema.contains("draft-04") && event.contains("1e+19") {
        return Some(
            "in draft 4 a number with an exponent is not an integer, even where 64 bits hold it",
        );
    }
    if schema.contains("2019-09")
        && schema.contains("unevaluatedItems")
        && schema.contains("\"contains\"")
    {
        return Some("in 2019-09 `contains` evaluates nothing (core, section 9.3.1.3)");
    }
    if schema.contains("multipleOf") && event.contains("1e+300") {
        return Some("a double counts as its shortest decimal, not as the sum of its bits");
    }
    None
}

#[test]
fn judges_agree_in_every_dialect() {
    let cases = std::env::var("EVENT_LAW_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(3_000);
    let (mut judged, mut valid, mut unknown) = (0_u64, 0_u64, 0_u64);
    let mut wrong = Vec::new();
    for seed in 0..cases {
        let mut c = Choices(seed);
        let (dialect, draft, uri) = c.pick(&DIALECTS);
        let mut value = schema(&mut c, dialect, 2);
        if let Value::Object(members) = &mut value {
            members.insert("$schema".into(), uri.into());
        }
        let doc = Document::parse("generated", value.to_string()).unwrap();
        let ours = read::schema(&doc);
        let theirs =
            jsonschema::options().with_draft(draft).should_validate_formats(true).build(&value);
        let (ours, theirs) = match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => (ours, theirs),
            (Err(_), Err(_)) => continue,
            (ours, theirs) => {
                wrong.push(format!(
                    "{value}\n  ours: {:?}\n  theirs: {:?}",
                    ours.err(),
                    theirs.err().map(|e| e.to_string())
                ));
                continue;
            }
        };
        for _ in 0..12 {
            let event = instance(&mut c, 3);
            judged += 1;
            let (found, expected) = (validate::validate(&ours, &event), theirs.is_valid(&event));
            valid += u64::from(expected);
            if found.is_ok() == expected {
                continue;
            }
            if found
                .as_ref()
                .is_err_and(|v| v.iter().any(|v| v.message.contains("cannot evaluate")))
            {
                unknown += 1;
                continue;
            }
            if differs(&value.to_string(), &event.to_string()).is_none() {
                wrong.push(format!("{value}\n  {event}: theirs {expected}, ours {found:?}"));
            }
        }
    }
    let shown: Vec<_> = wrong.iter().take(12).cloned().collect();
    assert!(wrong.is_empty(), "{} of {judged} differ:\n{}", wrong.len(), shown.join("\n"));
    assert!(valid * 10 > judged && valid * 10 < judged * 9, "{valid} of {judged} are valid");
    assert!(unknown * 50 <= judged, "{unknown} of {judged} could not be judged");
}
