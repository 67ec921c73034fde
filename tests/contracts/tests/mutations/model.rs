//! The mutator's model of an event, and its two forms: Rust text, and JSON Schema.
//!
//! The schema is created from serde's own rules and not from the derive. If a type satisfies two
//! schemas (a field with a default is always written and may be absent when read; a struct that
//! ignores unknown fields reads what a closed schema allows), it is the one that the locked type
//! had there.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// A type.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ty {
    Text,
    Bool,
    Int(&'static str),
    Float,
    Single,
    Time,
    Any,
    Option(Box<Ty>),
    List(Box<Ty>),
    Map(Box<Ty>),
    Pair(Box<Ty>, Box<Ty>),
    Boxed(Box<Ty>),
    Part(&'static str),
}

#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) rust: String,
    pub(super) rename: Option<String>,
    pub(super) ty: Ty,
    pub(super) default: bool,
    pub(super) skip_none: bool,
    pub(super) skip_serializing: bool,
    pub(super) flatten: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) name: &'static str,
    pub(super) fields: Vec<Field>,
    pub(super) closed: bool,
    pub(super) camel: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Union {
    pub(super) name: &'static str,
    /// The internal tag.
    pub(super) tag: Option<&'static str>,
    pub(super) variants: Vec<Variant>,
    /// A catch-all: the schema is open.
    pub(super) open: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Variant {
    pub(super) rust: String,
    pub(super) rename: Option<String>,
    pub(super) body: Body,
}

#[derive(Debug, Clone)]
pub(super) enum Body {
    Unit,
    One(Ty),
    Fields(Vec<Field>),
}

#[derive(Debug, Clone)]
pub(super) enum Part {
    Record(Record),
    Union(Union),
}

/// An event.
#[derive(Debug, Clone)]
pub(super) struct Specimen {
    pub(super) event: &'static str,
    pub(super) root: Record,
    pub(super) parts: Vec<Part>,
}

impl Field {
    pub(super) fn new(rust: &str, ty: Ty) -> Field {
        Field {
            rust: rust.to_owned(),
            rename: None,
            ty,
            default: false,
            skip_none: false,
            skip_serializing: false,
            flatten: false,
        }
    }

    /// Optional in the usual way.
    pub(super) fn optional(rust: &str, ty: Ty) -> Field {
        Field { skip_none: true, ..Field::new(rust, Ty::Option(Box::new(ty))) }
    }

    pub(super) fn wire(&self, camel: bool) -> String {
        let rust = self.rust.trim_start_matches("r#");
        self.rename
            .clone()
            .unwrap_or_else(|| if camel { camel_case(rust) } else { rust.to_owned() })
    }

    /// Whether the field may be missing in an event, from its declaration.
    fn may_lack(&self) -> bool {
        self.default || self.skip_none || self.skip_serializing
    }

    fn rust(&self, out: &mut String) {
        let mut keys = Vec::new();
        keys.extend(self.rename.as_ref().map(|n| format!("rename = {n:?}")));
        keys.extend(self.default.then(|| "default".to_owned()));
        keys.extend(self.skip_none.then(|| "skip_serializing_if = \"Option::is_none\"".to_owned()));
        keys.extend(self.skip_serializing.then(|| "skip_serializing".to_owned()));
        keys.extend(self.flatten.then(|| "flatten".to_owned()));
        if !keys.is_empty() {
            let _ = writeln!(out, "    #[serde({})]", keys.join(", "));
        }
        let _ = writeln!(out, "    {}: {},", self.rust, self.ty.rust());
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |out, word| {
        let (head, tail) = word.split_at(1);
        out + &head.to_uppercase() + tail
    })
}

impl Ty {
    pub(super) fn rust(&self) -> String {
        match self {
            Ty::Text => "String".to_owned(),
            Ty::Bool => "bool".to_owned(),
            Ty::Int(name) | Ty::Part(name) => (*name).to_owned(),
            Ty::Float => "f64".to_owned(),
            Ty::Single => "f32".to_owned(),
            Ty::Time => "event_runtime::Timestamp".to_owned(),
            Ty::Any => "event_runtime::Value".to_owned(),
            Ty::Option(t) => format!("Option<{}>", t.rust()),
            Ty::List(t) => format!("Vec<{}>", t.rust()),
            Ty::Map(t) => format!("std::collections::BTreeMap<String, {}>", t.rust()),
            Ty::Pair(a, b) => format!("({}, {})", a.rust(), b.rust()),
            Ty::Boxed(t) => format!("Box<{}>", t.rust()),
        }
    }

    fn schema(&self) -> Value {
        match self {
            Ty::Text => json!({ "type": "string" }),
            Ty::Bool => json!({ "type": "boolean" }),
            Ty::Int(name) => integer(name),
            Ty::Float => json!({ "type": "number" }),
            Ty::Single => json!({ "type": "number", "format": "float" }),
            Ty::Time => json!({ "type": "string", "format": "date-time" }),
            Ty::Any => json!({}),
            Ty::Option(t) => json!({ "anyOf": [t.schema(), { "type": "null" }] }),
            Ty::List(t) => json!({ "type": "array", "items": t.schema() }),
            Ty::Map(t) => json!({ "type": "object", "additionalProperties": t.schema() }),
            Ty::Pair(a, b) => json!({
                "type": "array", "items": [a.schema(), b.schema()],
                "additionalItems": false, "minItems": 2, "maxItems": 2,
            }),
            Ty::Boxed(t) => t.schema(),
            Ty::Part(name) => json!({ "$ref": format!("#/definitions/{name}") }),
        }
    }
}

fn integer(name: &str) -> Value {
    let bits: u32 = name[1..].parse().unwrap_or(64);
    match (&name[..1], bits) {
        ("i", 64) => json!({ "type": "integer" }),
        ("u", 64) => json!({ "type": "integer", "minimum": 0 }),
        ("u", _) => json!({ "type": "integer", "minimum": 0, "maximum": (1u64 << bits) - 1 }),
        _ => {
            let half = 1i64 << (bits - 1);
            json!({ "type": "integer", "minimum": -half, "maximum": half - 1 })
        }
    }
}

impl Specimen {
    /// The module of the struct, as version `version` of its event.
    pub(super) fn rust(&self, version: &str) -> String {
        let mut out = String::from(
            "use event_runtime::{Event, EventData};\nuse serde::{Deserialize, Serialize};\n\n",
        );
        let _ = writeln!(
            out,
            "#[derive(Event, Serialize, Deserialize)]\n#[event(type = {:?}, version = {version:?})]",
            self.event
        );
        self.root.rust(&mut out);
        for part in &self.parts {
            out.push_str("\n#[derive(EventData, Serialize, Deserialize)]\n");
            match part {
                Part::Record(record) => record.rust(&mut out),
                Part::Union(union) => union.rust(&mut out),
            }
        }
        out
    }

    /// The schema of the event, beside the locked one.
    pub(super) fn schema(&self, locked: &Specimen) -> Value {
        let mut out = self.record(&self.root, locked);
        let definitions: Map<String, Value> = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Record(r) => (r.name.to_owned(), self.record(r, locked)),
                Part::Union(u) => (u.name.to_owned(), self.union(u, locked)),
            })
            .collect();
        out["definitions"] = Value::Object(definitions);
        out["$schema"] = json!("http://json-schema.org/draft-04/schema#");
        out["title"] = json!(self.root.name);
        out
    }

    fn record(&self, record: &Record, locked: &Specimen) -> Value {
        let before = locked.record_named(record.name);
        let closed = record.closed || before.is_some_and(|r| r.closed);
        let was_required = |wire: &str| {
            before
                .is_some_and(|r| r.fields.iter().any(|f| f.wire(r.camel) == wire && !f.may_lack()))
        };
        self.object(&record.fields, record.camel, closed, &was_required, None)
    }

    fn record_named(&self, name: &str) -> Option<&Record> {
        let parts = self.parts.iter().filter_map(|part| match part {
            Part::Record(r) => Some(r),
            Part::Union(_) => None,
        });
        std::iter::once(&self.root).chain(parts).find(|r| r.name == name)
    }

    fn object(
        &self,
        fields: &[Field],
        camel: bool,
        closed: bool,
        was_required: &dyn Fn(&str) -> bool,
        tag: Option<(&str, &str)>,
    ) -> Value {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        if let Some((key, name)) = tag {
            properties.insert(key.to_owned(), json!({ "enum": [name] }));
            required.push(key.to_owned());
        }
        self.properties(fields, camel, was_required, &mut properties, &mut required);
        let mut out = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            out["required"] = json!(required);
        }
        if closed {
            out["additionalProperties"] = json!(false);
        }
        out
    }

    fn properties(
        &self,
        fields: &[Field],
        camel: bool,
        was_required: &dyn Fn(&str) -> bool,
        properties: &mut Map<String, Value>,
        required: &mut Vec<String>,
    ) {
        for field in fields {
            if let (true, Ty::Part(name)) = (field.flatten, &field.ty) {
                if let Some(r) = self.record_named(name) {
                    self.properties(&r.fields, r.camel, was_required, properties, required);
                }
                continue;
            }
            let wire = field.wire(camel);
            let ty = match &field.ty {
                Ty::Option(inner) if field.skip_none || field.skip_serializing => inner,
                ty => ty,
            };
            let always = !field.skip_none && !field.skip_serializing;
            if !field.may_lack() || (always && field.default && was_required(&wire)) {
                required.push(wire.clone());
            }
            properties.insert(wire, ty.schema());
        }
    }

    fn union(&self, union: &Union, locked: &Specimen) -> Value {
        let units = union.variants.iter().all(|v| matches!(v.body, Body::Unit));
        let mut out = if union.tag.is_none() && units {
            let names: Vec<String> = union.variants.iter().map(Variant::wire).collect();
            json!({ "type": "string", "enum": names })
        } else {
            let branches: Vec<Value> =
                union.variants.iter().map(|v| self.variant(union, v, locked)).collect();
            json!({ "oneOf": branches })
        };
        if union.open {
            out["x-open"] = json!(true);
        }
        out
    }

    fn variant_fields(&self, union: &str, variant: &str) -> &[Field] {
        let unions = self.parts.iter().filter_map(|part| match part {
            Part::Union(u) => Some(u),
            Part::Record(_) => None,
        });
        let mut variants = unions.filter(|u| u.name == union).flat_map(|u| &u.variants);
        match variants.find(|v| v.wire() == variant).map(|v| &v.body) {
            Some(Body::Fields(fields)) => fields,
            _ => &[],
        }
    }

    fn variant(&self, union: &Union, v: &Variant, locked: &Specimen) -> Value {
        let name = v.wire();
        let was_required = |wire: &str| {
            locked
                .variant_fields(union.name, &name)
                .iter()
                .any(|f| f.wire(false) == wire && !f.may_lack())
        };
        if let Some(tag) = union.tag {
            let fields = match &v.body {
                Body::Fields(fields) => fields.as_slice(),
                _ => &[],
            };
            return self.object(fields, false, false, &was_required, Some((tag, &name)));
        }
        let content = match &v.body {
            Body::Unit => return json!({ "enum": [name] }),
            Body::One(ty) => ty.schema(),
            Body::Fields(fields) => self.object(fields, false, false, &was_required, None),
        };
        json!({
            "type": "object", "properties": { &name: content }, "required": [name],
            "additionalProperties": false,
        })
    }
}

impl Record {
    fn rust(&self, out: &mut String) {
        let mut keys = Vec::new();
        keys.extend(self.closed.then_some("deny_unknown_fields"));
        keys.extend(self.camel.then_some("rename_all = \"camelCase\""));
        if !keys.is_empty() {
            let _ = writeln!(out, "#[serde({})]", keys.join(", "));
        }
        let _ = writeln!(out, "pub struct {} {{", self.name);
        self.fields.iter().for_each(|f| f.rust(out));
        out.push_str("}\n");
    }
}

impl Variant {
    pub(super) fn new(rust: &str, body: Body) -> Variant {
        Variant { rust: rust.to_owned(), rename: None, body }
    }

    pub(super) fn wire(&self) -> String {
        self.rename.clone().unwrap_or_else(|| self.rust.clone())
    }
}

impl Union {
    fn rust(&self, out: &mut String) {
        if let Some(tag) = self.tag {
            let _ = writeln!(out, "#[serde(tag = {tag:?})]");
        }
        let _ = writeln!(out, "pub enum {} {{", self.name);
        for v in &self.variants {
            if let Some(name) = &v.rename {
                let _ = writeln!(out, "    #[serde(rename = {name:?})]");
            }
            match &v.body {
                Body::Unit => {
                    let _ = writeln!(out, "    {},", v.rust);
                }
                Body::One(ty) => {
                    let _ = writeln!(out, "    {}({}),", v.rust, ty.rust());
                }
                Body::Fields(fields) => {
                    let _ = writeln!(out, "    {} {{", v.rust);
                    for f in fields {
                        f.rust(out);
                    }
                    out.push_str("    },\n");
                }
            }
        }
        if self.open {
            out.push_str("    #[serde(untagged)]\n    Unknown(String),\n");
        }
        out.push_str("}\n");
    }
}
