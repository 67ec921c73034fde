//! A part without a shape doesn't hide what else is wrong with the event.

use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};

mod v1 {
    use event_runtime::Event;
    use serde::{Deserialize, Serialize};

    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "stock.moved", version = "1.0")]
    pub struct StockMoved {
        pub item: String,
        pub from: String,
        pub count: i64,
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum How {
    Hand,
    Robot,
}

#[derive(EventData, Serialize, Deserialize)]
struct Line {
    item: String,
    count: bool,
}

#[derive(Event, Serialize, Deserialize)]
#[event(
    type = "stock.moved",
    version = "2.0",
    supersedes = v1::StockMoved,
    down(item = String::new(), count = 0)
)]
struct StockMoved {
    lines: Vec<Line>,
    from: String,
    how: How,
}

fn main() {}
