//! Hostile input: nothing panics, overflows the stack, or takes longer than a moment.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use event_schema::compat::{self, Policy, Verdict};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::{read, validate};

fn schema(text: &str) -> Schema {
    read::schema(&Document::parse("a.json", text).unwrap()).unwrap()
}

/// Runs on a stack as small as a test's, with a time limit that is generous for a debug build.
fn within(limit: Duration, work: impl FnOnce() + Send + 'static) {
    let start = Instant::now();
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
    assert!(start.elapsed() < limit, "took {:?}", start.elapsed());
}

const MOMENT: Duration = Duration::from_secs(20);

#[test]
fn deep_nesting_is_refused() {
    within(MOMENT, || {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), (r#"{"not":"#, "}")] {
            let text = format!("{}0{}", open.repeat(100_000), close.repeat(100_000));
            assert!(Document::parse("a.json", text).is_err());
        }
        let unclosed = "[".repeat(100_000);
        assert!(Document::parse("a.json", unclosed).is_err());
    });
}

#[test]
fn cycles_of_references_end() {
    within(MOMENT, || {
        let a = schema(
            r##"{"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}},"$ref":"#/definitions/a"}"##,
        );
        let b = schema(
            r##"{"definitions":{"a":{"allOf":[{"$ref":"#/definitions/a"}]}},"allOf":[{"$ref":"#/definitions/a"}]}"##,
        );
        let c = schema(r##"{"not":{"$ref":"#"}}"##);
        let d = schema(r##"{"anyOf":[{"$ref":"#"},{"items":{"$ref":"#"}}]}"##);
        let all = [&a, &b, &c, &d];
        for old in all {
            let _ = validate::validate(old, &serde_json::json!([[1], {"a": 2}]));
            for new in all {
                for policy in Policy::ALL {
                    let _ = compat::check(old, new, policy);
                }
            }
        }
    });
}

#[test]
fn long_chain_of_references_is_not_recursive() {
    within(MOMENT, || {
        let chain = |end: &str| {
            let mut text = String::from(r#"{"definitions":{"#);
            for i in 0..10_000 {
                let _ = write!(
                    text,
                    r##""d{i}":{{"properties":{{"next":{{"$ref":"#/definitions/d{}"}}}}}},"##,
                    i + 1
                );
            }
            let _ = write!(text, r##""d10000":{{"type":"{end}"}}}},"$ref":"#/definitions/d0"}}"##);
            schema(&text)
        };
        let (old, new) = (chain("string"), chain("integer"));
        assert_eq!(compat::check(&old, &old, Policy::Full).verdict, Verdict::Compatible);
        assert_eq!(compat::check(&old, &new, Policy::Additive).verdict, Verdict::Breaking);
    });
}

#[test]
fn huge_enums_are_compared() {
    within(MOMENT, || {
        let values = |n: usize| {
            let all: Vec<String> = (0..n).map(|i| format!("\"value-{i}\"")).collect();
            schema(&format!(r#"{{"properties":{{"e":{{"enum":[{}]}}}}}}"#, all.join(",")))
        };
        let report = compat::check(&values(3_000), &values(3_001), Policy::Additive);
        assert_eq!(report.breaks().map(|c| c.rule.id).collect::<Vec<_>>(), ["enum-value-added"]);
        assert_eq!(
            compat::check(&values(3_000), &values(3_001), Policy::Backward).verdict,
            Verdict::Compatible
        );
    });
}

#[test]
fn exploding_patterns_are_undecided() {
    within(MOMENT, || {
        for (a, b) in [
            ("((a{1,99}){1,99}){1,99}", "a"),
            ("(a|b)*a(a|b){40}", "(a|b)*b(a|b){40}"),
            (r"(\\p{L}{1,200}){1,200}", r"\\p{Lu}"),
            ("((((((((((a*)*)*)*)*)*)*)*)*)*)*", "b"),
        ] {
            let of = |p: &str| schema(&format!(r#"{{"type":"string","pattern":"{p}"}}"#));
            assert_eq!(compat::check(&of(a), &of(a), Policy::Full).verdict, Verdict::Compatible);
            assert_eq!(compat::check(&of(a), &of(b), Policy::Full).verdict, Verdict::Breaking);
        }
        let nested = format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000));
        let of = schema(&format!(r#"{{"pattern":"{nested}"}}"#));
        assert_eq!(
            compat::check(&of, &schema("{}"), Policy::Backward).verdict,
            Verdict::Compatible
        );
    });
}

#[test]
fn numbers_of_any_size_are_read_or_refused() {
    within(MOMENT, || {
        for (a, b) in [
            (r#"{"minimum":1e300}"#, r#"{"minimum":1e301}"#),
            (r#"{"multipleOf":1e-300}"#, r#"{"multipleOf":7e300}"#),
            (r#"{"minItems":99999999999999999999}"#, r#"{"minItems":18446744073709551615}"#),
            (r#"{"minLength":4000000000}"#, r#"{"maxLength":4000000000}"#),
            (r#"{"minProperties":4000000000}"#, r#"{"minProperties":5}"#),
            (
                r#"{"contains":{},"minContains":4000000000}"#,
                r#"{"contains":{},"minContains":18446744073709551615}"#,
            ),
        ] {
            let (a, b) = (schema(a), schema(b));
            for policy in Policy::ALL {
                let _ = (compat::check(&a, &b, policy), compat::check(&b, &a, policy));
            }
        }
        let doc =
            Document::parse("a.json", format!(r#"{{"minimum":{}}}"#, "9".repeat(60))).unwrap();
        assert_eq!(read::schema(&doc).unwrap_err()[0].rule.id, "malformed-keyword");
    });
}

#[test]
fn unions_of_unions_end() {
    within(MOMENT, || {
        let union = |keyword: &str, depth: usize, seed: usize| {
            let mut text = format!(r#"{{"required":["a{seed}"]}}"#);
            for i in 0..depth {
                text = format!(
                    r#"{{"{keyword}":[{text},{{"required":["b{i}"]}},{{"properties":{{"c{i}":{text}}}}}]}}"#
                );
            }
            schema(&text)
        };
        for keyword in ["anyOf", "oneOf", "allOf"] {
            let (a, b) = (union(keyword, 6, 0), union(keyword, 6, 1));
            assert_eq!(compat::check(&a, &a, Policy::Full).verdict, Verdict::Compatible);
            assert_eq!(compat::check(&a, &b, Policy::Backward).verdict, Verdict::Breaking);
        }
    });
}
