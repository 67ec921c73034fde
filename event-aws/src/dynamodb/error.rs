//! What may go wrong at a table.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::ConsumedCapacity;
use event_runtime::__internal::shown;

use event_runtime::limits::MAX_TRANSACT_ITEMS;
use event_runtime::store::StoreError;

/// A transactional effect of more actions than one call takes beside the mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the effect has {actions} actions, and one call takes {} beside the mark",
    MAX_TRANSACT_ITEMS - 1
)]
pub struct TooManyActions {
    /// How many it has.
    pub actions: usize,
}

/// A call that failed, in one line: what was asked of which table, and all that the SDK knows.
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
pub(super) fn answered<'a>(
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

/// An item that is not what this house writes.
#[derive(Debug, thiserror::Error)]
#[error("an item of table `{table}` is no {what}: {}", shown(.reason))]
pub(crate) struct ForeignItem {
    pub(crate) table: String,
    pub(crate) what: &'static str,
    pub(crate) reason: String,
}

/// A condition that was not met by an item that meets it, as far as we can tell.
#[derive(Debug, thiserror::Error)]
#[error("table `{table}` refused a write and says no reason for it")]
pub(crate) struct NoReason {
    pub(crate) table: String,
}
