//! serde doesn't read a missing field as `None` through a newtype.

use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};

#[derive(EventData, Serialize, Deserialize)]
struct Note(Option<String>);

impl Note {
    fn is_none(&self) -> bool {
        self.0.is_none()
    }
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: String,
    total: i64,
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Note::is_none")]
    note: Note,
}

fn main() {}
