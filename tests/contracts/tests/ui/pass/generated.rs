//! As generated code has it: a later major that knows nothing of the one before, open and closed parts.

pub mod v2 {
    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, event_runtime::Event)]
    #[event(type = "stock.moved", version = "2.0", source = "app.solargenix", generated)]
    pub struct StockMoved {
        pub lines: Vec<Line>,
        pub from: String,
        pub how: How,
    }

    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, event_runtime::EventData)]
    pub struct Line {
        pub item: String,
        pub count: i64,
    }

    #[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize, event_runtime::EventData)]
    #[serde(rename_all = "snake_case")]
    pub enum How {
        Hand,
        Robot,
    }
}

use event_runtime::{Event, Renditions};

fn main() {
    let lines = vec![v2::Line { item: "a".to_owned(), count: 1 }];
    let event = v2::StockMoved { lines, from: "Bern".to_owned(), how: v2::How::Hand };
    let mut out = Renditions::default();
    event.renditions(&mut out);
    let types: Vec<_> = out.iter().map(|r| r.detail_type).collect();
    assert_eq!(types, ["stock.moved:v2"]);
}
