//! One function that writes, one that reads: each says nothing of the wire shape.

use event_runtime::Event;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    #[serde(serialize_with = "write")]
    order_id: String,
    #[serde(deserialize_with = "read")]
    total: i64,
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

fn write<S: Serializer>(text: &String, to: S) -> Result<S::Ok, S::Error> {
    text.serialize(to)
}

fn read<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    i64::deserialize(from)
}

fn main() {}
