//! The way forward: three majors, each made from the one before it; parts convert with their event.

use event_runtime::{Event, EventData};
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
        down(item = String::new()),
        upcast(lines = vec![Line { item: old.item.clone(), count: old.count }])
    )]
    pub struct StockMoved {
        #[event(from = "count", down = total)]
        pub lines: Vec<Line>,
        pub from: String,
        #[event(up_default = How::Hand)]
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
#[event(type = "stock.moved", version = "3.0", supersedes = v2::StockMoved, upcast)]
struct StockMoved {
    lines: Vec<Line>,
    #[event(down = site, try_up = place)]
    from: Place,
    how: How,
}

#[derive(EventData, Serialize, Deserialize)]
#[event(supersedes = v2::Line, upcast)]
struct Line {
    item: String,
    count: i64,
    #[event(drop)]
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<String>,
}

#[derive(EventData, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[event(supersedes = v2::How, upcast)]
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

fn place(site: String) -> Result<Place, &'static str> {
    if site.is_empty() { Err("a place has a name") } else { Ok(Place { site, shelf: None }) }
}

fn main() {
    let stored = |from: &str| v1::StockMoved { item: "a".to_owned(), from: from.to_owned(), count: 2 };
    let newest = StockMoved::try_from(v2::StockMoved::from(stored("Bern")));
    let newest = newest.expect("it has a place");
    assert_eq!((newest.lines[0].item.as_str(), newest.lines[0].count), ("a", 2));
    assert_eq!(newest.lines[0].batch, None);
    assert_eq!((newest.from.site.as_str(), newest.how), ("Bern", How::Hand));

    let refused = StockMoved::try_from(v2::StockMoved::from(stored(""))).err();
    assert_eq!(refused.map(|e| e.to_string()).as_deref(), Some("`from`: a place has a name"));
}
