//! The older type is another event, which has the same fields.

use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};

mod other {
    use event_runtime::Event;
    use serde::{Deserialize, Serialize};

    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "order.placed", version = "1.0")]
    pub struct OrderPlaced {
        pub order_id: String,
        pub total: i64,
        pub lines: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub note: Option<String>,
    }
}

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

type Older = other::OrderPlaced;

impl From<StockMoved> for v1::StockMoved {
    fn from(new: StockMoved) -> Self {
        v1::StockMoved { item: String::new(), from: new.from, count: 0 }
    }
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "stock.moved", version = "2.0", supersedes = Older, down(item = String::new(), count = 0))]
struct StockMoved {
    lines: Vec<Line>,
    from: String,
    how: How,
}

fn main() {}
