//! A function of `down` on an option that takes what is inside: the error stands at the field.

use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};

mod v1 {
    use super::*;

    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "order.placed", version = "1.0")]
    pub struct OrderPlaced {
        pub order_id: String,
        pub total: i64,
        pub lines: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub note: Option<String>,
    }
}

#[derive(EventData, Serialize, Deserialize)]
struct Note {
    text: String,
}

fn text(note: Note) -> String {
    note.text
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "2.0", supersedes = v1::OrderPlaced, supersedes_version = "1.0")]
#[allow(deprecated)]
struct OrderPlaced {
    order_id: String,
    total: i64,
    lines: Vec<String>,
    #[event(down = text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Note>,
}

fn main() {}
