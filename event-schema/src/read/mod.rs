//! Reads documents into [`Schema`]s.
//!
//! Every dialect becomes the same model. All problems of a document are reported, each with its pointer,
//! line and column. Nothing is fetched: a remote reference is a problem, and the caller provides referenced
//! files.

mod bundle;
mod circular;
mod dialect;
mod event;
mod keyword;
mod literal;
mod look;
mod node;
mod parts;
mod readings;
mod slip;
mod sources;
mod unevaluated;
mod uri;
mod vocabulary;

use std::sync::Arc;

pub use self::bundle::{NotAlone, Referred, bundle, referred};
pub use self::dialect::Dialect;
pub use self::event::{EventSchema, Fact, Facts, Layer};
use self::node::Reader;
use self::sources::Index;
use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::model::Schema;

/// Returns the document for a relative path of a `$ref`, such as `../shared/money.json`. The path is
/// relative to the first document.
pub type Files<'a> = &'a dyn Fn(&str) -> Option<Arc<Document>>;

/// The maximum number of nodes of a schema.
pub const MAX_NODES: usize = 200_000;

/// Reads a bare schema: an instance must match the document's root.
///
/// ```
/// use event_schema::document::Document;
/// use event_schema::model::Types;
/// use event_schema::read;
///
/// let doc = Document::parse("a.json", r#"{"type": "string"}"#)?;
/// let schema = read::schema(&doc).unwrap();
/// assert_eq!(schema.node(schema.root).types, Types::STRING);
///
/// let doc = Document::parse("b.json", r##"{"items": {"$ref": "#/definitions/Missing"}}"##)?;
/// let problems = read::schema(&doc).unwrap_err();
/// assert!(problems[0].headline().starts_with("[unresolved-reference] b.json:1:20: "));
/// # Ok::<(), event_schema::document::SyntaxError>(())
/// ```
///
/// # Errors
///
/// Returns every problem of the schema: references without a target, malformed keywords, too many nodes.
/// Also returns an error for a document that is not a schema itself, such as an `OpenAPI` document, whose
/// schemas are read by [`events`].
pub fn schema(doc: &Document) -> Result<Schema, Vec<Diagnostic>> {
    schema_with(doc, None, &|_| None)
}

/// Reads a bare schema in a given dialect (`None`: the one that the document states), with files for its
/// references.
///
/// # Errors
///
/// The same as for [`schema`].
pub fn schema_with(
    doc: &Document,
    dialect: Option<Dialect>,
    files: Files<'_>,
) -> Result<Schema, Vec<Diagnostic>> {
    // read as a schema, an OpenAPI document would have no keyword that counts, and allow every value
    if dialect.is_none()
        && let Some(other) = look::another_document(doc)
    {
        return Err(vec![other]);
    }
    let sources = sources::collect(&Arc::new(doc.clone()), files);
    let index = Index::new(&sources, dialect);
    Reader::new(&sources, &index).read(&index.root(0))
}

/// Reads the events of a registry document: finds the payload of each, and what the document states about
/// its source and detail-type.
///
/// The document may describe the payload itself, our envelope around it, or the whole AWS event around
/// either. An `OpenAPI` document may contain several events.
///
/// # Errors
///
/// Returns every problem of every event, or that no payload was found.
pub fn events(doc: &Document) -> Result<Vec<EventSchema>, Vec<Diagnostic>> {
    events_with(doc, &|_| None)
}

/// Same as [`events`], with files for references.
///
/// # Errors
///
/// The same as for [`events`].
pub fn events_with(doc: &Document, files: Files<'_>) -> Result<Vec<EventSchema>, Vec<Diagnostic>> {
    events_as(doc, None, files)
}

/// Same as [`events_with`], with the layer that the schemas describe (`None`: their names decide).
///
/// A schema that declares the names of an envelope (`id`, `type`, `source`, `occurredAt`, `data`) is read
/// as one, but it may be a payload that happens to have these names. [`Layer::Payload`] reads it as the
/// payload; for an AWS event, its whole `detail`.
///
/// ```
/// use event_schema::document::Document;
/// use event_schema::read::{self, Layer};
///
/// let text = r#"{"properties": {"id": {}, "type": {}, "source": {}, "occurredAt": {}, "data": {}}}"#;
/// let doc = Document::parse("a.json", text)?;
/// let event = read::events(&doc).unwrap().remove(0);
/// assert_eq!(event.facts.path, ["data"]);
/// let event = read::events_as(&doc, Some(Layer::Payload), &|_| None).unwrap().remove(0);
/// assert!(event.facts.path.is_empty());
/// # Ok::<(), event_schema::document::SyntaxError>(())
/// ```
///
/// # Errors
///
/// The same as for [`events`]; and an error if a schema does not declare the stated layer.
pub fn events_as(
    doc: &Document,
    layer: Option<Layer>,
    files: Files<'_>,
) -> Result<Vec<EventSchema>, Vec<Diagnostic>> {
    if let Some(other) = look::not_a_schema(doc) {
        return Err(vec![other]);
    }
    let sources = sources::collect(&Arc::new(doc.clone()), files);
    let index = Index::new(&sources, None);
    event::find(&sources, &index, layer)
}
