use event_runtime::Event;
use serde::{Deserialize, Serialize};

#[derive(Event, Serialize, Deserialize)]
#[event(type = "visit.agreed", version = "1.1", registry = "app-core", source = "app.visits")]
struct VisitAgreed {
    visit: String,
}

fn main() {}
