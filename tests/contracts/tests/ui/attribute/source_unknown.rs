use event_runtime::Event;
use serde::{Deserialize, Serialize};

#[derive(Event, Serialize, Deserialize)]
#[event(type = "thing.shared", version = "1.0", registry = "app-billing")]
struct ThingShared {
    name: String,
    price: i64,
}

fn main() {}
