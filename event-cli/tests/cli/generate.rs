//! `cargo event generate`.

use crate::scratch::{ORDER, ORDER_BROKEN, Scratch};

#[test]
fn prints_what_the_build_would_write() {
    let scratch = Scratch::locked();
    let run = scratch.run(&["generate"]);
    run.says(0, &[]);
    assert!(run.out.contains("pub mod order_placed"), "{}", run.out);
    assert!(run.out.contains("pub struct OrderPlaced"), "{}", run.out);

    let first = scratch.run(&["generate", "--out", "src/events.rs"]);
    assert_eq!((first.code, first.out.as_str()), (0, "`src/events.rs` is written\n"));
    assert_eq!(scratch.read("src/events.rs"), run.out);
    let second = scratch.run(&["generate", "--out", "src/events.rs"]);
    assert_eq!(second.out, "`src/events.rs` is up to date\n");
}

#[test]
fn writes_nothing_where_a_build_would_fail() {
    let scratch = Scratch::locked();
    scratch.write("events.rs", "as it was");
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_BROKEN);
    let run = scratch.run(&["generate", "--out", "events.rs"]);
    run.says(1, &["`status`"]);
    assert_eq!((scratch.read("events.rs").as_str(), run.out.as_str()), ("as it was", ""));
}

#[test]
fn a_place_that_cannot_be_written() {
    let scratch = Scratch::locked();
    scratch.run(&["generate", "--out", "schemas"]).says(2, &["error[unwritable]", "schemas"]);
}

#[test]
fn json_says_the_same() {
    let scratch = Scratch::locked();
    let json = scratch.run(&["generate", "--format", "json"]).json();
    assert_eq!(json["rust"], scratch.run(&["generate"]).out);
    let run = scratch.run(&["generate", "--out", "schemas", "--format", "json"]);
    assert_eq!((run.code, &run.json()["diagnostics"][0]["rule"]), (2, &"unwritable".into()));
}
