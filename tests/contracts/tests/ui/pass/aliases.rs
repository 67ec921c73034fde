//! Names of types don't matter.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

type Id = Box<str>;
type Maybe<T> = Option<T>;
type Many<T> = std::collections::VecDeque<T>;

#[derive(Event, Serialize, Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: Id,
    total: i64,
    lines: Many<std::borrow::Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Maybe<Box<str>>,
}

fn main() {}
