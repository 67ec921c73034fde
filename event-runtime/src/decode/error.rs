//! Why a message is not read.

use std::fmt;

use super::Layer;
use crate::shown::{misfit, shown};

/// Why a message holds no event that can be handled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The text is no JSON, or a field that routing needs is of another JSON type.
    #[error("failed to parse the {layer}: {}", misfit(.error), layer = part(*.layer))]
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
    #[error("`{}` from `{}` is not in an event envelope", shown(.detail_type), shown(.source_name))]
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
    #[error("failed to parse the `{field}` of the envelope: {}", shown(.reason))]
    InvalidField {
        /// The field, as on the wire.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The EventBridge event and the envelope inside disagree.
    #[error("the event's `{field}` is `{}`, its envelope says `{}`", shown(.outside), shown(.inside))]
    Mismatch {
        /// The field of the EventBridge event.
        field: &'static str,
        /// What the EventBridge event says.
        outside: String,
        /// What the envelope says.
        inside: String,
    },
    /// The envelope holds another event than the type that was asked for.
    #[error("expected `{expected}`, found `{}`", shown(.found))]
    WrongEvent {
        /// The detail-type of the Rust type.
        expected: &'static str,
        /// The detail-type in the message.
        found: String,
    },
    /// The payload does not fit the type of its version.
    #[error("the data of `{}` does not fit its type{at}: {}", shown(.detail_type), shown(.reason), at = place(.path))]
    Payload {
        /// Type and version of the event.
        detail_type: String,
        /// Where in the data, as `customer.lines[2].price`; empty at its root.
        path: String,
        /// What the JSON reader says, without the value: see [`Hidden`] for that.
        reason: String,
        /// All that the JSON reader says.
        details: Hidden,
    },
    /// The event is of another source than its type is published by.
    #[error("expected an event of the source `{expected}`, found `{}`", shown(.found))]
    WrongSource {
        /// The source of the Rust type.
        expected: &'static str,
        /// The source in the message.
        found: String,
    },
}

/// Text that may quote the payload of an event. Neither [`Debug`](fmt::Debug) nor an error that holds
/// it writes it: ask for it where payloads may be seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(pub(super) String);

impl Hidden {
    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

fn part(layer: Layer) -> &'static str {
    match layer {
        Layer::Envelope => "envelope",
        _ => "message body",
    }
}

fn place(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(" at `{}`", shown(path)) }
}
