//! The relay of an outbox as a function.

use event_runtime::publish::Transport;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{DEFAULT_MARGIN, stop_before};
use crate::outbox::OutboxRelay;
use crate::streams::{StreamBatch, StreamError};

/// Publishes the events of one invocation, and responds with the sequence number of the first
/// record that must be delivered again. Half a second before its deadline the function stops.
///
/// # Errors
///
/// [`StreamError`]: the invocation is not a batch of stream records. It is delivered again.
pub async fn outbox<T: Transport + Clone>(
    relay: &OutboxRelay<T>,
    event: LambdaEvent<Box<RawValue>>,
) -> Result<Value, StreamError> {
    let stop = stop_before(&event.context, DEFAULT_MARGIN);
    let batch = StreamBatch::read(event.payload.get().as_bytes())?;
    Ok(relay.publish_until(&batch, &stop).await.response())
}

/// Runs a function on the records of an outbox table's stream, for as long as Lambda has any. The
/// event source mapping must be set to `ReportBatchItemFailures`.
///
/// # Errors
///
/// The error of Lambda's runtime loop.
///
/// # Example
///
/// ```no_run
/// # #[cfg(feature = "eventbridge")]
/// # async fn main_of(client: event_aws::aws_sdk_eventbridge::Client) -> Result<(), event_aws::lambda::lambda_runtime::Error> {
/// use event_aws::outbox::OutboxRelay;
/// use event_aws::{EventBridge, lambda};
///
/// lambda::run_outbox(OutboxRelay::new(EventBridge::new(&client, "orders"))).await
/// # }
/// ```
pub async fn run_outbox<T: Transport + Clone>(
    relay: OutboxRelay<T>,
) -> Result<(), lambda_runtime::Error> {
    let relay = &relay;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        outbox(relay, event).await.map_err(lambda_runtime::Error::from)
    }))
    .await
}
