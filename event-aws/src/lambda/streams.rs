//! Records of DynamoDB and Kinesis streams, in their order.

use std::future::Future;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::kinesis::{KinesisEvent, KinesisEventRecord};
use aws_lambda_events::event::streams::{
    DynamoDbBatchItemFailure, DynamoDbEventResponse, KinesisEventResponse,
};
use tracing::warn;

use event_runtime::consume::in_order;
use event_runtime::consume::{HandlerError, Stop};

/// Applies the records of a shard one after the other, and answers with the sequence number of the
/// first one that failed, panicked or was not begun: from there on Lambda delivers again.
///
/// A permanent failure is one too. To go past it would leave a gap in what the stream is read for;
/// the event source mapping's maximum of retries and its failure destination end it.
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
    if let Some(failed) = first_failed(event.records, sequence, stop, apply).await {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(failed);
        response.batch_item_failures.push(failure);
    }
    response
}

/// As [`stream`], for the records of a Kinesis stream.
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
    if let Some(failed) = first_failed(event.records, sequence, stop, apply).await {
        response.add_failure(failed);
    }
    response
}

/// The sequence number of the first record that is to come again. One without a number is named by an
/// empty one, which makes Lambda deliver the whole batch again: nothing is lost.
async fn first_failed<R, F>(
    records: Vec<R>,
    sequence: impl Fn(&R) -> Option<String>,
    stop: &Stop,
    apply: impl FnMut(R) -> F,
) -> Option<String>
where
    F: Future<Output = Result<(), HandlerError>>,
{
    let numbers: Vec<Option<String>> = records.iter().map(sequence).collect();
    let done = in_order(records, stop, apply).await;
    let error = done.failed?;
    let number = numbers.into_iter().nth(done.applied).flatten().unwrap_or_default();
    warn!(number, %error, "the stream is to come again from here");
    Some(number)
}
