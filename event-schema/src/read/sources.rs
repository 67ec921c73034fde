//! The documents that a schema is read from, and the targets of references in them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Files;
use super::dialect::{Dialect, each_subschema};
use super::uri;
use crate::document::{Document, Json, Value};

/// The maximum number of files that one schema may refer to.
const MAX_FILES: usize = 64;

/// The maximum number of places that a reference with unescaped slashes may be tried at.
const MAX_GUESSES: usize = 4096;

/// A document and its name in references: empty for the first, otherwise a relative path.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) doc: Arc<Document>,
    pub(super) uri: String,
}

/// The documents that `first` refers to, including itself.
pub(super) fn collect(first: &Arc<Document>, files: Files<'_>) -> Vec<Source> {
    let mut sources = vec![Source { doc: first.clone(), uri: String::new() }];
    let mut at = 0;
    while at < sources.len() {
        let source = sources[at].clone();
        let mut stack: Vec<&Json> = vec![&source.doc.root];
        while let Some(json) = stack.pop() {
            match &json.value {
                Value::Object(members) => stack.extend(members.iter().map(|m| &m.value)),
                Value::Array(elements) => stack.extend(elements),
                _ => {}
            }
            let Some(reference) = json.get("$ref").and_then(Json::as_str) else { continue };
            let (path, _) = uri::split(reference);
            if path.is_empty() || uri::is_remote(path) || sources.len() >= MAX_FILES {
                continue;
            }
            let path = uri::join(&source.uri, path);
            if sources.iter().all(|s| s.uri != path) {
                sources.extend(files(&path).map(|doc| Source { doc, uri: path }));
            }
        }
        at += 1;
    }
    sources
}

/// A schema in one of the documents.
#[derive(Debug, Clone)]
pub(super) struct Place<'d> {
    /// Index of the document.
    pub(super) source: usize,
    /// The schema.
    pub(super) json: &'d Json,
    /// Its pointer in the document.
    pub(super) pointer: String,
    /// The URI that its references are relative to, without a fragment.
    pub(super) base: Arc<str>,
}

/// The targets of references other than pointers.
pub(super) struct Index<'d> {
    sources: &'d [Source],
    pub(super) dialects: Vec<Dialect>,
    /// Whether the document, or the caller, states the dialect.
    pub(super) stated: Vec<bool>,
    resources: HashMap<String, Place<'d>>,
    anchors: HashMap<(String, String), Place<'d>>,
    /// The number of places that each `$dynamicAnchor` refers to.
    dynamic: HashMap<String, usize>,
    /// The number of schema resources: schemas with an identifier, and documents.
    bases: usize,
    /// Whether some schema has a `$recursiveAnchor`.
    recursive: bool,
    /// Each document's definitions by their pointer, because documents with thousands of them refer to
    /// thousands.
    named: Vec<HashMap<String, &'d Json>>,
}

/// Why a reference has no target.
pub(super) enum Lost {
    /// It is a remote reference.
    Remote,
    /// The file was not provided.
    NoFile(String),
    /// The document has nothing at that pointer.
    NoTarget,
    /// It has unescaped slashes, and several places match.
    Ambiguous(Vec<String>),
}

impl<'d> Index<'d> {
    pub(super) fn new(sources: &'d [Source], dialect: Option<Dialect>) -> Index<'d> {
        let dialects: Vec<_> =
            sources.iter().map(|s| dialect.unwrap_or_else(|| Dialect::of(&s.doc.root))).collect();
        let says = |root: &Json| root.get("$schema").is_some() || root.get("openapi").is_some();
        let stated = sources.iter().map(|s| dialect.is_some() || says(&s.doc.root)).collect();
        let named = sources.iter().map(|s| named(&s.doc.root)).collect();
        let (resources, anchors) = (HashMap::new(), HashMap::new());
        let (dynamic, bases, recursive) = (HashMap::new(), sources.len(), false);
        let mut index = Index {
            sources,
            dialects,
            stated,
            resources,
            anchors,
            dynamic,
            bases,
            recursive,
            named,
        };
        for (i, source) in sources.iter().enumerate() {
            index.add(i, source);
        }
        index
    }

    /// The document's root.
    pub(super) fn root(&self, source: usize) -> Place<'d> {
        let Source { doc, uri } = &self.sources[source];
        let place =
            Place { source, json: &doc.root, pointer: String::new(), base: uri.as_str().into() };
        match id_of(place.json, self.dialects[source]) {
            Some(id) => Place { base: uri::join(uri, uri::split(id).0).into(), ..place },
            None => place,
        }
    }

    fn add(&mut self, i: usize, source: &'d Source) {
        let root = Place {
            source: i,
            json: &source.doc.root,
            pointer: String::new(),
            base: source.uri.as_str().into(),
        };
        self.resources.insert(source.uri.clone(), root.clone());
        let mut stack = vec![root];
        if let Some(components) = source.doc.root.get("components").and_then(|c| c.get("schemas")) {
            stack.extend(components.members().iter().map(|m| Place {
                source: i,
                json: &m.value,
                pointer: format!("/components/schemas/{}", uri::escape_pointer(&m.key)),
                base: source.uri.as_str().into(),
            }));
        }
        while let Some(mut place) = stack.pop() {
            if let Some(id) = id_of(place.json, self.dialects[i]) {
                let (path, fragment) = uri::split(id);
                if !path.is_empty() {
                    self.bases += usize::from(!place.pointer.is_empty());
                    place.base = uri::join(&place.base, path).into();
                    self.resources.entry(place.base.to_string()).or_insert_with(|| place.clone());
                }
                if !fragment.is_empty() {
                    let key = (place.base.to_string(), fragment.to_owned());
                    self.anchors.entry(key).or_insert_with(|| place.clone());
                }
            }
            for keyword in ["$anchor", "$dynamicAnchor"] {
                if let Some(anchor) = place.json.get(keyword).and_then(Json::as_str) {
                    let key = (place.base.to_string(), anchor.to_owned());
                    self.anchors.entry(key).or_insert_with(|| place.clone());
                    if keyword == "$dynamicAnchor" {
                        *self.dynamic.entry(anchor.to_owned()).or_default() += 1;
                    }
                }
            }
            self.recursive |= place.json.get("$recursiveAnchor").is_some();
            each_subschema(place.json, |part| {
                stack.push(Place {
                    source: i,
                    json: part.schema,
                    pointer: part.pointer(&place.pointer),
                    base: place.base.clone(),
                });
            });
        }
    }

    /// The target of `reference`, seen from a place with the base `base` in the document `source`.
    pub(super) fn find(
        &self,
        source: usize,
        base: &str,
        reference: &str,
    ) -> Result<Place<'d>, Lost> {
        let (path, fragment) = uri::split(reference);
        let absolute = uri::join(base, path);
        let beside = || uri::join(&self.sources[source].uri, path);
        let resource = if path.is_empty() && !self.resources.contains_key(&absolute) {
            self.root(source)
        } else {
            match self.resources.get(&absolute).or_else(|| self.resources.get(&beside())) {
                Some(place) => place.clone(),
                None if uri::is_remote(&absolute) => return Err(Lost::Remote),
                None => return Err(Lost::NoFile(beside())),
            }
        };
        if fragment.is_empty() {
            return Ok(resource);
        }
        let plain = uri::unescape(fragment).unwrap_or_else(|| fragment.to_owned());
        if !plain.starts_with('/') {
            let key = (resource.base.to_string(), plain);
            return self.anchors.get(&key).cloned().ok_or(Lost::NoTarget);
        }
        // a pointer is relative to the resource, but many documents use it from their root
        let root = self.root(resource.source);
        for from in [&resource, &root] {
            for pointer in [plain.as_str(), fragment] {
                let known =
                    self.named[from.source].get(pointer).filter(|_| from.pointer.is_empty());
                if let Some(json) = known.copied().or_else(|| from.json.pointer(pointer)) {
                    return Ok(self.below(from, json, pointer));
                }
            }
        }
        match unescaped(root.json, &plain).as_slice() {
            [] => Err(Lost::NoTarget),
            [(json, pointer)] => Ok(self.below(&root, json, pointer)),
            many => Err(Lost::Ambiguous(many.iter().map(|(_, pointer)| pointer.clone()).collect())),
        }
    }

    /// The target of `$dynamicRef` or `$recursiveRef`, if it is the same for every dynamic scope.
    pub(super) fn find_static(
        &self,
        source: usize,
        base: &str,
        keyword: &str,
        reference: &str,
    ) -> Option<Place<'d>> {
        let target = self.find(source, base, reference).ok()?;
        let fixed = if keyword == "$recursiveRef" {
            reference == "#" && (!self.recursive || self.bases == 1)
        } else {
            let anchor = target.json.get("$dynamicAnchor").and_then(Json::as_str);
            let named = anchor.filter(|a| Some(*a) == uri::split(reference).1.into());
            named.is_none_or(|anchor| self.dynamic.get(anchor) == Some(&1))
        };
        fixed.then_some(target)
    }

    fn below(&self, from: &Place<'d>, json: &'d Json, pointer: &str) -> Place<'d> {
        if from.pointer.is_empty() && self.named[from.source].contains_key(pointer) {
            let base = match id_of(json, self.dialects[from.source]) {
                Some(id) => uri::join(&from.base, uri::split(id).0).into(),
                None => from.base.clone(),
            };
            return Place { source: from.source, json, pointer: pointer.to_owned(), base };
        }
        // the base is that of the innermost schema with an ID on the way
        let mut base = from.base.clone();
        let mut at = from.json;
        for part in pointer.split('/').skip(1) {
            let key = part.replace("~1", "/").replace("~0", "~");
            let next = match &at.value {
                Value::Array(list) => key.parse::<usize>().ok().and_then(|i| list.get(i)),
                _ => at.get(&key),
            };
            let Some(next) = next else { break };
            at = next;
            if let Some(id) = id_of(at, self.dialects[from.source]) {
                base = uri::join(&base, uri::split(id).0).into();
            }
        }
        Place { source: from.source, json, pointer: format!("{}{pointer}", from.pointer), base }
    }
}

/// The definitions of a document by their pointer.
fn named(root: &Json) -> HashMap<String, &Json> {
    let components = root.get("components").and_then(|c| c.get("schemas"));
    [
        ("/definitions", root.get("definitions")),
        ("/$defs", root.get("$defs")),
        ("/components/schemas", components),
    ]
    .into_iter()
    .filter_map(|(pointer, map)| Some((pointer, map?)))
    .flat_map(|(pointer, map)| {
        let name = move |key: &str| format!("{pointer}/{}", uri::escape_pointer(key));
        map.members().iter().map(move |m| (name(&m.key), &m.value))
    })
    .collect()
}

pub(super) fn id_of(schema: &Json, dialect: Dialect) -> Option<&str> {
    let keyword = if dialect == Dialect::Draft4 { "id" } else { "$id" };
    let given = schema.get(keyword).or_else(|| schema.get("$id")).and_then(Json::as_str)?;
    // beside a `$ref`, older dialects ignore everything
    (dialect.keeps_siblings() || schema.get("$ref").is_none()).then_some(given)
}

/// The places that a pointer may mean if slashes in keys should have been written as `~1`.
fn unescaped<'d>(root: &'d Json, pointer: &str) -> Vec<(&'d Json, String)> {
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    let mut found = BTreeMap::new();
    let mut stack = vec![(root, 0, String::new())];
    let mut guesses = 0;
    while let Some((at, done, path)) = stack.pop() {
        if done == parts.len() {
            found.insert(path, at);
            continue;
        }
        for end in done + 1..=parts.len() {
            guesses += 1;
            if guesses > MAX_GUESSES {
                return Vec::new();
            }
            let key = parts[done..end].join("/").replace("~1", "/").replace("~0", "~");
            if let Some(next) = at.get(&key) {
                stack.push((next, end, format!("{path}/{}", uri::escape_pointer(&key))));
            }
        }
    }
    found.into_iter().map(|(path, json)| (json, path)).collect()
}
