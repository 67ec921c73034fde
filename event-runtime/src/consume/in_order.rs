//! The records of a shard, one after the other, up to the first that fails.

use std::future::Future;

use super::caught::caught;
use super::stop::Phase;
use super::{HandlerError, Stop};

/// What came of the records.
#[derive(Debug)]
pub struct InOrder {
    /// Records that were handled.
    pub applied: usize,
    /// Why the next one was not. It is the first that is to come again.
    pub failed: Option<HandlerError>,
}

/// Handles records in their order, and none after the first that fails, panics, outlasts the stop or
/// is not begun because of it.
pub async fn in_order<R, F>(
    records: impl IntoIterator<Item = R>,
    stop: &Stop,
    mut apply: impl FnMut(R) -> F,
) -> InOrder
where
    F: Future<Output = Result<(), HandlerError>>,
{
    let mut applied = 0;
    for record in records {
        let result = if stop.may_begin() {
            tokio::select! {
                biased;
                result = caught(|| apply(record)) => match result {
                    Ok(result) => result,
                    Err(said) => {
                        Err(HandlerError::transient(format!("the handler panicked: {said}")))
                    }
                },
                () = stop.over(Phase::Effect) => {
                    Err(HandlerError::transient("dropped before its end: the deadline is near"))
                }
            }
        } else {
            Err(HandlerError::transient("not begun: the deadline is near"))
        };
        match result {
            Ok(()) => applied += 1,
            Err(error) => return InOrder { applied, failed: Some(error) },
        }
    }
    InOrder { applied, failed: None }
}
