//! Finds the payload of an event in a registry document.
//!
//! A registry document describes the payload itself, our envelope around it, or the whole AWS event around
//! either. The wrapping is recognised by the names that it declares. The payload is read; the wrapping is
//! kept as facts.

use super::node::Reader;
use super::sources::{Index, Place, Source};
use super::uri::escape_pointer;
use crate::diagnostic::Diagnostic;
use crate::document::{Json, Pos, Span};
use crate::model::Schema;
use crate::rules;

/// The maximum number of references that are followed to find a property of the wrapping.
const MAX_STEPS: usize = 64;

/// An event of a document.
#[derive(Debug, Clone)]
pub struct EventSchema {
    /// The name of the payload's component or definition; otherwise of the event's component; otherwise the
    /// document's title.
    pub name: String,
    /// The payload.
    pub payload: Schema,
    /// The outermost layer around the payload, with any payload in it, if there is one.
    pub around: Option<Schema>,
    /// The document's other facts about the event.
    pub facts: Facts,
}

/// What a document states about an event besides its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The event's source.
    pub source: Option<Fact>,
    /// The event's detail-type.
    pub detail_type: Option<Fact>,
    /// The document's title.
    pub title: Option<String>,
    /// The layers around the payload.
    pub layer: Layer,
    /// The properties that lead from the document's schema to the payload: `detail`, `data`, both, or none.
    pub path: Vec<&'static str>,
}

impl Facts {
    /// The layer that was used as the payload, in words.
    ///
    /// ```
    /// use event_schema::{document::Document, read};
    ///
    /// let doc = Document::parse("a.json", r#"{"properties": {"amount": {"type": "integer"}}}"#)?;
    /// let event = read::events(&doc).unwrap().remove(0);
    /// assert_eq!(event.facts.compared(), "the whole schema");
    /// # Ok::<(), event_schema::document::SyntaxError>(())
    /// ```
    pub fn compared(&self) -> &'static str {
        match self.path.as_slice() {
            [] => "the whole schema",
            ["data"] => "`data` of the envelope, and the fields beside it",
            ["detail"] => "`detail` of the AWS event, and the fields beside it",
            _ => "`data` of the envelope in an AWS event, and the fields beside it",
        }
    }
}

/// A string of the document, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The string.
    pub value: String,
    /// Its pointer.
    pub pointer: String,
    /// The line and column.
    pub pos: Pos,
    /// The position in bytes.
    pub span: Span,
}

/// The layer that a document describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The payload.
    Payload,
    /// Our envelope around the payload.
    Envelope,
    /// The whole AWS event.
    AwsEvent,
}

impl Layer {
    /// All layers.
    pub const ALL: [Layer; 3] = [Layer::Payload, Layer::Envelope, Layer::AwsEvent];

    /// `payload`, `envelope`, `aws-event`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Layer::Payload => "payload",
            Layer::Envelope => "envelope",
            Layer::AwsEvent => "aws-event",
        }
    }
}

/// A candidate: a schema of the document, and its name if it is a component.
struct Candidate<'d> {
    name: Option<&'d str>,
    place: Place<'d>,
}

pub(super) fn find(
    sources: &[Source],
    index: &Index<'_>,
    asked: Option<Layer>,
) -> Result<Vec<EventSchema>, Vec<Diagnostic>> {
    let finder = Finder { sources, index, asked };
    let mut events = Vec::new();
    let mut problems = Vec::new();
    for candidate in finder.candidates()? {
        match finder.event(&candidate) {
            Ok(event) => events.push(event),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(events) } else { Err(problems) }
}

struct Finder<'d> {
    sources: &'d [Source],
    index: &'d Index<'d>,
    /// The layer that the schemas describe, if the caller states it; otherwise their names decide.
    asked: Option<Layer>,
}

impl<'d> Finder<'d> {
    fn candidates(&self) -> Result<Vec<Candidate<'d>>, Vec<Diagnostic>> {
        let root = self.index.root(0);
        let components = root.json.get("components").and_then(|c| c.get("schemas"));
        if root.json.get("openapi").is_none() || components.is_none() {
            return Ok(vec![Candidate { name: None, place: root }]);
        }
        let all: Vec<_> = components
            .map(Json::members)
            .unwrap_or_default()
            .iter()
            .map(|m| Candidate {
                name: Some(&m.key),
                place: Place {
                    json: &m.value,
                    pointer: format!("/components/schemas/{}", escape_pointer(&m.key)),
                    ..root.clone()
                },
            })
            .collect();
        let marked = |c: &Candidate<'_>| {
            c.place.json.members().iter().any(|m| {
                m.key.starts_with("x-amazon-event") && (is_source(&m.key) || is_detail_type(&m.key))
            })
        };
        let (events, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|c| c.name == Some("AWSEvent") || marked(c));
        if !events.is_empty() {
            return Ok(events);
        }
        let (wrapped, others): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|c| self.layer(&c.place) != Layer::Payload);
        if !wrapped.is_empty() {
            return Ok(wrapped);
        }
        self.payload_itself(&root, others).map(|c| vec![c])
    }

    /// The component that is the payload, if none is a wrapping: the one in the title, the only one, or the
    /// only one that no other component refers to.
    fn payload_itself(
        &self,
        root: &Place<'d>,
        mut components: Vec<Candidate<'d>>,
    ) -> Result<Candidate<'d>, Vec<Diagnostic>> {
        let title = root.json.get("info").and_then(|i| i.get("title")).and_then(Json::as_str);
        if let Some(at) = components.iter().position(|c| c.name.is_some() && c.name == title) {
            return Ok(components.swap_remove(at));
        }
        let text = &self.sources[0].doc.text;
        let unused = |c: &Candidate<'_>| !text.contains(&format!("\"#{}\"", c.place.pointer));
        let free: Vec<_> = (0..components.len()).filter(|i| unused(&components[*i])).collect();
        match free.as_slice() {
            [at] => Ok(components.swap_remove(*at)),
            _ if components.len() == 1 => Ok(components.swap_remove(0)),
            _ => {
                let names: Vec<_> =
                    components.iter().filter_map(|c| c.name).map(|n| format!("`{n}`")).collect();
                let message = if names.is_empty() {
                    "the document has no schema under `components.schemas`".to_owned()
                } else {
                    format!(
                        "cannot determine which component is the event's payload: {}",
                        names.join(", ")
                    )
                };
                Err(vec![Diagnostic::at(
                    &rules::PAYLOAD_NOT_FOUND,
                    &self.sources[0].doc,
                    root.json.span,
                    "/components/schemas",
                    message,
                )
                .with_help("name it as `info.title`, or add an `AWSEvent` component whose `detail` refers to it")])
            }
        }
    }

    fn event(&self, candidate: &Candidate<'d>) -> Result<EventSchema, Vec<Diagnostic>> {
        let root = self.index.root(0).json;
        let title = root
            .get("title")
            .or_else(|| root.get("info").and_then(|i| i.get("title")))
            .and_then(Json::as_str)
            .map(str::to_owned);
        let mut facts = Facts {
            source: None,
            detail_type: None,
            title,
            layer: Layer::Payload,
            path: Vec::new(),
        };
        let mut place = candidate.place.clone();
        let mut slot = None;
        // an AWS event around an envelope around a payload: at most two layers
        for _ in 0..2 {
            let layer = self.layer(&place);
            self.read_facts(&place, layer, &mut facts);
            let inner = match layer {
                Layer::Payload => break,
                Layer::Envelope => "data",
                Layer::AwsEvent => "detail",
            };
            let Some(found) = self.property(&place, inner) else { break };
            facts.layer = facts.layer.max(layer);
            facts.path.push(inner);
            slot = Some((found.source, found.json.span));
            place = self.target(found);
        }
        if self.asked.is_some_and(|asked| asked != Layer::Payload) && facts.path.is_empty() {
            let asked = self.asked.map_or("", Layer::as_str);
            let inner = if self.asked == Some(Layer::Envelope) { "data" } else { "detail" };
            let message =
                format!("the schema is configured as `{asked}` but does not declare `{inner}`");
            let doc = &self.sources[place.source].doc;
            let problem = Diagnostic::at(
                &rules::PAYLOAD_NOT_FOUND,
                doc,
                place.json.span,
                place.pointer,
                message,
            );
            return Err(vec![problem.with_help(format!(
                "declare `{inner}` under `properties`, or correct `layer` in `event.toml`"
            ))]);
        }
        let wrapped = facts.layer != Layer::Payload;
        let claimed = candidate.name == Some("AWSEvent") || facts.detail_type.is_some();
        if !wrapped
            && claimed
            && root.get("openapi").is_some()
            && self.property(&place, "detail").is_none()
        {
            let message =
                "this is an AWS event, but its `detail` is not declared where it can be found";
            let mut problems = vec![
                Diagnostic::at(
                    &rules::PAYLOAD_NOT_FOUND,
                    &self.sources[place.source].doc,
                    place.json.span,
                    place.pointer.clone(),
                    message,
                )
                .with_help("declare `detail` under `properties`, as a schema or a `$ref` to one"),
            ];
            // a reference may be the reason: report that too
            problems.extend(
                Reader::new(self.sources, self.index).read(&place).err().into_iter().flatten(),
            );
            return Err(problems);
        }
        let own = place.pointer.rsplit_once('/').filter(|(folder, _)| {
            matches!(*folder, "/components/schemas" | "/definitions" | "/$defs")
        });
        let name = own
            .map(|(_, name)| name.replace("~1", "/").replace("~0", "~"))
            .filter(|name| name != "AWSEvent")
            .or_else(|| candidate.name.filter(|n| *n != "AWSEvent").map(str::to_owned))
            .or_else(|| facts.title.clone())
            .unwrap_or_default();
        let payload = Reader::new(self.sources, self.index).read(&place)?;
        let around = match slot {
            Some(slot) => {
                let reader = Reader::new(self.sources, self.index).with_anything_at(slot);
                Some(reader.read(&candidate.place)?)
            }
            None => None,
        };
        Ok(EventSchema { name, payload, around, facts })
    }

    /// The layer that a schema describes, by its names unless the caller states it.
    fn layer(&self, place: &Place<'d>) -> Layer {
        let has = |name: &str| self.property(place, name).is_some();
        let marked = place.json.members().iter().any(|m| is_detail_type(&m.key));
        if has("detail") && (marked || has("detail-type") && self.asked != Some(Layer::Payload)) {
            return Layer::AwsEvent;
        }
        let is_envelope = match self.asked {
            None => ["data", "id", "type", "source", "occurredAt"].into_iter().all(has),
            Some(asked) => asked == Layer::Envelope && has("data"),
        };
        if is_envelope { Layer::Envelope } else { Layer::Payload }
    }

    fn read_facts(&self, place: &Place<'d>, layer: Layer, facts: &mut Facts) {
        for member in place.json.members() {
            let slot = if is_source(&member.key) {
                &mut facts.source
            } else if is_detail_type(&member.key) {
                &mut facts.detail_type
            } else {
                continue;
            };
            if let Some(value) = member.value.as_str() {
                slot.get_or_insert_with(|| self.fact(place, &member.key, &member.value, value));
            }
        }
        if layer == Layer::Payload {
            return;
        }
        let constant = |name: &str| {
            let found = self.property(place, name)?;
            let (keyword, json) = match found.json.get("const") {
                Some(json) => ("const", json),
                None => ("enum", found.json.get("enum")?),
            };
            let json = match json.as_array() {
                Some([only]) => only,
                Some(_) => return None,
                None => json,
            };
            Some(self.fact(&found, keyword, json, json.as_str()?))
        };
        facts.source = facts.source.take().or_else(|| constant("source"));
        if layer == Layer::AwsEvent {
            facts.detail_type = facts.detail_type.take().or_else(|| constant("detail-type"));
        }
    }

    fn fact(&self, place: &Place<'d>, key: &str, json: &Json, value: &str) -> Fact {
        Fact {
            value: value.to_owned(),
            pointer: format!("{}/{}", place.pointer, escape_pointer(key)),
            pos: self.sources[place.source].doc.pos(json.span),
            span: json.span,
        }
    }

    /// The schema of a property that is declared in place, behind a `$ref`, or in a part of `allOf`.
    fn property(&self, place: &Place<'d>, name: &str) -> Option<Place<'d>> {
        let mut stack = vec![place.clone()];
        for _ in 0..MAX_STEPS {
            let at = stack.pop()?;
            if let Some(json) = at.json.get("properties").and_then(|p| p.get(name)) {
                let pointer = format!("{}/properties/{}", at.pointer, escape_pointer(name));
                return Some(Place { json, pointer, ..at });
            }
            for (i, json) in
                at.json.get("allOf").and_then(Json::as_array).unwrap_or_default().iter().enumerate()
            {
                stack.push(Place {
                    json,
                    pointer: format!("{}/allOf/{i}", at.pointer),
                    ..at.clone()
                });
            }
            stack.extend(self.follow(&at));
        }
        None
    }

    fn follow(&self, place: &Place<'d>) -> Option<Place<'d>> {
        let reference = place.json.get("$ref")?.as_str()?;
        self.index.find(place.source, &place.base, reference).ok()
    }

    /// The end of a chain of references without other constraints.
    fn target(&self, mut place: Place<'d>) -> Place<'d> {
        for _ in 0..MAX_STEPS {
            let only = place.json.members().iter().all(|m| {
                matches!(m.key.as_str(), "$ref" | "title" | "description" | "$comment")
                    || m.key.starts_with("x-")
            });
            match self.follow(&place).filter(|_| only) {
                Some(next) => place = next,
                None => break,
            }
        }
        place
    }
}

fn is_source(keyword: &str) -> bool {
    matches!(keyword, "x-amazon-events-source" | "x-amazon-event-source")
}

fn is_detail_type(keyword: &str) -> bool {
    matches!(keyword, "x-amazon-events-detail-type" | "x-amazon-event-detail-type")
}
