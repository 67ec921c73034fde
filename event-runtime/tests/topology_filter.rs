//! Content filters against the Rust types of events.

#![allow(
    clippy::unwrap_used,
    clippy::struct_field_names,
    dead_code,
    reason = "a test that meets an error has failed and should say where"
)]

use std::collections::BTreeMap;

use event_runtime::consume::Consumer;
use event_runtime::topology::{Filter, Topology};
use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize, Deserialize, EventData)]
#[serde(rename_all = "camelCase")]
struct Order {
    order_id: String,
    total_cents: u32,
    gift: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    status: Status,
    lines: Vec<Line>,
    labels: BTreeMap<String, String>,
    payment: Payment,
    parent: Option<Box<Order>>,
    #[serde(flatten)]
    audit: Audit,
    anything: Value,
}

#[derive(Serialize, Deserialize, EventData)]
#[serde(rename_all = "lowercase")]
enum Status {
    Draft,
    Paid,
}

#[derive(Serialize, Deserialize, EventData)]
struct Line {
    sku: String,
    count: u8,
}

#[derive(Serialize, Deserialize, EventData)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Payment {
    Card { digits: String },
    Cash,
}

#[derive(Serialize, Deserialize, EventData)]
struct Audit {
    by: String,
}

impl Event for Order {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const SOURCE: &'static str = "app.shop";
}

fn told(filter: &Value) -> String {
    let consumer = Consumer::of::<Order>("emailer").filter::<Order>(filter);
    match Topology::on("shop").consumer(consumer).build() {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn filters_are_checked_against_the_type_of_the_event() {
    for filter in [
        json!({"orderId": ["a"], "totalCents": [{"numeric": [">", 100]}], "gift": [false]}),
        json!({"note": [{"exists": false}], "status": ["paid"]}),
        json!({"lines": {"count": [255]}}),
        json!({"labels": {"colour": ["red"]}}),
        json!({"payment": {"kind": ["card"], "digits": [{"suffix": "42"}]}}),
        json!({"parent": {"parent": {"by": ["me"]}}}),
        json!({"by": ["me"]}),
        json!({"anything": {"at": {"all": [1]}}}),
    ] {
        assert_eq!(told(&filter), "", "{filter}");
    }
    for (filter, expected) in [
        (json!({"order_id": ["a"]}), "`orderId`"),
        (json!({"status": ["payed"]}), "`paid`"),
        (json!({"status": ["Paid"]}), "`paid`"),
        (json!({"totalCents": [-1]}), "it is never -1"),
        (json!({"totalCents": ["1"]}), "it is never \"1\""),
        (json!({"lines": {"count": [256]}}), "it is never 256"),
        (json!({"payment": {"kind": ["coin"]}}), "it is never \"coin\""),
        (json!({"parent": {"parent": {"bye": ["me"]}}}), "no event has this field"),
        (json!({"audit": {"by": ["me"]}}), "no event has this field"),
        (json!({"orderId": [{"exists": false}]}), "never matches"),
        (json!({"gift": [null]}), "it is never null"),
    ] {
        let told = told(&filter);
        assert!(told.contains("[content-filter]") && told.contains(expected), "{filter}: {told}");
    }
}
