//! The keywords of each dialect, and their effects.
//!
//! The table follows the specifications: JSON Schema draft 4 (draft-zyp-json-schema-04 and
//! draft-fge-json-schema-validation-00), draft 6 (draft-wright-json-schema-01 and -validation-01), draft 7
//! (draft-handrews-json-schema-01 and -validation-01), 2019-09 and 2020-12 (core, validation), and
//! `OpenAPI` 3.0.3 ("Schema Object"). A keyword that the stated dialect does not have is ignored, as its
//! validators do; a name that no dialect has is an annotation (2020-12 core, section 6.5).

use super::dialect::Dialect;
use crate::document::{Json, Value};

/// The effect of a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It identifies or contains schemas, and does not constrain instances by itself.
    Core,
    /// It constrains instances.
    Asserts,
    /// It informs people and generators.
    Annotates,
}

/// The form of a keyword's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Anything,
    Number,
    Boolean,
    Text,
    /// The name of a type, or several.
    Types,
    /// The name of a format.
    Format,
    /// An array of strings.
    Names,
    /// An array.
    Values,
    Schema,
    /// A schema, or an array of them.
    Items,
    /// An array of schemas.
    Schemas,
    /// An object of schemas.
    Map,
    /// An object of schemas or of arrays of names.
    Needs,
}

/// A keyword, and the dialects that have it.
#[derive(Debug)]
pub(super) struct Keyword {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) takes: Takes,
    /// The first and the last draft of JSON Schema.
    drafts: (Dialect, Dialect),
    /// Whether `OpenAPI` 3.0 has it.
    openapi: bool,
}

impl Keyword {
    /// Whether the dialect has it.
    pub(super) fn is_of(&self, dialect: Dialect) -> bool {
        match dialect {
            Dialect::OpenApi30 => self.openapi,
            _ => (self.drafts.0..=self.drafts.1).contains(&dialect),
        }
    }
}

/// The keyword with this name, in any dialect.
pub(super) fn find(name: &str) -> Option<&'static Keyword> {
    KEYWORDS.binary_search_by(|k| k.name.cmp(name)).ok().map(|at| &KEYWORDS[at])
}

/// All keywords.
pub(super) fn all() -> impl Iterator<Item = &'static Keyword> {
    KEYWORDS.iter()
}

impl Takes {
    /// Whether a value has one of these forms.
    pub(super) fn fits(self, json: &Json) -> bool {
        let strings = |list: &[Json]| list.iter().all(|j| j.as_str().is_some());
        match self {
            Takes::Anything => true,
            Takes::Number => matches!(json.value, Value::Number(_) | Value::Bool(_)),
            Takes::Boolean => json.as_bool().is_some(),
            Takes::Text => json.as_str().is_some(),
            Takes::Types => match &json.value {
                Value::Array(list) => !list.is_empty() && list.iter().all(is_type),
                _ => is_type(json),
            },
            Takes::Format => json.as_str().is_some_and(super::slip::is_format),
            Takes::Names => json.as_array().is_some_and(|l| !l.is_empty() && strings(l)),
            Takes::Values => json.as_array().is_some_and(|l| !l.is_empty()),
            Takes::Schema => looks_like_schema(json),
            Takes::Items => looks_like_schema(json) || Takes::Schemas.fits(json),
            Takes::Schemas => {
                json.as_array().is_some_and(|l| !l.is_empty() && l.iter().all(looks_like_schema))
            }
            Takes::Map => {
                !json.members().is_empty()
                    && json.members().iter().all(|m| looks_like_schema(&m.value))
            }
            Takes::Needs => {
                !json.members().is_empty()
                    && json.members().iter().all(|m| {
                        looks_like_schema(&m.value) || m.value.as_array().is_some_and(strings)
                    })
            }
        }
    }
}

fn is_type(json: &Json) -> bool {
    json.as_str().is_some_and(|s| super::slip::TYPES.contains(&s))
}

/// Whether a value may be a schema: a boolean, or an object with a constraining keyword.
fn looks_like_schema(json: &Json) -> bool {
    let says = |key: &str| key == "$ref" || find(key).is_some_and(|k| k.kind != Kind::Core);
    json.as_bool().is_some() || json.members().iter().any(|m| says(&m.key))
}

const fn keyword(
    name: &'static str,
    kind: Kind,
    takes: Takes,
    from: Dialect,
    to: Dialect,
    openapi: bool,
) -> Keyword {
    Keyword { name, kind, takes, drafts: (from, to), openapi }
}

use Dialect::{Draft4 as D4, Draft6 as D6, Draft7 as D7, Draft2019 as D19, Modern as D20};
use Kind::{Annotates as A, Asserts as X, Core as C};

/// Sorted by name.
static KEYWORDS: [Keyword; 72] = [
    keyword("$anchor", C, Takes::Text, D19, D20, false),
    keyword("$comment", A, Takes::Text, D4, D20, true),
    keyword("$defs", C, Takes::Map, D4, D20, true),
    keyword("$dynamicAnchor", C, Takes::Text, D20, D20, false),
    keyword("$dynamicRef", X, Takes::Text, D20, D20, false),
    keyword("$id", C, Takes::Text, D4, D20, true),
    keyword("$recursiveAnchor", C, Takes::Boolean, D19, D19, false),
    keyword("$recursiveRef", X, Takes::Text, D19, D19, false),
    keyword("$ref", X, Takes::Text, D4, D20, true),
    keyword("$schema", C, Takes::Text, D4, D20, true),
    keyword("$vocabulary", C, Takes::Anything, D4, D20, true),
    keyword("additionalItems", X, Takes::Schema, D4, D19, false),
    keyword("additionalProperties", X, Takes::Schema, D4, D20, true),
    keyword("allOf", X, Takes::Schemas, D4, D20, true),
    keyword("anyOf", X, Takes::Schemas, D4, D20, true),
    keyword("components", A, Takes::Anything, D4, D20, true),
    keyword("const", X, Takes::Anything, D6, D20, false),
    keyword("contains", X, Takes::Schema, D6, D20, false),
    // asserted up to draft 7, which leaves it open (validation, section 8); an annotation from 2019-09 on
    keyword("contentEncoding", X, Takes::Text, D6, D20, false),
    keyword("contentMediaType", A, Takes::Text, D4, D20, true),
    keyword("contentSchema", A, Takes::Schema, D4, D20, true),
    keyword("default", A, Takes::Anything, D4, D20, true),
    keyword("definitions", C, Takes::Map, D4, D20, true),
    keyword("dependencies", X, Takes::Needs, D4, D7, false),
    keyword("dependentRequired", X, Takes::Needs, D19, D20, false),
    keyword("dependentSchemas", X, Takes::Map, D19, D20, false),
    keyword("deprecated", A, Takes::Boolean, D4, D20, true),
    keyword("description", A, Takes::Text, D4, D20, true),
    keyword("discriminator", A, Takes::Anything, D4, D20, true),
    keyword("else", X, Takes::Schema, D7, D20, false),
    keyword("enum", X, Takes::Values, D4, D20, true),
    keyword("example", A, Takes::Anything, D4, D20, true),
    keyword("examples", A, Takes::Anything, D4, D20, true),
    keyword("exclusiveMaximum", X, Takes::Number, D4, D20, true),
    keyword("exclusiveMinimum", X, Takes::Number, D4, D20, true),
    keyword("externalDocs", A, Takes::Anything, D4, D20, true),
    keyword("format", X, Takes::Format, D4, D20, true),
    keyword("id", C, Takes::Text, D4, D20, true),
    keyword("if", X, Takes::Schema, D7, D20, false),
    keyword("info", A, Takes::Anything, D4, D20, true),
    keyword("items", X, Takes::Items, D4, D20, true),
    keyword("maxContains", X, Takes::Number, D19, D20, false),
    keyword("maxItems", X, Takes::Number, D4, D20, true),
    keyword("maxLength", X, Takes::Number, D4, D20, true),
    keyword("maxProperties", X, Takes::Number, D4, D20, true),
    keyword("maximum", X, Takes::Number, D4, D20, true),
    keyword("minContains", X, Takes::Number, D19, D20, false),
    keyword("minItems", X, Takes::Number, D4, D20, true),
    keyword("minLength", X, Takes::Number, D4, D20, true),
    keyword("minProperties", X, Takes::Number, D4, D20, true),
    keyword("minimum", X, Takes::Number, D4, D20, true),
    keyword("multipleOf", X, Takes::Number, D4, D20, true),
    keyword("not", X, Takes::Schema, D4, D20, true),
    // only in `OpenAPI` 3.0, but some validators read it elsewhere too: see `readings`
    keyword("nullable", A, Takes::Boolean, D4, D20, true),
    keyword("oneOf", X, Takes::Schemas, D4, D20, true),
    keyword("openapi", A, Takes::Text, D4, D20, true),
    keyword("paths", A, Takes::Anything, D4, D20, true),
    keyword("pattern", X, Takes::Text, D4, D20, true),
    keyword("patternProperties", X, Takes::Map, D4, D20, false),
    keyword("prefixItems", X, Takes::Schemas, D20, D20, false),
    keyword("properties", X, Takes::Map, D4, D20, true),
    keyword("propertyNames", X, Takes::Schema, D6, D20, false),
    keyword("readOnly", A, Takes::Boolean, D4, D20, true),
    keyword("required", X, Takes::Names, D4, D20, true),
    keyword("then", X, Takes::Schema, D7, D20, false),
    keyword("title", A, Takes::Text, D4, D20, true),
    keyword("type", X, Takes::Types, D4, D20, true),
    keyword("unevaluatedItems", X, Takes::Schema, D19, D20, false),
    keyword("unevaluatedProperties", X, Takes::Schema, D19, D20, false),
    keyword("uniqueItems", X, Takes::Boolean, D4, D20, true),
    keyword("writeOnly", A, Takes::Boolean, D4, D20, true),
    keyword("xml", A, Takes::Anything, D4, D20, true),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_for_the_search() {
        assert!(KEYWORDS.windows(2).all(|w| w[0].name < w[1].name));
        for keyword in all() {
            assert!(find(keyword.name).is_some(), "{}", keyword.name);
        }
    }

    #[test]
    fn dialects_know_their_keywords() {
        for (name, knows) in [
            ("const", [false, false, true, true, true, true]),
            ("if", [false, false, false, true, true, true]),
            ("minContains", [false, false, false, false, true, true]),
            ("dependencies", [false, true, true, true, false, false]),
            ("prefixItems", [false, false, false, false, false, true]),
            ("patternProperties", [false, true, true, true, true, true]),
            ("required", [true; 6]),
        ] {
            let dialects = [Dialect::OpenApi30, D4, D6, D7, D19, D20];
            let found = dialects.map(|d| find(name).unwrap().is_of(d));
            assert_eq!(found, knows, "{name}");
        }
    }
}
