//! `cargo event new-version`.

use crate::scratch::{ORDER, ORDER_1_0, ORDER_1_1, Scratch};

#[test]
fn a_minor_is_the_same_text_and_can_be_locked() {
    let scratch = Scratch::locked();
    let run = scratch.run(&["new-version", "order.placed"]);
    run.says(0, &[]);
    assert!(
        run.out.starts_with("wrote `schemas/shop/order.placed/1.2.json` from 1.1\n"),
        "{}",
        run.out
    );
    assert!(run.out.contains("cargo event diff order.placed@1.1 order.placed@1.2"), "{}", run.out);
    assert_eq!(scratch.read(&format!("{ORDER}/1.2.json")), ORDER_1_1);
    scratch.run(&["diff", "order.placed@1.1", "order.placed@1.2"]).says(0, &[]);

    // the new one is not published: there is nothing to version, and nothing is written
    let again = scratch.run(&["new-version", "order.placed"]);
    again.says(1, &["error[schema-not-locked]", "1.2 is not locked yet", "`cargo event lock`"]);
    assert!(!scratch.path(&format!("{ORDER}/1.3.json")).exists());
    scratch.run(&["lock"]).says(0, &[]);
    scratch.run(&["new-version", "order.placed", "--minor"]).says(0, &[]);
    assert!(scratch.path(&format!("{ORDER}/1.3.json")).exists());
}

#[test]
fn a_major_has_its_own_detail_type_and_checks() {
    let scratch = Scratch::order();
    let typed = |text: &str| {
        text.replacen('{', "{ \"x-amazon-events-detail-type\": \"order.placed:v1\",", 1)
    };
    scratch.write(&format!("{ORDER}/1.0.json"), typed(ORDER_1_0));
    scratch.write(&format!("{ORDER}/1.1.json"), typed(ORDER_1_1));
    scratch.run(&["lock"]).says(0, &[]);
    let run = scratch.run(&["new-version", "order.placed", "--major", "--format", "json"]);
    run.says(0, &[]);
    let json = run.json();
    assert_eq!(json["version"], "2.0");
    assert_eq!(json["file"], "schemas/shop/order.placed/2.0.json");
    assert_eq!(
        scratch.read(&format!("{ORDER}/2.0.json")),
        typed(ORDER_1_1).replace("order.placed:v1", "order.placed:v2")
    );
    // with the old detail-type the check would refuse it
    scratch.run(&["lock"]).says(0, &[]);
    // and the earlier major can still grow
    scratch.run(&["new-version", "order.placed@1"]).says(0, &[]);
    assert_eq!(scratch.read(&format!("{ORDER}/1.2.json")), typed(ORDER_1_1));
}

#[test]
fn refusals_write_nothing() {
    let scratch = Scratch::locked();
    scratch
        .run(&["new-version", "order.paid"])
        .says(2, &["error[unknown-event]", "EVENT_ACCEPT=1"]);
    scratch.run(&["new-version", "order.placed@1.0"]).says(2, &["error[not-the-newest]"]);
    let both = scratch.run(&["new-version", "order.placed", "--major", "--minor"]);
    assert_eq!(both.code, 2);
    scratch.write(&format!("{ORDER}/1.1.json"), ORDER_1_0);
    scratch.run(&["new-version", "order.placed"]).says(1, &["error[locked-schema-edited]"]);
    scratch.write("schemas/schemas.lock", "<<<<<<<");
    let run = scratch.run(&["new-version", "order.placed", "--format", "json"]);
    assert_eq!((run.code, &run.json()["diagnostics"][0]["rule"]), (2, &"bad-lock".into()));
    assert_eq!(std::fs::read_dir(scratch.path(ORDER)).unwrap().count(), 2);
}

#[test]
fn two_registries() {
    let scratch = Scratch::order();
    scratch.write("schemas/other/order.placed/1.0.json", ORDER_1_0);
    scratch.run(&["lock"]).says(0, &[]);
    scratch.run(&["new-version", "order.placed"]).says(2, &["error[ambiguous-event]"]);
    scratch.run(&["new-version", "order.placed", "--registry", "other"]).says(0, &[]);
    assert!(scratch.path("schemas/other/order.placed/1.1.json").exists());
}
