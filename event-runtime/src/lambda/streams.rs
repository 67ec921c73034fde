//! Records of DynamoDB Streams, in their order.

use std::future::Future;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use tracing::warn;

use crate::consume::{HandlerError, Stop};

/// Applies the records of a shard one after the other, and answers with the sequence number of the
/// first one that failed or was not begun: from there on Lambda delivers again.
///
/// A permanent failure is one too. To go past it would leave a gap in what the stream is read for;
/// the event source mapping's maximum of retries and its failure destination end it.
///
/// # Example
///
/// ```
/// # async fn handle(event: event_runtime::lambda::aws_lambda_events::event::dynamodb::Event) {
/// use event_runtime::consume::Stop;
/// use event_runtime::lambda;
///
/// let response = lambda::stream(event, &Stop::never(), |record| async move {
///     tracing::info!("{}: {:?}", record.event_name, record.change.keys);
///     Ok(())
/// })
/// .await;
/// # }
/// ```
pub async fn stream<F>(
    event: Event,
    stop: &Stop,
    mut apply: impl FnMut(EventRecord) -> F,
) -> DynamoDbEventResponse
where
    F: Future<Output = Result<(), HandlerError>>,
{
    let mut response = DynamoDbEventResponse::default();
    for record in event.records {
        let number = record.change.sequence_number.clone();
        let result = if stop.may_begin() {
            tokio::select! {
                biased;
                result = apply(record) => result,
                () = stop.dropping(std::time::Duration::ZERO) => Err(HandlerError::transient("the deadline is near")),
            }
        } else {
            Err(HandlerError::transient("not begun: the deadline is near"))
        };
        if let Err(error) = result {
            let number = number.unwrap_or_default();
            warn!(number, %error, "the stream is to come again from here");
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(number);
            response.batch_item_failures.push(failure);
            break;
        }
    }
    response
}
