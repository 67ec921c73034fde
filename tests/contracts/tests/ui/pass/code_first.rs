//! A new event that begins in the code: no schema knows it yet. It says its registry and its source.

use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};

#[derive(Event, Serialize, Deserialize)]
#[event(type = "visit.agreed", version = "1.0", registry = "app-core", source = "app.visits")]
struct VisitAgreed {
    visit: String,
    people: Vec<Person>,
}

#[derive(EventData, Serialize, Deserialize)]
struct Person {
    name: String,
}

fn main() {
    assert_eq!(VisitAgreed::DETAIL_TYPE, "visit.agreed:v1");
    assert_eq!((VisitAgreed::REGISTRY, VisitAgreed::SOURCE), ("app-core", "app.visits"));
    let _ = VisitAgreed { visit: String::new(), people: vec![Person { name: String::new() }] };
}
