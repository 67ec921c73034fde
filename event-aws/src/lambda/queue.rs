//! Batches of SQS: each message its own success or failure.

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::LambdaEvent;

use super::{Function, stop_before};
use event_runtime::consume::{Delivered, Record, Verdict};

/// Handles a batch. The answer names the messages that are to come again: those that failed, in a
/// FIFO queue those behind one that failed, and those that the deadline kept from being begun. A
/// message that does not decode is one failure, and holds none of the others back.
///
/// # Example
///
/// ```
/// # async fn handle(
/// #     consumer: event_runtime::consume::Consumer,
/// #     event: event_aws::lambda::lambda_runtime::LambdaEvent<event_aws::lambda::aws_lambda_events::event::sqs::SqsEvent>,
/// # ) {
/// use std::time::Duration;
/// use event_aws::lambda::{self, Function};
///
/// // Where the runtime loop is another's; `lambda::run_sqs` is one.
/// let function = Function::new(consumer).margin(Duration::from_secs(1));
/// let response = lambda::sqs(&function, event).await;
/// # }
/// ```
pub async fn sqs(function: &Function, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let LambdaEvent { payload, context } = event;
    let stop = stop_before(&context, function.margin);
    let batch: Vec<Delivered> = payload.records.into_iter().map(delivered).collect();
    let ids: Vec<String> = batch.iter().map(|message| message.record.id.clone()).collect();
    let mut failed = Vec::new();
    let tell = |at: usize, _, verdict: Verdict| {
        if verdict != Verdict::Acknowledge {
            failed.push(at);
        }
    };
    function.consumer.deliver(batch, &stop, function.dead_letters.as_ref(), tell).await;
    // In the order of the batch. A message without an id is named by an empty one, which makes
    // Lambda deliver the whole batch again: nothing is lost.
    failed.sort_unstable();
    let mut response = SqsBatchResponse::default();
    for at in failed {
        response.add_failure(&ids[at]);
    }
    response
}

fn delivered(message: SqsMessage) -> Delivered {
    let SqsMessage {
        message_id, body, mut attributes, message_attributes, event_source_arn, ..
    } = message;
    let sent = message_attributes.into_iter();
    let sent = sent.filter_map(|(name, value)| Some((name, value.string_value?))).collect();
    // The groups of a standard queue are for fairness between tenants, and have no order.
    let is_fifo = |arn: &str| arn.rsplit_once('.').is_some_and(|(_, suffix)| suffix == "fifo");
    let ordered = event_source_arn.as_deref().is_none_or(is_fifo);
    let receives = attributes.get("ApproximateReceiveCount");
    Delivered {
        record: Record {
            id: message_id.unwrap_or_default(),
            body: Arc::from(body.unwrap_or_default()),
            receives: receives.and_then(|count| count.parse().ok()).unwrap_or(1),
        },
        group: attributes.remove("MessageGroupId").filter(|_| ordered),
        trace: attributes.remove("AWSTraceHeader"),
        attributes: sent,
        last: false,
    }
}
