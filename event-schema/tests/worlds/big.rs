//! Integers beyond 64 bits, evaluated exactly; no other validator at hand keeps them.

use std::fmt::Write as _;

use event_schema::compat::{self, Policy, Verdict};
use event_schema::document::Document;
use event_schema::read::{self, Dialect};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::choices::{Choices, Spoken};

/// A set of integers, as a schema describes it.
enum Set {
    Listed(Vec<i128>),
    AtLeast(i128, bool),
    AtMost(i128, bool),
    Not(Box<Set>),
    All(Vec<Set>),
    Any(Vec<Set>),
}

fn number(c: &mut Choices<'_>) -> i128 {
    let base = [1i128 << 64, -(1i128 << 64), 1i128 << 63, 1i128 << 53, 0, 10i128.pow(22)];
    c.pick(&base) + i128::try_from(c.below(7)).unwrap() - 3
}

fn set(c: &mut Choices<'_>, depth: usize) -> Set {
    match c.below(if depth == 0 { 5 } else { 8 }) {
        0 | 1 => Set::Listed((0..=c.below(3)).map(|_| number(c)).collect()),
        2 | 3 => Set::AtLeast(number(c), c.one_in(4)),
        4 => Set::AtMost(number(c), c.one_in(4)),
        5 => Set::Not(Box::new(set(c, depth - 1))),
        6 => Set::All((0..2).map(|_| set(c, depth - 1)).collect()),
        _ => Set::Any((0..2).map(|_| set(c, depth - 1)).collect()),
    }
}

impl Set {
    fn has(&self, n: i128) -> bool {
        match self {
            Set::Listed(all) => all.contains(&n),
            Set::AtLeast(low, open) => n > *low || (n == *low && !open),
            Set::AtMost(high, open) => n < *high || (n == *high && !open),
            Set::Not(set) => !set.has(n),
            Set::All(sets) => sets.iter().all(|s| s.has(n)),
            Set::Any(sets) => sets.iter().any(|s| s.has(n)),
        }
    }

    fn numbers(&self, out: &mut Vec<i128>) {
        match self {
            Set::Listed(all) => out.extend(all),
            Set::AtLeast(n, _) | Set::AtMost(n, _) => out.push(*n),
            Set::Not(set) => set.numbers(out),
            Set::All(sets) | Set::Any(sets) => sets.iter().for_each(|s| s.numbers(out)),
        }
    }

    fn text(&self) -> String {
        let list = |sets: &[Set]| sets.iter().map(Set::text).collect::<Vec<_>>().join(",");
        let end = |open: &bool, end: &str| {
            if *open {
                format!("exclusive{end}imum")
            } else {
                format!("{}imum", end.to_lowercase())
            }
        };
        match self {
            Set::Listed(all) if all.len() == 1 => format!("{{\"const\":{}}}", all[0]),
            Set::Listed(all) => {
                let mut text = String::new();
                for n in all {
                    let _ = write!(text, "{}{n}", if text.is_empty() { "" } else { "," });
                }
                format!("{{\"enum\":[{text}]}}")
            }
            Set::AtLeast(n, open) => format!("{{\"{}\":{n}}}", end(open, "Min")),
            Set::AtMost(n, open) => format!("{{\"{}\":{n}}}", end(open, "Max")),
            Set::Not(set) => format!("{{\"not\":{}}}", set.text()),
            Set::All(sets) => format!("{{\"allOf\":[{}]}}", list(sets)),
            Set::Any(sets) => format!("{{\"anyOf\":[{}]}}", list(sets)),
        }
    }
}

#[test]
fn breaks_of_numbers_beyond_64_bits_are_found() {
    let made = (
        prop::collection::vec(any::<u8>(), 4..30),
        prop::collection::vec((0..30usize, any::<u8>()), 0..4),
    );
    let config = Config { cases: super::cases(), failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&made, |(bytes, edits)| {
            let edited = super::edited(&bytes, &edits);
            let old = set(&mut Choices::new(&bytes, Spoken::Draft2020), 1);
            let new = set(&mut Choices::new(&edited, Spoken::Draft2020), 1);
            let texts =
                [&old, &new].map(|s| format!("{{\"type\":\"integer\",\"allOf\":[{}]}}", s.text()));
            let [a, b] = texts.clone().map(|text| {
                let doc = Document::parse("made", text).unwrap();
                read::schema_with(&doc, Some(Dialect::Modern), &|_| None).unwrap()
            });
            let report = compat::check(&a, &b, Policy::Backward);
            let mut near = Vec::new();
            old.numbers(&mut near);
            new.numbers(&mut near);
            let broken = near
                .iter()
                .flat_map(|n| (-2..=2).map(move |d| n + d))
                .find(|n| old.has(*n) && !new.has(*n));
            if let Some(n) = broken.filter(|_| report.verdict == Verdict::Compatible) {
                let what = format!("{n} shows a break that was not found: {texts:?}");
                return Err(TestCaseError::fail(what));
            }
            for witness in report.changes.iter().filter_map(|c| c.witness.as_ref()) {
                let text = witness.to_string();
                let exact = text.parse::<i128>().ok().or_else(|| {
                    let double: f64 = text.parse().ok()?;
                    #[expect(clippy::cast_possible_truncation, reason = "compared right after")]
                    let whole = double as i128;
                    (format!("{double:e}") == format!("{:e}", whole as f64)).then_some(whole)
                });
                if !exact.is_some_and(|n| old.has(n) && !new.has(n)) {
                    let what = format!("{text} is not a witness: {texts:?}");
                    return Err(TestCaseError::fail(what));
                }
            }
            Ok(())
        })
        .unwrap_or_else(|e| panic!("{}", super::reason(&e)));
}
