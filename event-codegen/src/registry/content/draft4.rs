//! JSON Schema of a later draft, in one or several documents, as one document of draft 4.
//!
//! An allow list: a keyword that is neither in draft 4 nor named here is refused where a draft gives it
//! a meaning. Values only; the caller reads the result back.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

const DRAFT4: &str = "http://json-schema.org/draft-04/schema#";

/// Most documents that one schema may refer to.
const MAX_DOCUMENTS: usize = 64;

/// Keywords that mean the same in every draft and hold no schemas.
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

/// Keywords of later drafts that draft 4 has no words for.
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

/// Keywords of later drafts that draft 4 has other words for.
const LATER: &[&str] = &["const", "dependentRequired", "dependentSchemas", "prefixItems"];

type Load<'a> = &'a dyn Fn(&str) -> Result<Value, String>;

/// The document as draft 4; equal to `root` where it is that already. `load` returns another document
/// by its path relative to this one.
pub(super) fn convert(root: &Value, load: Load<'_>) -> Result<Value, String> {
    let mut documents = Documents { load, names: BTreeMap::new(), waiting: VecDeque::new() };
    let mut made = Converter::of("", root, &mut documents).document(root)?;
    let mut parts = Map::new();
    while let Some((path, name, document)) = documents.waiting.pop_front() {
        let mut part = Converter::of(&path, &document, &mut documents).document(&document)?;
        if let Some(members) = part.as_object_mut() {
            members.remove("$schema");
        }
        parts.insert(name, part);
    }
    if !parts.is_empty() {
        let members = made.as_object_mut().ok_or("a document that refers is not an object")?;
        let definitions = members.entry("definitions").or_insert_with(|| json!({}));
        let definitions = definitions.as_object_mut().ok_or("`definitions` is not an object")?;
        for (name, part) in parts {
            if definitions.insert(name.clone(), part).is_some() {
                return Err(format!("`definitions` has `{name}`, the name of another document"));
            }
        }
    }
    // what needed no other word goes up as it is
    let plain = made.as_object().is_some_and(|m| {
        let unstated = |o: &Map<String, Value>| {
            let mut o = o.clone();
            o.remove("$schema");
            o
        };
        root.as_object().is_some_and(|r| !r.contains_key("$schema") && unstated(m) == *r)
    });
    Ok(if plain { root.clone() } else { made })
}

/// The documents that are referred to, by path, with the names that they get.
struct Documents<'a> {
    load: Load<'a>,
    names: BTreeMap<String, String>,
    waiting: VecDeque<(String, String, Value)>,
}

impl Documents<'_> {
    fn name(&mut self, path: &str) -> Result<String, String> {
        if let Some(name) = self.names.get(path) {
            return Ok(name.clone());
        }
        if self.names.len() >= MAX_DOCUMENTS {
            return Err(format!("it refers to more than {MAX_DOCUMENTS} documents"));
        }
        let document = (self.load)(path)?;
        if document.get("openapi").is_some() {
            return Err(format!("`{path}` is an OpenAPI document"));
        }
        let file = path.rsplit('/').next().unwrap_or(path);
        let stem: String = file.trim_end_matches(".json").chars().map(plain).collect();
        let taken = |name: &String| self.names.values().any(|n| n == name);
        let mut name = stem.clone();
        for n in 2.. {
            if !taken(&name) {
                break;
            }
            name = format!("{stem}_{n}");
        }
        self.names.insert(path.to_owned(), name.clone());
        self.waiting.push_back((path.to_owned(), name.clone(), document));
        Ok(name)
    }
}

fn plain(c: char) -> char {
    if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' }
}

struct Converter<'d, 'a> {
    /// The document's path; empty for the first.
    path: String,
    draft: Draft,
    /// Draft 4 is stated: what it does not know is ignored there, and stays as it is.
    stated: bool,
    documents: &'d mut Documents<'a>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Draft {
    /// What stands beside a `$ref` is ignored.
    Four,
    Seven,
    /// What stands beside a `$ref` holds too; `prefixItems`.
    Modern,
}

impl<'d, 'a> Converter<'d, 'a> {
    fn of(path: &str, root: &Value, documents: &'d mut Documents<'a>) -> Self {
        let uri = root.get("$schema").and_then(Value::as_str);
        let draft = match uri {
            None => Draft::Four,
            Some(uri) if uri.contains("draft-04") || uri.contains("draft-03") => Draft::Four,
            Some(uri) if uri.contains("draft-06") || uri.contains("draft-07") => Draft::Seven,
            Some(_) => Draft::Modern,
        };
        let stated = draft == Draft::Four && uri.is_some();
        Converter { path: path.to_owned(), draft, stated, documents }
    }

    fn document(&mut self, root: &Value) -> Result<Value, String> {
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

    fn schema(&mut self, schema: &Value, root: bool) -> Result<Value, String> {
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
                "$id" | "id" if !root => return Err(format!("`{key}` below the root")),
                // the document's own name: nothing else is known by it
                "$id" if self.draft > Draft::Four => {}
                "$id" | "id" => _ = out.insert(key.clone(), value.clone()),
                "$ref" => {
                    let reference = value.as_str().ok_or("`$ref` is not a string")?;
                    let reference = json!(self.reference(reference)?);
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
                        // an empty list asks for nothing, and draft 4 does not allow it
                        if need.as_array().is_some_and(Vec::is_empty) {
                            continue;
                        }
                        if target
                            .as_object_mut()
                            .is_some_and(|t| t.insert(name.clone(), need).is_some())
                        {
                            return Err(format!("two dependencies of `{name}`"));
                        }
                    }
                }
                "additionalProperties" | "additionalItems" if value.is_boolean() => {
                    out.insert(key.clone(), value.clone());
                }
                "additionalProperties" | "additionalItems" | "not" => {
                    let made = self.schema(value, false)?;
                    out.insert(key.clone(), made);
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
                "items" => {
                    let made = self.schema(value, false)?;
                    out.insert(key.clone(), made);
                }
                "const" if members.contains_key("enum") => all_of.push(json!({ "enum": [value] })),
                "const" => _ = out.insert("enum".to_owned(), json!([value])),
                "required" if value.as_array().is_some_and(Vec::is_empty) => {}
                "required" => _ = out.insert(key.clone(), value.clone()),
                "minimum" | "maximum" => {
                    // the exclusive bound says both, where it is the tighter one
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
                    _ = out.insert(key.clone(), value.clone())
                }
                refused if REFUSED.contains(&refused) => {
                    return Err(format!("draft 4 has no `{refused}`"));
                }
                plain if PLAIN.contains(&plain) => _ = out.insert(key.clone(), value.clone()),
                // annotations, and names that no draft knows
                _ => _ = out.insert(key.clone(), value.clone()),
            }
        }
        if !all_of.is_empty() {
            out.insert("allOf".to_owned(), Value::Array(all_of));
        }
        Ok(Value::Object(out))
    }

    fn map(&mut self, value: &Value) -> Result<Map<String, Value>, String> {
        let members = value.as_object().ok_or("a map of schemas is not an object")?;
        let mut out = Map::new();
        for (name, schema) in members {
            out.insert(name.clone(), self.schema(schema, false)?);
        }
        Ok(out)
    }

    fn list(&mut self, value: &Value) -> Result<Vec<Value>, String> {
        let elements = value.as_array().ok_or("a list of schemas is not an array")?;
        elements.iter().map(|schema| self.schema(schema, false)).collect()
    }

    /// The reference from within the one document.
    fn reference(&mut self, reference: &str) -> Result<String, String> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if path.contains(':') || path.starts_with('/') {
            return Err(format!(
                "`$ref` to `{}`, which is not fetched",
                reference.escape_default()
            ));
        }
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return Err(format!("`$ref` by the anchor `{}`", fragment.escape_default()));
        }
        let target = if path.is_empty() { self.path.clone() } else { join(&self.path, path)? };
        let fragment = renamed(fragment);
        if target.is_empty() {
            return Ok(format!("#{fragment}"));
        }
        let name = self.documents.name(&target)?;
        Ok(format!("#/definitions/{name}{fragment}"))
    }
}

/// The pointer with the names that keywords have in draft 4.
fn renamed(fragment: &str) -> String {
    let parts: Vec<&str> = fragment.split('/').collect();
    let mut out = Vec::with_capacity(parts.len());
    for (at, part) in parts.iter().enumerate() {
        // below one of these stands a name, not a keyword
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

/// A path relative to a document, from the first document.
fn join(base: &str, path: &str) -> Result<String, String> {
    let mut parts: Vec<&str> = base.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => _ = parts.pop(),
            other => parts.push(other),
        }
    }
    if parts.is_empty() {
        Err(format!("`$ref` to `{path}`, which is not a file"))
    } else {
        Ok(parts.join("/"))
    }
}
