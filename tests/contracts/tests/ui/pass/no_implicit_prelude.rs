//! Nothing of the prelude is taken for granted.
#![no_implicit_prelude]

#[derive(::event_runtime::Event, ::serde::Serialize, ::serde::Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: ::std::string::String,
    total: i64,
    lines: ::std::vec::Vec<::std::string::String>,
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    note: ::std::option::Option<::std::string::String>,
}

#[derive(::event_runtime::EventData, ::serde::Serialize, ::serde::Deserialize)]
struct Pair<T> {
    one: T,
    two: T,
}

fn main() {}
