//! Nothing of the prelude is taken for granted, in conversions neither.
#![no_implicit_prelude]
#![forbid(unsafe_code)]

mod v1 {
    #[derive(::event_runtime::Event, ::serde::Serialize, ::serde::Deserialize)]
    #[event(type = "stock.moved", version = "1.0")]
    pub struct StockMoved {
        pub item: ::std::string::String,
        pub from: ::std::string::String,
        pub count: i64,
    }
}

#[derive(::event_runtime::Event, ::serde::Serialize, ::serde::Deserialize)]
#[event(
    type = "stock.moved",
    version = "2.0",
    supersedes = v1::StockMoved,
    down(item = ::std::string::String::new()),
    upcast
)]
struct StockMoved {
    #[event(from = "count", try_down = count, up = lines)]
    lines: ::std::vec::Vec<Line>,
    from: ::std::string::String,
    #[event(up_default = How::Hand)]
    how: How,
}

#[derive(::event_runtime::EventData, ::serde::Serialize, ::serde::Deserialize)]
struct Line {
    item: ::std::string::String,
    count: i64,
}

#[derive(::event_runtime::EventData, ::serde::Serialize, ::serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum How {
    Hand,
    Robot,
}

fn count(lines: ::std::vec::Vec<Line>) -> ::std::result::Result<i64, &'static str> {
    lines.first().map(|l| l.count).ok_or("no line")
}

fn lines(count: i64) -> ::std::vec::Vec<Line> {
    ::std::vec![Line { item: ::std::string::String::new(), count }]
}

fn main() {
    let old = v1::StockMoved {
        item: ::std::string::String::new(),
        from: <::std::string::String as ::std::convert::From<&str>>::from("Bern"),
        count: 3,
    };
    let new = <StockMoved as ::std::convert::From<_>>::from(old);
    ::std::assert_eq!((new.lines[0].count, new.from.as_str()), (3, "Bern"));
}
