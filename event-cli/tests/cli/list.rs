//! `cargo event list`.

use crate::scratch::{ORDER, ORDER_1_0, ORDER_1_1, ORDER_BROKEN, Scratch};

#[test]
fn every_state_is_listed() {
    let scratch = Scratch::locked();
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_1_1);
    scratch.write(&format!("{ORDER}/1.1.json"), ORDER_1_1.replace("note", "remark"));
    scratch.remove(&format!("{ORDER}/1.0.json"));
    let run = scratch.run(&["list"]);
    run.says(0, &[]);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines[1], "shop/order.placed  1.0      deleted  -            -       -");
    assert_eq!(lines[2], "shop/order.placed  1.1      edited   shop.orders  -       whole");
    assert_eq!(lines[3], "shop/order.placed  1.2*     new      shop.orders  -       whole");
    assert!(run.out.contains("1 event, 3 versions: 1 new, 1 edited, 1 deleted\n"), "{}", run.out);

    let json = scratch.run(&["list", "--format", "json"]).json();
    let states: Vec<_> = json["versions"].as_array().unwrap().iter().map(|v| &v["state"]).collect();
    assert_eq!(states, ["deleted", "edited", "new"]);
    assert_eq!(json["versions"][2]["detail_type"], "order.placed:v1");
    assert_eq!(json["versions"][2]["newest_of_major"], true);
}

#[test]
fn majors_and_sunsets_are_listed_even_with_a_break() {
    let scratch = Scratch::locked();
    let major = ORDER_1_0.replacen('{', "{ \"x-event-sunset\": \"2031-01-31\",", 1);
    scratch.write(&format!("{ORDER}/2.0.json"), major);
    scratch.write(&format!("{ORDER}/2.1.json"), ORDER_BROKEN);
    let run = scratch.run(&["list"]);
    run.says(0, &[]);
    for line in ["1.1*     locked  shop.orders  -", "2.0      new     shop.orders  2031-01-31"] {
        assert!(run.out.contains(line), "{}", run.out);
    }
}

#[test]
fn unreadable_version_is_listed_and_reported() {
    let scratch = Scratch::locked();
    scratch.write(&format!("{ORDER}/1.2.json"), "{");
    let run = scratch.run(&["list"]);
    run.says(2, &["error[schema-not-json]", "1.2.json"]);
    assert!(run.out.contains("1.2*     new"), "{}", run.out);
}

#[test]
fn layer_of_each_schema_is_listed() {
    let scratch = Scratch::locked();
    let names = ["id", "type", "source", "occurredAt"].map(|n| format!(r#""{n}": {{}}"#)).join(",");
    let envelope = format!(r#"{{ "properties": {{ {names}, "data": {{}} }} }}"#);
    scratch.write("schemas/shop/a.b/1.0.json", &envelope);
    scratch.write(
        "schemas/shop/c.d/1.0.json",
        format!(r#"{{ "properties": {{ "detail-type": {{}}, "detail": {envelope} }} }}"#),
    );
    let layers = |run: &crate::scratch::Run| {
        let json = run.json();
        let rows = json["versions"].as_array().unwrap();
        rows.iter().map(|row| row["layer"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let json = ["list", "--format", "json"];
    assert_eq!(layers(&scratch.run(&json)), ["data", "detail.data", "whole", "whole"]);
    scratch.write(
        "schemas/event.toml",
        "layer.\"shop/a.b\" = \"payload\"\nlayer.\"shop/c.d\" = \"aws-event\"\n",
    );
    assert_eq!(layers(&scratch.run(&json)), ["whole", "detail", "whole", "whole"]);
    let run = scratch.run(&["check"]);
    assert!(
        run.out
            .contains("compared: `detail` of the AWS event, and the fields beside it, of `c.d`\n"),
        "{}",
        run.out
    );
    scratch.write("schemas/event.toml", "layer.shopp = \"payload\"\n");
    scratch.run(&["check"]).says(2, &["no registry or event `shopp`", "did you mean `shop`?"]);
    scratch.write("schemas/event.toml", "layer.shop = \"envelop\"\n");
    scratch.run(&["check"]).says(2, &["`envelop`", "did you mean `envelope`?"]);
    scratch.write("schemas/event.toml", "layers.shop = \"envelope\"\n");
    scratch.run(&["check"]).says(2, &["unknown key `layers`", "did you mean `layer`?"]);
}

#[test]
fn registry_option_filters_events() {
    let scratch = Scratch::locked();
    scratch.write("schemas/other/a.b/1.0.json", ORDER_1_0);
    let run = scratch.run(&["list", "--registry", "other"]);
    assert!(run.out.contains("other/a.b") && !run.out.contains("order.placed"), "{}", run.out);
    let none = scratch.run(&["list", "--registry", "nobody"]);
    none.says(2, &["error[unknown-registry]", "registries: `other`, `shop`"]);
}
