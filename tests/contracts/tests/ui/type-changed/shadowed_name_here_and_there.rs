//! A name may be `std`'s with one argument and something else with another.

use event_runtime::Event;
use serde::{Deserialize, Serialize};

type Option<T> = <T as Maybe>::To;

trait Maybe {
    type To;
}
impl Maybe for i64 {
    type To = std::option::Option<i64>;
}
impl Maybe for String {
    type To = std::option::Option<bool>;
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "proposal.published", version = "1.0")]
struct ProposalPublished {
    id: String,
    #[event(as = "string", format = "uuid")]
    account_id: String,
    headline: String,
    region: String,
    #[serde(skip_serializing_if = "std::option::Option::is_none")]
    amount_cents: Option<i64>,
    #[serde(skip_serializing_if = "std::option::Option::is_none")]
    note: Option<String>,
}

fn main() {}
