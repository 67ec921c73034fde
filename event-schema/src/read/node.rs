//! Turns a JSON object into a [`Node`], and walks over all of them.
//!
//! A worklist instead of recursion, so that a chain of ten thousand references needs no deep stack.

mod reference;

use std::cell::OnceCell;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::MAX_NODES;
use super::circular;
use super::dialect::Dialect;
use super::keyword;
use super::readings::Reading;
use super::sources::{Index, Place, Source};
use super::unevaluated;
use super::uri::{self, escape_pointer};
use crate::diagnostic::Diagnostic;
use crate::document::{Document, Json, Span, Value};
use crate::model::{Definition, Literal, Node, NodeId, Readings, Schema, Twofold, Unsupported};
use crate::rules::{self, Rule};

pub(super) struct Reader<'d> {
    sources: &'d [Source],
    index: &'d Index<'d>,
    nodes: Vec<Node>,
    by_place: HashMap<(usize, Span), NodeId>,
    waiting: VecDeque<(NodeId, Place<'d>)>,
    problems: Vec<Diagnostic>,
    /// The document of the schema itself.
    home: usize,
    /// The targets of references in other documents.
    abroad: Vec<Definition>,
    /// A place that allows anything, whatever its schema; definitions are left out then.
    anything_at: Option<(usize, Span)>,
    /// How places with two readings are read.
    pub(super) reading: Reading,
    /// The places with two readings.
    pub(super) twofold: Vec<Twofold>,
    /// Warnings.
    pub(super) remarks: Vec<Diagnostic>,
    /// All documents as one text, on demand.
    text: OnceCell<Arc<str>>,
}

/// A text that is the same for equal values: members are sorted, numbers are as written.
fn spell(json: &Json, out: &mut String) {
    let string = |s: &str| serde_json::Value::from(s).to_string();
    match &json.value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(n),
        Value::String(s) => out.push_str(&string(s)),
        Value::Array(items) => {
            out.push('[');
            for item in items {
                spell(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|a, b| a.key.cmp(&b.key));
            out.push('{');
            for member in sorted {
                out.push_str(&string(&member.key));
                out.push(':');
                spell(&member.value, out);
                out.push(',');
            }
            out.push('}');
        }
    }
}

impl<'d> Reader<'d> {
    pub(super) fn new(sources: &'d [Source], index: &'d Index<'d>) -> Reader<'d> {
        Reader {
            sources,
            index,
            nodes: Vec::new(),
            by_place: HashMap::new(),
            waiting: VecDeque::new(),
            problems: Vec::new(),
            home: 0,
            abroad: Vec::new(),
            anything_at: None,
            reading: Reading::default(),
            twofold: Vec::new(),
            remarks: Vec::new(),
            text: OnceCell::new(),
        }
    }

    /// Treats the schema at a place as one that allows anything.
    pub(super) fn with_anything_at(self, slot: (usize, Span)) -> Reader<'d> {
        Reader { anything_at: Some(slot), ..self }
    }

    /// Reads the schema whose root is at `place`, in both readings if it has places with two.
    pub(super) fn read(self, place: &Place<'d>) -> Result<Schema, Vec<Diagnostic>> {
        let (sources, index, anything_at) = (self.sources, self.index, self.anything_at);
        let (mut schema, places) = self.read_one(place.clone())?;
        if !places.is_empty() {
            let read = |reading| {
                let reader = Reader { anything_at, reading, ..Reader::new(sources, index) };
                Ok::<_, Vec<Diagnostic>>(reader.read_one(place.clone())?.0)
            };
            let (letter, intent) = (read(Reading::Letter)?, read(Reading::Intent)?);
            schema.readings = Some(Arc::new(Readings { letter, intent, places }));
        }
        Ok(schema)
    }

    fn read_one(mut self, place: Place<'d>) -> Result<(Schema, Vec<Twofold>), Vec<Diagnostic>> {
        let source = place.source;
        self.home = source;
        let root = self.node_at(place);
        self.finish();
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let (places, remarks) =
            (std::mem::take(&mut self.twofold), std::mem::take(&mut self.remarks));
        let mut definitions =
            if self.anything_at.is_none() { self.definitions(source) } else { Vec::new() };
        definitions.append(&mut self.abroad);
        let file = self.doc(source).file.clone();
        let strict_integers =
            matches!(self.index.dialects[source], Dialect::Draft4 | Dialect::OpenApi30);
        let nodes = std::mem::take(&mut self.nodes);
        let mut schema = Schema {
            file,
            root,
            strict_integers,
            definitions,
            nodes,
            readings: None,
            remarks,
            prepared: crate::compat::Kept::default(),
        };
        self.unevaluated(&mut schema);
        circular::cut(&mut schema);
        Ok((schema, places))
    }

    /// Rewrites `unevaluatedProperties` and `unevaluatedItems`, or records that they are not supported.
    fn unevaluated(&mut self, schema: &mut Schema) {
        if schema.nodes.iter().all(|node| node.waiting.is_none()) {
            return;
        }
        let dialect = |node: &Node| {
            let at = |file: &Arc<str>| self.sources.iter().position(|s| s.doc.file == *file);
            self.index.dialects[node.file.as_ref().and_then(at).unwrap_or(0)]
        };
        for (id, keyword) in unevaluated::resolve(schema, &dialect) {
            let node = &schema.nodes[id.index()];
            let unsupported = Unsupported {
                keyword: keyword.to_owned(),
                value: serde_json::Value::Null,
                pos: node.pos,
                context: Some(self.context(&node.pointer)),
                why: None,
            };
            schema.nodes[id.index()].unsupported.push(unsupported);
        }
    }

    /// Identifies the meaning of a keyword at this place: equal in equal documents, and unknown otherwise.
    pub(super) fn context(&self, pointer: &str) -> (Arc<str>, String) {
        let text = self.text.get_or_init(|| {
            let mut text = String::new();
            for source in self.sources {
                text.push_str(&source.uri);
                text.push('\n');
                spell(&source.doc.root, &mut text);
            }
            text.into()
        });
        (text.clone(), pointer.to_owned())
    }

    /// The target of `$dynamicRef` or `$recursiveRef`, if it does not depend on the dynamic scope.
    pub(super) fn static_target(
        &mut self,
        place: &Place<'d>,
        keyword: &str,
        json: &Json,
    ) -> Option<NodeId> {
        let reference = json.as_str()?;
        let target = self.index.find_static(place.source, &place.base, keyword, reference)?;
        Some(self.referred(target))
    }

    /// The named definitions. An unused definition that cannot be read is left out, because no instance
    /// depends on it.
    fn definitions(&mut self, source: usize) -> Vec<Definition> {
        let root = self.index.root(source);
        let mut places = Vec::new();
        for keyword in ["definitions", "$defs"] {
            places.extend(root.json.get(keyword).map(|map| (format!("/{keyword}"), map)));
        }
        let components = root.json.get("components").and_then(|c| c.get("schemas"));
        places.extend(components.map(|map| ("/components/schemas".to_owned(), map)));
        let mut definitions = Vec::new();
        for (pointer, map) in places {
            for member in map.members() {
                if !matches!(member.value.value, Value::Object(_) | Value::Bool(_)) {
                    continue;
                }
                let pointer = format!("{pointer}/{}", escape_pointer(&member.key));
                let place = Place { source, json: &member.value, pointer, base: root.base.clone() };
                let before = self.nodes.len();
                let node = self.node_at(place);
                self.finish();
                if self.problems.is_empty() {
                    definitions.push(Definition { name: member.key.clone(), node });
                } else {
                    self.problems.clear();
                    self.waiting.clear();
                    self.nodes.truncate(before);
                    self.by_place.retain(|_, id| id.index() < before);
                    self.abroad.retain(|d| d.node.index() < before);
                }
            }
        }
        definitions
    }

    fn finish(&mut self) {
        while let Some((id, place)) = self.waiting.pop_front() {
            if self.nodes.len() > MAX_NODES {
                let message = format!("the schema has more than {MAX_NODES} nodes");
                self.problem(
                    &rules::SCHEMA_TOO_LARGE,
                    &place,
                    place.json.span,
                    &place.pointer,
                    message,
                );
                self.waiting.clear();
                return;
            }
            let node = self.read_node(&place);
            self.nodes[id.index()] = node;
        }
    }

    pub(super) fn doc(&self, source: usize) -> &'d Document {
        &self.sources[source].doc
    }

    pub(super) fn dialect(&self, place: &Place<'_>) -> Dialect {
        self.index.dialects[place.source]
    }

    /// The node for the schema at a place: the existing one, or one to be read later.
    pub(super) fn node_at(&mut self, place: Place<'d>) -> NodeId {
        let key = (place.source, place.json.span);
        if let Some(id) = self.by_place.get(&key) {
            return *id;
        }
        let id = self.add(Node::default());
        self.by_place.insert(key, id);
        self.waiting.push_back((id, place));
        id
    }

    /// The target of a reference: a definition of that name if it is in another document.
    fn referred(&mut self, place: Place<'d>) -> NodeId {
        let name = (place.source != self.home)
            .then(|| uri::name(&self.doc(place.source).file, &place.pointer))
            .flatten();
        let node = self.node_at(place);
        if let Some(name) = name
            && self.abroad.iter().all(|d| d.node != node)
        {
            self.abroad.push(Definition { name, node });
        }
        node
    }

    pub(super) fn add(&mut self, node: Node) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }

    /// The node for `json`, which is below `owner` at `path`.
    pub(super) fn child(&mut self, owner: &Place<'d>, path: &str, json: &'d Json) -> NodeId {
        let found = self.child_place(owner, path, json);
        self.node_at(found)
    }

    fn child_place(&self, owner: &Place<'d>, path: &str, json: &'d Json) -> Place<'d> {
        let pointer = format!("{}/{path}", owner.pointer);
        let mut base = owner.base.clone();
        let keyword = if self.dialect(owner) == Dialect::Draft4 { "id" } else { "$id" };
        if let Some(id) = json.get(keyword).and_then(Json::as_str) {
            let path = super::uri::split(id).0;
            if !path.is_empty() {
                base = Arc::from(super::uri::join(&base, path));
            }
        }
        Place { source: owner.source, json, pointer, base }
    }

    pub(super) fn literal(&self, place: &Place<'_>, json: &Json) -> Literal {
        let pos = self.doc(place.source).pos(json.span);
        Literal { value: json.to_value(), pos, span: json.span }
    }

    pub(super) fn pos(&self, place: &Place<'_>, span: Span) -> crate::document::Pos {
        self.doc(place.source).pos(span)
    }

    pub(super) fn problem(
        &mut self,
        rule: &'static Rule,
        place: &Place<'_>,
        span: Span,
        pointer: &str,
        message: String,
    ) {
        self.problems.push(Diagnostic::at(rule, self.doc(place.source), span, pointer, message));
    }

    /// Reports what an unknown name probably means.
    pub(super) fn misspelt(
        &mut self,
        place: &Place<'_>,
        keyword: &str,
        span: Span,
        message: String,
        meant: &str,
    ) {
        let pointer = format!("{}/{}", place.pointer, escape_pointer(keyword));
        let problem =
            Diagnostic::at(&rules::MISSPELT_NAME, self.doc(place.source), span, pointer, message);
        self.problems.push(problem.with_help(format!("did you mean `{meant}`?")));
    }

    /// Reports what is wrong with an invalid pattern.
    pub(super) fn pattern(&mut self, place: &Place<'_>, path: &str, pattern: &str, span: Span) {
        if let Some(why) = crate::pattern::syntax_error(pattern) {
            let message =
                format!("`{pattern}` is not an ECMA 262 regular expression: {}", why.trim());
            let pointer = format!("{}/{path}", place.pointer);
            self.problem(&rules::MALFORMED_PATTERN, place, span, &pointer, message);
        }
    }

    /// Reports a keyword with an invalid value.
    pub(super) fn malformed(&mut self, place: &Place<'_>, keyword: &str, json: &Json, wants: &str) {
        let pointer = format!("{}/{}", place.pointer, escape_pointer(keyword));
        let message = format!("`{keyword}` must be {wants}");
        self.problem(&rules::MALFORMED_KEYWORD, place, json.span, &pointer, message);
    }

    pub(super) fn empty(&self, place: &Place<'_>) -> Node {
        let file = (place.source != 0).then(|| self.doc(place.source).file.clone());
        Node {
            pointer: place.pointer.clone(),
            span: place.json.span,
            pos: self.pos(place, place.json.span),
            file,
            ..Node::default()
        }
    }

    fn read_node(&mut self, place: &Place<'d>) -> Node {
        let mut node = self.empty(place);
        if self.anything_at == Some((place.source, place.json.span)) {
            return node;
        }
        match &place.json.value {
            Value::Bool(true) => {}
            Value::Bool(false) => node.never = true,
            Value::Object(_) => {
                if let Some(reference) = place.json.get("$ref") {
                    self.read_reference(place, reference, &mut node);
                    if !self.dialect(place).keeps_siblings() {
                        keyword::read_notes(self, place, &mut node);
                        return self.with_null(place, node);
                    }
                }
                keyword::read_all(self, place, &mut node);
                return self.with_null(place, node);
            }
            _ => {
                let message = "a schema must be an object or a boolean".to_owned();
                self.problem(
                    &rules::MALFORMED_SCHEMA,
                    place,
                    place.json.span,
                    &place.pointer,
                    message,
                );
            }
        }
        node
    }

    /// Whether the place's document states its dialect.
    pub(super) fn states_dialect(&self, place: &Place<'_>) -> bool {
        self.index.stated[place.source]
    }

    /// Whether the place's document is an `OpenAPI` document.
    pub(super) fn is_openapi(&self, place: &Place<'_>) -> bool {
        self.doc(place.source).root.get("openapi").is_some()
    }
}
