//! The runtime under another name.

use event_runtime as bus;
use serde::{Deserialize, Serialize};

#[derive(bus::Event, Serialize, Deserialize)]
#[event(crate = bus, type = "thing.shared", version = "1.0", registry = "app-core")]
struct ThingShared {
    name: Name,
}

#[derive(bus::EventData, Serialize, Deserialize)]
#[event(crate = bus)]
struct Name(String);

fn main() {}
