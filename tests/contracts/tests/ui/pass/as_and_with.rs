//! How a field is written, where its type doesn't tell.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

#[derive(Event, Serialize, Deserialize)]
#[event(type = "limits.set", version = "1.0")]
struct LimitsSet {
    count: u64,
    #[event(as = i64)]
    delta: Seconds,
    byte: u8,
    #[event(as = u8)]
    percent: Seconds,
    ratio: f64,
    share: f32,
    #[event(as = "string", format = "date-time")]
    until: String,
    #[event(as = "string", format = "uuid")]
    owner: String,
    #[event(as = "string")]
    reason: Option<Text>,
    #[serde(default)]
    hint: Option<String>,
    #[event(as = "any")]
    extra: Seconds,
}

#[derive(Serialize, Deserialize)]
struct Seconds(i64);

#[derive(Serialize, Deserialize)]
struct Text(String);

fn main() {}
