//! The output of the derived conversions, for random values: every version of an event is valid for
//! the locked schema of its own version, and so is every event that is converted from a stored
//! older one.
//!
//! The judge is the `jsonschema` crate with the locked files and with format checks.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test may fail loudly")]
#![allow(clippy::struct_field_names, reason = "the wire says so")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::rc::Rc;

use event_runtime::{Event, EventData, Renditions};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic, reason = "generated")]
mod events {
    event_runtime::include_events!();
}

use events::proposal_published::v1::ProposalPublished as ProposalV1;
use events::stock_moved::{v1::StockMoved as StockV1, v2, v2::StockMoved as StockV2};

/// All ways to convert a value to an older major: renamed, converted by a function, optional to
/// required, computed, dropped.
#[derive(Debug, Clone, Event, Serialize, Deserialize)]
#[event(
    type = "proposal.published",
    version = "2.1",
    supersedes = ProposalV1,
    drop = "locale",
    down(region = new.tags.first().cloned().unwrap_or_default()),
    upcast(tags = vec![old.region.clone()])
)]
struct Proposal {
    #[event(from = "id")]
    proposal_id: String,
    account_id: Uuid,
    #[event(from = "headline")]
    title: String,
    #[event(from = "amount_cents", down = cents, up = money)]
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    tags: Vec<String>,
    #[event(up_default = Status::Published)]
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewer: Option<String>,
}

#[derive(Debug, Clone, EventData, Serialize, Deserialize)]
struct Money {
    amount: i64,
    currency: String,
}

#[derive(Debug, Clone, Copy, EventData, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Draft,
    Published,
    Withdrawn,
}

fn cents(money: Option<Money>) -> Option<i64> {
    money.map(|m| m.amount)
}

fn money(cents: Option<i64>) -> Option<Money> {
    cents.map(|amount| Money { amount, currency: "EUR".to_owned() })
}

/// The second major by hand, so that the third one has a chain of conversions.
#[derive(Debug, Clone, Event, Serialize, Deserialize)]
#[event(
    type = "stock.moved",
    version = "2.0",
    supersedes = StockV1,
    down(count = new.lines.iter().map(|l| l.count).fold(0, i64::wrapping_add)),
    upcast(lines = vec![Line2 { item: old.item.clone(), count: old.count }])
)]
struct Stock2 {
    #[event(from = "item", try_down = first)]
    lines: Vec<Line2>,
    from: String,
    #[event(up_default = How2::Hand)]
    how: How2,
}

#[derive(Debug, Clone, EventData, Serialize, Deserialize)]
#[event(supersedes = v2::Line)]
struct Line2 {
    item: String,
    count: i64,
}

#[derive(Debug, Clone, Copy, EventData, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[event(supersedes = v2::How)]
enum How2 {
    Hand,
    Robot,
}

fn first(lines: Vec<Line2>) -> Result<String, &'static str> {
    lines.into_iter().next().map(|l| l.item).ok_or("no line, no item")
}

#[derive(Debug, Clone, Event, Serialize, Deserialize)]
#[event(type = "stock.moved", version = "3.0", supersedes = Stock2, upcast)]
struct Stock3 {
    lines: Vec<Line3>,
    #[event(down = site, up = place)]
    from: Place,
    how: How3,
}

#[derive(Debug, Clone, EventData, Serialize, Deserialize)]
#[event(supersedes = Line2, upcast)]
struct Line3 {
    item: String,
    count: i64,
    #[event(drop)]
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<String>,
}

#[derive(Debug, Clone, Copy, EventData, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[event(supersedes = How2, upcast)]
enum How3 {
    Hand,
    Robot,
}

#[derive(Debug, Clone, EventData, Serialize, Deserialize)]
struct Place {
    site: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    shelf: Option<String>,
}

fn site(place: Place) -> String {
    place.site
}

fn place(site: String) -> Place {
    Place { site, shelf: None }
}

/// A locked schema.
struct Judge(jsonschema::Validator);

thread_local! {
    /// Read once per test, not once per case.
    static JUDGES: RefCell<BTreeMap<String, Rc<Judge>>> = RefCell::default();
}

impl Judge {
    fn of(event: &str, version: &str) -> Rc<Judge> {
        let file = format!("../schemas/app-core/{event}/{version}.json");
        let read = |file: &String| {
            let schema: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
            // draft 4 has no `uuid` of its own
            let options = jsonschema::draft4::options()
                .should_validate_formats(true)
                .with_format("uuid", |text: &str| Uuid::parse_str(text).is_ok());
            Rc::new(Judge(options.build(&schema).unwrap()))
        };
        JUDGES.with_borrow_mut(|all| Rc::clone(all.entry(file).or_insert_with_key(read)))
    }

    fn problems(&self, json: &str) -> Vec<String> {
        let value: Value = serde_json::from_str(json).unwrap();
        self.0.iter_errors(&value).map(|e| format!("{e} in {json}")).collect()
    }
}

/// The bytes of an event in each of its majors, or the reason why they do not exist.
fn bytes<E: Event>(event: E) -> Vec<(u32, Result<String, String>)> {
    let all = Renditions::of(event);
    let text = |r: &event_runtime::event::Rendition| match &r.data {
        Ok(json) => Ok(json.get().to_owned()),
        Err(error) => Err(error.to_string()),
    };
    all.iter().map(|r| (r.version.major(), text(r))).collect()
}

fn proposals() -> impl Strategy<Value = Proposal> {
    let money = (any::<i64>(), any::<String>());
    let money = money.prop_map(|(amount, currency)| Money { amount, currency });
    let status = prop_oneof![Just(Status::Draft), Just(Status::Published), Just(Status::Withdrawn)];
    let texts = (any::<String>(), any::<String>(), any::<u128>());
    let options = (option::of(money), option::of(any::<String>()), option::of(any::<String>()));
    (texts, options, vec(any::<String>(), 0..4), status).prop_map(
        |((proposal_id, title, id), (amount, note, reviewer), tags, status)| Proposal {
            proposal_id,
            account_id: Uuid::from_u128(id),
            title,
            amount,
            note,
            tags,
            status,
            reviewer,
        },
    )
}

fn moves() -> impl Strategy<Value = Stock3> {
    let line = (any::<String>(), any::<i64>(), option::of(any::<String>()));
    let line = line.prop_map(|(item, count, batch)| Line3 { item, count, batch });
    let place = (any::<String>(), option::of(any::<String>()));
    let place = place.prop_map(|(site, shelf)| Place { site, shelf });
    let how = prop_oneof![Just(How3::Hand), Just(How3::Robot)];
    (vec(line, 0..4), place, how).prop_map(|(lines, from, how)| Stock3 { lines, from, how })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn every_rendition_of_a_proposal_is_valid_under_its_frozen_schema(event in proposals()) {
        let judges = [Judge::of("proposal.published", "2.1"), Judge::of("proposal.published", "1.1")];
        let has_region = event.tags.first().cloned().unwrap_or_default();
        let all = bytes(event);
        prop_assert_eq!(all.iter().map(|(major, _)| *major).collect::<Vec<_>>(), [2, 1]);
        for ((_, json), judge) in all.iter().zip(&judges) {
            prop_assert_eq!(judge.problems(json.as_ref().unwrap()), Vec::<String>::new());
        }
        let old: ProposalV1 = serde_json::from_str(all[1].1.as_ref().unwrap()).unwrap();
        prop_assert_eq!(old.region, has_region);
    }

    #[test]
    fn every_rendition_of_a_chain_is_valid_or_refused_with_a_reason(event in moves()) {
        let judges = ["3.0", "2.0", "1.0"].map(|v| Judge::of("stock.moved", v));
        let empty = event.lines.is_empty();
        let all = bytes(event);
        prop_assert_eq!(all.iter().map(|(major, _)| *major).collect::<Vec<_>>(), [3, 2, 1]);
        for ((major, json), judge) in all.iter().zip(&judges) {
            match json {
                Ok(json) => prop_assert_eq!(judge.problems(json), Vec::<String>::new()),
                Err(reason) => {
                    prop_assert!(*major == 1 && empty, "{} {}", major, reason);
                    prop_assert!(reason.contains("`lines`: no line, no item"), "{}", reason);
                }
            }
        }
        prop_assert_eq!(all[2].1.is_err(), empty);
    }

    #[test]
    fn what_is_made_from_a_stored_event_is_valid_in_each_newer_major(
        item in any::<String>(), from in any::<String>(), count in any::<i64>(),
    ) {
        let stored = serde_json::to_string(&StockV1 { item, from, count }).unwrap();
        prop_assert_eq!(Judge::of("stock.moved", "1.0").problems(&stored), Vec::<String>::new());
        let old: StockV1 = serde_json::from_str(&stored).unwrap();
        let second = Stock2::from(old.clone());
        let judge = Judge::of("stock.moved", "2.0");
        prop_assert_eq!(judge.problems(&serde_json::to_string(&second).unwrap()), Vec::<String>::new());
        let third = Stock3::from(second);
        let judge = Judge::of("stock.moved", "3.0");
        prop_assert_eq!(judge.problems(&serde_json::to_string(&third).unwrap()), Vec::<String>::new());
        // and the round trip gives the same event
        let back = StockV1::try_from(Stock2::from(third)).unwrap();
        prop_assert_eq!(back, old);
    }
}

/// The judge works: it refuses the output of a broken conversion.
#[test]
fn locked_schema_refuses_invalid_events() {
    let judge = Judge::of("proposal.published", "1.1");
    let good = r#"{"id":"a","account_id":"67e55044-10b1-426f-9247-bb680e5fe0c8","headline":"b","region":"c"}"#;
    assert_eq!(judge.problems(good), Vec::<String>::new());
    for (from, to) in [
        (r#""region":"c""#, r#""region":null"#),
        (r#","region":"c""#, ""),
        ("67e55044-", "no uuid "),
        (r#""headline":"b""#, r#""headline":1"#),
    ] {
        assert_ne!(judge.problems(&good.replace(from, to)), Vec::<String>::new(), "{to}");
    }
    let stock = StockV2 { lines: Vec::new(), from: String::new(), how: v2::How::Hand };
    let problems = judge.problems(&serde_json::to_string(&stock).unwrap());
    assert!(problems.len() > 1, "{problems:?}");
    let generated = v2::Line::from(Line2 { item: "a".to_owned(), count: 1 });
    assert_eq!((generated.item.as_str(), v2::How::from(How2::Robot)), ("a", v2::How::Robot));
}
