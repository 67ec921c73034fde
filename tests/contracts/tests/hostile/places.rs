//! The places of an object in an event.

use serde_json::{Value, json};

use crate::object_schema;
use crate::objects::Object;

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Place {
    Root,
    Part,
    List,
    Map,
    Maybe,
    Newtype,
    Generic,
    Variant,
}

impl Place {
    pub(crate) const ALL: [Place; 8] = [
        Place::Root,
        Place::Part,
        Place::List,
        Place::Map,
        Place::Maybe,
        Place::Newtype,
        Place::Generic,
        Place::Variant,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Place::Root => "root",
            Place::Part => "part",
            Place::List => "list",
            Place::Map => "map",
            Place::Maybe => "option",
            Place::Newtype => "newtype",
            Place::Generic => "generic",
            Place::Variant => "variant",
        }
    }

    /// The module's code and the event's schema; `$EVENT` stands for the event's keys.
    pub(crate) fn of(self, object: &Object) -> (String, Value) {
        let Object { items, attrs, fields, schema, definitions, .. } = object;
        let head = "#[derive(Event, Serialize, Deserialize)] #[event($EVENT)]";
        let (code, mut schema) = if self == Place::Root {
            (format!("{items}\n{head} {attrs} pub struct E {{ {fields} }}"), schema.clone())
        } else {
            let part = format!(
                "{items}\n#[derive(EventData, Serialize, Deserialize)] {attrs} pub struct P {{ {fields} }}\n"
            );
            let data = "#[derive(EventData, Serialize, Deserialize)]";
            let inner = schema.clone();
            let (more, field, property, required) = match self {
                Place::Root | Place::Part => (String::new(), "pub p: P", inner, true),
                Place::List => (
                    String::new(),
                    "pub p: ::std::vec::Vec<P>",
                    json!({"type": "array", "items": inner}),
                    true,
                ),
                Place::Map => (
                    String::new(),
                    "pub p: BTreeMap<::std::string::String, P>",
                    json!({"type": "object", "additionalProperties": inner}),
                    true,
                ),
                Place::Maybe => (
                    String::new(),
                    "#[serde(skip_serializing_if = \"::std::option::Option::is_none\")] pub p: ::std::option::Option<P>",
                    inner,
                    false,
                ),
                Place::Newtype => (
                    format!("{data} pub struct InNewtype(pub P);"),
                    "pub p: InNewtype",
                    inner,
                    true,
                ),
                Place::Generic => (
                    format!("{data} pub struct InGeneric<Held> {{ pub w: Held }}"),
                    "pub p: InGeneric<P>",
                    object_schema(json!({"w": inner}), &["w"]),
                    true,
                ),
                Place::Variant => (
                    format!(
                        "{data} #[serde(rename_all = \"lowercase\")] pub enum InVariant {{ One(P), Two }}"
                    ),
                    "pub p: InVariant",
                    json!({"oneOf": [
                        {"type": "object", "properties": {"one": inner}, "required": ["one"], "additionalProperties": false},
                        {"enum": ["two"]}
                    ]}),
                    true,
                ),
            };
            let required: &[&str] = if required { &["p"] } else { &[] };
            (
                format!("{part}{more}\n{head} pub struct E {{ {field} }}"),
                object_schema(json!({"p": property}), required),
            )
        };
        schema["$schema"] = json!("http://json-schema.org/draft-04/schema#");
        schema["title"] = json!("E");
        if !definitions.is_null() {
            schema["definitions"] = definitions.clone();
        }
        (code, schema)
    }
}
