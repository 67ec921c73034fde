//! The errors of table operations.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::ConsumedCapacity;
use event_runtime::__internal::shown;
use event_runtime::limits::MAX_TRANSACT_ITEMS;
use event_runtime::store::StoreError;

/// A transactional effect with more actions than one call allows beside the mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the effect has {actions} actions: the maximum is {} beside the mark",
    MAX_TRANSACT_ITEMS - 1
)]
pub struct TooManyActions {
    /// The number of its actions.
    pub actions: usize,
}

/// A failed call, in one line: the operation, the table, and the SDK's error.
#[derive(Debug, thiserror::Error)]
#[error("{operation} on table `{table}`: {}", shown(.said))]
struct CallFailed {
    operation: &'static str,
    table: String,
    said: String,
}

/// A response without what DynamoDB puts into each one, because it was asked to.
#[derive(Debug, thiserror::Error)]
#[error(
    "{operation} on table `{table}`: the response has no `ConsumedCapacity`: expected a response from \
     DynamoDB"
)]
struct NotAnAnswer {
    operation: &'static str,
    table: String,
}

/// Checks that a response with a status of success is one from DynamoDB: it has the capacity that was
/// consumed, which each call here asks for. One without it may come from a proxy, and nothing was written.
pub(crate) fn answered<'a>(
    operation: &'static str,
    table: &str,
    consumed: impl IntoIterator<Item = &'a ConsumedCapacity>,
) -> Result<(), StoreError> {
    if consumed.into_iter().any(|it| it.capacity_units().is_some()) {
        return Ok(());
    }
    Err(StoreError::new(NotAnAnswer { operation, table: table.to_owned() }))
}

/// The error of a call, with its whole chain of causes as text.
pub(crate) fn call_failed<E, R>(
    operation: &'static str,
    table: &str,
    error: &SdkError<E, R>,
) -> StoreError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    let said = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => DisplayErrorContext(error).to_string(),
    };
    StoreError::new(CallFailed { operation, table: table.to_owned(), said })
}

/// An action of a transactional effect that failed for another reason than its condition.
#[derive(Debug, thiserror::Error)]
#[error(
    "TransactWriteItems on table `{table}`: action {at} of the effect failed: {code}: {message}"
)]
pub(crate) struct ActionFailed {
    pub(crate) table: String,
    pub(crate) at: usize,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// An item that this crate did not write.
#[derive(Debug, thiserror::Error)]
#[error("an item of table `{table}` is not a {what}: {}", shown(.reason))]
pub(crate) struct ForeignItem {
    pub(crate) table: String,
    pub(crate) what: &'static str,
    pub(crate) reason: String,
}

/// A failed condition on an item that seems to satisfy it.
#[derive(Debug, thiserror::Error)]
#[error("table `{table}` refused a write without a reason")]
pub(crate) struct NoReason {
    pub(crate) table: String,
}
