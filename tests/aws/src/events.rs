//! Two majors of one event, by hand.

use event_runtime::{Event, Renditions};
use serde::{Deserialize, Serialize};

/// The older major.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacedV1 {
    /// The number of the order.
    pub number: u64,
    /// In whole euros.
    pub total: u64,
    /// Text that gives it a realistic size.
    #[serde(default)]
    pub note: String,
}

/// The newer major, which is also published as the older one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacedV2 {
    /// The number of the order.
    pub number: u64,
    /// In cents.
    pub total_cents: u64,
    /// Text that makes it as large as real ones.
    #[serde(default)]
    pub note: String,
}

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

    fn renditions(self, out: &mut Renditions) {
        out.push(&self);
        let Self { number, total_cents, note } = self;
        PlacedV1 { number, total: total_cents / 100, note }.renditions(out);
    }
}

/// The order with this number.
pub fn placed(number: u64) -> PlacedV2 {
    PlacedV2 { number, total_cents: number * 100, note: String::new() }
}

/// The order with this number, in the older major only.
pub fn placed_v1(number: u64) -> PlacedV1 {
    PlacedV1 { number, total: number, note: String::new() }
}
