use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};


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
#[event(type = "stock.moved", version = "2.0")]
struct StockMoved {
    lines: Vec<Line>,
    from: String,
    how: How,
}

fn main() {}
