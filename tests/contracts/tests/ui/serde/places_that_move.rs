//! A place of a tuple that is left out moves those behind it; what is written has to be what is read.

use event_runtime::EventData;
use serde::{Deserialize, Serialize};

#[derive(EventData, Serialize, Deserialize)]
struct Point(u8, #[serde(skip_serializing_if = "Option::is_none")] Option<u8>);

#[derive(EventData, Serialize, Deserialize)]
struct Pair(#[serde(skip_serializing)] u8, u8);

#[derive(EventData, Serialize, Deserialize)]
enum Kind {
    Two(u8, #[serde(skip_deserializing)] u8),
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value")]
enum Beside {
    Nothing(#[serde(skip)] u8),
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Closed {
    name: String,
    #[serde(skip_deserializing)]
    seen: u8,
}

fn main() {}
