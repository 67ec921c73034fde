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
#[event(type = "stock.moved", version = "2.0", supersedes = v1::StockMoved, sunset = "2026-02-30", down(item = String::new(), count = 0))]
struct StockMoved {
    lines: Vec<Line>,
    from: String,
    how: How,
}

fn main() {}
