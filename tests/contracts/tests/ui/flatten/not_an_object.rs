use std::collections::BTreeMap;

use event_runtime::{Event, EventData, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(EventData, Serialize, Deserialize)]
struct Page<T> {
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Box<Page<T>>>,
}

#[derive(EventData, Serialize, Deserialize)]
struct Node {
    name: String,
    children: Vec<Self>,
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Draft,
    Published,
    Withdrawn,
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    On,
    Off,
    #[serde(other)]
    Unknown,
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Payment {
    Card { last4: String },
    Invoice(Invoice),
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
struct Meta {
    by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "tree.changed", version = "1.0")]
struct TreeChanged {
    page: Page<String>,
    node: Node,
    status: Status,
    state: State,
    #[serde(flatten)]
    rest: Vec<String>,
    payment: Payment,
    contact: Contact,
    labels: BTreeMap<String, Vec<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deep: Option<Option<String>>,
    any: serde_json::Value,
    #[serde(rename = "isOdd")]
    is_odd: bool,
    #[serde(flatten)]
    meta: Meta,
    r#type: String,
}

fn main() {}
