#![deny(deprecated)] // shows the warning

use event_runtime::Event;
use serde::{Deserialize, Serialize};

#[derive(Event, Serialize, Deserialize)]
#[event(type = "visit.agreed", version = "1.0", registry = "app-core", source = "app.visits")]
struct VisitAgreed {
    visit: String,
}

fn main() {}
