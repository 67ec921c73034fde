//! The error of a handler.

use std::any::type_name;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::shown::shown;
use crate::store::EffectRefused;

/// Any error that can be sent between threads.
type BoxError = Box<dyn Error + Send + Sync>;

/// Why an event was not handled, and whether another attempt may help.
///
/// Every error converts into a transient one, so `?` in a handler means "try again"; the queue
/// limits how often. [`permanent`](Self::permanent) marks errors that no retry will fix. Everything
/// that converts into a boxed error converts: an `std::error::Error`, a string, an `anyhow::Error`.
///
/// The error is kept with its chain of causes: [`Display`](fmt::Display) writes the whole chain in
/// one line of bounded length, [`find`](Self::find) returns a cause by its type, and [`source`](Self::source) starts
/// the chain. The error of an AWS SDK call also names the call.
///
/// # Example
///
/// ```
/// use event_runtime::consume::{HandlerError, HandlerErrorKind};
///
/// fn total(text: &str) -> Result<u32, HandlerError> {
///     text.parse().map_err(HandlerError::permanent)
/// }
/// let error = total("x").unwrap_err();
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// assert_eq!(error.kind(), HandlerErrorKind::Permanent);
/// assert!(error.find::<std::num::ParseIntError>().is_some());
/// ```
#[derive(Debug)]
pub struct HandlerError {
    kind: HandlerErrorKind,
    after: Option<Duration>,
    /// The call of an AWS SDK that failed.
    call: Option<String>,
    source: BoxError,
}

/// What another attempt can do about a [`HandlerError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandlerErrorKind {
    /// Another attempt may succeed: the message is delivered again.
    Transient,
    /// No attempt will succeed: the message goes to the dead-letter queue.
    Permanent,
    /// The store answered, and refused the effect: one of its conditions does not hold
    /// ([`EffectRefused`]). Nothing was applied, and the claim is still held: the handler can decide
    /// what a refusal means, apply another effect, or return a permanent error. A refusal that the
    /// handler returns as it is counts as transient.
    Refused,
}

impl HandlerError {
    /// Returns an error that a retry may fix.
    pub fn transient<E: Into<BoxError>>(error: E) -> Self {
        Self::new(HandlerErrorKind::Transient, None, error)
    }

    /// Returns an error that a retry may fix, but not before `after`.
    pub fn retry_after<E: Into<BoxError>>(error: E, after: Duration) -> Self {
        Self::new(HandlerErrorKind::Transient, Some(after), error)
    }

    /// Returns an error that no retry will fix.
    pub fn permanent<E: Into<BoxError>>(error: E) -> Self {
        Self::new(HandlerErrorKind::Permanent, None, error)
    }

    fn new<E: Into<BoxError>>(kind: HandlerErrorKind, after: Option<Duration>, error: E) -> Self {
        Self { kind, after, call: sdk_call(type_name::<E>()), source: error.into() }
    }

    /// Returns what another attempt can do.
    pub fn kind(&self) -> HandlerErrorKind {
        self.kind
    }

    /// Returns the minimum delay before another attempt.
    pub fn after(&self) -> Option<Duration> {
        self.after
    }

    /// Returns the original error.
    pub fn source(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.source
    }

    /// Returns the first error of this type in the chain of causes.
    ///
    /// # Example
    ///
    /// ```
    /// use event_runtime::consume::{HandlerError, HandlerErrorKind};
    /// use event_runtime::store::EffectRefused;
    ///
    /// /// What `Context::complete_with` returned: out of stock, or an outage?
    /// fn order(written: Result<(), HandlerError>) -> Result<(), HandlerError> {
    ///     match written {
    ///         Err(error) if error.find::<EffectRefused>().is_some() => {
    ///             Err(HandlerError::permanent("out of stock"))
    ///         }
    ///         other => other,
    ///     }
    /// }
    /// let refused = EffectRefused { at: 0, code: "ConditionalCheckFailed".into(), message: "".into() };
    /// let error = order(Err(refused.into())).unwrap_err();
    /// assert_eq!(error.kind(), HandlerErrorKind::Permanent);
    /// let error = order(Err("timed out".into())).unwrap_err();
    /// assert_eq!(error.kind(), HandlerErrorKind::Transient);
    /// ```
    pub fn find<E: Error + 'static>(&self) -> Option<&E> {
        chain(&*self.source).find_map(|error| error.downcast_ref())
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.call.clone().unwrap_or_default();
        for error in chain(&*self.source) {
            let cause = error.to_string();
            // Many errors repeat their source in their own text, and the SDK's outermost text is
            // less useful than the name of the call.
            let said = text.contains(&cause) || (self.call.is_some() && cause == "service error");
            if !said {
                text += if text.is_empty() { "" } else { ": " };
                text += &cause;
            }
        }
        f.write_str(&shown(&text))
    }
}

// Not an `std::error::Error` itself: that would overlap with the identity conversion.
impl<E: Into<BoxError>> From<E> for HandlerError {
    fn from(error: E) -> Self {
        let error = Self::transient(error);
        let refused = error.find::<EffectRefused>().is_some();
        if refused { Self { kind: HandlerErrorKind::Refused, ..error } } else { error }
    }
}

/// An error and its causes. Bounded, because the chain of a foreign error may be endless.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    const MAX_CAUSES: usize = 32;
    let cause = |error: &&'a (dyn Error + 'static)| (*error).source();
    std::iter::successors(Some(error), cause).take(MAX_CAUSES)
}

/// The call with this error type: `aws_sdk_dynamodb::operation::get_item::GetItemError` is that of
/// `dynamodb GetItem`. All SDK crates have this layout, and the call is not in the error itself.
fn sdk_call(error_type: &str) -> Option<String> {
    let (_, path) = error_type.split_once("aws_sdk_")?;
    let end = path.find([',', '>', '<', ' ']).unwrap_or(path.len());
    let (service, operation) = path[..end].split_once("::operation::")?;
    let (_, name) = operation.rsplit_once("::")?;
    Some(format!("{service} {}", name.strip_suffix("Error")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("could not send the mail")]
    struct Mail(#[source] Dial);

    #[derive(Debug, thiserror::Error)]
    #[error("no route: {0}")]
    struct Dial(#[source] std::io::Error);

    /// Modelled on `anyhow::Error`: not an error, but convertible into a boxed one.
    struct Anyhow(BoxError);

    impl From<Anyhow> for BoxError {
        fn from(error: Anyhow) -> Self {
            error.0
        }
    }

    fn mail() -> Mail {
        Mail(Dial(std::io::Error::other("connection refused")))
    }

    #[test]
    fn display_writes_each_cause_once() {
        let expected = "could not send the mail: no route: connection refused";
        assert_eq!(HandlerError::from(mail()).to_string(), expected);
        assert_eq!(HandlerError::permanent(mail()).to_string(), expected);
    }

    #[test]
    fn question_mark_converts_errors_texts_and_anyhow() {
        fn failing(which: u32) -> Result<(), HandlerError> {
            match which {
                0 => Err(mail())?,
                1 => Err("a text")?,
                2 => Err(format!("text {which}"))?,
                3 => Err(Anyhow(mail().into()))?,
                _ => Err(HandlerError::permanent("stays"))?,
            }
            Ok(())
        }
        let texts: Vec<String> = (0..5).map(|at| failing(at).unwrap_err().to_string()).collect();
        let mail = "could not send the mail: no route: connection refused";
        assert_eq!(texts, [mail, "a text", "text 2", mail, "stays"]);
        assert!(failing(3).unwrap_err().find::<Dial>().is_some(), "the causes stay findable");
        assert_eq!(failing(4).unwrap_err().kind(), HandlerErrorKind::Permanent);
    }

    #[test]
    fn refused_effect_is_found_below_other_errors() {
        let refused = || EffectRefused {
            at: 1,
            code: "ConditionalCheckFailed".to_owned(),
            message: String::new(),
        };
        let store = crate::store::StoreError::new(refused());
        let error = HandlerError::from(Anyhow(store.into()));
        assert_eq!(error.kind(), HandlerErrorKind::Refused);
        assert_eq!(error.find(), Some(&refused()));
        let outage = crate::store::StoreError::new("timed out");
        assert_eq!(HandlerError::from(outage).kind(), HandlerErrorKind::Transient);
    }

    #[test]
    fn sdk_call_is_read_from_the_type() {
        let sdk = "aws_smithy_runtime_api::client::result::SdkError<aws_sdk_s3::operation::\
                   put_object::PutObjectError, http::Response>";
        assert_eq!(sdk_call(sdk).as_deref(), Some("s3 PutObject"));
        let bare = "aws_sdk_dynamodb::operation::get_item::GetItemError";
        assert_eq!(sdk_call(bare).as_deref(), Some("dynamodb GetItem"));
        assert_eq!(sdk_call("aws_sdk_dynamodb::types::AttributeValue"), None);
        assert_eq!(sdk_call("std::io::Error"), None);
    }

    #[test]
    fn endless_chain_of_causes_ends() {
        #[derive(Debug)]
        struct Endless;
        impl fmt::Display for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("again")
            }
        }
        impl Error for Endless {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(self)
            }
        }
        assert_eq!(HandlerError::from(Endless).to_string(), "again");
    }
}
