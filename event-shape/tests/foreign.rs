//! Types of other crates: serde writes what their shape promises, a schema of another type rejects them,
//! and a plain `String` does not satisfy their formats.
#![allow(clippy::unwrap_used)] // a value that can't be made is a mistake of the test

use event_shape::baseline::{Field, Object, Ty};
use event_shape::{EventData, Locked, Ref, check};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Why a required field of this shape does not match this locked type.
fn refused(shape: Ref, ty: &Ty) -> Option<String> {
    let field = Field {
        name: "f".to_owned(),
        rust: "f".to_owned(),
        line: 3,
        optional: false,
        ty: ty.clone(),
    };
    let root = Ty::Object(Object { open: true, patterned: false, rest: None, fields: vec![field] })
        .to_text();
    let locked = Locked {
        event: "types.seen",
        version: "1.0",
        against: "1.0",
        file: "1.0.json",
        locked: true,
        exact: true,
        generated: false,
        root: &root,
        definitions: &[],
    };
    check::check_field(&locked, shape, 0, 2).err().map(|m| m.as_str().to_owned())
}

/// The value is written as this text and read from it; its type matches this format and no other.
fn text_of<T: EventData + Serialize + DeserializeOwned>(value: &T, text: &str, format: &str) {
    assert_eq!(serde_json::to_value(value).unwrap(), json!(text));
    let back: T = serde_json::from_value(json!(text)).unwrap();
    assert_eq!(serde_json::to_value(back).unwrap(), json!(text));
    let own = Ty::Str(format.to_owned());
    assert_eq!(refused(T::SHAPE, &own), None, "{format}");
    assert!(refused(String::SHAPE, &own).is_some(), "a `String` may hold what is no {format}");
    let others = ["date", "date-time", "decimal", "duration", "ipv4", "ulid", "uuid"];
    for other in others.iter().filter(|other| **other != format) {
        let message = refused(T::SHAPE, &Ty::Str((*other).to_owned())).unwrap();
        assert!(message.contains("`f` changed its type"), "{format} for {other}: {message}");
        assert!(message.contains(&format!("was: string ({other})")), "{message}");
        assert!(message.contains(&format!("now: string ({format})")), "{message}");
    }
    for other in [Ty::Bool, Ty::Num(false), Ty::Int(None, None), Ty::Array(Box::new(own))] {
        assert!(refused(T::SHAPE, &other).is_some(), "{format} for {other:?}");
    }
}

#[test]
fn jiff() {
    let at: jiff::Timestamp = "2026-01-31T10:00:00Z".parse().unwrap();
    text_of(&at, "2026-01-31T10:00:00Z", "date-time");
    text_of(&jiff::civil::date(2026, 1, 31), "2026-01-31", "date");
    let span: jiff::Span = "P1DT2H".parse().unwrap();
    text_of(&span, "P1DT2H", "duration");
}

#[test]
fn chrono() {
    let at = chrono::DateTime::parse_from_rfc3339("2026-01-31T10:00:00+02:00").unwrap();
    text_of(&at, "2026-01-31T10:00:00+02:00", "date-time");
    text_of(&at.to_utc(), "2026-01-31T08:00:00Z", "date-time");
    text_of(&chrono::NaiveDate::from_ymd_opt(2026, 1, 31).unwrap(), "2026-01-31", "date");
}

#[test]
fn uuid() {
    let text = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    text_of(&text.parse::<uuid::Uuid>().unwrap(), text, "uuid");
}

#[test]
fn ulid() {
    let text = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    text_of(&text.parse::<ulid::Ulid>().unwrap(), text, "ulid");
}

#[test]
fn rust_decimal() {
    text_of(&"12.50".parse::<rust_decimal::Decimal>().unwrap(), "12.50", "decimal");
}

/// Any JSON matches any JSON, and nothing more specific.
#[test]
fn serde_json() {
    assert_eq!(refused(Value::SHAPE, &Ty::Any), None);
    assert!(refused(Value::SHAPE, &Ty::Str(String::new())).is_some());
    let map = Ty::Map(Box::new(Ty::Any));
    assert_eq!(refused(Map::<String, Value>::SHAPE, &map), None);
    assert!(refused(Map::<String, Value>::SHAPE, &Ty::Map(Box::new(Ty::Bool))).is_some());
    assert!(refused(Value::SHAPE, &map).is_some());
}
