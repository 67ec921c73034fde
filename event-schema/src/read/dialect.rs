//! The JSON Schema dialect of a document, and where its keywords contain schemas.

use crate::document::{Json, Value};

/// A dialect, as far as it changes the meaning of keywords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// `OpenAPI` 3.0: `nullable`, boolean exclusive bounds, nothing counts beside a `$ref`.
    OpenApi30,
    /// Draft 4: `id`, boolean exclusive bounds, nothing counts beside a `$ref`.
    Draft4,
    /// Draft 6: `$id`, `const`, numeric exclusive bounds, nothing counts beside a `$ref`.
    Draft6,
    /// Draft 7: draft 6 with `if`.
    Draft7,
    /// 2019-09: `$defs`, `$anchor`, `dependentRequired`, `unevaluatedProperties`; keywords beside a `$ref`
    /// count.
    Draft2019,
    /// 2020-12 and later, and `OpenAPI` 3.1: 2019-09 with `prefixItems` and `$dynamicRef`.
    Modern,
}

impl Dialect {
    /// The dialect of a document, by `openapi` and `$schema`. Without either, the keywords decide: 2019-09
    /// or later if one of its own is used, otherwise draft 4, which is what the registry's
    /// `JSONSchemaDraft4` means.
    pub fn of(root: &Json) -> Dialect {
        if let Some(version) = root.get("openapi").and_then(Json::as_str) {
            return if version.starts_with("3.0") { Dialect::OpenApi30 } else { Dialect::Modern };
        }
        match root.get("$schema").and_then(Json::as_str) {
            Some(uri) if uri.contains("draft-04") || uri.contains("draft-03") => Dialect::Draft4,
            Some(uri) if uri.contains("draft-06") => Dialect::Draft6,
            Some(uri) if uri.contains("draft-07") => Dialect::Draft7,
            Some(uri) if uri.contains("2019-09") => Dialect::Draft2019,
            Some(_) => Dialect::Modern,
            None if speaks_modern(root) => Dialect::Modern,
            None => Dialect::Draft4,
        }
    }

    /// Whether keywords beside a `$ref` count.
    pub(super) fn keeps_siblings(self) -> bool {
        self >= Dialect::Draft2019
    }

    /// The name in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Dialect::OpenApi30 => "OpenAPI 3.0",
            Dialect::Draft4 => "draft 4",
            Dialect::Draft6 => "draft 6",
            Dialect::Draft7 => "draft 7",
            Dialect::Draft2019 => "2019-09",
            Dialect::Modern => "2020-12",
        }
    }
}

const MODERN: [&str; 12] = [
    "$defs",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "prefixItems",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "unevaluatedItems",
    "minContains",
    "maxContains",
];

fn speaks_modern(root: &Json) -> bool {
    let mut stack = vec![root];
    while let Some(schema) = stack.pop() {
        if schema.members().iter().any(|m| MODERN.contains(&m.key.as_str())) {
            return true;
        }
        each_subschema(schema, |part| stack.push(part.schema));
    }
    false
}

/// A schema inside another one.
pub(super) struct Part<'d> {
    /// The keyword that contains it.
    pub(super) keyword: &'d str,
    /// Its key or index, if the keyword contains several.
    pub(super) key: Option<String>,
    /// The schema.
    pub(super) schema: &'d Json,
}

impl Part<'_> {
    /// The part's pointer below its owner's.
    pub(super) fn pointer(&self, owner: &str) -> String {
        let keyword = super::uri::escape_pointer(self.keyword);
        match &self.key {
            Some(key) => format!("{owner}/{keyword}/{}", super::uri::escape_pointer(key)),
            None => format!("{owner}/{keyword}"),
        }
    }
}

/// Calls `visit` for each schema directly inside `schema`.
pub(super) fn each_subschema<'d>(schema: &'d Json, mut visit: impl FnMut(Part<'d>)) {
    for member in schema.members() {
        let keyword = member.key.as_str();
        match (keyword, &member.value.value) {
            (
                "items"
                | "additionalItems"
                | "contains"
                | "additionalProperties"
                | "propertyNames"
                | "not"
                | "if"
                | "then"
                | "else"
                | "unevaluatedItems"
                | "unevaluatedProperties",
                Value::Object(_) | Value::Bool(_),
            ) => visit(Part { keyword, key: None, schema: &member.value }),
            ("items" | "prefixItems" | "allOf" | "anyOf" | "oneOf", Value::Array(list)) => {
                for (i, schema) in list.iter().enumerate() {
                    visit(Part { keyword, key: Some(i.to_string()), schema });
                }
            }
            (
                "properties" | "patternProperties" | "definitions" | "$defs" | "dependentSchemas"
                | "dependencies",
                Value::Object(map),
            ) => {
                for m in map.iter().filter(|m| !matches!(m.value.value, Value::Array(_))) {
                    visit(Part { keyword, key: Some(m.key.clone()), schema: &m.value });
                }
            }
            _ => {}
        }
    }
}
