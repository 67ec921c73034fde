//! A closed object may deny fields that it doesn't know, and need not.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

#[derive(Event, Serialize, Deserialize)]
#[event(type = "note.closed", version = "1.0")]
#[serde(deny_unknown_fields)]
struct Strict {
    by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "note.closed", version = "1.0")]
struct Lax {
    by: String,
    #[serde(default)]
    text: String,
}

fn main() {}
