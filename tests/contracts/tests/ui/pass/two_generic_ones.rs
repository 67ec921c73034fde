//! Two types with parameters that hold each other: the field that closes the circle says how it is written.
//! And a part that borrows.

use std::borrow::Cow;

use event_runtime::__private::v0_1::event_shape::Ref;
use event_runtime::EventData;
use serde::{Deserialize, Serialize};

#[derive(EventData, Serialize, Deserialize)]
struct Page<T> {
    items: Vec<T>,
    #[event(as = "any")]
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<Box<More<T>>>,
}

#[derive(EventData, Serialize, Deserialize)]
struct More<T> {
    count: u32,
    page: Page<T>,
}

const _: Ref = <Page<String> as EventData>::SHAPE;
const _: Ref = <More<i64> as EventData>::SHAPE;

#[derive(EventData, Serialize, Deserialize)]
struct Borrowed<'a, T> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow = "'a")]
    text: Cow<'a, str>,
    of: T,
}

const _: Ref = <Borrowed<'static, bool> as EventData>::SHAPE;

fn main() {
    let json = r#"{"name":"a","text":"b","of":true}"#;
    let read: Borrowed<'_, bool> = serde_json::from_str(json).unwrap();
    assert!(matches!(read.name, Cow::Borrowed("a")) && read.text == "b" && read.of);
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
}
