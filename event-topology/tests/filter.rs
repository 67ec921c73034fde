//! Content filters against what a payload can be.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use event_topology::filter::{Field, Payload, Shape};
use event_topology::plan::Read;
use event_topology::{Declaration, Topology, TopologyError};
use serde_json::{Value, json};

fn read(major: u32) -> Read {
    Read::new("order.placed", major, 0, "app.shop")
}

/// An order: a node of `Type(0)` contains itself.
fn payload() -> Payload {
    let node = Shape::Object(vec![
        Field::required("label", Shape::Text),
        Field::optional("next", Shape::Type(0)),
    ]);
    let card = Shape::Object(vec![
        Field::required("kind", Shape::one_of(["card"])),
        Field::required("digits", Shape::Text),
    ]);
    let cash = Shape::Object(vec![Field::required("kind", Shape::one_of(["cash"]))]);
    let line = Shape::Object(vec![
        Field::required("sku", Shape::Text),
        Field::required("count", Shape::Integer(1, 255)),
    ]);
    let root = Shape::Object(vec![
        Field::required("status", Shape::one_of(["draft", "paid", "shipped"])),
        Field::required("total", Shape::Number),
        Field::required("gift", Shape::Bool),
        Field::optional("note", Shape::Text.or_null()),
        Field::required("customer", Shape::Object(vec![Field::required("country", Shape::Text)])),
        Field::required("lines", Shape::List(Box::new(line))),
        Field::required("labels", Shape::Map(Box::new(Shape::Text))),
        Field::required("payment", Shape::Either(vec![card, cash])),
        Field::required("level", Shape::OneOf(vec![json!(1), json!(2)])),
        Field::required("tree", Shape::Type(0)),
        Field::required("extra", Shape::Any),
    ]);
    Payload::with_types(root, vec![node])
}

fn built(filter: &Value) -> Result<Topology, TopologyError> {
    let consumer = Declaration::new("emailer", [read(1)]).filtered(
        "order.placed",
        1,
        &filter.to_string(),
        payload(),
    );
    Topology::on("shop").consumer(consumer).build()
}

#[test]
fn filter_that_events_meet_is_in_the_pattern_of_the_rule() {
    let topology = built(&json!({"status": ["paid"], "total": [{"numeric": [">", 100]}]})).unwrap();
    let pattern = &topology.plan().rules[0].event_pattern;
    let event = |status: &str, total: u32, source: &str| {
        let data = json!({"status": status, "total": total});
        let detail = json!({"id": "x", "data": data});
        json!({"source": source, "detail-type": "order.placed:v1", "detail": detail}).to_string()
    };
    assert!(pattern.matches(&event("paid", 101, "app.shop")).unwrap());
    assert!(!pattern.matches(&event("paid", 100, "app.shop")).unwrap());
    assert!(!pattern.matches(&event("draft", 101, "app.shop")).unwrap());
    assert!(!pattern.matches(&event("paid", 101, "app.bank")).unwrap());
    // A plan with a filter is one that holds together.
    assert_eq!(topology.plan().problems(), []);
}

#[test]
fn filters_that_some_event_meets_are_accepted() {
    for filter in [
        json!({"status": ["paid", "shipped"]}),
        json!({"status": [{"prefix": "dr"}]}),
        json!({"status": [{"anything-but": ["draft"]}]}),
        json!({"status": [{"anything-but": {"prefix": ["p"]}}]}),
        json!({"status": [{"equals-ignore-case": "PAID"}]}),
        json!({"status": [{"wildcard": "*i*"}]}),
        json!({"total": [5, {"numeric": ["<", 0.5]}]}),
        json!({"gift": [true]}),
        json!({"note": [null, "x", {"exists": false}]}),
        json!({"customer": {"country": ["DE", {"exists": true}]}}),
        // The path by a name with a dot, as EventBridge joins names.
        json!({"customer.country": ["DE"]}),
        json!({"lines": {"count": [{"numeric": [">", 254]}], "sku": [{"suffix": "-x"}]}}),
        json!({"lines": {"count": [{"exists": false}]}}),
        json!({"lines": {"count": [2.0, 255]}}),
        json!({"labels": {"anything": ["x"]}}),
        json!({"payment": {"kind": ["cash"], "digits": [{"exists": false}]}}),
        json!({"level": [2, {"numeric": ["<=", 1]}]}),
        json!({"tree": {"next": {"next": {"label": ["leaf"]}}}}),
        json!({"extra": {"whatever": {"it": [{"cidr": "10.0.0.0/8"}]}}}),
        json!({"extra": [1, "x", null]}),
        json!({"$or": [{"status": ["paid"]}, {"total": [{"numeric": [">", 9]}]}]}),
        json!({"customer": {"country": [{"cidr": "10.0.0.0/24"}]}}),
    ] {
        if let Err(error) = built(&filter) {
            panic!("{filter}: {error}");
        }
    }
}

#[test]
fn filters_that_no_event_meets_are_refused() {
    for (filter, what, fix) in [
        (json!({"state": ["paid"]}), "`state`: no event has this field", ""),
        (json!({"statsu": ["paid"]}), "`statsu`: no event has this field", "`status`"),
        (json!({"customer": {"contry": ["DE"]}}), "`customer.contry`: no event has", "`country`"),
        (json!({"customer.contry": ["DE"]}), "`customer.contry`: no event has", ""),
        (json!({"customer": ["DE"]}), "`customer`: it is an object", "its fields"),
        (json!({"customer": [{"exists": true}]}), "`customer`: it is an object", ""),
        (json!({"status": {"name": ["paid"]}}), "`status`: it has no fields", ""),
        (json!({"status": ["payed"]}), "`status`: it is never \"payed\"", "`paid`"),
        (json!({"status": ["paid", "gone"]}), "`status`: it is never \"gone\"", ""),
        (json!({"status": [{"prefix": "x"}]}), "never {\"prefix\":\"x\"}", ""),
        (json!({"status": [{"anything-but": ["drafft"]}]}), "excludes \"drafft\"", "`draft`"),
        (json!({"status": [{"anything-but": ["draft", "paid", "shipped"]}]}), "every value", ""),
        (json!({"status": [1]}), "it is never 1", ""),
        (json!({"status": [null]}), "it is never null", ""),
        (json!({"status": [{"numeric": [">", 0]}]}), "it is never {\"numeric\"", ""),
        (json!({"status": [{"exists": false}]}), "`exists: false` never matches", ""),
        (json!({"total": ["5"]}), "it is never \"5\"", ""),
        (json!({"total": [{"prefix": "5"}]}), "it is never {\"prefix\"", ""),
        (json!({"total": [{"cidr": "10.0.0.0/8"}]}), "it is never {\"cidr\"", ""),
        (json!({"total": [{"anything-but": ["5"]}]}), "excludes \"5\"", ""),
        (json!({"gift": ["true"]}), "it is never \"true\"", ""),
        (json!({"note": [5]}), "it is never 5", ""),
        (json!({"lines": {"count": [0]}}), "it is never 0", ""),
        (json!({"lines": {"count": [256]}}), "it is never 256", ""),
        (json!({"lines": {"count": [1.5]}}), "it is never 1.5", ""),
        (json!({"lines": {"count": [{"numeric": [">", 255]}]}}), "it is never", ""),
        (json!({"lines": {"count": [{"numeric": [">", 7, "<", 8]}]}}), "it is never", ""),
        (json!({"lines": {"price": [1]}}), "`lines.price`: no event has", ""),
        (json!({"labels": {"x": [1]}}), "`labels.x`: it is never 1", ""),
        (json!({"payment": {"kind": ["coin"]}}), "it is never \"coin\"", ""),
        (json!({"level": [3]}), "it is never 3", ""),
        (json!({"tree": {"next": {"lable": ["x"]}}}), "`tree.next.lable`", "`label`"),
        (json!({"$or": [{"status": ["paid"]}, {"totl": [1]}]}), "`totl`: no event has", "`total`"),
        (json!({"status": "paid"}), "is not a pattern", ""),
        (json!({"status": [{"prefx": "p"}]}), "is not a pattern", ""),
        (json!([]), "is not a pattern", ""),
        (json!({}), "is not a pattern", ""),
    ] {
        let error = built(&filter).unwrap_err();
        let found = error.problems.iter().any(|problem| {
            problem.rule == "content-filter"
                && format!("{} {}", problem.what, problem.why).contains(what)
                && problem.fix.contains(fix)
        });
        assert!(found, "{filter}: {error}");
    }
}

#[test]
fn all_mistakes_of_a_filter_are_reported_at_once() {
    let error = built(&json!({"state": ["x"], "status": ["y", "z"], "total": [true]})).unwrap_err();
    assert_eq!(error.problems.len(), 4, "{error}");
}

#[test]
fn filter_of_one_major_alone_is_refused() {
    let filter = r#"{"status": ["paid"]}"#;
    let two = || Declaration::new("emailer", [read(1).upcast_to(2), read(2)]);
    let built = |consumer| Topology::on("shop").consumer(consumer).build();
    let error = built(two().filtered("order.placed", 2, filter, payload())).unwrap_err();
    assert!(error.to_string().contains("and not `order.placed:v1`"), "{error}");
    let both = two().filtered("order.placed", 2, filter, payload());
    built(both.filtered("order.placed", 1, filter, payload())).unwrap();
}

#[test]
fn filter_without_its_rule_is_refused() {
    let filter = r#"{"status": ["paid"]}"#;
    let consumer = || Declaration::new("emailer", [read(1)]);
    let told = |consumer: Declaration| {
        Topology::on("shop").consumer(consumer).build().unwrap_err().to_string()
    };
    let unread = told(consumer().filtered("order.placed", 3, filter, payload()));
    assert!(unread.contains("`order.placed:v3`, which it does not read"), "{unread}");
    let one = told(consumer().filtered("order.placed", 1, filter, payload()).one_rule());
    assert!(one.contains("the consumer has one rule"), "{one}");
    let twice = consumer().filtered("order.placed", 1, filter, payload());
    let twice = told(twice.filtered("order.placed", 1, filter, payload()));
    assert!(twice.contains("two filters"), "{twice}");
}
