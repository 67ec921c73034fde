//! Events that start in code: the schema of a type is written, and the type is checked against it.
//!
//! Independent witnesses: `jsonschema` validates serde's output against the written schema, and
//! `event-codegen` compiles it into a baseline, against which the type is checked again.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test may fail loudly")]
#![allow(
    clippy::option_option,
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "absent and null are two things on the wire, and serde's `with` asks for references"
)]
#![allow(deprecated, reason = "an event without a schema is warned of, and here that is the point")]

use std::collections::BTreeMap;
use std::path::Path;

use event_runtime::{Event, EventData, Timestamp};
use event_testing::{Difference, assert_locked_in, hold, schema_of};
use event_tests::held::{held, lock};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;

#[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic, reason = "generated")]
mod events {
    event_runtime::include_events!();
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "visit.agreed", version = "1.0", registry = "app-core", source = "app.visits")]
struct VisitAgreed {
    visit: String,
    at: Timestamp,
    minutes: u16,
    big: u64,
    signed: i64,
    ratio: f64,
    share: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "twice")]
    #[event(as = Option<Option<bool>>)]
    confirmed: Option<Option<bool>>,
    place: (f64, f64),
    corners: [i32; 3],
    by_room: BTreeMap<String, Vec<Person>>,
    host: Person,
    first: Page<Person>,
    second: Page<bool>,
    how: How,
    state: State,
    payment: Payment,
    contact: Contact,
    answer: Answer,
    either: Either,
    tree: Tree,
    any: Value,
    #[serde(flatten)]
    address: Address,
    #[serde(flatten)]
    extras: Option<Extras>,
}

/// `null` and absent distinguished, in the usual way.
mod twice {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(clippy::option_option, reason = "absent, null, or there")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<Option<bool>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(to)
    }

    #[allow(clippy::option_option, reason = "absent, null, or there")]
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Option<bool>>, D::Error> {
        Option::<bool>::deserialize(from).map(Some)
    }
}

#[derive(EventData, Serialize, Deserialize)]
struct Person {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<u8>,
}

#[derive(EventData, Serialize, Deserialize)]
struct Page<T> {
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Box<Page<T>>>,
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum How {
    ByPhone,
    InPerson,
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Open,
    Done,
    #[serde(untagged)]
    Unknown(String),
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Payment {
    Card { last4: String },
    Invoice(Invoice),
    Free,
}

#[derive(EventData, Serialize, Deserialize)]
struct Invoice {
    days: u16,
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Contact {
    Email { to: String },
    Phone(String),
    None,
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(tag = "is", content = "with", rename_all = "lowercase")]
enum Answer {
    Yes,
    No(String),
    Perhaps { after: i64 },
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    Text(String),
    Flag(bool),
}

#[derive(EventData, Serialize, Deserialize)]
struct Tree {
    name: String,
    children: Vec<Tree>,
}

#[derive(EventData, Serialize, Deserialize)]
struct Address {
    street: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip: Option<String>,
}

#[derive(EventData, Serialize, Deserialize)]
struct Extras {
    floor: i16,
}

fn full() -> VisitAgreed {
    let person = |name: &str| Person { name: name.to_owned(), age: Some(41) };
    VisitAgreed {
        visit: "v-1".to_owned(),
        at: "2026-01-31T12:00:00Z".parse().unwrap(),
        minutes: u16::MAX,
        big: u64::MAX,
        signed: i64::MIN,
        ratio: 0.1,
        share: 0.5,
        note: Some("bring a ladder".to_owned()),
        reason: None,
        tags: vec!["roof".to_owned()],
        confirmed: Some(None),
        place: (46.9, 7.4),
        corners: [1, 2, -3],
        by_room: BTreeMap::from([("attic".to_owned(), vec![person("Di")])]),
        host: person("Jo"),
        first: Page {
            items: vec![person("Al")],
            next: Some(Box::new(Page { items: Vec::new(), next: None })),
        },
        second: Page { items: vec![true], next: None },
        how: How::InPerson,
        state: State::Open,
        payment: Payment::Invoice(Invoice { days: 30 }),
        contact: Contact::Email { to: "di@example.com".to_owned() },
        answer: Answer::Perhaps { after: 3 },
        either: Either::Flag(true),
        tree: Tree {
            name: "a".to_owned(),
            children: vec![Tree { name: "b".to_owned(), children: Vec::new() }],
        },
        any: json!([1, "x", null]),
        address: Address { street: "Gasse 1".to_owned(), zip: None },
        extras: Some(Extras { floor: -1 }),
    }
}

fn bare() -> VisitAgreed {
    VisitAgreed {
        note: None,
        confirmed: None,
        state: State::Done,
        payment: Payment::Free,
        contact: Contact::None,
        answer: Answer::Yes,
        either: Either::Text("x".to_owned()),
        extras: None,
        ..full()
    }
}

/// Writes the schema of the type and locks the folder.
fn written<T: Event + EventData>() -> TempDir {
    let dir = TempDir::new().unwrap();
    hold::<T>(dir.path(), true).unwrap();
    lock(dir.path());
    dir
}

#[test]
fn serde_output_is_valid_for_written_schema() {
    let schema: Value = serde_json::from_str(&schema_of::<VisitAgreed>().unwrap()).unwrap();
    let judge = jsonschema::draft4::new(&schema).unwrap();
    let (mut seen, mut without_title) = (serde_json::to_value(full()).unwrap(), full());
    without_title.tags.clear();
    for event in [full(), bare(), without_title] {
        let value = serde_json::to_value(event).unwrap();
        let said: Vec<String> = judge.iter_errors(&value).map(|e| e.to_string()).collect();
        assert_eq!(said, Vec::<String>::new(), "{value:#}");
    }
    seen.as_object_mut().unwrap().remove("visit");
    assert!(!judge.is_valid(&seen), "a field that is always written is required");
    seen["visit"] = json!("v-1");
    seen["minutes"] = json!(65_536);
    assert!(!judge.is_valid(&seen), "a `u16` ends at 65535");
}

/// The result of the derive for a type and the schema that another type has written.
fn held_to<T: Event + EventData, U: EventData>() -> Result<(), String> {
    held(written::<T>().path(), T::TYPE, U::SHAPE)
}

#[test]
fn written_schema_compiles_to_same_shape() {
    assert_eq!(held_to::<VisitAgreed, VisitAgreed>(), Ok(()));
}

mod undeclared {
    use super::*;

    macro_rules! record {
        ($name:ident, $extra:ty) => {
            #[derive(Event, Serialize, Deserialize)]
            #[event(
                type = "load.read",
                version = "1.0",
                registry = "app-core",
                source = "app.grid"
            )]
            pub(super) struct $name {
                pub(super) meter: String,
                #[serde(flatten)]
                pub(super) phases: $extra,
            }
        };
    }
    record!(Numbers, BTreeMap<String, i64>);
    record!(Texts, BTreeMap<String, String>);
    record!(Anything, BTreeMap<String, Value>);
    record!(Lists, BTreeMap<String, Vec<Person>>);

    #[derive(EventData, Serialize, Deserialize)]
    pub(super) struct Plain {
        meter: String,
    }
}

#[test]
fn flattened_map_values_match_schema_of_undeclared_fields() {
    use undeclared::{Anything, Lists, Numbers, Plain, Texts};
    let schema: Value = serde_json::from_str(&schema_of::<Numbers>().unwrap()).unwrap();
    assert_eq!(schema["additionalProperties"], json!({ "type": "integer" }));
    let judge = jsonschema::draft4::new(&schema).unwrap();
    let phases = BTreeMap::from([("l1".to_owned(), 230)]);
    let event = serde_json::to_value(Numbers { meter: "m".to_owned(), phases }).unwrap();
    assert!(judge.is_valid(&event), "{event}");

    assert_eq!(held_to::<Numbers, Numbers>(), Ok(()));
    assert_eq!(held_to::<Lists, Lists>(), Ok(()));
    assert_eq!(held_to::<Anything, Anything>(), Ok(()));
    // it writes none, and ignores those that it reads
    assert_eq!(held_to::<Numbers, Plain>(), Ok(()));

    let another = held_to::<Numbers, Texts>().unwrap_err();
    for part in ["`phases[*]` changed its type", "was: integer (i64)", "now: string"] {
        assert!(another.contains(part), "`{part}` is not in\n{another}");
    }
    let wider = held_to::<Numbers, Anything>().unwrap_err();
    assert!(wider.contains("was: integer (i64)"), "{wider}");
    let narrower = held_to::<Anything, Numbers>().unwrap_err();
    assert!(narrower.contains("the schema allows undeclared fields of any type"), "{narrower}");
}

#[test]
fn schema_is_written_once_and_then_checked() {
    let dir = TempDir::new().unwrap();
    let missing = hold::<VisitAgreed>(dir.path(), false).unwrap_err();
    assert!(matches!(missing, Difference::Missing { .. }), "{missing}");
    assert!(missing.to_string().contains("EVENT_ACCEPT=1 cargo test"), "{missing}");

    hold::<VisitAgreed>(dir.path(), true).unwrap();
    let path = dir.path().join("app-core/visit.agreed/1.0.json");
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, schema_of::<VisitAgreed>().unwrap());
    assert_locked_in::<VisitAgreed>(dir.path());

    // the meaning counts, not the spelling
    let mut same: Value = serde_json::from_str(&text).unwrap();
    same["description"] = json!("somebody comes");
    same["properties"]["visit"]["title"] = json!("Visit");
    std::fs::write(&path, same.to_string()).unwrap();
    assert_locked_in::<VisitAgreed>(dir.path());
}

/// A payload with the names of an envelope.
#[derive(Event, Serialize, Deserialize)]
#[event(type = "letter.sent", version = "1.0", registry = "app-core", source = "app.letters")]
struct LetterSent {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    source: String,
    #[serde(rename = "occurredAt")]
    occurred_at: Timestamp,
    data: Page<bool>,
}

#[test]
fn payload_that_looks_like_envelope_is_read_by_layer_setting() {
    let dir = TempDir::new().unwrap();
    let refused = hold::<LetterSent>(dir.path(), true).unwrap_err();
    let way_out = "`layer.\"app-core/letter.sent\" = \"payload\"` in event.toml";
    assert!(refused.to_string().contains(way_out), "{refused}");
    assert!(!dir.path().join("app-core").exists());

    let settings = dir.path().join("event.toml");
    std::fs::write(&settings, "layer.\"app-core/letter.sent\" = \"payload\"").unwrap();
    hold::<LetterSent>(dir.path(), true).unwrap();
    assert_locked_in::<LetterSent>(dir.path());
    lock(dir.path());
    let path = dir.path().join("app-core/letter.sent/1.0.json");
    let text = std::fs::read_to_string(&path).unwrap();
    // a change beside `data` is detected, because all of it is the payload
    std::fs::write(&path, text.replace("\"source\",", "")).unwrap();
    let seen = hold::<LetterSent>(dir.path(), false).unwrap_err().to_string();
    assert!(seen.contains("`source`"), "{seen}");

    std::fs::write(&settings, "layer.app-core = \"paylod\"").unwrap();
    let bad = hold::<LetterSent>(dir.path(), true).unwrap_err().to_string();
    assert!(bad.contains("[bad-config]") && bad.contains("event.toml:1:18"), "{bad}");
}

#[test]
fn bounds_count_as_readers_setting_states() {
    let dir = TempDir::new().unwrap();
    hold::<VisitAgreed>(dir.path(), true).unwrap();
    let path = dir.path().join("app-core/visit.agreed/1.0.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut bounded: Value = serde_json::from_str(&text).unwrap();
    bounded["properties"]["visit"]["maxLength"] = json!(9);
    std::fs::write(&path, bounded.to_string()).unwrap();
    assert!(matches!(hold::<VisitAgreed>(dir.path(), false), Err(Difference::Differs { .. })));
    let settings = "readers.constraints = \"documentation\"";
    std::fs::write(dir.path().join("event.toml"), settings).unwrap();
    assert_locked_in::<VisitAgreed>(dir.path());
}

#[test]
fn definition_of_another_file_is_part_of_the_schema() {
    let dir = TempDir::new().unwrap();
    hold::<changed::Before>(dir.path(), true).unwrap();
    let path = dir.path().join("app-core/door.opened/1.0.json");
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let door = schema["properties"]["door"].take();
    let shared = |door: &Value| json!({ "definitions": { "Door": door } }).to_string();
    std::fs::write(dir.path().join("shared.json"), shared(&door)).unwrap();
    schema["properties"]["door"] = json!({ "$ref": "../../shared.json#/definitions/Door" });
    std::fs::write(&path, schema.to_string()).unwrap();
    assert_locked_in::<changed::Before>(dir.path());
    std::fs::write(dir.path().join("shared.json"), shared(&json!({ "type": "integer" }))).unwrap();
    let seen = hold::<changed::Before>(dir.path(), false).unwrap_err().to_string();
    assert!(seen.contains("`door`"), "{seen}");
}

mod changed {
    use super::*;

    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "door.opened", version = "1.0", registry = "app-core", source = "app.doors")]
    pub(super) struct Before {
        door: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    }

    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "door.opened", version = "1.0", registry = "app-core", source = "app.house")]
    pub(super) struct After {
        door: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<String>,
    }

    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "door.opened", version = "1.0", registry = "app-core", source = "app.doors")]
    pub(super) struct More {
        door: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<String>,
    }
}

#[test]
fn difference_is_reported_with_both_sides() {
    let dir = TempDir::new().unwrap();
    hold::<changed::Before>(dir.path(), true).unwrap();
    let message = hold::<changed::After>(dir.path(), false).unwrap_err().to_string();
    for part in
        ["door.opened/1.0.json", "`door`", "- ", "+ ", "string", "integer", "app.house", "`at`"]
    {
        assert!(message.contains(part), "`{part}` is not in\n{message}");
    }
    // one more optional field is allowed in a minor, but is another version
    let message = hold::<changed::More>(dir.path(), false).unwrap_err().to_string();
    assert!(message.contains("`at`"), "{message}");
}

#[test]
fn locked_version_is_never_rewritten() {
    let dir = TempDir::new().unwrap();
    hold::<changed::Before>(dir.path(), true).unwrap();
    hold::<changed::More>(dir.path(), true).unwrap();
    assert_locked_in::<changed::More>(dir.path());

    lock(dir.path());
    let refused = hold::<changed::Before>(dir.path(), true).unwrap_err();
    assert!(refused.to_string().contains("it is locked"), "{refused}");
    assert_locked_in::<changed::More>(dir.path());

    // nor if it was deleted
    let folder = dir.path().join("app-core/door.opened");
    std::fs::remove_file(folder.join("1.0.json")).unwrap();
    let refused = hold::<changed::More>(dir.path(), true).unwrap_err();
    assert!(refused.to_string().contains("schemas.lock lists it"), "{refused}");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "nothing is left of the writing");
}

/// Generated types match the schemas that they were generated from, if these contain no more than a
/// type can express.
#[test]
fn generated_types_stand_for_their_schemas() {
    assert_locked_in::<events::note_closed::v1::NoteClosed>("../schemas");
    assert_locked_in::<events::order_placed::v1::OrderPlaced>("../schemas");
    assert_locked_in::<events::parcel_sent::v1::ParcelSent>("../schemas");
    assert_locked_in::<events::proposal_published::v1::ProposalPublished>("../schemas");
    assert_locked_in::<events::proposal_published::v2::ProposalPublished>("../schemas");
    assert_locked_in::<events::stock_moved::v1::StockMoved>("../schemas");
    assert_locked_in::<events::stock_moved::v2::StockMoved>("../schemas");
    assert_locked_in::<events::stock_moved::v3::StockMoved>("../schemas");
    // `percent` is 0..=100 there, which no type of Rust's is
    let more =
        hold::<events::limits_set::v1::LimitsSet>(Path::new("../schemas"), false).unwrap_err();
    assert!(more.to_string().contains("percent"), "{more}");
    // `deep` may be absent and may be null there; the type reads both, and writes it absent
    let more = hold::<events::tree_changed::v1::TreeChanged>(Path::new("../schemas"), false);
    let more = more.unwrap_err().to_string();
    assert!(more.contains("`deep`"), "{more}");
    assert_eq!(more.matches('[').count(), 1, "nothing else: {more}");
}
