//! Each tolerance by itself; that nothing else changes; that nothing panics.

use event_shape::{Field, Object, Ref, Shape, Type};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use serde::Serialize;

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

const TYPE: Type = Type { name: "T", id: "t", args: &[] };
static STATE: Shape = Shape::Enum(event_shape::Enum {
    ty: TYPE,
    tag: event_shape::Tag::External,
    closed: false,
    open: false,
    writes_unknown: false,
    variants: &[
        event_shape::Variant { name: "paid", body: event_shape::Body::Unit },
        event_shape::Variant { name: "sent", body: event_shape::Body::Unit },
    ],
});
static ORDER: Shape = Shape::Object(Object {
    ty: TYPE,
    closed: false,
    fields: &[
        field("at", 7, <Option<Timestamp> as EventShape>::SHAPE),
        field("count", 7, <Option<u8> as EventShape>::SHAPE),
        field("note", 6, <Option<String> as EventShape>::SHAPE),
        field("open", 7, <Option<bool> as EventShape>::SHAPE),
        field("parts", 7, Ref::new(&Shape::Nullable(Ref::new(&Shape::Array(Ref::new(&ORDER)))))),
        field("price", 7, <Option<f64> as EventShape>::SHAPE),
        field("state", 7, Ref::new(&Shape::Nullable(Ref::new(&STATE)))),
    ],
});
impl EventShape for Order {
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
fn what_is_right_is_left_alone() {
    let read: Tolerant<Order> = serde_json::from_value(good()).unwrap();
    assert_eq!(read.repairs, []);
    assert_eq!(read.value, serde_json::from_value(good()).unwrap());
    // an optional field may be absent or null: nothing to say
    assert_eq!(with("note", json!(null)).1, [""; 0]);
}

#[test]
fn missing_and_null() {
    let read: Tolerant<Order> = serde_json::from_str("{\"count\": null}").unwrap();
    let said: Vec<String> = read.repairs.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "`at`: missing, and required",
            "`count`: `null`, which its schema doesn't allow, was read as absent",
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
        ["`at`: the string \"yesterday\" can't be read here and was left out"]
    );
}

#[test]
fn a_single_value_and_bad_elements() {
    let (order, said) = with("parts", json!({"count": "3"}));
    assert_eq!(order.parts.unwrap()[0].count, Some(3));
    assert_eq!(said[0], "`parts`: an object was read as an array of it");
    assert!(
        said.contains(&"`parts[0].count`: the string \"3\" was read as the number 3".to_owned()),
        "{said:?}"
    );

    let (order, said) = with("parts", json!([1, good()]));
    assert_eq!(order.parts.unwrap().len(), 1);
    assert_eq!(said, ["`parts[0]`: the number 1 can't be read here and was left out"]);
}

/// An event with nothing wrong outside of its detail.
fn outer() -> serde_json::Value {
    json!({
        "version": "0", "id": "1", "detail-type": "Order Placed", "source": "aws.shop", "account": "012345678901",
        "time": "2020-08-13T09:14:52Z", "region": "eu-central-1", "resources": ["arn:aws:s3:::a"], "detail": good(),
    })
}

type Outer = PartialAwsEvent<Order>;

fn outer_with(name: &str, value: serde_json::Value) -> (Outer, Vec<String>) {
    let mut json = outer();
    json[name] = value;
    let read: Tolerant<Outer> = serde_json::from_value(json).unwrap();
    (read.value, read.repairs.iter().map(ToString::to_string).collect())
}

#[test]
fn a_whole_event_that_is_right_is_left_alone() {
    let read: Tolerant<Outer> = serde_json::from_value(outer()).unwrap();
    assert_eq!(read.repairs, []);
    let strict: crate::AwsEvent<Order> = serde_json::from_value(outer()).unwrap();
    assert_eq!(serde_json::to_value(&read.value).unwrap(), serde_json::to_value(&strict).unwrap());
    assert_eq!(
        outer_with("replay-name", json!("again")),
        (Outer { replay_name: Some("again".to_owned()), ..read.value }, vec![])
    );
}

#[test]
fn outer_fields_are_absent_where_they_are_missing_or_null() {
    let without = |name: &str| {
        let mut json = outer();
        json.as_object_mut().unwrap().remove(name);
        serde_json::from_value::<Tolerant<Outer>>(json)
    };
    for name in ["version", "id", "account", "time", "region", "resources", "detail"] {
        let read = without(name).unwrap();
        assert_eq!(read.repairs.len(), 1, "{name}");
        assert_eq!(read.repairs[0].to_string(), format!("`{name}`: missing, and required"));
        assert_eq!((&read.repairs[0].found, &read.repairs[0].made), (&None, &None));
        let back = serde_json::to_value(&read.value).unwrap();
        assert_eq!(back.get(name), None);

        let (event, said) = outer_with(name, json!(null));
        assert_eq!(event, read.value);
        assert_eq!(
            said,
            [format!("`{name}`: `null`, which its schema doesn't allow, was read as absent")]
        );
    }
    for name in ["detail-type", "source"] {
        let error = without(name).unwrap_err().to_string();
        assert!(error.contains(&format!("missing field `{name}`")), "{error}");
        // the one that counts is told of, whatever else is wrong
        let mut json = outer();
        json[name] = json!(null);
        json["time"] = json!("Thu, 13 Aug 2020 09:14:52 GMT");
        let error = serde_json::from_value::<Tolerant<Outer>>(json).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{name}: invalid type: null")), "{error}");
    }
}

#[test]
fn outer_fields_are_repaired() {
    let (event, said) = outer_with("account", json!(12_345_678_901_u64));
    assert_eq!(event.account.as_deref(), Some("012345678901"));
    assert_eq!(said, ["`account`: the number 12345678901 was read as the string \"012345678901\""]);
    let (event, said) = outer_with("account", json!(1.5));
    assert_eq!(event.account, None);
    assert_eq!(said, ["`account`: the number 1.5 can't be read here and was left out"]);

    assert_eq!(outer_with("version", json!(0)).0.version.as_deref(), Some("0"));
    assert_eq!(outer_with("id", json!(true)).0.id.as_deref(), Some("true"));

    let right = outer_with("version", json!("0")).0;
    for time in [
        json!("Thu, 13 Aug 2020 09:14:52 GMT"),
        json!("2020-08-13 09:14:52"),
        json!(1_597_310_092_000_i64),
    ] {
        let (event, said) = outer_with("time", time);
        assert_eq!(event, right);
        assert!(said[0].starts_with("`time`: the "), "{said:?}");
        assert!(said[0].ends_with(" was read as the date 2020-08-13T09:14:52Z"), "{said:?}");
    }
    let (event, said) = outer_with("time", json!({}));
    assert_eq!(event.time, None);
    assert_eq!(said, ["`time`: an object can't be read here and was left out"]);

    let (event, said) = outer_with("resources", json!("arn:aws:s3:::a"));
    assert_eq!(event, right);
    assert_eq!(said, ["`resources`: the string \"arn:aws:s3:::a\" was read as an array of it"]);
    let (event, said) = outer_with("resources", json!([{"arn": "a"}, "arn:aws:s3:::a", 7]));
    assert_eq!(event.resources.unwrap(), ["arn:aws:s3:::a", "7"]);
    assert_eq!(
        said,
        [
            "`resources[0]`: an object can't be read here and was left out",
            "`resources[2]`: the number 7 was read as the string \"7\"",
        ]
    );
}

#[test]
fn the_payload_is_repaired_in_its_place() {
    let mut detail = good();
    detail["count"] = json!("12");
    detail["parts"] = json!([{"count": "x"}]);
    let (event, said) = outer_with("detail", detail);
    assert_eq!(event.detail.unwrap().count, Some(12));
    assert_eq!(said[0], "`detail.count`: the string \"12\" was read as the number 12");
    let left = "`detail.parts[0].count`: the string \"x\" can't be read here and was left out";
    assert!(said.iter().any(|s| s == left), "{said:?}");

    let (event, said) = outer_with("detail", json!("{}"));
    assert_eq!(event.detail, None);
    assert_eq!(said, ["`detail`: the string \"{}\" can't be read here and was left out"]);

    // the strict outer event around a tolerant payload, as ever
    let mut json = outer();
    json["detail"]["count"] = json!("12");
    let read: crate::AwsEvent<Tolerant<Order>> = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(read.detail.repairs[0].path, "count");
    json.as_object_mut().unwrap().remove("time");
    assert!(serde_json::from_value::<crate::AwsEvent<Tolerant<Order>>>(json).is_err());
}

#[test]
fn a_report_repeats_no_more_than_a_line() {
    let (_, said) = with("at", json!("é".repeat(1000)));
    let text = format!("{}…", "é".repeat(80));
    assert_eq!(said, [format!("`at`: the string {text:?} can't be read here and was left out")]);
    let read: Tolerant<Order> = serde_json::from_value(json!({"count": "7"})).unwrap();
    assert_eq!(
        serde_json::to_value(&read.repairs[1]).unwrap(),
        json!({
            "path": "count", "tolerance": "coerced",
            "found": {"kind": "string", "text": "7"}, "made": {"kind": "number", "text": "7"},
        })
    );
}

/// A type of a format that refuses more than its shape can say, as `uuid::Uuid` does.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
struct Key(String);

impl TryFrom<String> for Key {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let hexes: Vec<usize> = text.split('-').map(str::len).collect();
        (hexes == [8, 4, 4, 4, 12]).then_some(Key(text)).ok_or_else(|| "no key".to_owned())
    }
}

impl EventShape for Key {
    const SHAPE: Ref = Ref::leaf(&Shape::Str("uuid"));
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Keyed {
    key: Option<Key>,
    keys: Option<Vec<Key>>,
    pair: Option<(Key, u8)>,
}

static KEYED: Shape = Shape::Object(Object {
    ty: TYPE,
    closed: false,
    fields: &[
        field("key", 6, <Option<Key> as EventShape>::SHAPE),
        field("keys", 6, <Option<Vec<Key>> as EventShape>::SHAPE),
        field("pair", 6, <Option<(Key, u8)> as EventShape>::SHAPE),
    ],
});
impl EventShape for Keyed {
    const SHAPE: Ref = Ref::new(&KEYED);
}

const KEY: &str = "01234567-0123-0123-0123-012345678901";
/// So many digits as a uuid has, in another order: only the type refuses it.
const NO_KEY: &str = "0123-4567-0123-0123-0123-012345678901";

#[test]
fn what_only_the_type_of_a_format_refuses_is_left_out() {
    let key = Key(KEY.to_owned());
    for text in ["no uuid at all", NO_KEY] {
        let json = json!({"key": text, "keys": [text, KEY, 3, text, KEY, text]});
        let read: Tolerant<Keyed> = serde_json::from_value(json).unwrap();
        let keys = Some(vec![key.clone(), key.clone()]);
        assert_eq!(read.value, Keyed { key: None, keys, pair: None });
        let mut places: Vec<&str> = read.repairs.iter().map(|r| r.path.as_str()).collect();
        places.sort_unstable();
        assert_eq!(places, ["key", "keys[0]", "keys[2]", "keys[3]", "keys[5]"]);
        assert!(read.repairs.iter().all(|r| r.tolerance == Tolerance::LeftOut));
    }

    // a place of a tuple can't be absent: then the tuple is, and what was repaired in it is not told
    let read: Tolerant<Keyed> = serde_json::from_value(json!({"pair": [NO_KEY, "3"]})).unwrap();
    assert_eq!(read.value.pair, None);
    let said: Vec<String> = read.repairs.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["`pair`: an array can't be read here and was left out"]);

    // it ends soon where there is much of it: then all of the array is left out
    let json = json!({"key": KEY, "keys": vec![NO_KEY; 10_000]});
    let read: Tolerant<Keyed> = serde_json::from_value(json).unwrap();
    assert_eq!(read.value, Keyed { key: Some(key), keys: None, pair: None });
    let said: Vec<String> = read.repairs.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["`keys`: an array can't be read here and was left out"]);

    // what is wrong at the root is no place that can be absent
    let error = serde_json::from_value::<Tolerant<Key>>(json!(NO_KEY)).unwrap_err();
    assert_eq!(error.to_string(), "no key");
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
    fn every_object_reads(json in any_json()) {
        let read = serde_json::from_value::<Tolerant<Order>>(json.clone());
        prop_assert_eq!(read.is_ok(), json.is_object(), "{:?}", read);
        let absent = |r: &Repair| matches!(r.tolerance, Tolerance::Missing | Tolerance::Null);
        if let (Ok(read), Ok(strict)) = (read, serde_json::from_value::<Order>(json))
            && read.repairs.iter().all(absent)
        {
            prop_assert_eq!(read.value, strict);
        }
    }
    /// Every object with the two names reads, whatever is in the other places.
    #[test]
    fn every_whole_event_reads(places in prop::collection::vec(any_json(), 7)) {
        let names = ["version", "id", "account", "time", "region", "resources", "detail"];
        let mut json = json!({"detail-type": "Order Placed", "source": "aws.shop"});
        for (name, place) in names.into_iter().zip(places) {
            json[name] = place;
        }
        let read = serde_json::from_value::<Tolerant<Outer>>(json.clone());
        prop_assert!(read.is_ok(), "{:?}", read);
        if let Ok(strict) = serde_json::from_value::<crate::AwsEvent<Order>>(json) {
            let read = read.unwrap();
            let outer = |r: &Repair| !r.path.starts_with("detail");
            prop_assert!(!read.repairs.iter().any(outer), "{:?}", read.repairs);
            prop_assert_eq!(read.value.time, Some(strict.time));
            prop_assert_eq!(read.value.resources, Some(strict.resources));
        }
    }
}
