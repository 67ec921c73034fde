//! Why a message cannot be decoded.

use std::fmt;

use super::Layer;
use crate::shown::{misfit, shown};

/// Why a message does not contain an event that can be handled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The text is not JSON, or a field that routing needs has another JSON type.
    #[error("failed to parse the {layer}: {}", misfit(.error), layer = part(*.layer))]
    Malformed {
        /// The layer that failed to parse.
        layer: Layer,
        /// The error of the JSON parser.
        error: serde_json::Error,
    },
    /// The text is JSON of another layer than the requested one.
    #[error("expected {expected}, found {found}")]
    WrongLayer {
        /// The requested layer.
        expected: Layer,
        /// The layer that was found.
        found: Layer,
    },
    /// An EventBridge event that is not one of ours: an AWS service's, or one without an envelope.
    #[error("`{}` from `{}` is not in an event envelope", shown(.detail_type), shown(.source_name))]
    Foreign {
        /// Its source.
        source_name: String,
        /// Its detail-type.
        detail_type: String,
    },
    /// A field of the envelope is missing.
    #[error("the envelope has no `{field}`")]
    MissingField {
        /// The field, as on the wire.
        field: &'static str,
    },
    /// A field of the envelope has an invalid value.
    #[error("failed to parse the `{field}` of the envelope: {}", shown(.reason))]
    InvalidField {
        /// The field, as on the wire.
        field: &'static str,
        /// The problem.
        reason: String,
    },
    /// The EventBridge event and its envelope disagree.
    #[error("the event's `{field}` is `{}`, but the envelope has `{}`", shown(.outside), shown(.inside))]
    Mismatch {
        /// The field of the EventBridge event.
        field: &'static str,
        /// The value in the EventBridge event.
        outside: String,
        /// The value in the envelope.
        inside: String,
    },
    /// The envelope contains another event than the requested type.
    #[error("expected `{expected}`, found `{}`", shown(.found))]
    WrongEvent {
        /// The detail-type of the Rust type.
        expected: &'static str,
        /// The detail-type in the message.
        found: String,
    },
    /// The payload does not match the type of its version.
    #[error("the data of `{}` does not fit its type{at}: {}", shown(.detail_type), shown(.reason), at = place(.path))]
    Payload {
        /// Type and version of the event.
        detail_type: String,
        /// The place in the data, such as `customer.lines[2].price`; empty at the root.
        path: String,
        /// The error of the JSON parser, without the value: see [`Hidden`] for the value.
        reason: String,
        /// The whole error of the JSON parser.
        details: Hidden,
    },
    /// The event has another source than its type.
    #[error("expected an event of the source `{expected}`, found `{}`", shown(.found))]
    WrongSource {
        /// The source of the Rust type.
        expected: &'static str,
        /// The source in the message.
        found: String,
    },
}

/// Text that may quote the payload of an event. Neither [`Debug`](fmt::Debug) nor an error that
/// contains it prints it: call [`reveal`](Self::reveal) where payloads may be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(pub(super) String);

impl Hidden {
    /// Returns the text.
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
