use event_runtime::Event;
use serde::{Deserialize, Serialize};

mod v1 {
    use super::*;

    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "sale.closed", version = "1.0")]
    pub struct SaleClosed {
        pub sale: String,
    }
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "sale.closed", version = "2.1", supersedes = v1::SaleClosed, sunset = "2099-06-30", down(sale = String::new()))]
struct SaleClosed {
    number: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

fn main() {}
