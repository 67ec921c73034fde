//! A rule with the function itself as its target.

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
    let record = Record::new(context.request_id, Box::<str>::from(payload));
    let delivered = Delivered::new(record).trace(context.xray_trace_id);
    let mut result = Ok(());
    let tell = |_, outcome, verdict: Verdict| {
        if verdict != Verdict::Acknowledge {
            result = Err(DirectError { outcome });
        }
    };
    function.consumer.deliver(vec![delivered], &stop, function.dead_letters.as_ref(), tell).await;
    function.ended();
    result
}
