//! Size: the cost of wide objects and long documents is proportional.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use event_schema::compat::{self, Policy, Verdict};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read;

fn wide(n: usize, last: &str) -> Schema {
    let mut text = String::from(r#"{"type":"object","properties":{"#);
    for i in 0..n {
        let _ =
            write!(text, r#""p{i}":{{"type":"object","properties":{{"x":{{"type":"string"}}}}}},"#);
    }
    let _ = write!(text, r#""last":{{"type":"{last}"}}}}}}"#);
    read::schema(&Document::parse("a.json", text).unwrap()).unwrap()
}

fn cost(n: usize) -> Duration {
    let (old, new) = (wide(n, "string"), wide(n, "integer"));
    (0..3)
        .map(|_| {
            let start = Instant::now();
            let report = compat::check(&old, &new, Policy::Additive);
            assert_eq!(report.verdict, Verdict::Breaking);
            assert_eq!(report.breaks().count(), 1);
            start.elapsed()
        })
        .min()
        .unwrap()
}

/// Far from 1,600 times, which a linear search per property would cost; how close to 40 depends on the
/// machine.
#[test]
fn forty_times_the_properties_do_not_cost_the_square() {
    let (small, large) = (cost(100), cost(4_000));
    assert!(large < small * 600, "{small:?} for 100 properties, {large:?} for 4,000");
}

/// A document of definitions that refer to each other, each with a few properties.
fn long(n: usize, last: &str) -> String {
    let mut text = String::from(
        r##"{"type":"object","properties":{"first":{"$ref":"#/definitions/d0"}},"definitions":{"##,
    );
    for i in 0..n {
        let _ = write!(
            text,
            r##""d{i}":{{"type":"object","properties":{{"left":{{"$ref":"#/definitions/d{}"}},"right":{{"$ref":"#/definitions/d{}"}},"x":{{"type":"string"}}}}}},"##,
            (2 * i + 1).min(n),
            (2 * i + 2).min(n)
        );
    }
    let _ = write!(text, r#""d{n}":{{"type":"{last}"}}}}}}"#);
    text
}

#[test]
fn a_document_of_ten_thousand_nodes_is_read_and_compared_in_proportion() {
    let cost = |n: usize| {
        let texts = [long(n, "string"), long(n, "integer")];
        let start = Instant::now();
        let [old, new] =
            texts.map(|t| read::schema(&Document::parse("a.json", t).unwrap()).unwrap());
        let report = compat::check(&old, &new, Policy::Additive);
        assert_eq!(report.verdict, Verdict::Breaking);
        start.elapsed()
    };
    let (small, large) = (cost(250), cost(2_500));
    assert!(large < small * 40, "{small:?} for 250 definitions, {large:?} for 2,500");
}
