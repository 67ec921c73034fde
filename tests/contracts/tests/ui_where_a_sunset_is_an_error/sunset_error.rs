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
#[event(type = "sale.closed", version = "2.0", supersedes = v1::SaleClosed, down(sale = String::new()))]
struct SaleClosed {
    number: i64,
}

fn main() {}
