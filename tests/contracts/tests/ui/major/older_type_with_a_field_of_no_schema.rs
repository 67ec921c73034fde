//! The older type has a field that is neither written nor read, so it is in no schema. rustc
//! reports it where the type is named; `down(seen = ..)` fills it.

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
        #[serde(skip)]
        pub seen: u8,
    }
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum How {
    Hand,
    Robot,
}

#[derive(EventData, Serialize, Deserialize)]
struct Line {
    item: String,
    count: i64,
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "stock.moved", version = "2.0", supersedes = v1::StockMoved, down(item = String::new()))]
struct StockMoved {
    #[event(from = "count", down = sum)]
    lines: Vec<Line>,
    from: String,
    how: How,
}

fn sum(lines: Vec<Line>) -> i64 {
    lines.iter().map(|line| line.count).sum()
}

fn main() {}
