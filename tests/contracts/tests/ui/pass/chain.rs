//! Three majors: publishing the newest publishes all, each made from the one after it.

use event_runtime::{Event, EventData, Renditions};
use serde::{Deserialize, Serialize};

mod v1 {
    use super::*;

    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "stock.moved", version = "1.0")]
    pub struct StockMoved {
        pub item: String,
        pub from: String,
        pub count: i64,
    }
}

mod v2 {
    use super::*;

    #[derive(Event, Serialize, Deserialize)]
    #[event(
        type = "stock.moved",
        version = "2.0",
        supersedes = v1::StockMoved,
        down(item = new.lines.first().map_or_else(String::new, |l| l.item.clone()))
    )]
    pub struct StockMoved {
        #[event(from = "count", down = total)]
        pub lines: Vec<Line>,
        pub from: String,
        pub how: How,
    }

    #[derive(EventData, Serialize, Deserialize)]
    pub struct Line {
        pub item: String,
        pub count: i64,
    }

    #[derive(EventData, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum How {
        Hand,
        Robot,
    }

    fn total(lines: Vec<Line>) -> i64 {
        lines.iter().map(|l| l.count).sum()
    }
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "stock.moved", version = "3.0", supersedes = v2::StockMoved)]
struct StockMoved {
    lines: Vec<Line>,
    #[event(down = site)]
    from: Place,
    how: How,
}

#[derive(EventData, Serialize, Deserialize)]
#[event(supersedes = v2::Line)]
struct Line {
    item: String,
    count: i64,
    #[event(drop)]
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<String>,
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[event(supersedes = v2::How)]
enum How {
    Hand,
    Robot,
}

#[derive(EventData, Serialize, Deserialize)]
struct Place {
    site: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    shelf: Option<String>,
}

fn site(place: Place) -> String {
    place.site
}

fn main() {
    let lines = vec![
        Line { item: "a".to_owned(), count: 2, batch: Some("x".to_owned()) },
        Line { item: "b".to_owned(), count: 3, batch: None },
    ];
    let from = Place { site: "Bern".to_owned(), shelf: None };
    let event = StockMoved { lines, from, how: How::Robot };
    let second: v2::StockMoved = event.into();
    assert_eq!(second.from, "Bern");
    assert!(matches!(second.how, v2::How::Robot));
    assert_eq!(second.lines[1].item, "b");
    let mut out = Renditions::default();
    let first = v1::StockMoved::from(second);
    assert_eq!((first.item.as_str(), first.count), ("a", 5));
    first.renditions(&mut out);
    assert_eq!(out.iter().count(), 1);
}
