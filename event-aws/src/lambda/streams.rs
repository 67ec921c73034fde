//! Records of DynamoDB and Kinesis streams, in order.

use std::future::Future;
use std::time::Duration;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::kinesis::{KinesisEvent, KinesisEventRecord};
use aws_lambda_events::event::streams::{
    DynamoDbBatchItemFailure, DynamoDbEventResponse, KinesisEventResponse,
};
use event_runtime::consume::{HandlerError, Stop};
use lambda_runtime::{LambdaEvent, service_fn};
use tracing::warn;

use super::stop_before;
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

/// Runs a handler on the records of a DynamoDB stream, for as long as Lambda has any, each batch up to
/// `margin` before its deadline ([`DEFAULT_MARGIN`](super::DEFAULT_MARGIN)).
///
/// # Errors
///
/// The error of Lambda's runtime loop.
///
/// # Example
///
/// ```no_run
/// # async fn main_of() -> Result<(), event_aws::lambda::lambda_runtime::Error> {
/// use event_aws::lambda;
///
/// lambda::run_stream(lambda::DEFAULT_MARGIN, |record| async move {
///     tracing::info!("{}: {:?}", record.event_name, record.change.keys);
///     Ok(())
/// })
/// .await
/// # }
/// ```
pub async fn run_stream<F>(
    margin: Duration,
    apply: impl Fn(EventRecord) -> F,
) -> Result<(), lambda_runtime::Error>
where
    F: Future<Output = Result<(), HandlerError>>,
{
    let apply = &apply;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Event>| {
        let stop = stop_before(&event.context, margin);
        Ok::<_, lambda_runtime::Error>(stream(event.payload, &stop, apply).await)
    }))
    .await
}

/// Like [`run_stream`], for the records of a Kinesis stream.
///
/// # Errors
///
/// The error of Lambda's runtime loop.
///
/// # Example
///
/// ```no_run
/// # async fn main_of() -> Result<(), event_aws::lambda::lambda_runtime::Error> {
/// use event_aws::lambda;
///
/// lambda::run_kinesis(lambda::DEFAULT_MARGIN, |record| async move {
///     tracing::info!("{} bytes", record.kinesis.data.len());
///     Ok(())
/// })
/// .await
/// # }
/// ```
pub async fn run_kinesis<F>(
    margin: Duration,
    apply: impl Fn(KinesisEventRecord) -> F,
) -> Result<(), lambda_runtime::Error>
where
    F: Future<Output = Result<(), HandlerError>>,
{
    let apply = &apply;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<KinesisEvent>| {
        let stop = stop_before(&event.context, margin);
        Ok::<_, lambda_runtime::Error>(kinesis(event.payload, &stop, apply).await)
    }))
    .await
}

/// The sequence number for the response. A record without a number is reported with an empty one,
/// which makes Lambda deliver the whole batch again: nothing is lost.
fn told(failed: Option<(Option<String>, HandlerError)>) -> Option<String> {
    let (number, error) = failed?;
    let number = number.unwrap_or_default();
    warn!(number, %error, "the stream is to come again from here");
    Some(number)
}
