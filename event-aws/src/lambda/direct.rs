//! A rule with the function itself as its target.

use std::sync::Arc;

use event_runtime::consume::{Delivered, Outcome, Record, Verdict};
use lambda_runtime::LambdaEvent;
use serde_json::value::RawValue;

use super::{Function, stop_before};

/// An event that must be delivered again. Lambda retries an asynchronous invocation twice, and then
/// sends it to the function's failure destination: set one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event was not handled: {outcome:?}")]
pub struct DirectError {
    /// The outcome.
    pub outcome: Outcome,
}

/// Handles one event that a rule delivered without a queue.
///
/// # Errors
///
/// [`DirectError`]: the event was not handled, and was not sent to the dead letters.
pub async fn event_bridge(
    function: &Function,
    event: LambdaEvent<Box<RawValue>>,
) -> Result<(), DirectError> {
    let LambdaEvent { payload, context } = event;
    let stop = stop_before(&context, function.margin);
    let record = Record {
        id: context.request_id,
        body: Arc::from(String::from(Box::<str>::from(payload))),
        receives: 1,
    };
    let trace = context.xray_trace_id;
    let delivered = Delivered { trace, ..Delivered::from(record) };
    let mut result = Ok(());
    let tell = |_, outcome, verdict: Verdict| {
        if verdict != Verdict::Acknowledge {
            result = Err(DirectError { outcome });
        }
    };
    function.consumer.deliver(vec![delivered], &stop, function.dead_letters.as_ref(), tell).await;
    result
}
