//! Two types with parameters that hold each other: the derive sees one at a time, and rustc finds the circle.

use event_runtime::EventData;
use serde::{Deserialize, Serialize};

#[derive(EventData, Serialize, Deserialize)]
struct Page<T> {
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<Box<More<T>>>,
}

#[derive(EventData, Serialize, Deserialize)]
struct More<T> {
    count: u32,
    page: Page<T>,
}

const _: event_runtime::__private::event_shape::Ref =
    <Page<String> as event_runtime::__private::event_shape::EventShape>::SHAPE;

fn main() {}
