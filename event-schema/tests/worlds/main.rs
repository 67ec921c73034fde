//! Laws in small worlds, each with schemas of one kind for which a search is easily incomplete: no instance
//! contradicts the answer "compatible", and every witness is one, by the `jsonschema` crate.
//!
//! `EVENT_LAW_CASES` sets the number of pairs per world (default: 2,000).
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a test that reports its figures, of small numbers"
)]

mod big;
mod choices;
mod instances;
mod make;
mod written;

use std::cell::Cell;

use event_schema::compat::{self, Policy, Verdict, Writer};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};
use serde_json::Value;

use self::choices::{ALL, Choices, Spoken};
use self::instances::Pool;
use self::make::World;

/// The number of instances that are tried on each pair.
const INSTANCES: usize = 24;

/// A dialect, two schemas, the second one with some choices made differently, and choices for instances.
type Made = (usize, Vec<u8>, Vec<(usize, u8)>, Vec<u8>);

fn made() -> impl Strategy<Value = Made> {
    (
        0..ALL.len(),
        prop::collection::vec(any::<u8>(), 4..100),
        prop::collection::vec((0..100usize, any::<u8>()), 1..5),
        prop::collection::vec(any::<u8>(), 600),
    )
}

pub(crate) fn cases() -> u32 {
    std::env::var("EVENT_LAW_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000)
}

pub(crate) fn edited(bytes: &[u8], edits: &[(usize, u8)]) -> Vec<u8> {
    let mut edited = bytes.to_vec();
    for (at, byte) in edits {
        let at = at % edited.len();
        edited[at] = *byte;
    }
    edited
}

fn fail(dialect: Spoken, old: &Value, new: &Value, what: &str) -> TestCaseError {
    TestCaseError::fail(format!("{what}\ndialect: {dialect:?}\nold: {old}\nnew: {new}"))
}

/// Why a law does not hold, without the bytes.
pub(crate) fn reason<T>(error: &TestError<T>) -> String {
    match error {
        TestError::Fail(why, _) | TestError::Abort(why) => why.to_string(),
    }
}

fn hold(name: &str, dialects: &[Spoken], world: World) {
    let (proved, undecided, all) = (Cell::new(0u64), Cell::new(0u64), Cell::new(0u64));
    let config = Config {
        cases: cases(),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&made(), |(dialect, bytes, edits, more)| {
            let dialect = dialects[dialect % dialects.len()];
            let other = edited(&bytes, &edits);
            let old = world(&mut Choices::new(&bytes, dialect));
            let new = world(&mut Choices::new(&other, dialect));
            let (a, b) = (dialect.judge(&old), dialect.judge(&new));
            let (before, after) = (dialect.model(&old), dialect.model(&new));
            let report = compat::check(&before, &after, Policy::Backward);
            all.set(all.get() + 1);
            if report.changes.iter().any(|c| c.rule.id == "undecided") {
                undecided.set(undecided.get() + 1);
            }
            if report.verdict == Verdict::Compatible {
                proved.set(proved.get() + 1);
                let pool = Pool::of(&[&old, &new]);
                let mut c = Choices::new(&more, dialect);
                for _ in 0..INSTANCES {
                    let value = dialect.payload(&pool.draw(&old, &mut c));
                    if a.is_valid(&value) && !b.is_valid(&value) {
                        let what = format!("{value} shows a break that was not found");
                        return Err(fail(dialect, &old, &new, &what));
                    }
                }
            }
            for change in &report.changes {
                let Some(witness) = &change.witness else { continue };
                let forward = change.writer == Some(Writer::New);
                if forward || !a.is_valid(witness) || b.is_valid(witness) {
                    let what = format!("{witness} is not a witness for {}", change.rule.id);
                    return Err(fail(dialect, &old, &new, &what));
                }
            }
            Ok(())
        })
        .unwrap_or_else(|e| panic!("{name}: {}", reason(&e)));
    let (proved, undecided, all) = (proved.get(), undecided.get(), all.get());
    eprintln!("{name}: {all} pairs, {proved} compatible, {undecided} undecided, 0 missed");
    assert!(proved * 50 > all, "{name}: only {proved} of {all} pairs are compatible");
    assert!(undecided * 8 < all, "{name}: {undecided} of {all} pairs are undecided");
}

#[test]
fn breaks_of_arrays_are_found() {
    hold("arrays", &ALL, make::arrays);
}

#[test]
fn breaks_of_maps_are_found() {
    hold("maps", &ALL, make::maps);
}

#[test]
fn breaks_beside_unevaluated_keywords_are_found() {
    let dialects = [Spoken::Draft2019, Spoken::Draft2020];
    hold("unevaluated", &dialects, make::unevaluated);
}

#[test]
fn breaks_of_tagged_unions_are_found() {
    hold("tags", &ALL, make::tags);
}

#[test]
fn breaks_of_listed_values_and_numbers_are_found() {
    hold("values", &ALL, make::values);
}

#[test]
fn breaks_of_recursive_schemas_are_found() {
    hold("recursive", &ALL[..5], make::recursive);
}
