//! Warnings about one version: what a schema may contain but probably should not.

use crate::diagnostic::{Diagnostic, Severity};
use crate::model::{Literal, Node, NodeId, Schema};
use crate::pattern::Matchers;
use crate::read::EventSchema;
use crate::rules;
use crate::validate;

/// The maximum number of examples and defaults that are validated per schema.
const MAX_VALUES: usize = 2_000;

/// The maximum number of nodes that are visited for them.
const MAX_STEPS: u64 = 1_000_000;

/// The warnings about an event's schema: keywords that its dialect ignores, and examples and defaults that
/// contradict the schema.
///
/// ```
/// use event_schema::document::Document;
/// use event_schema::{lint, read};
///
/// let text = r#"{"properties": {"n": {"type": "integer", "default": "one"}}}"#;
/// let event = read::events(&Document::parse("a.json", text)?).unwrap().remove(0);
/// let warnings = lint::event(&event);
/// assert_eq!(warnings[0].rule.id, "default-contradicts-schema");
/// assert_eq!(warnings[0].message, "the default contradicts its schema: is a string, expected integer");
/// # Ok::<(), event_schema::document::SyntaxError>(())
/// ```
pub fn event(event: &EventSchema) -> Vec<Diagnostic> {
    let mut out = schema(&event.payload);
    if let Some(around) = &event.around {
        for warning in schema(around) {
            let known = |d: &Diagnostic| d.file == warning.file && d.pos == warning.pos;
            if !out.iter().any(known) {
                out.push(warning);
            }
        }
    }
    out.sort_by(|a, b| (&a.file, a.pos).cmp(&(&b.file, b.pos)));
    out
}

/// The warnings about a schema.
pub fn schema(schema: &Schema) -> Vec<Diagnostic> {
    let mut out = schema.remarks.clone();
    let matchers = Matchers::bounded(MAX_STEPS);
    let mut values = 0;
    for (id, node) in schema.nodes() {
        let examples = node.notes.examples.iter().map(|literal| ("example", literal));
        let default = node.notes.default.iter().map(|literal| ("default", literal));
        for (kind, literal) in examples.chain(default) {
            values += 1;
            if values > MAX_VALUES {
                return out;
            }
            out.extend(contradiction(schema, &matchers, (id, node), (kind, literal)));
        }
    }
    out
}

fn contradiction(
    schema: &Schema,
    matchers: &Matchers,
    (id, node): (NodeId, &Node),
    (kind, literal): (&str, &Literal),
) -> Option<Diagnostic> {
    let wrong = validate::at(schema, matchers, id, &literal.value)?;
    let rule = if kind == "default" {
        &rules::DEFAULT_CONTRADICTS_SCHEMA
    } else {
        &rules::EXAMPLE_CONTRADICTS_SCHEMA
    };
    let within =
        if wrong.instance.is_empty() { String::new() } else { format!(" at `{}`", wrong.instance) };
    let article = if kind == "default" { "the" } else { "an" };
    let message = format!("{article} {kind} contradicts its schema{within}: {}", wrong.message);
    let file = node.file.clone().unwrap_or_else(|| schema.file.clone());
    Some(Diagnostic {
        severity: Severity::Warning,
        span: Some(literal.span),
        pos: Some(literal.pos),
        pointer: node.pointer.clone(),
        help: vec![format!("correct the {kind}")],
        ..Diagnostic::error(rule, file, message)
    })
}
