//! An upcast leads to an event of the list.

use event_runtime::consume::Consumer;
use event_runtime::{Event, reads};

#[derive(serde::Serialize, serde::Deserialize)]
struct PlacedV1 {}

#[derive(serde::Serialize, serde::Deserialize)]
struct PlacedV2 {}

impl Event for PlacedV1 {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const VERSION: &'static str = "v1";
    const SOURCE: &'static str = "app.shop";
    const DETAIL_TYPE: &'static str = "order.placed:v1";
}

impl Event for PlacedV2 {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 2;
    const MINOR: u32 = 0;
    const VERSION: &'static str = "v2";
    const SOURCE: &'static str = "app.shop";
    const DETAIL_TYPE: &'static str = "order.placed:v2";
}

fn main() {
    let _ = Consumer::of::<reads![PlacedV1 => PlacedV2]>("ledger");
}
