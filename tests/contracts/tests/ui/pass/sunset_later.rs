//! The day on which the earlier major ends: the schema has one, and the struct may move it later.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

mod v1 {
    use super::*;

    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "sale.closed", version = "1.0")]
    pub struct SaleClosed {
        pub sale: String,
    }
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "sale.closed", version = "2.1", supersedes = v1::SaleClosed, sunset = "2100-01-01", down(sale = String::new()))]
#[deny(deprecated)]
struct SaleClosed {
    number: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

fn main() {
    assert_eq!(SaleClosed::SUNSET, "2100-01-01");
    assert_eq!(v1::SaleClosed::SUNSET, "");
    let event = SaleClosed { number: 1, by: None };
    assert_eq!(event_runtime::Renditions::of(event).iter().count(), 2);
}
