//! The same for the outer event, and the payload in it.

use proptest::prelude::*;
use serde_json::json;

use super::*;

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
fn valid_whole_event_is_unchanged() {
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
fn missing_or_null_outer_fields_are_absent() {
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
            [format!("`{name}`: `null`, which its schema does not allow, was read as absent")]
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
    assert_eq!(said, ["`account`: the number 1.5 cannot be read here and was left out"]);

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
    assert_eq!(said, ["`time`: an object cannot be read here and was left out"]);

    let (event, said) = outer_with("resources", json!("arn:aws:s3:::a"));
    assert_eq!(event, right);
    assert_eq!(said, ["`resources`: the string \"arn:aws:s3:::a\" was read as an array of it"]);
    let (event, said) = outer_with("resources", json!([{"arn": "a"}, "arn:aws:s3:::a", 7]));
    assert_eq!(event.resources.unwrap(), ["arn:aws:s3:::a", "7"]);
    assert_eq!(
        said,
        [
            "`resources[0]`: an object cannot be read here and was left out",
            "`resources[2]`: the number 7 was read as the string \"7\"",
        ]
    );
}

#[test]
fn payload_is_repaired_in_place() {
    let mut detail = good();
    detail["count"] = json!("12");
    detail["parts"] = json!([{"count": "x"}]);
    let (event, said) = outer_with("detail", detail);
    assert_eq!(event.detail.unwrap().count, Some(12));
    assert_eq!(said[0], "`detail.count`: the string \"12\" was read as the number 12");
    let left = "`detail.parts[0].count`: the string \"x\" cannot be read here and was left out";
    assert!(said.iter().any(|s| s == left), "{said:?}");

    let (event, said) = outer_with("detail", json!("{}"));
    assert_eq!(event.detail, None);
    assert_eq!(said, ["`detail`: the string \"{}\" cannot be read here and was left out"]);

    // the strict outer event around a tolerant payload, as ever
    let mut json = outer();
    json["detail"]["count"] = json!("12");
    let read: crate::AwsEvent<Tolerant<Order>> = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(read.detail.repairs[0].path, "count");
    json.as_object_mut().unwrap().remove("time");
    assert!(serde_json::from_value::<crate::AwsEvent<Tolerant<Order>>>(json).is_err());
}

proptest! {
/// Every object with the two names reads, whatever is in the other places.
#[test]
fn every_whole_event_can_be_read(places in prop::collection::vec(any_json(), 7)) {
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
}}
