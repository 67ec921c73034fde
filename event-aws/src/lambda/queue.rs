//! Batches of SQS messages: each message succeeds or fails on its own.

use std::collections::BTreeMap;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use event_runtime::consume::{Delivered, Outcome, Record, Verdict};
use event_runtime::trace::Trace;
use lambda_runtime::LambdaEvent;

use super::{Function, stop_before};

/// All messages of a batch failed. Lambda delivers all of them again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("all {messages} messages of the batch failed; the first one: {first:?}")]
#[non_exhaustive]
pub struct BatchError {
    /// How many.
    pub messages: usize,
    /// The outcome of the first message.
    pub first: Outcome,
}

/// Handles a batch. The response names the messages to deliver again: those that failed, in a FIFO
/// queue those after a failed one, and those that the deadline left no time for. A message that
/// fails to decode is one failure and does not affect the others.
///
/// # Errors
///
/// [`BatchError`] if all messages failed, and the function is set to
/// [fail then](Function::fail_when_all_failed).
///
/// # Example
///
/// ```
/// # async fn handle(
/// #     consumer: event_runtime::consume::Consumer,
/// #     event: event_aws::lambda::lambda_runtime::LambdaEvent<event_aws::lambda::aws_lambda_events::event::sqs::SqsEvent>,
/// # ) -> Result<(), event_aws::lambda::BatchError> {
/// use std::time::Duration;
/// use event_aws::lambda::{self, Function};
///
/// // With a runtime loop of your own; `lambda::run_sqs` is one.
/// let function = Function::new(consumer).margin(Duration::from_secs(1));
/// let response = lambda::sqs(&function, event).await?;
/// # Ok(())
/// # }
/// ```
pub async fn sqs(
    function: &Function,
    event: LambdaEvent<SqsEvent>,
) -> Result<SqsBatchResponse, BatchError> {
    let LambdaEvent { payload, context } = event;
    let stop = stop_before(&context, function.margin);
    let records = payload.records.into_iter().map(delivered);
    let batch: Vec<Delivered> = records.map(|it| it.in_sequence(function.in_sequence)).collect();
    let ids: Vec<String> = batch.iter().map(|message| message.record.id.clone()).collect();
    let mut failed = Vec::new();
    let tell = |at: usize, outcome: Outcome, verdict: Verdict| {
        if verdict != Verdict::Acknowledge {
            failed.push((at, outcome));
        }
    };
    function.consumer.deliver(batch, &stop, function.dead_letters.as_ref(), tell).await;
    function.ended();
    // In the order of the batch. A message without an ID is reported with an empty one, which makes
    // Lambda deliver the whole batch again: nothing is lost.
    failed.sort_unstable_by_key(|(at, _)| *at);
    if function.fails_whole
        && failed.len() == ids.len()
        && let Some((_, first)) = failed.first()
    {
        return Err(BatchError { messages: ids.len(), first: first.clone() });
    }
    let mut response = SqsBatchResponse::default();
    for (at, _) in failed {
        response.add_failure(&ids[at]);
    }
    Ok(response)
}

fn delivered(message: SqsMessage) -> Delivered {
    let SqsMessage {
        message_id, body, mut attributes, message_attributes, event_source_arn, ..
    } = message;
    let sent = message_attributes.into_iter();
    let sent = sent.filter_map(|(name, value)| Some((name, value.string_value?)));
    let sent: BTreeMap<String, String> = sent.collect();
    // The groups of a standard queue are for fairness between tenants, and have no order.
    let is_fifo = |arn: &str| arn.rsplit_once('.').is_some_and(|(_, suffix)| suffix == "fifo");
    let ordered = event_source_arn.as_deref().is_none_or(is_fifo);
    let receives = attributes.get("ApproximateReceiveCount");
    let receives = receives.and_then(|count| count.parse().ok()).unwrap_or(1);
    let record = Record::new(message_id.unwrap_or_default(), body.unwrap_or_default());
    let trace = Trace::of_message(attributes.remove("AWSTraceHeader"), &sent);
    Delivered::new(record.receives(receives))
        .group(attributes.remove("MessageGroupId").filter(|_| ordered))
        .trace(trace)
        .attributes(sent)
}
