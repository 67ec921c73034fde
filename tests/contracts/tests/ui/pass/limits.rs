//! Integers by their bounds, numbers, formats, nulls, any JSON.

use event_runtime::{Event, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Event, Serialize, Deserialize)]
#[event(type = "limits.set", version = "1.0")]
struct LimitsSet {
    count: u64,
    delta: i64,
    byte: u8,
    percent: u32,
    ratio: f64,
    share: f32,
    until: Timestamp,
    owner: Uuid,
    // by serde's own function, an absent one is refused, as the schema refuses it
    #[serde(deserialize_with = "Option::deserialize")]
    reason: Option<String>,
    hint: Option<String>,
    extra: serde_json::Value,
}

fn main() {}
