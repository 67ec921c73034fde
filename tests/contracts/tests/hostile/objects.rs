//! The objects, kind by kind: their structs and their schemas.

use serde_json::{Value, json};

use crate::object_schema;

#[derive(Clone, Copy)]
pub(crate) enum Expected {
    /// With an error that contains this text.
    Refused(&'static str),
    /// With an error that contains this text, in addition to errors of rustc and of serde.
    RefusedByMore(&'static str),
    Kept,
    /// Any result: if it compiles, it must keep the schema, which values show.
    Either,
}

#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    /// The code before the struct.
    pub(crate) items: String,
    /// On the struct.
    pub(crate) attrs: String,
    pub(crate) fields: String,
    pub(crate) schema: Value,
    pub(crate) definitions: Value,
    /// Whether the event is a minor that follows the schema.
    pub(crate) minor: bool,
    /// Whether it can only be the root.
    pub(crate) root_alone: bool,
    pub(crate) expected: Expected,
}

impl Object {
    pub(crate) fn items(mut self, items: &str) -> Object {
        items.clone_into(&mut self.items);
        self
    }

    pub(crate) fn attrs(mut self, attrs: &str) -> Object {
        attrs.clone_into(&mut self.attrs);
        self
    }

    pub(crate) fn minor(mut self) -> Object {
        self.minor = true;
        self
    }

    pub(crate) fn at_the_root(mut self) -> Object {
        self.root_alone = true;
        self
    }

    pub(crate) fn with(mut self, key: &str, value: Value) -> Object {
        self.schema[key] = value;
        self
    }

    pub(crate) fn definitions(mut self, definitions: Value) -> Object {
        self.definitions = definitions;
        self
    }
}

#[derive(Default)]
pub(crate) struct All(Vec<Object>);

impl All {
    pub(crate) fn push(
        &mut self,
        kind: &'static str,
        expected: Expected,
        fields: &str,
        properties: Value,
        required: &[&str],
        more: impl FnOnce(Object) -> Object,
    ) {
        self.0.push(more(Object {
            kind,
            name: fields.to_owned(),
            items: String::new(),
            attrs: String::new(),
            fields: fields.to_owned(),
            schema: object_schema(properties, required),
            definitions: Value::Null,
            minor: false,
            root_alone: false,
            expected,
        }));
    }
}

pub(crate) fn text() -> Value {
    json!({"type": "string"})
}

pub(crate) fn integer() -> Value {
    json!({"type": "integer"})
}

pub(crate) const DATA: &str = "#[derive(Serialize, Deserialize, EventData)]";
pub(crate) const SKIP: &str = "#[serde(skip_serializing_if = \"Option::is_none\")]";

use Expected::{Kept, Refused, RefusedByMore};

pub(crate) fn all() -> Vec<Object> {
    let mut all = All::default();
    new_fields(&mut all);
    flattened(&mut all);
    second_names(&mut all);
    variants(&mut all);
    open_enums(&mut all);
    undeclared(&mut all);
    tags(&mut all);
    identity(&mut all);
    events(&mut all);
    values(&mut all);
    borrowed(&mut all);
    functions(&mut all);
    macros(&mut all);
    conversions(&mut all);
    super::hygiene::all(&mut all);
    super::crossed::all(&mut all);
    super::written::all(&mut all);
    all.0
}

/// Attributes in pairs, which are many.
pub(crate) fn pairs() -> Vec<Object> {
    let mut all = All::default();
    super::crossed::pairs(&mut all);
    all.0
}

/// A field that is missing in old events.
fn new_fields(all: &mut All) {
    let kind = "new field";
    let old = || json!({"id": text()});
    let new = "is new and required";
    for (field, items) in [
        ("pub fresh: String", String::new()),
        (
            "#[serde(with = \"crate::text\")] #[event(as = \"string\")] pub fresh: String",
            String::new(),
        ),
        ("#[event(as = \"string\", format = \"uuid\")] pub fresh: String", String::new()),
        (
            "#[serde(deserialize_with = \"crate::plain\")] #[event(as = Option<i64>)] pub fresh: Option<i64>",
            String::new(),
        ),
        (
            "#[serde(deserialize_with = \"Option::deserialize\", skip_serializing_if = \"Option::is_none\")] pub fresh: Option<i64>",
            String::new(),
        ),
        (
            "#[serde(deserialize_with = \"::serde::Deserialize::deserialize\")] pub fresh: Option<String>",
            String::new(),
        ),
        (
            "pub fresh: Own<i64>",
            format!(
                "mod q {{ use crate::prelude::*; {DATA} pub struct Option<T> {{ pub t: T }} }} use q::Option as Own;"
            ),
        ),
        (
            "pub fresh: Option<i64>",
            format!(
                "mod q {{ use crate::prelude::*; {DATA} pub struct Option<T> {{ pub t: T }} }} use q::Option;"
            ),
        ),
        ("pub fresh: New", format!("{DATA} pub struct New(Option<i64>);")),
        ("pub fresh: Text", "type Text = String;".to_owned()),
        ("pub fresh: Value", String::new()),
        ("#[event(as = \"any\")] pub fresh: Value", String::new()),
        ("#[serde(skip_serializing)] pub fresh: String", String::new()),
    ] {
        all.push(kind, Refused(new), &format!("pub id: String, {field}"), old(), &["id"], |o| {
            o.items(&items).minor()
        });
    }
    all.push(
        kind,
        Refused("is new and required"),
        "pub id: String, #[serde(flatten)] pub more: More",
        old(),
        &["id"],
        |o| o.items(&format!("{DATA} pub struct More {{ pub fresh: i64 }}")).minor(),
    );
    for field in [
        format!("{SKIP} pub fresh: Option<i64>"),
        "#[serde(default)] pub fresh: Vec<i64>".to_owned(),
        "#[serde(default, with = \"crate::text\")] #[event(as = \"string\")] pub fresh: String"
            .to_owned(),
        format!("{SKIP} pub fresh: Maybe"),
        "#[serde(skip)] pub fresh: String".to_owned(),
        format!("{SKIP} pub fresh: std::option::Option<i64>"),
    ] {
        all.push(kind, Kept, &format!("pub id: String, {field}"), old(), &["id"], |o| {
            o.items("type Maybe = Option<i64>;").minor()
        });
    }
    all.push(
        kind,
        Kept,
        "pub id: String, #[serde(flatten)] pub more: Option<More>",
        old(),
        &["id"],
        |o| o.items(&format!("{DATA} pub struct More {{ pub fresh: i64 }}")).minor(),
    );
    // a locked one by a function
    let at = || json!({"id": text(), "at": text()});
    all.push(
        kind,
        Refused("was optional and is now required"),
        "pub id: String, #[serde(with = \"crate::text\")] #[event(as = \"string\")] pub at: String",
        at(),
        &["id"],
        |o| o,
    );
    all.push(kind, Kept, "pub id: String, #[serde(default, with = \"crate::text\")] #[event(as = \"string\")] pub at: String", at(), &["id"], |o| o);
}

fn flattened(all: &mut All) {
    let kind = "flatten";
    let both = || json!({"id": text(), "a": integer()});
    let part = format!("#[derive(Default)] {DATA} pub struct A {{ pub a: i64 }}");
    for field in [
        "#[serde(flatten, skip_serializing)] pub p: A",
        "#[serde(flatten, skip_serializing_if = \"crate::lies::always\")] pub p: A",
        "#[serde(flatten)] pub p: Option<A>",
    ] {
        all.push(
            kind,
            Refused("was required and"),
            &format!("pub id: String, {field}"),
            both(),
            &["id", "a"],
            |o| o.items(&part),
        );
    }
    all.push(
        kind,
        Refused("written but not read"),
        "pub id: String, #[serde(flatten, skip_deserializing)] pub p: A",
        both(),
        &["id", "a"],
        |o| o.items(&part),
    );
    all.push(
        kind,
        Refused("was optional and is now required"),
        "pub id: String, #[serde(flatten, default)] pub p: A",
        both(),
        &["id"],
        |o| o.items(&part),
    );
    all.push(kind, Kept, "pub id: String, #[serde(flatten)] pub p: A", both(), &["id", "a"], |o| {
        o.items(&part)
    });
    all.push(kind, Kept, "pub id: String, #[serde(flatten, skip_serializing_if = \"Option::is_none\")] pub p: Option<A>", both(), &["id"], |o| o.items(&part));
    let maps = "flattens a map, which also takes";
    let map = "BTreeMap<String, Value>";
    for fields in [
        format!("#[serde(flatten)] pub a: {map}, #[serde(flatten)] pub b: {map}"),
        format!("#[serde(flatten)] pub a: Value, #[serde(flatten)] pub b: {map}"),
        format!("#[serde(flatten)] pub rest: {map}, #[serde(flatten)] pub p: A"),
        format!("#[serde(flatten)] pub p: B, #[serde(flatten)] pub rest: {map}"),
        format!("#[serde(flatten)] pub p: C, #[serde(flatten)] pub rest: {map}"),
        format!("#[serde(flatten)] pub a: New, #[serde(flatten)] pub rest: {map}"),
    ] {
        let items = format!(
            "{part} {DATA} pub struct B {{ #[serde(flatten)] pub inner: A }} {DATA} pub struct C {{ pub a: i64, #[serde(flatten)] pub inner: {map} }} {DATA} pub struct New({map});"
        );
        let inner = fields.contains("pub p:");
        let (schema, required): (Value, &[&str]) =
            if inner { (both(), &["id", "a"]) } else { (json!({"id": text()}), &["id"]) };
        all.push(
            kind,
            Refused(maps),
            &format!("pub id: String, {fields}"),
            schema,
            required,
            |o| o.items(&items),
        );
    }
    all.push(
        kind,
        Kept,
        &format!("pub id: String, #[serde(flatten)] pub p: A, #[serde(flatten)] pub rest: {map}"),
        both(),
        &["id", "a"],
        |o| o.items(&part),
    );
}

fn second_names(all: &mut All) {
    let kind = "second name";
    let note = || json!({"id": text(), "note": text()});
    let skip = format!("{SKIP} pub note: Option<String>");
    all.push(
        kind,
        Refused("two fields are read as `note`"),
        &format!("#[serde(alias = \"note\")] pub id: String, {skip}"),
        note(),
        &["id"],
        |o| o.with("additionalProperties", json!(false)),
    );
    all.push(
        kind,
        Refused("two fields are read as `second`"),
        "#[serde(alias = \"second\")] pub id: String, #[serde(alias = \"second\")] pub b: i64",
        json!({"id": text(), "b": integer()}),
        &["id", "b"],
        |o| o.with("additionalProperties", json!(false)),
    );
    all.push(
        kind,
        Refused("is also a field of a flattened type"),
        "#[serde(alias = \"note\")] pub id: String, #[serde(flatten)] pub p: N",
        note(),
        &["id"],
        |o| {
            o.items(&format!("{DATA} pub struct N {{ {skip} }}"))
                .with("additionalProperties", json!(false))
        },
    );
    for alias in [
        "alias = \"old\"",
        "alias = \"id\", alias = \"second\"",
        "rename = \"id\", alias = \"old\"",
    ] {
        all.push(
            kind,
            Refused("but the schema is open"),
            &format!("#[serde({alias})] pub id: String"),
            json!({"id": text()}),
            &["id"],
            |o| o,
        );
    }
    all.push(
        kind,
        Refused("but read as `id2`"),
        "#[serde(rename(deserialize = \"id2\"), alias = \"id\")] pub id: String",
        json!({"id": text()}),
        &["id"],
        |o| o,
    );
    all.push(
        kind,
        Refused("two fields are written as `b`"),
        "#[serde(rename = \"b\")] pub id: String, pub b: String",
        json!({"b": text()}),
        &["b"],
        |o| o,
    );
    all.push(
        kind,
        Refused("but the schema is open"),
        "pub b: i64, #[serde(flatten)] pub p: N",
        json!({"id": text(), "b": integer()}),
        &["id", "b"],
        |o| o.items(&format!("{DATA} pub struct N {{ #[serde(alias = \"old\")] pub id: String }}")),
    );
    all.push(
        kind,
        Kept,
        "#[serde(alias = \"old\")] pub id: String",
        json!({"id": text()}),
        &["id"],
        |o| o.with("additionalProperties", json!(false)),
    );
    all.push(
        kind,
        Kept,
        "#[serde(alias = \"id\")] pub id: String",
        json!({"id": text()}),
        &["id"],
        |o| o,
    );
}

#[expect(clippy::needless_pass_by_value, reason = "called with literals")]
pub(crate) fn k(
    items: &str,
    schema: Value,
    all: &mut All,
    kind: &'static str,
    expected: Expected,
    minor: bool,
) {
    all.push(kind, expected, "pub k: K", json!({"k": schema}), &["k"], |mut o| {
        items.clone_into(&mut o.name);
        o.minor = minor;
        o.items(
            &items
                .replace("ENUM", &format!("{DATA} #[serde(rename_all = \"lowercase\")] pub enum K"))
                .replace("DATA", DATA),
        )
    });
}

fn variants(all: &mut All) {
    let kind = "variant";
    let two = || json!({"type": "string", "enum": ["aisle", "window"]});
    for (items, said) in [
        (
            "ENUM { #[serde(alias = \"window\")] Aisle, Window }",
            "two variants are read as `window`",
        ),
        (
            "ENUM { #[serde(alias = \"x\")] Aisle, #[serde(alias = \"x\")] Window }",
            "two variants are read as `x`",
        ),
        (
            "ENUM { Aisle, #[serde(rename = \"aisle\")] Window }",
            "two variants are written as `aisle`",
        ),
        ("ENUM { Aisle, #[serde(skip_deserializing)] Window }", "written but not read"),
        ("ENUM { Aisle, #[serde(skip_serializing)] Window }", "read but not written"),
        (
            "ENUM { Aisle, #[serde(rename(deserialize = \"other\"))] Window }",
            "written as `window` but read as `other`",
        ),
        ("ENUM { Aisle, #[serde(skip)] Window }", "lost the variant `window`"),
        ("DATA pub enum K { Aisle, Window }", "`#[serde(rename_all = \"lowercase\")]`"),
        (
            "DATA #[serde(rename_all = \"UPPERCASE\")] pub enum K { Aisle, Window }",
            "`#[serde(rename_all = \"lowercase\")]`",
        ),
    ] {
        k(items, two(), all, kind, Refused(said), false);
    }
    k(
        "ENUM { Aisle, #[serde(alias = \"seat by the window\")] Window }",
        two(),
        all,
        kind,
        Kept,
        false,
    );
    let content = json!({"oneOf": [
        {"type": "object", "properties": {"a": text()}, "required": ["a"], "additionalProperties": false},
        {"type": "object", "properties": {"b": integer()}, "required": ["b"], "additionalProperties": false}
    ]});
    k(
        "ENUM { #[serde(alias = \"b\")] A(String), B(i64) }",
        content.clone(),
        all,
        kind,
        Refused("two variants are read as `b`"),
        false,
    );
    k("ENUM { A(String), B(i64) }", content, all, kind, Kept, false);
}

fn open_enums(all: &mut All) {
    let kind = "open enum";
    let open = || json!({"type": "string", "enum": ["red"], "x-open": true});
    let catches = "catch-all variant that does not hold";
    for holds in ["u32", "Option<String>", "char", "Vec<String>", "bool", "Value", "()", "Inner"] {
        let items = format!(
            "DATA pub struct Inner {{ pub a: i64 }} ENUM {{ Red, #[serde(untagged)] Other({holds}) }}"
        );
        k(&items, open(), all, kind, Refused(catches), false);
    }
    k(
        "ENUM { Red, #[serde(untagged)] Other(String), #[serde(untagged)] Number(i64) }",
        open(),
        all,
        kind,
        Refused("are both catch-all variants"),
        false,
    );
    k(
        "ENUM { Red, #[serde(untagged, skip_serializing)] Other(String), #[serde(untagged)] Number(i64) }",
        json!({"type": "string", "enum": ["red"]}),
        all,
        kind,
        Refused("are both catch-all variants"),
        false,
    );
    for variant in ["Blue(i64)", "Green { x: i64 }", "Pair(i64, i64)"] {
        let items = format!("ENUM {{ Red, {variant}, #[serde(untagged)] Other(String) }}");
        k(&items, open(), all, kind, Refused("which is not a string"), true);
    }
    k(
        "ENUM { #[serde(alias = \"rot\")] Red, #[serde(untagged)] Other(String) }",
        open(),
        all,
        kind,
        Refused("an open enum accepts any string"),
        false,
    );
    k("ENUM { Red }", open(), all, kind, Refused("was open and is now closed"), false);
    k("ENUM { Red, #[serde(untagged)] Other(String) }", open(), all, kind, Kept, false);
    k(
        "ENUM { Red, #[serde(untagged)] Other(Text) } DATA pub struct Text(String);",
        open(),
        all,
        kind,
        Kept,
        false,
    );
    k("ENUM { Red, Blue, #[serde(other)] Other }", open(), all, kind, Kept, true);
    let tagged = || {
        json!({"oneOf": [
        {"type": "object", "properties": {"t": {"enum": ["a"]}, "x": text()}, "required": ["t", "x"]},
        {"type": "object", "properties": {"t": {"enum": ["b"]}}, "required": ["t"]}
    ], "x-open": true})
    };
    k(
        "DATA #[serde(tag = \"t\", rename_all = \"lowercase\")] pub enum K { A { x: String }, B, #[serde(untagged)] Other(String) }",
        tagged(),
        all,
        kind,
        Refused(catches),
        false,
    );
    k(
        "DATA #[serde(tag = \"t\", rename_all = \"lowercase\")] pub enum K { A { x: String }, B, #[serde(untagged)] Other(Value) }",
        tagged(),
        all,
        kind,
        Kept,
        false,
    );
}

fn undeclared(all: &mut All) {
    let kind = "undeclared fields";
    let id = || json!({"id": text()});
    let typed = |o: Object| o.with("additionalProperties", text()).minor();
    for (field, said) in [
        ("pub fresh: Option<i64>", "changed its type"),
        ("pub fresh: Option<Vec<String>>", "changed its type"),
        ("pub fresh: Option<uuid::Uuid>", ""),
        ("pub fresh: Option<Value>", "changed its type"),
        ("#[event(as = Option<bool>)] pub fresh: Option<bool>", "changed its type"),
    ] {
        if !said.is_empty() {
            all.push(
                kind,
                Refused(said),
                &format!("pub id: String, {SKIP} {field}"),
                id(),
                &["id"],
                typed,
            );
        }
    }
    all.push(
        kind,
        Kept,
        &format!("pub id: String, {SKIP} pub fresh: Option<String>"),
        id(),
        &["id"],
        typed,
    );
    all.push(
        kind,
        Refused("changed its type"),
        "pub id: String, #[serde(flatten)] pub more: More",
        id(),
        &["id"],
        |o| typed(o.items(&format!("{DATA} pub struct More {{ {SKIP} pub fresh: Option<i64> }}"))),
    );
    let patterns = |o: Object| {
        o.with("additionalProperties", json!(false))
            .with("patternProperties", json!({"^x-": text()}))
    };
    all.push(kind, Refused("whose names match a pattern"), "pub id: String", id(), &["id"], |o| {
        patterns(o.attrs("#[serde(deny_unknown_fields)]"))
    });
    all.push(
        kind,
        Refused("only allows undeclared fields whose names match a pattern"),
        "pub id: String, #[serde(flatten)] pub rest: BTreeMap<String, String>",
        id(),
        &["id"],
        patterns,
    );
    all.push(
        kind,
        Refused("is new, but the object is closed"),
        &format!("pub id: String, {SKIP} pub fresh: Option<String>"),
        id(),
        &["id"],
        |o| patterns(o).minor(),
    );
    all.push(kind, Kept, "pub id: String", id(), &["id"], patterns);
    all.push(kind, Kept, "pub id: String", id(), &["id"], |o| {
        o.with("additionalProperties", json!(false)).attrs("#[serde(deny_unknown_fields)]")
    });
    all.push(kind, Refused("denies unknown fields"), "pub id: String", id(), &["id"], |o| {
        o.attrs("#[serde(deny_unknown_fields)]")
    });
}

fn tags(all: &mut All) {
    let kind = "tag";
    let branch = |tag: &str, more: Value| {
        let mut properties = json!({"t": {"type": "string", "enum": [tag]}});
        let mut required = vec![json!("t")];
        for (name, schema) in more.as_object().unwrap() {
            properties[name] = schema.clone();
            required.push(json!(name));
        }
        json!({"type": "object", "properties": properties, "required": required})
    };
    let adjacent = || json!({"oneOf": [branch("a", json!({"c": text()})), branch("b", json!({}))]});
    k(
        "DATA #[serde(tag = \"t\", content = \"c\", rename_all = \"lowercase\", deny_unknown_fields)] pub enum K { A(String), B }",
        adjacent(),
        all,
        kind,
        Refused("denies unknown fields"),
        false,
    );
    k(
        "DATA #[serde(tag = \"t\", content = \"c\", rename_all = \"lowercase\")] pub enum K { A(String), B }",
        adjacent(),
        all,
        kind,
        Kept,
        false,
    );
    let content = || json!({"oneOf": [branch("a", json!({"c": text()})), branch("b", json!({"c": integer()}))]});
    k(
        "DATA #[serde(tag = \"t\", content = \"c\", rename_all = \"lowercase\", deny_unknown_fields)] pub enum K { A(String), B(i64) }",
        content(),
        all,
        kind,
        Refused("denies unknown fields"),
        false,
    );
    let internal = || json!({"oneOf": [branch("a", json!({"x": text()})), branch("b", json!({}))]});
    for inner in [
        format!("{SKIP} pub t: Option<String>, pub x: String"),
        format!("{SKIP} #[serde(rename = \"t\")] pub kind: Option<String>, pub x: String"),
        "#[serde(flatten)] pub more: T, pub x: String".to_owned(),
    ] {
        let items = format!(
            "DATA pub struct T {{ {SKIP} pub t: Option<i64> }} DATA pub struct I {{ {inner} }} DATA #[serde(tag = \"t\", rename_all = \"lowercase\")] pub enum K {{ A(I), B }}"
        );
        k(&items, internal(), all, kind, Refused("which is also the name of the tag"), true);
        let items = items.replace("A(I)", "A(Box<I>)");
        k(&items, internal(), all, kind, Refused("which is also the name of the tag"), true);
    }
    let items = format!(
        "DATA pub struct T {{ {SKIP} pub t: Option<i64> }} DATA #[serde(tag = \"t\", rename_all = \"lowercase\")] pub enum K {{ A {{ x: String, #[serde(flatten)] more: T }}, B }}"
    );
    k(&items, internal(), all, kind, Refused("which is also the name of the tag"), true);
    k(
        "DATA pub struct I { pub x: String } DATA #[serde(tag = \"t\", rename_all = \"lowercase\")] pub enum K { A(I), B }",
        internal(),
        all,
        kind,
        Kept,
        true,
    );
    let either = || json!({"anyOf": [text(), {"type": "object", "properties": {"a": integer()}, "required": ["a"]}]});
    k(
        "DATA #[serde(untagged)] pub enum K { Text(String), Object { a: i64 } }",
        either(),
        all,
        kind,
        Kept,
        false,
    );
    k(
        "DATA #[serde(untagged)] pub enum K { Object { a: i64 }, Text(String) }",
        either(),
        all,
        kind,
        Kept,
        false,
    );
    let more = || {
        json!({"anyOf": [
            {"type": "object", "properties": {"a": integer(), "b": integer()}, "required": ["a", "b"]},
            {"type": "object", "properties": {"a": integer()}, "required": ["a"]}
        ]})
    };
    k(
        "DATA #[serde(untagged)] pub enum K { Less { a: i64 }, More { a: i64, b: i64 } }",
        more(),
        all,
        kind,
        Refused("one reads what a later one writes"),
        false,
    );
    k(
        "DATA #[serde(untagged)] pub enum K { More { a: i64, b: i64 }, Less { a: i64 } }",
        more(),
        all,
        kind,
        Kept,
        false,
    );
    typed_texts(all);
}

/// Texts of a format beside any text: a date reads a text that is one, and writes it in another spelling.
fn typed_texts(all: &mut All) {
    let kind = "typed texts";
    let time = || json!({"type": "string", "format": "date-time"});
    let two = |typed: Value, plain: Value| json!({"anyOf": [typed, plain]});
    let list = |of: Value| json!({"type": "array", "items": of});
    let map = |of: Value| json!({"type": "object", "additionalProperties": of});
    for (typed, plain) in [("Timestamp", "String"), ("Box<Timestamp>", "Box<str>")] {
        let either = || two(time(), text());
        for variants in
            [format!("Typed({typed}), Plain({plain})"), format!("Plain({plain}), Typed({typed})")]
        {
            let items = format!("DATA #[serde(untagged)] pub enum K {{ {variants} }}");
            k(&items, either(), all, kind, Refused("changed its type"), false);
        }
        k(&format!("pub type K = {plain};"), either(), all, kind, Kept, false);
    }
    for (typed, plain, schema) in [
        ("Vec<Timestamp>", "Vec<String>", two(list(time()), list(text()))),
        ("BTreeMap<String, Timestamp>", "BTreeMap<String, String>", two(map(time()), map(text()))),
    ] {
        let items =
            format!("DATA #[serde(untagged)] pub enum K {{ Typed({typed}), Plain({plain}) }}");
        k(&items, schema.clone(), all, kind, Refused("in another spelling"), false);
        let items =
            format!("DATA #[serde(untagged)] pub enum K {{ Plain({plain}), Typed({typed}) }}");
        k(&items, schema, all, kind, Kept, false);
    }
    // an enum that holds the date inside
    k(
        "DATA #[serde(untagged)] pub enum I { At(Timestamp), No(bool) } DATA #[serde(untagged)] pub enum K { Inner(I), Plain(String) }",
        two(json!({"anyOf": [time(), {"type": "boolean"}]}), text()),
        all,
        kind,
        Refused("in another spelling"),
        false,
    );
    let holds = |of: Value| object_schema(json!({"at": of}), &["at"]);
    k(
        "DATA #[serde(untagged)] pub enum K { Typed { at: Timestamp }, Plain { at: String } }",
        two(holds(time()), holds(text())),
        all,
        kind,
        Refused("in another spelling"),
        false,
    );
    k(
        "DATA #[serde(untagged)] pub enum K { Typed { at: Timestamp }, Other { no: String } }",
        two(holds(time()), object_schema(json!({"no": text()}), &["no"])),
        all,
        kind,
        Kept,
        false,
    );
    let named = |name: &str| two(time(), json!({"type": "string", "enum": [name]}));
    let items = |name: &str| {
        format!(
            "DATA pub enum S {{ #[serde(rename = \"{name}\")] One }} DATA #[serde(untagged)] pub enum K {{ Typed(Timestamp), Named(S) }}"
        )
    };
    k(&items("later"), named("later"), all, kind, Kept, false);
    let date = "2026-01-31T12:00:00+02:00";
    k(&items(date), named(date), all, kind, Refused("in another spelling"), false);
}

fn identity(all: &mut All) {
    let kind = "identity";
    let page = || json!({"Page": {"type": "object", "properties": {"item": text()}, "required": ["item"]}});
    let page_of = || json!({"$ref": "#/definitions/Page"});
    let pair = || json!({"a": page_of(), "b": page_of()});
    let bound = "#[serde(bound(serialize = \"T::Item: Serialize\", deserialize = \"T::Item: Deserialize<'de>\"))]";
    let head = "pub trait Tr { type Item: event_runtime::testing_shape!(); }".replace(
        "event_runtime::testing_shape!()",
        "event_runtime::__private::v0_1::event_shape::EventData",
    );
    for (a, b, items) in [
        (
            "Page<A>",
            "Page<B>",
            format!(
                "{head} {DATA} pub struct A; {DATA} pub struct B; impl Tr for A {{ type Item = String; }} impl Tr for B {{ type Item = i64; }}"
            ),
        ),
        (
            "Page<String>",
            "Page<Box<str>>",
            format!(
                "{head} impl Tr for String {{ type Item = String; }} impl Tr for Box<str> {{ type Item = i64; }}"
            ),
        ),
        (
            "Page<u8>",
            "Page<Wrap>",
            format!(
                "{head} {DATA} #[serde(transparent)] pub struct Wrap(u8); impl Tr for u8 {{ type Item = String; }} impl Tr for Wrap {{ type Item = bool; }}"
            ),
        ),
    ] {
        let items =
            format!("{items} {DATA} {bound} pub struct Page<T: Tr> {{ pub item: T::Item }}");
        all.push(
            kind,
            Refused("changed its type"),
            &format!("pub a: {a}, pub b: {b}"),
            pair(),
            &["a", "b"],
            |o| o.items(&items).definitions(page()).at_the_root(),
        );
        all.push(
            kind,
            Refused("changed its type"),
            "pub pair: Pair",
            json!({"pair": object_schema(pair(), &["a", "b"])}),
            &["pair"],
            |o| {
                o.items(&format!("{items} {DATA} pub struct Pair {{ pub a: {a}, pub b: {b} }}"))
                    .definitions(page())
                    .at_the_root()
            },
        );
    }
    let made = format!(
        "pub trait Tr {{ type P; }} pub struct A; pub struct B; \
         macro_rules! part {{ ($who:ident, $t:ty) => {{ const _: () = {{ {DATA} pub struct Part {{ pub item: $t }} impl Tr for $who {{ type P = Part; }} }}; }} }} \
         macro_rules! both {{ () => {{ part!(A, String); part!(B, i64); }} }} both!();"
    );
    all.push(
        kind,
        Refused("changed its type"),
        "pub pair: Pair",
        json!({"pair": object_schema(pair(), &["a", "b"])}),
        &["pair"],
        |o| {
            o.items(&format!(
                "{made} {DATA} pub struct Pair {{ pub a: <A as Tr>::P, pub b: <B as Tr>::P }}"
            ))
            .definitions(page())
            .at_the_root()
        },
    );
    let items = format!("{DATA} pub struct Page<T> {{ pub item: T }}");
    all.push(kind, Kept, "pub a: Page<String>, pub b: Page<Box<str>>", pair(), &["a", "b"], |o| {
        o.items(&items).definitions(page()).at_the_root()
    });
}

/// Attributes of an event as a whole.
fn events(all: &mut All) {
    let kind = "event";
    let inner = format!("{DATA} pub struct Inner {{ pub a: String }}");
    all.push(
        kind,
        Refused("`transparent` writes it as its only field"),
        "pub inner: Inner",
        json!({"inner": object_schema(json!({"a": text()}), &["a"])}),
        &["inner"],
        |o| o.items(&inner).attrs("#[serde(transparent)]").at_the_root(),
    );
    for (fields, said) in [
        (
            "#[serde(skip_deserializing)] pub a: String, #[serde(skip_serializing)] pub b: i64",
            "written but not read",
        ),
        (
            "#[serde(default)] pub a: String, #[serde(skip_serializing)] pub b: i64",
            "`transparent` writes the field `a` but reads the field `b`",
        ),
    ] {
        all.push(kind, Refused(said), "pub t: T", json!({"t": text()}), &["t"], |mut o| {
            fields.clone_into(&mut o.name);
            o.items(&format!("{DATA} #[serde(transparent)] pub struct T {{ {fields} }}"))
        });
    }
    all.push(kind, Kept, "pub t: T", json!({"t": text()}), &["t"], |o| {
        o.items(&format!("{DATA} #[serde(transparent)] pub struct T {{ pub a: String, #[serde(skip)] pub b: i64 }}"))
    });
    all.push(
        kind,
        Refused("written but not read"),
        "#[serde(skip_deserializing)] pub a: String, pub b: i64",
        json!({"a": text(), "b": integer()}),
        &["a", "b"],
        |o| o,
    );
}

/// Closed lists of numbers and booleans.
fn values(all: &mut All) {
    let kind = "values";
    let list = || json!({"type": "integer", "enum": [1, 2, 5]});
    for ty in ["i64", "u8", "u32", "Value", "Option<i64>", "Level"] {
        let items = format!("{DATA} pub struct Level(i64);");
        all.push(
            kind,
            Refused("changed its type"),
            &format!("pub v: {ty}"),
            json!({"v": list()}),
            &["v"],
            |o| o.items(&items),
        );
        if ty == "Option<i64>" {
            all.0.last_mut().unwrap().expected = Refused("was required and is now optional");
        }
    }
    all.push(
        kind,
        Refused("changed its type"),
        "pub v: Vec<i64>",
        json!({"v": {"type": "array", "items": list()}}),
        &["v"],
        |o| o,
    );
    all.push(
        kind,
        Refused("changed its type"),
        "pub v: BTreeMap<String, i64>",
        json!({"v": {"type": "object", "additionalProperties": list()}}),
        &["v"],
        |o| o,
    );
    all.push(
        kind,
        Refused("changed its type"),
        &format!("{SKIP} pub v: Option<i64>"),
        json!({"v": list()}),
        &[],
        |o| o,
    );
    all.push(
        kind,
        Refused("changed its type"),
        "pub v: bool",
        json!({"v": {"type": "boolean", "enum": [true]}}),
        &["v"],
        |o| o,
    );
    all.push(
        kind,
        Refused("changed its type"),
        "pub v: i64",
        json!({"v": {"enum": [7]}}),
        &["v"],
        |o| o,
    );
    let level = "#[derive(Clone, Copy, EventData)] #[event(repr)] #[repr(u8)] pub enum Level { Low = 1, Mid = 2, High = 5 } \
         impl Serialize for Level { fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_u8(*self as u8) } } \
         impl<'de> Deserialize<'de> for Level { fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Level, D::Error> { match u8::deserialize(d)? { 1 => Ok(Level::Low), 2 => Ok(Level::Mid), 5 => Ok(Level::High), _ => Err(serde::de::Error::custom(\"no level\")) } } }";
    all.push(kind, Kept, "pub v: Level", json!({"v": list()}), &["v"], |o| o.items(level));
    all.push(
        kind,
        Refused("values that the schema does not list"),
        "pub v: Level",
        json!({"v": {"type": "integer", "enum": [1, 5]}}),
        &["v"],
        |o| o.items(level),
    );
    all.push(
        kind,
        Refused("changed its type"),
        "pub v: Level",
        json!({"v": {"type": "integer", "enum": [1, 2, 5, 9]}}),
        &["v"],
        |o| o.items(level),
    );
    all.push(
        kind,
        Kept,
        "pub v: bool",
        json!({"v": {"type": "boolean", "enum": [true, false]}}),
        &["v"],
        |o| o,
    );
}

fn borrowed(all: &mut All) {
    let kind = "borrowed";
    let bytes = || json!({"v": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 255}}});
    all.push(
        kind,
        RefusedByMore("serde cannot borrow bytes"),
        "#[serde(borrow)] pub v: Cow<'static, [u8]>",
        bytes(),
        &["v"],
        |o| o,
    );
    all.push(
        kind,
        RefusedByMore("serde cannot borrow bytes"),
        "#[serde(borrow)] pub v: std::borrow::Cow<'static, [u8]>",
        bytes(),
        &["v"],
        |o| o,
    );
    all.push(
        kind,
        RefusedByMore("a reference cannot be read from an event"),
        "pub v: &'static [u8]",
        bytes(),
        &["v"],
        |o| o,
    );
    all.push(
        kind,
        RefusedByMore("a reference cannot be read from an event"),
        "pub v: &'static str",
        json!({"v": text()}),
        &["v"],
        |o| o,
    );
    all.push(
        kind,
        RefusedByMore("a reference cannot be read from an event"),
        &format!("{SKIP} pub v: Option<&'static str>"),
        json!({"v": text()}),
        &[],
        |o| o,
    );
    all.push(kind, Kept, "pub v: Cow<'static, [u8]>", bytes(), &["v"], |o| o);
    all.push(kind, Kept, "pub v: Cow<'static, str>", json!({"v": text()}), &["v"], |o| o);
}

fn functions(all: &mut All) {
    let kind = "function";
    let note = || json!({"note": text()});
    for path in ["crate::lies::is_none", "lies::is_none", "m::n::is_none"] {
        let items = "use crate::lies; mod m { pub use crate::lies as n; }";
        all.push(
            kind,
            Refused("`null` instead of being left out"),
            &format!("#[serde(skip_serializing_if = \"{path}\")] pub note: Option<String>"),
            note(),
            &[],
            |o| o.items(items),
        );
    }
    all.push(kind, RefusedByMore("mismatched types"), "#[serde(skip_serializing_if = \"Option::is_none\")] pub note: std::option::Option<String>", note(), &[], |o| {
        o.items("pub struct Option<T>(T); impl<T> Option<T> { pub fn is_none<U>(_: &std::option::Option<U>) -> bool { false } }")
    });
    all.push(kind, RefusedByMore("generic argument"), "#[serde(deserialize_with = \"Option::deserialize\")] pub note: String", note(), &["note"], |o| {
        o.items("pub struct Option; impl Option { fn deserialize<'de, D: serde::Deserializer<'de>>(d: D) -> Result<String, D::Error> { let n: i64 = serde::Deserialize::deserialize(d)?; Ok(n.to_string()) } }")
    });
    for path in [
        "crate::plain",
        "m::Option::deserialize",
        "Other::deserialize",
        "m::Deserialize::deserialize",
    ] {
        let items = "mod m { pub use crate::prelude::*; pub struct Option; impl Option { pub fn deserialize<'de, D: serde::Deserializer<'de>>(d: D) -> Result<String, D::Error> { serde::Deserialize::deserialize(d) } } } use m::Option as Other;";
        all.push(
            kind,
            Refused("a function writes or reads this field"),
            &format!("#[serde(deserialize_with = \"{path}\")] pub note: String"),
            note(),
            &["note"],
            |o| o.items(items),
        );
    }
    for path in [
        "Option::is_none",
        "::std::option::Option::is_none",
        "core::option::Option::is_none",
        "Option :: is_none",
    ] {
        all.push(
            kind,
            Kept,
            &format!("#[serde(skip_serializing_if = \"{path}\")] pub note: Option<String>"),
            note(),
            &[],
            |o| o.items("type Maybe<T> = Option<T>;"),
        );
    }
    all.push(
        kind,
        Kept,
        "#[serde(skip_serializing_if = \"Maybe::is_none\")] pub note: Maybe<String>",
        note(),
        &[],
        |o| o.items("type Maybe<T> = Option<T>;"),
    );
    all.push(kind, RefusedByMore(""), "#[serde(skip_serializing_if = \"Mine::is_none\")] pub note: Mine<String>", note(), &[], |o| {
        o.items(&format!("{DATA} pub struct Mine<T>(Option<T>); impl<T> Mine<T> {{ fn is_none(&self) -> bool {{ false }} }}"))
    });
    for (field, ty) in [
        ("#[event(as = \"string\")] pub v: i64", text()),
        ("#[event(as = String)] pub v: i64", text()),
        ("#[event(as = i64)] pub v: String", integer()),
        ("#[event(as = Vec<String>)] pub v: String", json!({"type": "array", "items": text()})),
        (
            "#[serde(serialize_with = \"crate::text::serialize\")] #[event(as = \"string\")] pub v: i64",
            text(),
        ),
        ("#[event(as = \"string\")] pub v: Code", text()),
    ] {
        all.push(
            kind,
            Refused("`as` states that this field is written as"),
            field,
            json!({"v": ty}),
            &["v"],
            |o| o.items(&format!("{DATA} pub struct Code(i64);")),
        );
    }
    all.push(
        kind,
        Kept,
        "#[serde(with = \"crate::text\")] #[event(as = \"string\")] pub v: String",
        json!({"v": text()}),
        &["v"],
        |o| o,
    );
}

fn macros(all: &mut All) {
    let kind = "macro";
    for attr in ["all_text", "rewriting::all_text"] {
        let items = "use rewriting::all_text;";
        all.push(
            kind,
            RefusedByMore("is below this derive and may rewrite"),
            "pub n: i64",
            json!({"n": integer()}),
            &["n"],
            |mut o| {
                o.name = format!("{attr} below");
                o.root_alone = true;
                o.items(items).attrs(&format!("#[{attr}]"))
            },
        );
        all.push(kind, Kept, "pub n: i64", json!({"n": text()}), &["n"], |mut o| {
            o.name = format!("{attr} above");
            o.root_alone = true;
            o.items(&format!("{items} #[{attr}]"))
        });
    }
    all.push(kind, Kept, "pub n: i64", json!({"n": integer()}), &["n"], |o| {
        o.attrs("#[must_use] #[allow(dead_code)] /** text */ #[non_exhaustive]")
    });
}

fn conversions(all: &mut All) {
    let kind = "conversion";
    let wire = |into: &str, from: &str, other: &str| {
        format!(
            "#[derive(Clone)] {DATA} #[serde(into = \"{into}\", from = \"{from}\")] pub struct W(String); \
             impl From<W> for {into} {{ fn from(w: W) -> Self {{ {other} }} }} \
             impl From<{from}> for W {{ fn from(f: {from}) -> W {{ W(f.to_string()) }} }}"
        )
    };
    for (into, from, other, expected) in [
        ("String", "i64", "w.0", Refused("this type is written as string but read as integer")),
        ("i64", "String", "1", Refused("this type is written as integer")),
        ("String", "std::string::String", "w.0", Kept),
        ("String", "Box<str>", "w.0", Kept),
    ] {
        let schema = if into == "i64" { integer() } else { text() };
        all.push(kind, expected, "pub v: W", json!({"v": schema}), &["v"], |mut o| {
            o.name = format!("into {into}, from {from}");
            o.items(&wire(into, from, other))
        });
    }
}
