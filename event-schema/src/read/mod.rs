//! Documents → [`Schema`].
//!
//! Every dialect ends in the same model. All problems of a document are found, not the first, and each
//! names its pointer, line and column. Nothing is fetched: a reference into the network is a problem, a
//! reference to a file is answered by the caller or is one too.

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

/// Gives the document behind a relative path of a `$ref`, such as `../shared/money.json`. The path is
/// relative to the first document.
pub type Files<'a> = &'a dyn Fn(&str) -> Option<Arc<Document>>;

/// Most nodes that a schema may have.
pub const MAX_NODES: usize = 200_000;

/// Reads a bare schema: the document's root is what an instance is held to.
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
/// let doc = Document::parse("b.json", r##"{"items": {"$ref": "#/definitions/nowhere"}}"##)?;
/// let problems = read::schema(&doc).unwrap_err();
/// assert!(problems[0].headline().starts_with("[unresolved-reference] b.json:1:20: "));
/// # Ok::<(), event_schema::document::SyntaxError>(())
/// ```
///
/// # Errors
///
/// Every problem of the schema: references that lead nowhere, malformed keywords, too many nodes. A document that is
/// not a schema itself, such as an `OpenAPI` one, whose schemas are read by [`events`].
pub fn schema(doc: &Document) -> Result<Schema, Vec<Diagnostic>> {
    schema_with(doc, None, &|_| None)
}

/// Reads a bare schema in a dialect of the caller's (`None`: as the document says), with files for its
/// references.
///
/// # Errors
///
/// As for [`schema`].
pub fn schema_with(
    doc: &Document,
    dialect: Option<Dialect>,
    files: Files<'_>,
) -> Result<Schema, Vec<Diagnostic>> {
    // as a schema, an OpenAPI document would have no keyword that counts, and take every value
    if dialect.is_none()
        && let Some(other) = look::another_document(doc)
    {
        return Err(vec![other]);
    }
    let sources = sources::collect(&Arc::new(doc.clone()), files);
    let index = Index::new(&sources, dialect);
    Reader::new(&sources, &index).read(&index.root(0))
}

/// Reads the events of a registry document: finds each one's payload, and what the document says about
/// the source and the detail-type.
///
/// The document may describe the payload itself, our envelope around it, or the whole AWS event around
/// either; an `OpenAPI` document may hold several events.
///
/// # Errors
///
/// Every problem of every event, or that no payload can be made out.
pub fn events(doc: &Document) -> Result<Vec<EventSchema>, Vec<Diagnostic>> {
    events_with(doc, &|_| None)
}

/// As [`events`], with files for references.
///
/// # Errors
///
/// As for [`events`].
pub fn events_with(doc: &Document, files: Files<'_>) -> Result<Vec<EventSchema>, Vec<Diagnostic>> {
    events_as(doc, None, files)
}

/// As [`events_with`], with what the schemas describe, where the caller knows (`None`: as their names say).
///
/// A schema that declares the names of an envelope (`id`, `type`, `source`, `occurredAt`, `data`) is taken for one,
/// and may be a payload that happens to have these names. [`Layer::Payload`] takes it for that; of an AWS event, its
/// `detail` as a whole.
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
/// As for [`events`]; and that a schema does not declare the layer that it is said to be.
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
