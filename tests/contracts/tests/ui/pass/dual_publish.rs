//! Two renditions of one event, a conversion that may fail, and a major that is retired.

use event_runtime::consume::Consumer;
use event_runtime::publishes;
use event_runtime::topology::Topology;
use event_runtime::{Event, EventData, Renditions};
use serde::{Deserialize, Serialize};

mod v1 {
    use super::*;

    #[derive(Debug, PartialEq, Event, Serialize, Deserialize)]
    #[event(type = "stock.moved", version = "1.0")]
    pub struct StockMoved {
        pub item: String,
        pub from: String,
        pub count: i64,
    }
}

#[derive(EventData, Clone, Serialize, Deserialize)]
struct Line {
    item: String,
    count: i64,
}

#[derive(EventData, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum How {
    Hand,
    Robot,
}

#[derive(Event, Serialize, Deserialize)]
#[event(type = "stock.moved", version = "2.0", supersedes = v1::StockMoved, down(count = 1))]
struct Moved {
    #[event(from = "item", try_down = only)]
    lines: Vec<Line>,
    from: String,
    how: How,
}

fn only(lines: Vec<Line>) -> Result<String, String> {
    match lines.as_slice() {
        [one] => Ok(one.item.clone()),
        more => Err(format!("one line has a place there, not {}", more.len())),
    }
}

mod later {
    use super::*;

    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "stock.moved", version = "2.0", supersedes = v1::StockMoved, retired, down(item = String::new(), count = 0))]
    pub struct Moved {
        pub lines: Vec<Line>,
        pub from: String,
        pub how: How,
    }
}

fn renditions<E: Event>(event: E) -> Vec<(&'static str, Result<String, String>)> {
    let all = Renditions::of(event);
    let text = |r: &event_runtime::event::Rendition| match &r.data {
        Ok(json) => Ok(json.get().to_owned()),
        Err(error) => Err(error.to_string()),
    };
    all.iter().map(|r| (r.detail_type, text(r))).collect()
}

fn main() {
    let line = Line { item: "a".to_owned(), count: 2 };
    let moved = |lines| Moved { lines, from: "Bern".to_owned(), how: How::Hand };

    let good = renditions(moved(vec![line.clone()]));
    assert_eq!(good[0].0, "stock.moved:v2");
    assert_eq!(good[1].0, "stock.moved:v1");
    assert_eq!(good[1].1.as_deref(), Ok(r#"{"item":"a","from":"Bern","count":1}"#));

    let bad = renditions(moved(vec![line.clone(), line.clone()]));
    assert!(bad[0].1.is_ok(), "the newer one is published all the same");
    let reason = bad[1].1.as_ref().expect_err("two lines have no place there");
    assert!(reason.contains("`lines`: one line has a place there, not 2"), "{reason}");

    let last = renditions(later::Moved { lines: vec![line], from: "Bern".to_owned(), how: How::Hand });
    assert_eq!(last.len(), 1, "a retired major is not published");

    // a topology knows it too: nobody may read what nothing publishes
    let older = |retired| Some(event_runtime::Superseded { major: 1, retired });
    assert_eq!((v1::StockMoved::SUPERSEDES, Moved::SUPERSEDES), (None, older(false)));
    assert_eq!(later::Moved::SUPERSEDES, older(true));
    let reader = || Consumer::of::<v1::StockMoved>("counter");
    let topology = |api| Topology::on("stock").publisher("api", api).consumer(reader()).build();
    assert!(topology(publishes![Moved]).is_ok());
    let refused = topology(publishes![later::Moved]).expect_err("v1 is retired").to_string();
    assert!(refused.contains("[reads-retired] consumer `counter`: it reads `stock.moved:v1`"), "{refused}");
}
