//! Unusual structs: for those that the derive accepts, serde's output is valid for the schema, and
//! serde reads what the schema allows; `jsonschema` is the judge. The schema compiled back is a
//! lock that the struct matches.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test may fail loudly")]
#![allow(deprecated, reason = "an event without a schema is warned of, and here that is the point")]
#![allow(
    clippy::all,
    clippy::pedantic,
    unreachable_pub,
    dead_code,
    private_interfaces,
    reason = "the structs are odd on purpose"
)]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::marker::PhantomData;

use event_runtime::{Event, EventData};
use event_testing::{hold, schema_of};
use event_tests::held::{held, lock};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The output is valid and is read again; of similar values, the valid ones are read.
fn judged<T: Event + EventData + Serialize + DeserializeOwned>(values: Vec<T>) -> Value {
    let schema: Value = serde_json::from_str(&schema_of::<T>().unwrap()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    hold::<T>(dir.path(), true).unwrap();
    lock(dir.path());
    assert_eq!(held(dir.path(), T::TYPE, T::SHAPE), Ok(()), "{schema:#}");
    let judge = jsonschema::draft4::options()
        .should_validate_formats(true)
        .with_format("uuid", |text: &str| text.parse::<uuid::Uuid>().is_ok())
        .with_format("ip", |text: &str| text.parse::<std::net::IpAddr>().is_ok())
        .build(&schema)
        .unwrap();
    for value in values {
        let written = serde_json::to_value(&value).unwrap();
        let said: Vec<String> = judge.iter_errors(&written).map(|e| e.to_string()).collect();
        assert_eq!(said, Vec::<String>::new(), "{}: {written:#}\n{schema:#}", T::TYPE);
        let mut near = vec![written.clone()];
        around(&written, &mut |changed| near.push(changed));
        for value in near {
            if judge.is_valid(&value) {
                let read = serde_json::from_value::<T>(value.clone());
                assert!(read.is_ok(), "{}: {value:#}\n{:?}\n{schema:#}", T::TYPE, read.err());
            }
        }
    }
    schema
}

/// The value with one part missing, `null`, or of another type.
fn around(value: &Value, out: &mut dyn FnMut(Value)) {
    for other in [Value::Null, json!("x"), json!(-1), json!(1.5), json!([]), json!({}), json!(true)]
    {
        out(other);
    }
    match value {
        Value::Object(map) => {
            for key in map.keys() {
                let mut less = map.clone();
                less.remove(key);
                out(Value::Object(less));
                around(&map[key], &mut |part| {
                    let mut changed = map.clone();
                    changed[key] = part;
                    out(Value::Object(changed));
                });
            }
            let mut more = map.clone();
            more.insert("nobody knows".to_owned(), json!(1));
            out(Value::Object(more));
        }
        Value::Array(items) => {
            for i in 0..items.len() {
                let mut less = items.clone();
                less.remove(i);
                out(Value::Array(less));
                around(&items[i], &mut |part| {
                    let mut changed = items.clone();
                    changed[i] = part;
                    out(Value::Array(changed));
                });
            }
            let mut more = items.clone();
            more.extend(items.first().cloned());
            out(Value::Array(more));
        }
        _ => {}
    }
}

macro_rules! event {
    ($name:ident { $($body:tt)* }) => {
        #[derive(Event, Serialize, Deserialize)]
        #[event(type = "odd.seen", version = "1.0", registry = "app-core", source = "app.odd")]
        struct $name { $($body)* }
    };
    ($(#[$meta:meta])+ $name:ident { $($body:tt)* }) => {
        #[derive(Event, Serialize, Deserialize)]
        #[event(type = "odd.seen", version = "1.0", registry = "app-core", source = "app.odd")]
        $(#[$meta])+
        struct $name { $($body)* }
    };
}

#[test]
fn names() {
    #[derive(EventData, Serialize, Deserialize)]
    #[serde(rename_all = "SCREAMING-KEBAB-CASE")]
    enum r#Match {
        r#Type,
        RunFast,
        r#Größe,
    }
    event!(#[serde(rename_all = "camelCase")] E {
        r#type: String,
        r#match: r#Match,
        größe_in_metern: f64,
        #[serde(rename = "a \"quoted\" {name} \\ with\nlines\u{1F600}")] quoted: bool,
        #[serde(rename = "")] empty: u8,
        #[serde(rename = "$ref")] reference: u8,
        #[serde(rename = "~0/a")] pointer: u8,
        a_very_long_name_of_a_field_that_goes_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on: i8,
        _leading: u8,
        __two: u8,
        x1_y2: u8,
    });
    for r#match in [r#Match::r#Type, r#Match::RunFast, r#Match::Größe] {
        judged(vec![E { r#type: "t".into(), r#match, größe_in_metern: 1.5, quoted: true, empty: 1, reference: 1, pointer: 2,
            a_very_long_name_of_a_field_that_goes_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on: 3,
            _leading: 1, __two: 2, x1_y2: 3 }]);
    }
}

#[test]
fn attributes() {
    /** A part. */
    #[derive(EventData, Serialize, Deserialize)]
    #[doc = "more"]
    #[must_use]
    #[non_exhaustive]
    #[repr(C)]
    struct Part {
        /// Documented
        /** twice */
        a: u8,
        #[cfg(any())]
        never: Nothing,
        #[cfg(all())]
        always: u8,
        #[cfg_attr(all(), serde(rename = "renamed"), event(as = u8))]
        with: Wrapped,
        #[cfg_attr(any(), serde(rename = "not"))]
        not: u8,
        #[allow(unused)]
        #[deprecated]
        old: u8,
    }
    #[derive(Serialize, Deserialize)]
    struct Wrapped(u8);
    event!(
        #[cfg_attr(all(), serde(rename_all = "kebab-case"))]
        #[allow(deprecated)]
        E { the_part: Part }
    );
    judged(vec![E { the_part: Part { a: 1, always: 2, with: Wrapped(3), not: 4, old: 5 } }]);
}

#[test]
fn transparent() {
    #[derive(EventData, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Tuple<U>(String, PhantomData<U>);
    #[derive(EventData, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Named<U> {
        mark: PhantomData<U>,
        text: Option<String>,
    }
    #[derive(EventData, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Skips {
        #[serde(skip)]
        seen: u8,
        n: u16,
    }
    #[derive(EventData, Serialize, Deserialize)]
    #[serde(transparent)]
    struct SkipsFirst(#[serde(skip)] u8, bool);
    #[derive(EventData, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Defaults {
        n: i64,
        #[serde(default, skip_serializing)]
        other: u8,
    }
    event!(E { tuple: Tuple<u8>, named: Named<u8>, skips: Skips, first: SkipsFirst, defaults: Defaults });
    for text in [None, Some("x".to_owned())] {
        judged(vec![E {
            tuple: Tuple("t".into(), PhantomData),
            named: Named { mark: PhantomData, text },
            skips: Skips { seen: 1, n: 2 },
            first: SkipsFirst(1, true),
            defaults: Defaults { n: 1, other: 2 },
        }]);
    }
}

#[test]
fn skipped_places() {
    #[derive(EventData, Serialize, Deserialize)]
    struct Two(#[serde(skip)] u8, String);
    #[derive(EventData, Serialize, Deserialize)]
    struct Three(u8, #[serde(skip)] u8, String);
    #[derive(EventData, Serialize, Deserialize)]
    enum Kind {
        One(#[serde(skip)] u8),
        Pair(#[serde(skip)] u8, String),
        Triple(u8, #[serde(skip)] u8, String),
        Named {
            #[serde(skip)]
            a: u8,
            b: u8,
        },
        Empty {},
        #[serde(skip)]
        Gone(Hidden),
    }
    #[derive(Default)]
    struct Hidden;
    #[derive(EventData, Serialize, Deserialize)]
    struct One(#[serde(skip)] u8);
    event!(E { one: One, two: Two, three: Three, kinds: Vec<Kind>, #[serde(skip)] hidden: Hidden });
    judged(vec![E {
        one: One(0),
        two: Two(1, "x".into()),
        three: Three(1, 2, "y".into()),
        hidden: Hidden,
        kinds: vec![
            Kind::One(1),
            Kind::Pair(1, "p".into()),
            Kind::Triple(1, 2, "t".into()),
            Kind::Named { a: 1, b: 2 },
            Kind::Empty {},
        ],
    }]);
}

#[test]
fn enums_tagged_inside() {
    #[derive(EventData, Serialize, Deserialize)]
    struct Inner {
        x: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        y: Option<u8>,
    }
    #[derive(EventData, Serialize, Deserialize)]
    struct Nothing;
    #[derive(EventData, Serialize, Deserialize)]
    #[serde(tag = "t", rename_all = "lowercase", rename_all_fields = "camelCase")]
    enum Kind {
        Unit,
        Struct {
            long_name: u8,
            #[serde(rename = "Z")]
            z: Option<u8>,
        },
        #[serde(rename_all = "UPPERCASE")]
        Other {
            low: u8,
        },
        New(Inner),
        Boxed(Box<Inner>),
        Skipped(#[serde(skip)] u8),
    }
    event!(E { kinds: Vec<Kind> });
    let all = || {
        vec![
            Kind::Unit,
            Kind::Struct { long_name: 1, z: None },
            Kind::Other { low: 1 },
            Kind::New(Inner { x: 1, y: None }),
            Kind::Boxed(Box::new(Inner { x: 1, y: Some(2) })),
            Kind::Skipped(1),
        ]
    };
    judged(vec![E { kinds: all() }]);
}

#[test]
fn enums_tagged_beside() {
    #[derive(EventData, Serialize, Deserialize)]
    #[serde(tag = "t", content = "c")]
    enum Kind<T> {
        Unit,
        Struct {
            a: u8,
            #[serde(default)]
            b: Option<u8>,
        },
        One(T),
        Maybe(Option<u8>),
        Pair(u8, String),
        Null(()),
    }
    event!(E { kinds: Vec<Kind<bool>>, other: Kind<BTreeSet<u8>> });
    judged(vec![E {
        kinds: vec![
            Kind::Unit,
            Kind::Struct { a: 1, b: None },
            Kind::One(true),
            Kind::Maybe(None),
            Kind::Maybe(Some(1)),
            Kind::Pair(1, "x".into()),
            Kind::Null(()),
        ],
        other: Kind::One(BTreeSet::from([1, 2])),
    }]);
}

#[test]
fn enums_untagged() {
    #[derive(EventData, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Kind {
        Struct { a: u8, b: String },
        Flag(bool),
        Pair(u8, String),
        List(Vec<i64>),
    }
    event!(E { kinds: Vec<Kind> });
    judged(vec![E {
        kinds: vec![
            Kind::Flag(true),
            Kind::Struct { a: 1, b: "x".into() },
            Kind::Pair(1, "x".into()),
            Kind::List(vec![1]),
        ],
    }]);
}

/// Variants of different JSON types may be in any order.
#[test]
fn untagged_kinds_of_json_may_stand_in_any_order() {
    #[derive(EventData, Serialize, Deserialize)]
    enum Word {
        One,
        Two,
    }
    #[derive(EventData, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Kind {
        Word(Word),
        Whole(i64),
        Flag(bool),
        Words(Vec<Word>),
    }
    event!(E { kinds: Vec<Kind> });
    judged(vec![E {
        kinds: vec![
            Kind::Word(Word::One),
            Kind::Whole(1),
            Kind::Flag(true),
            Kind::Words(vec![Word::Two]),
        ],
    }]);
}

#[test]
fn enums_outside() {
    #[derive(EventData, Serialize, Deserialize)]
    enum Kind {
        Unit,
        Struct {
            a: u8,
        },
        One(u8),
        Maybe(Option<u8>),
        Pair(u8, String),
        #[serde(alias = "older")]
        New,
    }
    #[derive(EventData, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Open {
        On,
        OffNow,
        #[serde(untagged)]
        Other(String),
    }
    event!(E { kinds: Vec<Kind>, open: Vec<Open>, #[serde(default)] by: Option<Kind> });
    judged(vec![E {
        kinds: vec![
            Kind::Unit,
            Kind::Struct { a: 1 },
            Kind::One(1),
            Kind::Maybe(None),
            Kind::Pair(1, "x".into()),
            Kind::New,
        ],
        open: vec![Open::On, Open::OffNow],
        by: None,
    }]);
}

#[test]
fn flattened() {
    #[derive(EventData, Serialize, Deserialize)]
    struct A {
        a: u8,
        #[serde(flatten)]
        b: B,
    }
    #[derive(EventData, Serialize, Deserialize)]
    struct B {
        b: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        c: Option<u8>,
    }
    #[derive(EventData, Serialize, Deserialize)]
    struct C {
        d: u8,
        e: String,
    }
    #[derive(EventData, Serialize, Deserialize)]
    struct G<T> {
        g: T,
    }
    event!(E { #[serde(flatten)] a: Box<A>, #[serde(flatten)] c: Option<C>, #[serde(flatten)] g: G<u16>, z: u8 });
    for c in [None, Some(C { d: 1, e: "x".into() })] {
        judged(vec![E { a: Box::new(A { a: 1, b: B { b: 2, c: None } }), c, g: G { g: 3 }, z: 1 }]);
    }
}

#[test]
fn flattened_map_comes_last() {
    #[derive(EventData, Serialize, Deserialize)]
    struct C {
        d: u8,
        e: String,
    }
    #[derive(EventData, Serialize, Deserialize)]
    struct G<T> {
        g: T,
    }
    event!(E { #[serde(flatten)] c: Option<C>, #[serde(flatten)] g: G<u16>, #[serde(flatten)] rest: HashMap<String, Value>, z: u8 });
    for c in [None, Some(C { d: 1, e: "x".into() })] {
        judged(vec![E {
            c,
            g: G { g: 3 },
            rest: HashMap::from([("other".to_owned(), json!(1))]),
            z: 1,
        }]);
    }
}

#[test]
fn options() {
    #[derive(EventData, Serialize, Deserialize)]
    struct New(Option<u8>);
    #[derive(EventData, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Clear(Option<u8>);
    #[derive(EventData, Serialize, Deserialize, Clone)]
    #[serde(from = "Option<u8>", into = "Option<u8>")]
    struct Through(Option<u8>);
    impl From<Option<u8>> for Through {
        fn from(o: Option<u8>) -> Self {
            Through(o)
        }
    }
    impl From<Through> for Option<u8> {
        fn from(o: Through) -> Self {
            o.0
        }
    }
    type Opt<T> = Option<T>;
    event!(E {
        new: New, clear: Clear, through: Through, boxed: Box<Option<u8>>, inner: Option<Box<u8>>, unit: Option<()>,
        alias: Opt<u8>, #[serde(skip_serializing_if = "Opt::is_none")] skips: Opt<u8>,
        #[serde(default)] list: Vec<Option<u8>>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")] less: Vec<u8>,
        #[serde(default = "seven")] seven: u8,
        map: BTreeMap<String, Option<bool>>, nested: Option<Option<u8>>, cow: Cow<'static, str>,
        boxed_slice: Box<[u8]>, text: Box<str>, mark: PhantomData<u8>, unit_: (), non_zero: std::num::NonZeroU8,
    });
    fn seven() -> u8 {
        7
    }
    for o in [None, Some(1)] {
        judged(vec![E {
            new: New(o),
            clear: Clear(o),
            through: Through(o),
            boxed: Box::new(o),
            inner: o.map(Box::new),
            unit: o.map(|_| ()),
            alias: o,
            skips: o,
            list: vec![o],
            less: o.into_iter().collect(),
            seven: 1,
            map: BTreeMap::from([("k".to_owned(), o.map(|_| true))]),
            nested: Some(o),
            cow: "c".into(),
            boxed_slice: Box::new([1]),
            text: "t".into(),
            mark: PhantomData,
            unit_: (),
            non_zero: 1.try_into().unwrap(),
        }]);
    }
}

#[test]
fn container_default() {
    #[derive(EventData, Serialize, Deserialize, Default)]
    #[serde(default, deny_unknown_fields)]
    struct Part {
        a: u8,
        b: Option<u8>,
        #[serde(skip)]
        c: u8,
    }
    event!(E { part: Part, map: Map<String, Value> });
    judged(vec![E { part: Part::default(), map: Map::new() }]);
}

mod shadows {
    use super::{Event, EventData};
    use serde::{Deserialize, Serialize};
    use std::string::String as Vec;

    #[derive(EventData, Serialize, Deserialize)]
    pub struct Option {
        pub inner: u8,
    }
    #[derive(EventData, Serialize, Deserialize)]
    pub struct String(pub u8);
    #[derive(EventData, Serialize, Deserialize)]
    pub struct Box<T> {
        pub held: T,
    }
    #[derive(EventData, Serialize, Deserialize)]
    pub enum Result {
        Ok,
        Err,
    }
    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "odd.seen", version = "1.0", registry = "app-core", source = "app.odd")]
    pub struct E {
        pub o: Option,
        pub s: String,
        pub b: Box<u8>,
        pub v: Vec,
        pub r: Result,
    }
}

#[test]
fn shadowed() {
    use shadows::*;
    judged(vec![E {
        o: Option { inner: 1 },
        s: String(1),
        b: Box { held: 2 },
        v: "text".into(),
        r: Result::Ok,
    }]);
}

#[test]
fn generics() {
    #[derive(EventData, Serialize, Deserialize)]
    struct Page<'a, T: Clone, const N: usize>
    where
        T: std::fmt::Debug,
        Vec<T>: Send,
    {
        items: Vec<T>,
        name: Cow<'a, str>,
        #[serde(skip)]
        n: PhantomData<[u8; N]>,
        next: Option<Box<Page<'a, T, N>>>,
    }
    #[derive(EventData, Serialize, Deserialize)]
    struct Defaulted<T = u8> {
        t: T,
    }
    #[derive(EventData, Serialize, Deserialize)]
    struct Assoc<I: Iterator>
    where
        I::Item: EventData,
    {
        #[serde(bound(
            serialize = "I::Item: Serialize",
            deserialize = "I::Item: Deserialize<'de>"
        ))]
        item: I::Item,
    }
    event!(E { page: Page<'static, u8, 3>, d: Defaulted });
    judged(vec![E {
        page: Page { items: vec![1], name: "n".into(), n: PhantomData, next: None },
        d: Defaulted { t: 1 },
    }]);
}

#[test]
fn maps_and_numbers() {
    use std::collections::{HashSet, VecDeque};
    use std::net::{IpAddr, Ipv4Addr};
    #[derive(EventData, Serialize, Deserialize)]
    struct Größe {
        h: f32,
    }
    #[derive(EventData, Serialize, Deserialize)]
    struct Wrap<T>(T);
    event!(E {
        big: u64, min: i64, size: usize, isize_: isize, small: i8, float: f32, c: char, ip: IpAddr, v4: Ipv4Addr,
        keys: BTreeMap<Box<str>, i16>, cows: HashMap<Cow<'static, str>, u8>, set: HashSet<String>, deque: VecDeque<(u8, bool)>,
        size_: Wrap<Größe>, deep: Wrap<Wrap<Option<Größe>>>, fixed: [[u8; 2]; 3], eight: (u8, u8, u8, u8, u8, u8, u8, u8), one: (u8,),
        none: BTreeMap<String, ()>, maps: BTreeMap<String, BTreeMap<String, Vec<Option<Wrap<bool>>>>>,
    });
    judged(vec![E {
        big: u64::MAX,
        min: i64::MIN,
        size: usize::MAX,
        isize_: isize::MIN,
        small: -128,
        float: 0.1,
        c: '\u{1F600}',
        ip: "::1".parse().unwrap(),
        v4: "127.0.0.1".parse().unwrap(),
        keys: BTreeMap::from([("a".into(), -1)]),
        cows: HashMap::from([("a".into(), 1)]),
        set: HashSet::from(["x".to_owned()]),
        deque: VecDeque::from([(1, true)]),
        size_: Wrap(Größe { h: 1.5 }),
        deep: Wrap(Wrap(None)),
        fixed: [[1, 2]; 3],
        eight: (1, 2, 3, 4, 5, 6, 7, 8),
        one: (1,),
        none: BTreeMap::from([("n".to_owned(), ())]),
        maps: BTreeMap::from([(
            "m".to_owned(),
            BTreeMap::from([("n".to_owned(), vec![None, Some(Wrap(true))])]),
        )]),
    }]);
}

#[test]
fn made_by_macros() {
    macro_rules! part {
        ($name:ident<$t:ident>, $($field:ident: $ty:ty = $key:literal),*) => {
            #[derive(EventData, Serialize, Deserialize)]
            struct $name<$t> { $(#[serde(rename = $key)] $field: $ty,)* rest: Vec<$t> }
        };
    }
    part!(Made<T>, a: Option<u8> = "A", r#fn: Vec<String> = "fn", t: T = "T");
    macro_rules! whole {
        ($v:vis $name:ident $ty:ty, $opt:path) => {
            event!($name {
                made: $ty,
                #[serde(skip_serializing_if = "Option::is_none")]
                maybe: $opt,
            });
        };
    }
    type Maybe = Option<bool>;
    whole!(pub E Made<u8>, Maybe);
    judged(vec![
        E { made: Made { a: None, r#fn: vec![], t: 1, rest: vec![2] }, maybe: None },
        E {
            made: Made { a: Some(1), r#fn: vec!["x".into()], t: 1, rest: vec![] },
            maybe: Some(true),
        },
    ]);
}

#[test]
fn with_of_others() {
    mod hex {
        pub fn serialize<S: serde::Serializer>(v: &[u8; 2], s: S) -> Result<S::Ok, S::Error> {
            s.serialize_str(&format!("{:02x}{:02x}", v[0], v[1]))
        }
        pub fn deserialize<'de, D: serde::Deserializer<'de>>(d: D) -> Result<[u8; 2], D::Error> {
            let _: String = serde::Deserialize::deserialize(d)?;
            Ok([0, 0])
        }
    }
    struct Theirs {
        text: String,
        n: Option<u8>,
    }
    #[derive(EventData, Serialize, Deserialize)]
    #[serde(remote = "Theirs", rename_all = "UPPERCASE")]
    struct Ours {
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        n: Option<u8>,
    }
    event!(E {
        #[serde(with = "hex")]
        #[event(as = "string")]
        h: [u8; 2],
        #[serde(with = "Ours")]
        #[event(as = Ours)]
        theirs: Theirs
    });
    judged(vec![
        E { h: [1, 2], theirs: Theirs { text: "x".into(), n: None } },
        E { h: [1, 2], theirs: Theirs { text: "x".into(), n: Some(1) } },
    ]);
}

/// The modules of `time` that the derive knows, and one for days that is configured.
#[test]
fn what_time_writes() {
    use time::format_description::well_known::Rfc3339;
    use time::{Date, OffsetDateTime};
    time::serde::format_description!(day, Date, "[year]-[month]-[day]");
    event!(E {
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
        #[serde(with = "time::serde::rfc3339::option")]
        maybe: Option<OffsetDateTime>,
        #[serde(with = "time::serde::rfc3339::option", default, skip_serializing_if = "Option::is_none")]
        left_out: Option<OffsetDateTime>,
        #[serde(with = "day")]
        #[event(as = "string", format = "date")]
        on: Date,
        #[serde(with = "day::option")]
        #[event(as = "string", format = "date")]
        until: Option<Date>,
        #[serde(with = "time::serde::timestamp")]
        #[event(as = i64)]
        seconds: OffsetDateTime,
    });
    let times = [
        "2026-01-31T10:00:00Z",
        "2026-01-31T10:00:00.123456789+02:00",
        "0001-01-01T00:00:00-23:59",
        "9999-12-31T23:59:59Z",
    ];
    let mut schema = Value::Null;
    for at in times.map(|text| OffsetDateTime::parse(text, &Rfc3339).unwrap()) {
        let all = |maybe: Option<OffsetDateTime>| E {
            at,
            maybe,
            left_out: maybe,
            on: at.date(),
            until: maybe.map(OffsetDateTime::date),
            seconds: at,
        };
        schema = judged(vec![all(None), all(Some(at))]);
    }
    assert_eq!(schema["properties"]["at"], json!({ "type": "string", "format": "date-time" }));
    assert_eq!(
        schema["properties"]["maybe"],
        json!({ "type": ["string", "null"], "format": "date-time" })
    );
    assert_eq!(
        schema["properties"]["left_out"],
        json!({ "type": "string", "format": "date-time" })
    );
    assert_eq!(
        schema["properties"]["until"],
        json!({ "type": ["string", "null"], "format": "date" })
    );
    assert_eq!(schema["required"], json!(["at", "maybe", "on", "seconds", "until"]));
}

/// The output of other crates' types, with features.
#[test]
fn what_types_of_other_crates_write() {
    use event_runtime::Timestamp;
    event!(E { at: Timestamp, id: uuid::Uuid, any: Value, all: Map<String, Value>, #[serde(skip_serializing_if = "Option::is_none")] maybe: Option<uuid::Uuid> });
    for maybe in [None, Some(uuid::Uuid::nil())] {
        judged(vec![E {
            at: "2026-01-31T10:00:00.5Z".parse().unwrap(),
            id: uuid::Uuid::max(),
            any: json!([null]),
            all: Map::new(),
            maybe,
        }]);
    }
}

/// Why the type has no schema.
fn refused<T: Event + EventData>() -> String {
    schema_of::<T>().unwrap_err().to_string()
}

macro_rules! refused {
    ($part:ident: $text:literal) => {{
        event!(E { part: $part });
        assert_eq!(refused::<E>(), $text);
    }};
}

#[derive(EventData, Serialize, Deserialize)]
struct Less {
    a: u8,
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(untagged)]
enum Nested {
    Number(f64),
    Flag(bool),
}

#[derive(EventData, Serialize, Deserialize)]
#[serde(untagged)]
enum Places {
    Two(i64, i64),
    Flag(bool),
}

#[test]
fn what_no_schema_says() {
    #[derive(EventData, Serialize, Deserialize)]
    struct NoPlaces([u8; 0]);
    refused!(NoPlaces: "`part` cannot be expressed as a schema: a tuple without elements");

    #[derive(EventData, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Text(String),
        Nothing,
    }
    refused!(Untagged: "`part.<Untagged>` cannot be expressed as a schema: an untagged variant without content is `null`: use an `Option`");

    #[derive(EventData, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Greedy {
        Less { a: u8 },
        More { a: u8, b: u8 },
    }
    refused!(Greedy: "`part` cannot be expressed as a schema: an untagged variant reads the values of one that comes after it, and loses a part of them: put the later one first");

    // a whole number becomes `5.0`, and a large one another number
    const TAKEN: &str = "`part` cannot be expressed as a schema: an untagged variant reads the values of one that comes after it, and loses a part of them: put the later one first";
    macro_rules! taken {
        ($name:ident { $($variant:tt)* }) => {{
            #[derive(EventData, Serialize, Deserialize)]
            #[serde(untagged)]
            enum $name { $($variant)* }
            event!(E { part: $name });
            assert_eq!(refused::<E>(), TAKEN, stringify!($name));
        }};
    }
    taken!(NumberBeforeAny { Number(f64), Any(Value) });
    taken!(NumbersBeforeAny { Numbers(Vec<f64>), Any(Value) });
    taken!(NumbersByNameBeforeAny { Numbers(BTreeMap<String, f64>), Any(Value) });
    taken!(PairBeforeAny { Pair(String, f64), Any(Value) });
    taken!(OptionBeforeFields { Less(Option<Less>), More { a: u8, b: u8 } });
    taken!(EnumBeforeWhole { Nested(Nested), Whole(i64) });
    taken!(ArrayBeforeEnum { Numbers(Vec<f64>), Places(Places) });

    #[derive(EventData, Serialize, Deserialize)]
    #[serde(tag = "t")]
    enum Inside {
        Map(BTreeMap<String, u8>),
    }
    refused!(Inside: "`part.<Map>` cannot be expressed as a schema: only the fields of a struct can be beside an internal tag");
}

#[test]
fn all_breaks_of_part_are_reported() {
    macro_rules! part {
        ($name:ident: $ty:ty) => {
            #[derive(EventData, Serialize, Deserialize)]
            struct $name {
                a: $ty,
                b: $ty,
                c: $ty,
                d: $ty,
                e: $ty,
                f: $ty,
                g: $ty,
                h: $ty,
            }
        };
    }
    part!(Before: String);
    part!(After: bool);
    event!(E { part: Before });
    #[derive(EventData, Serialize, Deserialize)]
    struct Changed {
        part: After,
    }
    let dir = tempfile::tempdir().unwrap();
    hold::<E>(dir.path(), true).unwrap();
    lock(dir.path());
    let message = held(dir.path(), E::TYPE, Changed::SHAPE).unwrap_err();
    assert!(message.starts_with("breaking change in event `odd.seen` 1.0: `part.a` changed its type [field-type-changed]\n  was: string\n  now: boolean\n"), "{message}");
    let later: Vec<&str> = message.lines().skip_while(|l| !l.starts_with("also: ")).collect();
    let places = later.iter().map(|l| l.rsplit_once(" (").map_or(*l, |(text, _)| text));
    let expected = [
        "also: `part.b` changed its type",
        "also: `part.c` changed its type",
        "also: `part.d` changed its type",
        "also: `part.e` changed its type",
        "and 3 more",
    ];
    assert_eq!(places.collect::<Vec<_>>(), expected, "{message}");
    assert!(later[0].ends_with("/1.0.json:9)"), "{message}");
}

#[test]
fn no_field_is_written_twice() {
    #[derive(EventData, Serialize, Deserialize)]
    struct Inner {
        id: String,
    }
    #[derive(EventData, Serialize, Deserialize)]
    struct Part {
        id: String,
        #[serde(flatten)]
        inner: Inner,
    }
    refused!(Part: "`part.inner.id` cannot be expressed as a schema: it is written twice, and an object has one field of a name");

    event!(E { part: Inner });
    #[derive(EventData, Serialize, Deserialize)]
    struct Changed {
        part: Part,
    }
    let dir = tempfile::tempdir().unwrap();
    hold::<E>(dir.path(), true).unwrap();
    lock(dir.path());
    let message = held(dir.path(), E::TYPE, Changed::SHAPE).unwrap_err();
    assert!(
        message.contains("`part.id` is written twice: also by the flattened `inner`"),
        "{message}"
    );
}
