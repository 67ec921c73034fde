#![no_implicit_prelude]
#![forbid(unsafe_code)]

#[derive(::event_runtime::Event, ::serde::Serialize, ::serde::Deserialize)]
#[event(type = "order.placed", version = "1.0")]
struct OrderPlaced {
    order_id: i64,
    total: Total,
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    note: ::std::option::Option<::std::string::String>,
}

type Total = ::std::string::String;

fn main() {}
