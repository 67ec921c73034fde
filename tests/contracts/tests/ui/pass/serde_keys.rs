//! Keys of serde that leave the wire as it is locked.

use std::collections::BTreeMap;

use event_runtime::{Event, EventData, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

// with a bound of its own, a where clause and a lifetime
#[derive(EventData, Serialize, Deserialize)]
#[serde(bound = "T: Serialize + DeserializeOwned")]
struct Page<T>
where
    T: Clone,
{
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Box<Page<T>>>,
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(rename_all(serialize = "lowercase", deserialize = "lowercase"))]
struct Node {
    #[serde(rename(serialize = "name", deserialize = "name"), alias = "name")]
    title: Box<str>,
    children: Vec<Self>,
    #[serde(skip)]
    depth: usize,
}

#[derive(EventData, Serialize, Deserialize)]
enum Status {
    #[serde(rename = "draft")]
    Draft,
    #[serde(rename = "published", alias = "live")]
    Live,
    #[serde(rename(serialize = "withdrawn", deserialize = "withdrawn"))]
    Gone,
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    On,
    Off,
    #[serde(untagged)]
    Unknown(String),
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "snake_case")]
enum Payment {
    Card { last4: String },
    Invoice(Transparent),
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(transparent)]
struct Transparent {
    inner: Invoice,
    #[serde(skip)]
    seen: bool,
}

#[derive(EventData, Serialize, Deserialize)]
struct Invoice {
    days: Days,
}

#[derive(EventData, Clone, Serialize, Deserialize)]
#[serde(into = "u16", try_from = "u16")]
struct Days(u32);

impl From<Days> for u16 {
    fn from(days: Days) -> u16 {
        days.0 as u16
    }
}

impl TryFrom<u16> for Days {
    type Error = String;
    fn try_from(days: u16) -> Result<Days, String> {
        Ok(Days(days.into()))
    }
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Contact {
    Email(Address),
    #[serde(rename = "phone")]
    Call(Wrapped<String>),
    None,
}

#[derive(EventData, Serialize, Deserialize)]
struct Wrapped<T>(T);

#[derive(EventData, Serialize, Deserialize)]
struct Address {
    to: String,
}

#[derive(EventData, Serialize, Deserialize)]
pub(crate) struct Meta {
    pub(crate) by: String,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "read")]
    #[event(as = Option<Timestamp>)]
    pub(self) at: Option<Timestamp>,
}

fn read<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    Option::deserialize(from)
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "tree.changed", version = "1.0")]
#[serde(rename_all = "camelCase")]
pub struct TreeChanged {
    page: Page<String>,
    pub node: Node,
    status: Status,
    state: State,
    payment: Payment,
    contact: Contact,
    labels: std::collections::HashMap<String, Vec<i64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deep: Option<Option<String>>,
    any: serde_json::Value,
    pub(crate) is_odd: bool,
    #[serde(flatten)]
    meta: Meta,
    r#type: String,
    #[cfg(any())]
    never: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

fn main() {}
