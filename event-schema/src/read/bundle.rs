//! The parts of other files that a schema refers to, and the same schema as one self-contained document.
//!
//! Resolves references exactly like [`schema`](super::schema). The output of [`bundle`] only depends on the
//! content of the documents, not on the machine or their layout, because a registry is compared with it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;

use super::Files;
use super::dialect::Dialect;
use super::sources::{self, Index, Place, Source};
use super::uri;
use crate::compat::{self, Policy, Verdict};
use crate::document::{Document, Json, Pos, Span, Value};

/// The maximum number of definitions that one schema may reach in other files.
const MAX_REACHED: usize = 10_000;

/// The maximum nesting; the parser's own bound is lower.
const MAX_DEPTH: usize = 1_000;

/// A part of another file that a schema refers to, directly or through other parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referred {
    /// The file, by its path from the first document.
    pub file: String,
    /// RFC 6901 pointer to the part; empty for the whole file.
    pub pointer: String,
    /// The content of the part: its dialect and its JSON without layout, keys sorted.
    pub meaning: String,
    /// The file, as shown in diagnostics.
    pub shown: Arc<str>,
    /// The line and column where the part begins.
    pub pos: Pos,
    /// The part's bytes in the file.
    pub span: Span,
}

/// Why a schema cannot be one document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAlone {
    /// The first document is not an object, so it cannot contain definitions.
    NoRoot,
    /// It reaches too many definitions.
    TooMany,
    /// The bundled document would have another meaning: the files have different dialects, and that
    /// matters.
    OtherMeaning(String),
}

impl std::fmt::Display for NotAlone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotAlone::NoRoot => f.write_str("the document is not an object"),
            NotAlone::TooMany => {
                write!(f, "the schema refers to more than {MAX_REACHED} definitions of other files")
            }
            NotAlone::OtherMeaning(why) => {
                write!(f, "bundled into one document, the schema would not mean the same: {why}")
            }
        }
    }
}

impl std::error::Error for NotAlone {}

/// The parts of other files that a document refers to, sorted by file and pointer.
///
/// References without a target are left out, because reading reports them.
pub fn referred(doc: &Document, files: Files<'_>) -> Vec<Referred> {
    let sources = sources::collect(&Arc::new(doc.clone()), files);
    if sources.len() == 1 {
        return Vec::new();
    }
    let index = Index::new(&sources, None);
    let mut writer = Writer::new(&sources, &index);
    writer.text();
    let part = |place: &Place<'_>| {
        let Source { doc, uri } = &sources[place.source];
        let mut meaning = format!("{:?}\n", index.dialects[place.source]);
        compact(place.json, &mut meaning);
        Referred {
            file: uri.clone(),
            pointer: place.pointer.clone(),
            meaning,
            shown: doc.file.clone(),
            pos: doc.pos(place.json.span),
            span: place.json.span,
        }
    };
    let mut out: Vec<_> = writer.reached.iter().map(part).collect();
    out.sort_by(|a, b| (&a.file, &a.pointer).cmp(&(&b.file, &b.pointer)));
    out
}

/// The document with everything that it refers to in other files added to its own definitions; `None` if it
/// does not refer to other files.
///
/// # Errors
///
/// Returns an error if no single document has the same meaning.
pub fn bundle(doc: &Document, files: Files<'_>) -> Result<Option<String>, NotAlone> {
    let sources = sources::collect(&Arc::new(doc.clone()), files);
    if sources.len() == 1 {
        return Ok(None);
    }
    let index = Index::new(&sources, None);
    let mut writer = Writer::new(&sources, &index);
    let text = writer.text();
    if writer.reached.is_empty() {
        return Ok(None);
    }
    if writer.over {
        return Err(NotAlone::TooMany);
    }
    let text = text.ok_or(NotAlone::NoRoot)?;
    same(doc, files, &text)?;
    Ok(Some(text))
}

/// The change checker decides whether both have the same meaning.
fn same(doc: &Document, files: Files<'_>, text: &str) -> Result<(), NotAlone> {
    let other = |why: String| NotAlone::OtherMeaning(why);
    let made = Document::parse(doc.file.clone(), text).map_err(|e| other(e.to_string()))?;
    let said = |problems: Vec<crate::diagnostic::Diagnostic>| {
        other(problems.first().map_or_else(String::new, |d| d.message.clone()))
    };
    let before = super::events_with(doc, files).map_err(said)?;
    let after = super::events(&made).map_err(said)?;
    if before.len() != after.len() {
        return Err(other(format!("{} events instead of {}", after.len(), before.len())));
    }
    for (before, after) in before.iter().zip(&after) {
        if before.name != after.name {
            return Err(other(format!("`{}` instead of `{}`", after.name, before.name)));
        }
        for (from, to) in [(before, after), (after, before)] {
            let report = compat::check(&from.payload, &to.payload, Policy::Full);
            if report.verdict != Verdict::Compatible {
                let change = report.breaks().next().map(|c| c.message.clone());
                return Err(other(change.unwrap_or_else(|| "not proven".to_owned())));
            }
        }
    }
    Ok(())
}

/// The kind of a value in the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// A schema, or an object that contains schemas.
    Schema,
    /// An object whose keys are names, not keywords.
    Names,
    /// A value that is data.
    Data,
    /// The `mapping` of a discriminator.
    Mapping,
}

impl Mode {
    /// The kind of the member `key`.
    fn below(self, key: &str) -> Mode {
        match (self, key) {
            (Mode::Data, _)
            | (Mode::Schema, "enum" | "const" | "default" | "example" | "examples") => Mode::Data,
            (
                Mode::Schema,
                "properties" | "patternProperties" | "definitions" | "$defs" | "dependentSchemas"
                | "dependencies" | "schemas",
            ) => Mode::Names,
            (Mode::Schema, "mapping") => Mode::Mapping,
            _ => Mode::Schema,
        }
    }
}

/// Writes the documents as one.
struct Writer<'d> {
    sources: &'d [Source],
    index: &'d Index<'d>,
    /// The parts of other files, in the order of their discovery, each with a name.
    reached: Vec<Place<'d>>,
    names: BTreeMap<(usize, String), String>,
    taken: BTreeSet<String>,
    waiting: VecDeque<usize>,
    /// The place of the definitions.
    container: &'static [&'static str],
    over: bool,
}

impl<'d> Writer<'d> {
    fn new(sources: &'d [Source], index: &'d Index<'d>) -> Writer<'d> {
        let root: &Json = &sources[0].doc.root;
        let container: &[&str] = if root.get("openapi").is_some() {
            &["components", "schemas"]
        } else if index.dialects[0] != Dialect::Modern || root.get("definitions").is_some() {
            &["definitions"]
        } else {
            &["$defs"]
        };
        let own = container.iter().try_fold(root, |at, key| at.get(key));
        let taken = own.map(Json::members).unwrap_or_default();
        let taken = taken.iter().map(|m| m.key.clone()).collect();
        Writer {
            sources,
            index,
            reached: Vec::new(),
            names: BTreeMap::new(),
            taken,
            waiting: VecDeque::new(),
            container,
            over: false,
        }
    }

    /// The first document with all definitions; `None` if it has no place for them.
    fn text(&mut self) -> Option<String> {
        let root = self.index.root(0);
        let Value::Object(_) = &root.json.value else { return None };
        let mut tree = self.tree(&root, root.json, &root.base.clone(), Mode::Schema, 0);
        let mut made = Vec::new();
        while let Some(at) = self.waiting.pop_front() {
            let place = self.reached[at].clone();
            let name = self.names.get(&(place.source, place.pointer.clone())).cloned();
            let definition = self.tree(&place, place.json, &place.base.clone(), Mode::Schema, 0);
            made.extend(name.map(|name| (name, definition)));
        }
        let mut at = &mut tree;
        for key in self.container {
            let Tree::Object(members) = at else { return None };
            let there = members.iter().position(|(k, _)| k == key).unwrap_or_else(|| {
                members.push(((*key).to_owned(), Tree::Object(Vec::new())));
                members.len() - 1
            });
            at = &mut members[there].1;
        }
        let Tree::Object(members) = at else { return None };
        members.extend(made);
        let mut out = String::new();
        tree.print(0, &mut out);
        out.push('\n');
        Some(out)
    }

    fn tree(
        &mut self,
        place: &Place<'d>,
        json: &'d Json,
        base: &Arc<str>,
        mode: Mode,
        depth: usize,
    ) -> Tree {
        if depth > MAX_DEPTH {
            self.over = true;
            return Tree::Plain("null".to_owned());
        }
        match &json.value {
            Value::Object(members) => {
                let own = (mode == Mode::Schema && depth > 0)
                    .then(|| sources::id_of(json, self.index.dialects[place.source]))
                    .flatten()
                    .map(|id| uri::split(id).0)
                    .filter(|path| !path.is_empty());
                let base = own.map_or_else(|| base.clone(), |id| uri::join(base, id).into());
                let mut out = Vec::with_capacity(members.len());
                for member in members {
                    let key = member.key.as_str();
                    if mode == Mode::Schema && self.is_of_its_file(place, key, depth) {
                        continue;
                    }
                    let referring =
                        (mode == Mode::Schema && key == "$ref") || mode == Mode::Mapping;
                    let value = match member.value.as_str().filter(|_| referring) {
                        Some(reference) => self.reference(place, &base, reference),
                        None => self.tree(place, &member.value, &base, mode.below(key), depth + 1),
                    };
                    out.push((member.key.clone(), value));
                }
                Tree::Object(out)
            }
            Value::Array(list) => Tree::Array(
                list.iter().map(|json| self.tree(place, json, base, mode, depth + 1)).collect(),
            ),
            _ => {
                let mut text = String::new();
                compact(json, &mut text);
                Tree::Plain(text)
            }
        }
    }

    /// Keywords of another file's part that are left out: its own URI, the name of its dialect, and its
    /// definitions, of which those that are referred to are added separately.
    fn is_of_its_file(&self, place: &Place<'_>, key: &str, depth: usize) -> bool {
        let whole = depth == 0 && place.pointer.is_empty();
        place.source != 0
            && match key {
                "$id" | "$schema" | "$anchor" => true,
                "id" => self.index.dialects[place.source] == Dialect::Draft4,
                "definitions" | "$defs" => whole,
                _ => false,
            }
    }

    fn reference(&mut self, place: &Place<'d>, base: &str, reference: &str) -> Tree {
        let kept = || Tree::Plain(quoted(reference));
        let Ok(target) = self.index.find(place.source, base, reference) else { return kept() };
        if target.source == 0 {
            let local = format!("#{}", target.pointer);
            return if place.source == 0 { kept() } else { Tree::Plain(quoted(&local)) };
        }
        let key = (target.source, target.pointer.clone());
        if !self.names.contains_key(&key) {
            if self.reached.len() >= MAX_REACHED {
                self.over = true;
                return kept();
            }
            let name = self.name(&target);
            self.names.insert(key.clone(), name);
            self.waiting.push_back(self.reached.len());
            self.reached.push(target);
        }
        let name = self.names.get(&key).map_or("", |name| name);
        let pointer = self.container.join("/");
        Tree::Plain(quoted(&format!("#/{pointer}/{}", uri::escape_pointer(name))))
    }

    /// A name that no other definition has.
    fn name(&mut self, target: &Place<'_>) -> String {
        let file = &self.sources[target.source].uri;
        let own = uri::name(file, &target.pointer).unwrap_or_else(|| "Shared".to_owned());
        let mut name = own.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{own}{number}");
            number += 1;
        }
        name
    }
}

/// A text that is being written.
enum Tree {
    Plain(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    fn print(&self, indent: usize, out: &mut String) {
        let line = |out: &mut String, indent: usize| {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", indent));
        };
        match self {
            Tree::Plain(text) => out.push_str(text),
            Tree::Array(list) if list.is_empty() => out.push_str("[]"),
            Tree::Object(members) if members.is_empty() => out.push_str("{}"),
            Tree::Array(list) => {
                out.push('[');
                for (i, item) in list.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { "," });
                    line(out, indent + 1);
                    item.print(indent + 1, out);
                }
                line(out, indent);
                out.push(']');
            }
            Tree::Object(members) => {
                out.push('{');
                for (i, (key, value)) in members.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { "," });
                    line(out, indent + 1);
                    let _ = write!(out, "{}: ", quoted(key));
                    value.print(indent + 1, out);
                }
                line(out, indent);
                out.push('}');
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The JSON without layout, keys sorted, numbers as written.
fn compact(json: &Json, out: &mut String) {
    match &json.value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(text) => out.push_str(text),
        Value::String(text) => out.push_str(&quoted(text)),
        Value::Array(list) => {
            out.push('[');
            for (i, item) in list.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { "," });
                compact(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|a, b| a.key.cmp(&b.key));
            out.push('{');
            for (i, member) in sorted.iter().enumerate() {
                let _ = write!(out, "{}{}:", if i == 0 { "" } else { "," }, quoted(&member.key));
                compact(&member.value, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
