//! Compares the matching rule with two independent judges: serde, which reads and writes values, and a
//! validator of a dozen lines. A type agrees with a schema exactly if every event of the schema can be
//! read, and every event of the type is valid.
#![allow(clippy::unwrap_used)] // a value that serde can't make is a mistake of the test

use std::collections::BTreeMap;

use event_shape::baseline::{Enum, Field, Object, Tag, Ty, Variant};
use event_shape::{Body, Code, EventData, Field as Flag, Locked, Ref, Scalar, Shape, check};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize, Deserialize, Clone)]
#[serde(rename_all = "lowercase")]
enum Side {
    Left,
    Right,
}

impl EventData for Side {
    const SHAPE: Ref = {
        static S: Shape = Shape::Enum(event_shape::Enum {
            ty: event_shape::Type { name: "Side", id: "rule::Side", docs: "", args: &[] },
            tag: event_shape::Tag::External,
            closed: false,
            open: false,
            writes_unknown: false,
            unknown: None,
            variants: &[
                event_shape::Variant { name: "left", body: Body::Unit },
                event_shape::Variant { name: "right", body: Body::Unit },
            ],
        });
        Ref::new(&S)
    };
}

/// A Rust type as one kind of field.
struct Case {
    name: String,
    shape: Ref,
    flags: u8,
    reads: fn(&Value) -> bool,
    writes: Vec<Value>,
}

fn can_read<H: DeserializeOwned>(event: &Value) -> bool {
    H::deserialize(event).is_ok()
}

macro_rules! ways {
    ($cases:ident, $($ty:ty: [$($value:expr),* $(,)?]),* $(,)?) => {$({
        #[derive(Serialize, Deserialize)]
        struct Plain { f: $ty }
        #[derive(Serialize, Deserialize)]
        struct Defaulted { #[serde(default = "first")] f: $ty }
        #[derive(Serialize, Deserialize)]
        struct Maybe { f: Option<$ty> }
        #[derive(Serialize, Deserialize)]
        struct Skipping { #[serde(skip_serializing_if = "Option::is_none")] f: Option<$ty> }
        fn first() -> $ty { values().remove(0) }
        fn values() -> Vec<$ty> { vec![$($value),*] }
        let name = stringify!($ty);
        let (plain, optional) = (<$ty as EventData>::SHAPE, <Option<$ty> as EventData>::SHAPE);
        let written = |all: Vec<Value>| all;
        $cases.push(Case { name: format!("f: {name}"), shape: plain, flags: 0, reads: can_read::<Plain>,
            writes: written(values().into_iter().map(|f| json!(Plain { f })).collect()) });
        $cases.push(Case { name: format!("default f: {name}"), shape: plain, flags: Flag::DEFAULT, reads: can_read::<Defaulted>,
            writes: written(values().into_iter().map(|f| json!(Defaulted { f })).collect()) });
        let some = || values().into_iter().map(Some).chain([None]);
        $cases.push(Case { name: format!("f: Option<{name}>"), shape: optional, flags: 0, reads: can_read::<Maybe>,
            writes: written(some().map(|f| json!(Maybe { f })).collect()) });
        $cases.push(Case { name: format!("skipping f: Option<{name}>"), shape: optional, flags: Flag::SKIPS | Flag::SKIPS_NONE,
            reads: can_read::<Skipping>, writes: written(some().map(|f| json!(Skipping { f })).collect()) });
    })*};
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    ways! { cases,
        bool: [true, false],
        i64: [i64::MIN, 0, i64::MAX],
        u64: [0, u64::MAX],
        i32: [i32::MIN, i32::MAX],
        u32: [0, u32::MAX],
        u8: [0, u8::MAX],
        f64: [1.5, -1e300],
        String: ["free text".to_owned()],
        char: ['x'],
        Side: [Side::Left, Side::Right],
        (): [()],
        Vec<String>: [vec![], vec!["free text".to_owned()]],
        Vec<Option<String>>: [vec![None, Some("free text".to_owned())]],
        BTreeMap<String, i64>: [BTreeMap::from([("free key".to_owned(), i64::MIN)])],
        (i64, String): [(i64::MIN, "free text".to_owned())],
        [i64; 2]: [[i64::MIN, i64::MAX]],
        Option<i64>: [None, Some(i64::MAX), Some(i64::MIN)],
        Box<str>: ["free text".into()],
    }
    cases
}

fn unit(name: &str) -> Variant {
    Variant { name: name.to_owned(), rust: name.to_owned(), line: 1, ty: None }
}

fn schemas() -> Vec<Ty> {
    let text = || Ty::Str(String::new());
    let number = || Ty::Int(None, None);
    let enumeration = |names: &[&str]| {
        Ty::Enum(Enum {
            open: false,
            tag: Tag::External,
            variants: names.iter().map(|n| unit(n)).collect(),
        })
    };
    let mut all = vec![
        Ty::Bool,
        Ty::Null,
        number(),
        Ty::Int(Some(0), None),
        Ty::Int(Some(0), Some(255)),
        Ty::Int(Some(0), Some(u32::MAX.into())),
        Ty::Int(Some(i32::MIN.into()), Some(i32::MAX.into())),
        Ty::Num(false),
        text(),
        Ty::Str("uuid".to_owned()),
        Ty::Str("char".to_owned()),
        Ty::Str("house-style".to_owned()),
        Ty::Array(Box::new(text())),
        Ty::Array(Box::new(Ty::Nullable(Box::new(text())))),
        Ty::Map(Box::new(number())),
        Ty::Tuple(vec![number(), text()]),
        Ty::Tuple(vec![number(), number()]),
        enumeration(&["left", "right"]),
        enumeration(&["left"]),
        enumeration(&["left", "middle", "right"]),
        Ty::Values(vec![Scalar::Int(1), Scalar::Int(2), Scalar::Int(5)]),
        Ty::Values(vec![Scalar::Bool(true)]),
        Ty::Any,
    ];
    let nullable: Vec<Ty> =
        all.iter().filter(|t| !matches!(t, Ty::Null | Ty::Any)).cloned().collect();
    all.extend(nullable.into_iter().map(|t| Ty::Nullable(Box::new(t))));
    all
}

fn scalar(value: Scalar) -> Value {
    match value {
        Scalar::Bool(value) => json!(value),
        Scalar::Int(value) => json!(i64::try_from(value).unwrap()),
    }
}

const UUID: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

/// Values of the schema, including its limits.
fn samples(ty: &Ty) -> Vec<Value> {
    match ty {
        Ty::Any => vec![json!({"free": [1]}), json!(null), json!("free text"), json!(1.5)],
        Ty::Null => vec![json!(null)],
        Ty::Bool => vec![json!(true), json!(false)],
        Ty::Int(lo, hi) => {
            let lo = lo.unwrap_or(i64::MIN.into());
            let hi = hi.unwrap_or(if lo == 0 { u64::MAX.into() } else { i64::MAX.into() });
            [lo, hi]
                .map(|n| {
                    i64::try_from(n).map_or_else(|_| json!(u64::try_from(n).unwrap()), |n| json!(n))
                })
                .to_vec()
        }
        Ty::Num(_) => vec![json!(1.5), json!(-3)],
        Ty::Str(format) => match format.as_str() {
            "uuid" => vec![json!(UUID)],
            "char" => vec![json!("y")],
            _ => vec![json!("free text"), json!("")],
        },
        Ty::Nullable(t) => samples(t).into_iter().chain([json!(null)]).collect(),
        Ty::Array(t) => vec![json!([]), Value::Array(samples(t))],
        Ty::Tuple(ts) => vec![Value::Array(ts.iter().map(|t| samples(t).remove(0)).collect())],
        Ty::Map(t) => {
            samples(t).into_iter().map(|v| json!({"free key": v})).chain([json!({})]).collect()
        }
        Ty::Enum(e) => e.variants.iter().map(|v| json!(v.name)).collect(),
        Ty::Values(values) => values.iter().map(|v| scalar(*v)).collect(),
        Ty::Ref(_) | Ty::Object(_) | Ty::Opaque(_) => {
            unreachable!("not among the schemas of this test")
        }
    }
}

fn is_valid(ty: &Ty, value: &Value) -> bool {
    match ty {
        Ty::Any => true,
        Ty::Null => value.is_null(),
        Ty::Bool => value.is_boolean(),
        Ty::Int(lo, hi) => {
            let n = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
            let lo = lo.unwrap_or(i64::MIN.into());
            let hi = hi.unwrap_or(if lo == 0 { u64::MAX.into() } else { i64::MAX.into() });
            n.is_some_and(|n| lo <= n && n <= hi)
        }
        Ty::Num(_) => value.is_number(),
        Ty::Str(format) => value.as_str().is_some_and(|s| match format.as_str() {
            "uuid" => s.len() == UUID.len(),
            "char" => s.chars().count() == 1,
            _ => true,
        }),
        Ty::Nullable(t) => value.is_null() || is_valid(t, value),
        Ty::Array(t) => value.as_array().is_some_and(|a| a.iter().all(|v| is_valid(t, v))),
        Ty::Tuple(ts) => value
            .as_array()
            .is_some_and(|a| a.len() == ts.len() && ts.iter().zip(a).all(|(t, v)| is_valid(t, v))),
        Ty::Map(t) => value.as_object().is_some_and(|o| o.values().all(|v| is_valid(t, v))),
        Ty::Enum(e) => e.variants.iter().any(|v| value == &json!(v.name)),
        Ty::Values(values) => values.iter().any(|v| *value == scalar(*v)),
        Ty::Ref(_) | Ty::Object(_) | Ty::Opaque(_) => {
            unreachable!("not among the schemas of this test")
        }
    }
}

fn root(ty: &Ty, optional: bool) -> String {
    let field =
        Field { name: "f".to_owned(), rust: "f".to_owned(), line: 3, optional, ty: ty.clone() };
    Ty::Object(Object { open: true, patterned: false, rest: None, fields: vec![field] }).to_text()
}

fn locked(root: &str) -> Locked<'_> {
    Locked {
        event: "rule.tested",
        version: "1.0",
        against: "1.0",
        file: "1.0.json",
        locked: true,
        exact: true,
        generated: false,
        root,
        definitions: &[],
    }
}

/// Why serde and the validator report that the type breaks the schema.
fn counterexample(case: &Case, ty: &Ty, optional: bool) -> Option<String> {
    let absent = optional.then(|| json!({}));
    for event in samples(ty).into_iter().map(|v| json!({"f": v})).chain(absent) {
        if !(case.reads)(&event) {
            return Some(format!("{event} is valid and isn't read"));
        }
    }
    let valid = |event: &Value| event.get("f").map_or(optional, |v| is_valid(ty, v));
    let bad = case.writes.iter().find(|event| !valid(event))?;
    Some(format!("{bad} is written and isn't valid"))
}

#[test]
fn a_type_agrees_exactly_where_serde_and_a_validator_find_nothing() {
    let mut seen = [0usize; 2];
    let mut wrong = Vec::new();
    for case in cases() {
        for ty in schemas() {
            for optional in [false, true] {
                let text = root(&ty, optional);
                let verdict = check::check_field(&locked(&text), case.shape, case.flags, 2);
                let found = counterexample(&case, &ty, optional);
                seen[usize::from(verdict.is_ok())] += 1;
                match (&verdict, &found) {
                    (Ok(()), Some(why)) => {
                        wrong.push(format!(
                            "accepted: `{}` for {ty:?}, optional: {optional}; but {why}",
                            case.name
                        ));
                    }
                    (Err(message), None) => {
                        wrong.push(format!(
                            "refused: `{}` for {ty:?}, optional: {optional}\n{}",
                            case.name,
                            message.as_str()
                        ));
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen[0] > 2000 && seen[1] > 60, "both answers are met: {seen:?}");
}

/// The fast path passes nothing that the walk rejects, and passes the common cases.
#[test]
fn the_fast_path_passes_only_what_the_walk_passes() {
    let (mut passed, mut by_number) = (0, 0);
    for case in cases() {
        for ty in schemas() {
            for optional in [false, true] {
                for flags in 0..64u8 {
                    if flags & Flag::FLATTEN != 0 {
                        continue;
                    }
                    let text = root(&ty, optional);
                    let locked = locked(&text);
                    let place = 2 * (text.len() - 1 - ty.to_text().len()) + usize::from(optional);
                    let fast = check::agrees(&locked, case.shape, flags, place);
                    let walk = check::check_field(&locked, case.shape, flags, 2).is_ok();
                    assert!(!fast || walk, "`{}` with flags {flags} for {text}", case.name);
                    passed += usize::from(fast);
                    for option in [false, true] {
                        let code = Code::of_field(&ty, optional, flags, option);
                        let same = code != Code::NONE && code == case.shape.code();
                        assert!(!same || walk, "`{}` with flags {flags} for {text}", case.name);
                        by_number += usize::from(same);
                    }
                }
            }
        }
    }
    assert!(passed > 500, "{passed}");
    assert!(by_number > 300, "{by_number}");
}
