//! Why a message is not read.

use super::Layer;

/// Why a message holds no event that can be handled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The text is no JSON, or a field that routing needs is of another JSON type.
    #[error("the {layer} does not read: {error}", layer = part(*.layer))]
    Malformed {
        /// Which layer did not read.
        layer: Layer,
        /// What the JSON reader says.
        error: serde_json::Error,
    },
    /// The text is JSON of another layer than the one asked for.
    #[error("expected {expected}, found {found}")]
    WrongLayer {
        /// What the caller takes.
        expected: Layer,
        /// What came.
        found: Layer,
    },
    /// An EventBridge event that is none of ours: an AWS service's, or one without an envelope.
    #[error("`{detail_type}` from `{source_name}` is not in an event envelope")]
    Foreign {
        /// Its source.
        source_name: String,
        /// Its detail-type.
        detail_type: String,
    },
    /// The envelope lacks a field.
    #[error("the envelope has no `{field}`")]
    MissingField {
        /// The field, as on the wire.
        field: &'static str,
    },
    /// A field of the envelope holds what it may not.
    #[error("the envelope's `{field}` does not read: {reason}")]
    InvalidField {
        /// The field, as on the wire.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The EventBridge event and the envelope inside disagree.
    #[error("the event's `{field}` is `{outside}`, its envelope says `{inside}`")]
    Mismatch {
        /// The field of the EventBridge event.
        field: &'static str,
        /// What the EventBridge event says.
        outside: String,
        /// What the envelope says.
        inside: String,
    },
    /// The envelope holds another event than the type that was asked for.
    #[error("expected `{expected}`, found `{found}`")]
    WrongEvent {
        /// The detail-type of the Rust type.
        expected: &'static str,
        /// The detail-type in the message.
        found: String,
    },
    /// The payload does not fit the type of its version.
    #[error("the data of `{detail_type}` does not fit its type{at}: {reason}", at = place(.path))]
    Payload {
        /// Type and version of the event.
        detail_type: String,
        /// Where in the data, as `customer.lines[2].price`; empty at its root.
        path: String,
        /// What the JSON reader says.
        reason: String,
    },
}

fn part(layer: Layer) -> &'static str {
    match layer {
        Layer::Envelope => "envelope",
        _ => "message body",
    }
}

fn place(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(" at `{path}`") }
}
