//! What a handler says when it fails.

use std::fmt;
use std::time::Duration;

/// Why an event was not handled, and whether another try may help.
///
/// Every error converts into a transient one, so that `?` in a handler means "try again": the queue
/// gives a message up after its last delivery anyway. What no try can mend is said to be permanent.
///
/// # Example
///
/// ```
/// use event_runtime::consume::HandlerError;
///
/// fn total(text: &str) -> Result<u32, HandlerError> {
///     text.parse().map_err(|error| HandlerError::permanent(format!("`{text}`: {error}")))
/// }
/// assert_eq!(total("x").unwrap_err().to_string(), "`x`: invalid digit found in string");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandlerError {
    /// Another try may succeed: the message comes again.
    Transient {
        /// What failed.
        reason: String,
        /// How long to wait at least.
        after: Option<Duration>,
    },
    /// No try will succeed: the message goes to the dead-letter queue.
    Permanent {
        /// What failed.
        reason: String,
    },
}

impl HandlerError {
    /// An error that may pass.
    #[expect(clippy::needless_pass_by_value, reason = "an error is handed over and used up")]
    pub fn transient(reason: impl ToString) -> Self {
        Self::Transient { reason: reason.to_string(), after: None }
    }

    /// An error that may pass, but not before `after`.
    #[expect(clippy::needless_pass_by_value, reason = "an error is handed over and used up")]
    pub fn retry_after(reason: impl ToString, after: Duration) -> Self {
        Self::Transient { reason: reason.to_string(), after: Some(after) }
    }

    /// An error that stays.
    #[expect(clippy::needless_pass_by_value, reason = "an error is handed over and used up")]
    pub fn permanent(reason: impl ToString) -> Self {
        Self::Permanent { reason: reason.to_string() }
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transient { reason, .. } | Self::Permanent { reason } => f.write_str(reason),
        }
    }
}

// No `std::error::Error` itself: that would overlap with the identity conversion.
impl<E: std::error::Error> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self::transient(error)
    }
}
