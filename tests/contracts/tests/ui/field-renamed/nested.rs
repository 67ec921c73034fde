use std::collections::BTreeMap;

use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(EventData, Serialize, Deserialize)]
struct Address {
    street: String,
    postcode: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<u8>,
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Carrier {
    Bike,
    Post,
    Truck,
}

#[derive(EventData, Serialize, Deserialize)]
struct Cover {
    amount: i64,
    currency: String,
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "parcel.sent", version = "1.0")]
struct ParcelSent {
    parcel: Uuid,
    to: Address,
    via: Carrier,
    weights: BTreeMap<String, f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    insured: Option<Cover>,
}

fn main() {}
