//! Each tolerance by itself; that nothing else changes; that nothing panics.

mod formats;
mod outer;

use event_shape::{Field, Object, Ref, Shape, Type};
use jiff::Timestamp;
use proptest::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::*;

#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
struct Order {
    at: Option<Timestamp>,
    count: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    open: Option<bool>,
    parts: Option<Vec<Order>>,
    price: Option<f64>,
    state: Option<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Paid,
    Sent,
}

const fn field(name: &'static str, flags: u8, shape: Ref) -> Field {
    Field { name, flags, shape }
}

const TYPE: Type = Type { name: "T", id: "t", docs: "", args: &[] };
static STATE: Shape = Shape::Enum(event_shape::Enum {
    ty: TYPE,
    tag: event_shape::Tag::External,
    closed: false,
    open: false,
    writes_unknown: false,
    unknown: None,
    variants: &[
        event_shape::Variant { name: "paid", body: event_shape::Body::Unit },
        event_shape::Variant { name: "sent", body: event_shape::Body::Unit },
    ],
});
static ORDER: Shape = Shape::Object(Object {
    ty: TYPE,
    closed: false,
    fields: &[
        field("at", 7, <Option<Timestamp> as EventData>::SHAPE),
        field("count", 7, <Option<u8> as EventData>::SHAPE),
        field("note", 6, <Option<String> as EventData>::SHAPE),
        field("open", 7, <Option<bool> as EventData>::SHAPE),
        field("parts", 7, Ref::new(&Shape::Nullable(Ref::new(&Shape::Array(Ref::new(&ORDER)))))),
        field("price", 7, <Option<f64> as EventData>::SHAPE),
        field("state", 7, Ref::new(&Shape::Nullable(Ref::new(&STATE)))),
    ],
});
impl EventData for Order {
    const SHAPE: Ref = Ref::new(&ORDER);
}

fn good() -> serde_json::Value {
    json!({"at": "2020-08-13T09:14:52Z", "count": 1, "open": true, "parts": [], "price": 1.5, "state": "paid"})
}

/// What is said of the order in which `name` is `value`.
fn with(name: &str, value: serde_json::Value) -> (Order, Vec<String>) {
    let mut json = good();
    json[name] = value;
    let read: Tolerant<Order> = serde_json::from_value(json).unwrap();
    (read.value, read.repairs.iter().map(ToString::to_string).collect())
}

#[test]
fn valid_event_is_unchanged() {
    let read: Tolerant<Order> = serde_json::from_value(good()).unwrap();
    assert_eq!(read.repairs, []);
    assert_eq!(read.value, serde_json::from_value(good()).unwrap());
    // an optional field may be absent or null: nothing to say
    assert_eq!(with("note", json!(null)).1, [""; 0]);
}

#[test]
fn missing_and_null_fields_are_reported() {
    let read: Tolerant<Order> = serde_json::from_str("{\"count\": null}").unwrap();
    let said: Vec<String> = read.repairs.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "`at`: missing, and required",
            "`count`: `null`, which its schema does not allow, was read as absent",
            "`open`: missing, and required",
            "`parts`: missing, and required",
            "`price`: missing, and required",
            "`state`: missing, and required",
        ]
    );
}

#[test]
fn scalars() {
    assert_eq!(with("count", json!("7")).0.count, Some(7));
    assert_eq!(with("count", json!(7.0)).0.count, Some(7));
    assert_eq!(
        with("count", json!("7.00")).1,
        ["`count`: the string \"7.00\" was read as the number 7"]
    );
    assert_eq!(with("price", json!("2.5")).0.price, Some(2.5));
    assert_eq!(with("open", json!("False")).0.open, Some(false));
    assert_eq!(with("open", json!(1)).0.open, Some(true));
    assert_eq!(with("note", json!(12)).0.note.as_deref(), Some("12"));
    // what no reading makes right is left out, and said
    for (name, value) in [
        ("count", json!(300)),
        ("count", json!(1.5)),
        ("count", json!("NaN")),
        ("price", json!("inf")),
        ("open", json!("perhaps")),
        ("note", json!({"a": 1})),
        ("state", json!("lost")),
        ("parts", json!(3)),
    ] {
        let (order, said) = with(name, value);
        assert_eq!(
            serde_json::to_value(&order).unwrap().get(name).unwrap_or(&json!(null)),
            &json!(null),
            "{name}"
        );
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].ends_with("left out"), "{said:?}");
    }
}

#[test]
fn dates() {
    let at: Timestamp = "2020-08-13T09:14:52Z".parse().unwrap();
    for text in [
        "Thu, 13 Aug 2020 09:14:52 GMT",
        "Thu, 13 Aug 2020 11:14:52 +0200",
        "2020-08-13 09:14:52Z",
        "2020-08-13T09:14:52",
        "2020-08-13T09:14:52+0000",
        "2020-08-13 09:14:52 UTC",
        "Aug 13, 2020 9:14:52 AM",
        "1597310092",
        "1597310092000",
    ] {
        assert_eq!(with("at", json!(text)).0.at, Some(at), "{text}");
    }
    assert_eq!(with("at", json!(1_597_310_092)).0.at, Some(at));
    assert_eq!(with("at", json!(1_597_310_092.25)).0.at.unwrap().subsec_millisecond(), 250);
    assert_eq!(with("at", json!("2020-08-13")).0.at, Some("2020-08-13T00:00:00Z".parse().unwrap()));
    assert_eq!(
        with("at", json!("yesterday")).1,
        ["`at`: the string \"yesterday\" cannot be read here and was left out"]
    );
}

#[test]
fn single_value_and_invalid_elements_are_repaired() {
    let (order, said) = with("parts", json!({"count": "3"}));
    assert_eq!(order.parts.unwrap()[0].count, Some(3));
    assert_eq!(said[0], "`parts`: an object was read as an array of it");
    assert!(
        said.contains(&"`parts[0].count`: the string \"3\" was read as the number 3".to_owned()),
        "{said:?}"
    );

    let (order, said) = with("parts", json!([1, good()]));
    assert_eq!(order.parts.unwrap().len(), 1);
    assert_eq!(said, ["`parts[0]`: the number 1 cannot be read here and was left out"]);
}

#[test]
fn report_quotes_at_most_one_line() {
    let (_, said) = with("at", json!("é".repeat(1000)));
    let text = format!("{}…", "é".repeat(80));
    assert_eq!(said, [format!("`at`: the string {text:?} cannot be read here and was left out")]);
    let read: Tolerant<Order> = serde_json::from_value(json!({"count": "7"})).unwrap();
    assert_eq!(
        serde_json::to_value(&read.repairs[1]).unwrap(),
        json!({
            "path": "count", "tolerance": "coerced",
            "found": {"kind": "string", "text": "7"}, "made": {"kind": "number", "text": "7"},
        })
    );
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        "[0-9a-zA-Z:., +-]{0,24}".prop_map(|s| json!(s)),
    ];
    let names =
        prop::sample::select(vec!["at", "count", "note", "open", "parts", "price", "state", "x"]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::Array),
            prop::collection::btree_map(names.clone(), inner, 0..6)
                .prop_map(|m| m.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    /// Every object reads; and where strict serde reads it too, and nothing was repaired, it is the same.
    #[test]
    fn every_object_can_be_read(json in any_json()) {
        let read = serde_json::from_value::<Tolerant<Order>>(json.clone());
        prop_assert_eq!(read.is_ok(), json.is_object(), "{:?}", read);
        let absent = |r: &Repair| matches!(r.tolerance, Tolerance::Missing | Tolerance::Null);
        if let (Ok(read), Ok(strict)) = (read, serde_json::from_value::<Order>(json))
            && read.repairs.iter().all(absent)
        {
            prop_assert_eq!(read.value, strict);
        }
    }
}
