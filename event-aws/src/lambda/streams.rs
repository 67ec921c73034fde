//! Records of DynamoDB and Kinesis streams, in order.

use std::future::Future;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::kinesis::{KinesisEvent, KinesisEventRecord};
use aws_lambda_events::event::streams::{
    DynamoDbBatchItemFailure, DynamoDbEventResponse, KinesisEventResponse,
};
use event_runtime::consume::{HandlerError, Stop};
use tracing::warn;

use crate::shard::first_failed;

/// Handles the records of a shard one after the other, and responds with the sequence number of the
/// first one that failed, panicked or was not begun: Lambda delivers again from there.
///
/// A permanent failure stops the stream too. Skipping it would leave a gap in the data; the event
/// source mapping's maximum of retries and its failure destination limit it.
///
/// # Example
///
/// ```
/// # async fn handle(event: event_aws::lambda::lambda_runtime::LambdaEvent<event_aws::lambda::aws_lambda_events::event::dynamodb::Event>) {
/// use event_aws::lambda;
///
/// let stop = lambda::stop_before(&event.context, lambda::DEFAULT_MARGIN);
/// let response = lambda::stream(event.payload, &stop, |record| async move {
///     tracing::info!("{}: {:?}", record.event_name, record.change.keys);
///     Ok(())
/// })
/// .await;
/// # }
/// ```
pub async fn stream<F>(
    event: Event,
    stop: &Stop,
    apply: impl FnMut(EventRecord) -> F,
) -> DynamoDbEventResponse
where
    F: Future<Output = Result<(), HandlerError>>,
{
    let sequence = |record: &EventRecord| record.change.sequence_number.clone();
    let mut response = DynamoDbEventResponse::default();
    if let Some(failed) = told(first_failed(event.records, sequence, stop, apply).await.failed) {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(failed);
        response.batch_item_failures.push(failure);
    }
    response
}

/// Like [`stream`], for the records of a Kinesis stream.
///
/// # Example
///
/// ```
/// # async fn handle(event: event_aws::lambda::lambda_runtime::LambdaEvent<event_aws::lambda::aws_lambda_events::event::kinesis::KinesisEvent>) {
/// use event_aws::lambda;
///
/// let stop = lambda::stop_before(&event.context, lambda::DEFAULT_MARGIN);
/// let response = lambda::kinesis(event.payload, &stop, |record| async move {
///     tracing::info!("{} bytes", record.kinesis.data.len());
///     Ok(())
/// })
/// .await;
/// # }
/// ```
pub async fn kinesis<F>(
    event: KinesisEvent,
    stop: &Stop,
    apply: impl FnMut(KinesisEventRecord) -> F,
) -> KinesisEventResponse
where
    F: Future<Output = Result<(), HandlerError>>,
{
    let sequence = |record: &KinesisEventRecord| Some(record.kinesis.sequence_number.clone());
    let mut response = KinesisEventResponse::default();
    if let Some(failed) = told(first_failed(event.records, sequence, stop, apply).await.failed) {
        response.add_failure(failed);
    }
    response
}

/// The sequence number for the response. A record without a number is reported with an empty one,
/// which makes Lambda deliver the whole batch again: nothing is lost.
fn told(failed: Option<(Option<String>, HandlerError)>) -> Option<String> {
    let (number, error) = failed?;
    let number = number.unwrap_or_default();
    warn!(number, %error, "the stream is to come again from here");
    Some(number)
}
