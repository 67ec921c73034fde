//! A local type with its own serde impl, and one that is converted on the way.

use event_runtime::{Event, EventData};
use event_runtime::__private::v0_1::event_shape::impl_shape;
use serde::{Deserialize, Serialize};

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: Id,
    total: Cents,
    lines: Vec<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Id(u8);
impl_shape!(Id = "string");

#[derive(Clone, EventData, Serialize, Deserialize)]
#[serde(into = "i64", from = "i64")]
struct Cents {
    cents: i64,
}

impl From<Cents> for i64 {
    fn from(c: Cents) -> i64 {
        c.cents
    }
}

impl From<i64> for Cents {
    fn from(cents: i64) -> Cents {
        Cents { cents }
    }
}

fn main() {}
