//! Converts JSON Schema of a later draft to draft 4.
//!
//! Works by an allow list: a keyword that is neither in draft 4 nor listed here is refused if a draft defines it.
//! The caller reads the result back.

use serde_json::{Map, Value, json};

const DRAFT4: &str = "http://json-schema.org/draft-04/schema#";

/// Keywords that mean the same in every draft and contain no schemas.
const PLAIN: &[&str] = &[
    "default",
    "deprecated",
    "description",
    "enum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "minItems",
    "minLength",
    "minProperties",
    "multipleOf",
    "pattern",
    "readOnly",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
];

/// Keywords of later drafts that draft 4 cannot express.
const REFUSED: &[&str] = &[
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveAnchor",
    "$recursiveRef",
    "contains",
    "contentEncoding",
    "else",
    "if",
    "maxContains",
    "minContains",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Keywords of later drafts that draft 4 expresses by other keywords.
const LATER: &[&str] = &["const", "dependentRequired", "dependentSchemas", "prefixItems"];

/// Returns the document in draft 4; equal to `root` if it needs no conversion.
pub(super) fn convert(root: &Value) -> Result<Value, String> {
    let made = Converter::of(root).document(root)?;
    let unstated = |members: &Map<String, Value>| {
        let mut members = members.clone();
        members.remove("$schema");
        members
    };
    // a document that needed no other keyword is uploaded as it is
    let plain = root.get("$schema").is_none()
        && made.as_object().zip(root.as_object()).is_some_and(|(m, r)| unstated(m) == *r);
    Ok(if plain { root.clone() } else { made })
}

struct Converter {
    draft: Draft,
    /// The document states draft 4, which ignores unknown keywords: they are kept.
    stated: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Draft {
    /// Keywords beside a `$ref` are ignored.
    Four,
    Seven,
    /// Keywords beside a `$ref` apply, too; `prefixItems` exists.
    Modern,
}

impl Converter {
    fn of(root: &Value) -> Self {
        let uri = root.get("$schema").and_then(Value::as_str);
        let draft = match uri {
            None => Draft::Four,
            Some(uri) if uri.contains("draft-04") || uri.contains("draft-03") => Draft::Four,
            Some(uri) if uri.contains("draft-06") || uri.contains("draft-07") => Draft::Seven,
            Some(_) => Draft::Modern,
        };
        let stated = draft == Draft::Four && uri.is_some();
        Converter { draft, stated }
    }

    fn document(&self, root: &Value) -> Result<Value, String> {
        let mut made = self.schema(root, true)?;
        if let Some(members) = made.as_object_mut() {
            let uri = match root.get("$schema") {
                Some(stated) if self.draft == Draft::Four => stated.clone(),
                _ => json!(DRAFT4),
            };
            members.insert("$schema".to_owned(), uri);
        }
        Ok(made)
    }

    fn schema(&self, schema: &Value, root: bool) -> Result<Value, String> {
        let members = match schema {
            Value::Bool(true) => return Ok(json!({})),
            Value::Bool(false) => return Ok(json!({ "not": {} })),
            Value::Object(members) => members,
            _ => return Err("a schema is neither an object nor a boolean".to_owned()),
        };
        let mut out = Map::new();
        let mut all_of = Vec::new();
        for (key, value) in members {
            let unknown = LATER.contains(&key.as_str()) || REFUSED.contains(&key.as_str());
            if self.stated && unknown {
                out.insert(key.clone(), value.clone());
                continue;
            }
            match key.as_str() {
                "$schema" | "$comment" | "examples" | "$vocabulary" if self.draft > Draft::Four => {
                }
                "$schema" => {}
                "required" if value.as_array().is_some_and(Vec::is_empty) => {}
                "$id" | "id" if !root => return Err(format!("`{key}` below the root")),
                // the name of the document itself, which nothing refers to
                "$id" if self.draft > Draft::Four => {}
                "$id" | "id" | "required" => _ = out.insert(key.clone(), value.clone()),
                "$ref" => {
                    let reference = value.as_str().ok_or("`$ref` is not a string")?;
                    let reference = json!(Self::reference(reference)?);
                    if self.draft < Draft::Modern || members.len() == 1 {
                        out.insert(key.clone(), reference);
                    } else {
                        all_of.push(json!({ "$ref": reference }));
                    }
                }
                "$defs" | "definitions" => {
                    let target = out.entry("definitions").or_insert_with(|| json!({}));
                    let made = self.map(value)?;
                    for (name, part) in made {
                        if target
                            .as_object_mut()
                            .is_some_and(|t| t.insert(name.clone(), part).is_some())
                        {
                            return Err(format!("`$defs` and `definitions` both have `{name}`"));
                        }
                    }
                }
                "properties" | "patternProperties" => {
                    let made = self.map(value)?;
                    out.insert(key.clone(), Value::Object(made));
                }
                "dependencies" | "dependentRequired" | "dependentSchemas" => {
                    let target = out.entry("dependencies").or_insert_with(|| json!({}));
                    let needs =
                        value.as_object().ok_or_else(|| format!("`{key}` is not an object"))?;
                    for (name, need) in needs {
                        let need =
                            if need.is_array() { need.clone() } else { self.schema(need, false)? };
                        // an empty list requires nothing, and draft 4 does not allow it
                        if need.as_array().is_some_and(Vec::is_empty) {
                            continue;
                        }
                        if target
                            .as_object_mut()
                            .is_some_and(|t| t.insert(name.clone(), need).is_some())
                        {
                            return Err(format!("`{name}` has two dependencies"));
                        }
                    }
                }
                "additionalProperties" | "additionalItems" if value.is_boolean() => {
                    out.insert(key.clone(), value.clone());
                }
                "allOf" => all_of.extend(self.list(value)?),
                "anyOf" | "oneOf" => {
                    let made = self.list(value)?;
                    out.insert(key.clone(), Value::Array(made));
                }
                "prefixItems" if self.draft == Draft::Modern => {
                    let made = self.list(value)?;
                    out.insert("items".to_owned(), Value::Array(made));
                }
                "items" if members.contains_key("prefixItems") && self.draft == Draft::Modern => {
                    let made =
                        if value.is_boolean() { value.clone() } else { self.schema(value, false)? };
                    out.insert("additionalItems".to_owned(), made);
                }
                "items" if value.is_array() => {
                    let made = self.list(value)?;
                    out.insert(key.clone(), Value::Array(made));
                }
                "additionalProperties" | "additionalItems" | "not" | "items" => {
                    let made = self.schema(value, false)?;
                    out.insert(key.clone(), made);
                }
                "const" if members.contains_key("enum") => all_of.push(json!({ "enum": [value] })),
                "const" => _ = out.insert("enum".to_owned(), json!([value])),
                "minimum" | "maximum" => {
                    // a tighter exclusive bound already implies this one
                    out.entry(key.clone()).or_insert_with(|| value.clone());
                }
                "exclusiveMinimum" | "exclusiveMaximum" if value.is_number() && !self.stated => {
                    let bound = if key == "exclusiveMinimum" { "minimum" } else { "maximum" };
                    if let Some(inclusive) = members.get(bound) {
                        all_of.push(json!({ bound: inclusive }));
                    }
                    out.insert(bound.to_owned(), value.clone());
                    out.insert(key.clone(), json!(true));
                }
                "exclusiveMinimum" | "exclusiveMaximum" => {
                    _ = out.insert(key.clone(), value.clone());
                }
                refused if REFUSED.contains(&refused) => {
                    return Err(format!("draft 4 has no `{refused}`"));
                }
                plain if PLAIN.contains(&plain) => _ = out.insert(key.clone(), value.clone()),
                // annotations, and keywords that no draft defines
                _ => _ = out.insert(key.clone(), value.clone()),
            }
        }
        if !all_of.is_empty() {
            out.insert("allOf".to_owned(), Value::Array(all_of));
        }
        Ok(Value::Object(out))
    }

    fn map(&self, value: &Value) -> Result<Map<String, Value>, String> {
        let members = value.as_object().ok_or("a map of schemas is not an object")?;
        let mut out = Map::new();
        for (name, schema) in members {
            out.insert(name.clone(), self.schema(schema, false)?);
        }
        Ok(out)
    }

    fn list(&self, value: &Value) -> Result<Vec<Value>, String> {
        let elements = value.as_array().ok_or("a list of schemas is not an array")?;
        elements.iter().map(|schema| self.schema(schema, false)).collect()
    }

    /// Returns the reference with the keywords of draft 4; it must lead into this document.
    fn reference(reference: &str) -> Result<String, String> {
        let fragment = reference.strip_prefix('#').ok_or_else(|| {
            format!("`$ref` to another document, `{}`", reference.escape_default())
        })?;
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return Err(format!("`$ref` by the anchor `{}`", fragment.escape_default()));
        }
        Ok(format!("#{}", renamed(fragment)))
    }
}

/// Returns the pointer with the keywords of draft 4.
fn renamed(fragment: &str) -> String {
    let parts: Vec<&str> = fragment.split('/').collect();
    let mut out = Vec::with_capacity(parts.len());
    for (at, part) in parts.iter().enumerate() {
        // below one of these, the next token is a name and not a keyword
        let named = at > 0
            && ["$defs", "definitions", "properties", "patternProperties", "dependentSchemas"]
                .contains(&parts[at - 1]);
        out.push(match *part {
            "$defs" if !named => "definitions",
            "prefixItems" if !named => "items",
            "dependentSchemas" if !named => "dependencies",
            other => other,
        });
    }
    out.join("/")
}
