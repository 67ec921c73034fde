//! One SQS queue: receives messages and settles them.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
    MessageSystemAttributeName as Attribute, QueueAttributeName,
};
use event_runtime::backoff::Backoff;
use event_runtime::consume::{Delivered, Record};
use event_runtime::limits::{MAX_QUEUE_BATCH, MAX_QUEUE_WAIT, MAX_VISIBILITY};
use event_runtime::trace::Trace;
use serde::Deserialize;
use tokio::time::Instant;
use tracing::warn;

use crate::failure::{self, CallError};
use crate::timeouts::{QUICK, Timeouts};

/// How often an entry of a batch call is tried. A message that is not deleted by then is delivered
/// again, and recognised as a duplicate.
const TRIES: Backoff =
    Backoff { base: Duration::from_millis(50), cap: Duration::from_millis(500), attempts: 3 };

/// A receive call waits for messages before it responds.
const RECEIVE: Timeouts =
    Timeouts { attempt: Duration::from_secs(30), operation: Duration::from_mins(1) };

#[derive(Debug, Clone)]
pub(crate) struct Queue {
    /// For calls that respond at once.
    client: Client,
    /// For the long poll.
    receiver: Client,
    pub(crate) url: String,
}

/// What a queue does with messages that are delivered again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Redrive {
    /// How often a message is received before it becomes a dead letter, if the queue has a redrive
    /// policy.
    pub(crate) max_receives: Option<u32>,
    pub(crate) retention: Option<Duration>,
}

/// A message, and the receipt of this delivery.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) delivered: Delivered,
    pub(crate) receipt: String,
    /// When it was received.
    pub(crate) since: Instant,
}

/// Returns how long a message that was received at `received` can still be hidden: SQS refuses more
/// than 12 hours in total, and would show it again at once.
pub(crate) fn hideable(since: Instant) -> Duration {
    /// A reserve for the two clocks, and for the duration of a call.
    const SPARE: Duration = Duration::from_mins(1);
    MAX_VISIBILITY.saturating_sub(since.elapsed()).saturating_sub(SPARE)
}

/// Returns a client with these timeouts where it has none.
pub(crate) fn with_timeouts(client: &Client, timeouts: Timeouts) -> Client {
    let config = client.config();
    let timeouts = timeouts.unless_set(config.timeout_config());
    Client::from_conf(config.to_builder().timeout_config(timeouts).build())
}

impl Queue {
    pub(crate) fn new(client: &Client, url: String) -> Self {
        // A long poll takes its time, whatever the client's own timeouts.
        let own = client.config().timeout_config().cloned();
        let own = own.map_or_else(TimeoutConfig::builder, TimeoutConfig::into_builder).build();
        let long = |set: Option<Duration>, least: Duration| set.map(|set| set.max(least));
        let mut patient = own.to_builder();
        patient
            .set_read_timeout(long(own.read_timeout(), RECEIVE.attempt))
            .set_operation_attempt_timeout(long(own.operation_attempt_timeout(), RECEIVE.attempt))
            .set_operation_timeout(long(own.operation_timeout(), RECEIVE.operation));
        let config = client.config().to_builder().timeout_config(patient.build());
        let receiver = with_timeouts(&Client::from_conf(config.build()), RECEIVE);
        Self { client: with_timeouts(client, QUICK), receiver, url }
    }

    /// Reads what the queue does with messages that are delivered again.
    pub(crate) async fn redrive(&self) -> Result<Redrive, CallError> {
        let call = self.client.get_queue_attributes().queue_url(&self.url);
        let call = call
            .attribute_names(QueueAttributeName::RedrivePolicy)
            .attribute_names(QueueAttributeName::MessageRetentionPeriod);
        let answer = call.send().await.map_err(|error| failure::of(&error))?;
        let attributes = answer.attributes().filter(|all| !all.is_empty());
        let attributes = attributes.ok_or_else(not_an_answer)?;
        let attribute = |name: &QueueAttributeName| attributes.get(name);
        let policy = attribute(&QueueAttributeName::RedrivePolicy);
        let policy = policy.and_then(|text| serde_json::from_str::<Policy>(text).ok());
        let retention = attribute(&QueueAttributeName::MessageRetentionPeriod);
        let retention = retention.and_then(|seconds| seconds.parse().ok());
        Ok(Redrive {
            max_receives: policy.and_then(|policy| policy.max_receives()),
            retention: retention.map(Duration::from_secs),
        })
    }

    /// Checks that the queue exists and may be read.
    pub(crate) async fn check(&self) -> Result<(), CallError> {
        let call = self.client.get_queue_attributes().queue_url(&self.url);
        let call = call.attribute_names(QueueAttributeName::VisibilityTimeout);
        let answer = call.send().await.map_err(|error| failure::of(&error))?;
        let attributes = answer.attributes().filter(|all| !all.is_empty());
        attributes.map(drop).ok_or_else(not_an_answer)
    }

    /// Reads about how many messages wait.
    pub(crate) async fn waiting(&self) -> Result<u64, CallError> {
        let call = self.client.get_queue_attributes().queue_url(&self.url);
        let call = call.attribute_names(QueueAttributeName::ApproximateNumberOfMessages);
        let answer = call.send().await.map_err(|error| failure::of(&error))?;
        let waiting = answer.attributes().and_then(|all| {
            all.get(&QueueAttributeName::ApproximateNumberOfMessages)?.parse().ok()
        });
        waiting.ok_or_else(not_an_answer)
    }

    /// Waits for messages, and hides them for the visibility timeout.
    pub(crate) async fn receive(
        &self,
        wait: Duration,
        visibility: Duration,
    ) -> Result<Vec<Received>, CallError> {
        let answer = self
            .receiver
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(i32::try_from(MAX_QUEUE_BATCH).unwrap_or(10))
            .wait_time_seconds(seconds(wait.min(MAX_QUEUE_WAIT)))
            .visibility_timeout(seconds(visibility))
            .message_system_attribute_names(Attribute::ApproximateReceiveCount)
            .message_system_attribute_names(Attribute::MessageGroupId)
            .message_system_attribute_names(Attribute::AwsTraceHeader)
            .message_attribute_names("All")
            .send()
            .await
            .map_err(|error| failure::of(&error))?;
        let (fifo, since) = (is_fifo(&self.url), Instant::now());
        let messages = answer.messages.unwrap_or_default().into_iter();
        Ok(messages.map(|message| received(message, fifo, since)).collect())
    }

    /// Deletes messages. Returns how many failed.
    pub(crate) async fn delete(&self, receipts: Vec<String>) -> usize {
        let receipts = receipts.into_iter().map(|receipt| (receipt, Duration::ZERO));
        self.settle(Change::Delete, receipts.collect()).await
    }

    /// Makes messages visible again after the given time. Returns how many failed.
    pub(crate) async fn hide(&self, messages: Vec<(String, Duration)>) -> usize {
        self.settle(Change::Hide, messages).await
    }

    /// Makes calls with as many messages as SQS allows, and retries entries that failed in a call
    /// that succeeded. Returns how many failed in the end.
    async fn settle(&self, change: Change, mut messages: Vec<(String, Duration)>) -> usize {
        let mut failed = 0;
        while !messages.is_empty() {
            let rest = messages.split_off(messages.len().min(MAX_QUEUE_BATCH));
            let mut batch = std::mem::replace(&mut messages, rest);
            for tried in 1.. {
                match self.call(change, &batch).await {
                    // An entry that is not reported as successful counts as failed.
                    Ok(done) => {
                        let mut at = 0;
                        batch.retain(|_| {
                            let id = at.to_string();
                            at += 1;
                            !done.contains(&id)
                        });
                    }
                    Err(error) => {
                        warn!(?change, %error, "failed to settle messages");
                        if !error.retryable {
                            failed += batch.len();
                            break;
                        }
                    }
                }
                if batch.is_empty() || TRIES.is_exhausted(tried) {
                    failed += batch.len();
                    break;
                }
                tokio::time::sleep(TRIES.delay(tried)).await;
            }
        }
        failed
    }

    /// Makes one call; its entries are named by their index. Returns the names of those that
    /// succeeded.
    async fn call(
        &self,
        change: Change,
        batch: &[(String, Duration)],
    ) -> Result<Vec<String>, CallError> {
        match change {
            Change::Delete => {
                let mut entries = Vec::with_capacity(batch.len());
                for (at, (receipt, _)) in batch.iter().enumerate() {
                    let entry = DeleteMessageBatchRequestEntry::builder()
                        .id(at.to_string())
                        .receipt_handle(receipt);
                    entries.push(entry.build().map_err(|error| incomplete(&error))?);
                }
                let call = self.client.delete_message_batch().queue_url(&self.url);
                let answer = call.set_entries(Some(entries)).send().await;
                let done = answer.map(|answer| answer.successful.into_iter().map(|it| it.id));
                done.map(Iterator::collect).map_err(|error| failure::of(&error))
            }
            Change::Hide => {
                let mut entries = Vec::with_capacity(batch.len());
                for (at, (receipt, span)) in batch.iter().enumerate() {
                    let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                        .id(at.to_string())
                        .receipt_handle(receipt)
                        .visibility_timeout(seconds(*span));
                    entries.push(entry.build().map_err(|error| incomplete(&error))?);
                }
                let call = self.client.change_message_visibility_batch().queue_url(&self.url);
                let answer = call.set_entries(Some(entries)).send().await;
                let done = answer.map(|answer| answer.successful.into_iter().map(|it| it.id));
                done.map(Iterator::collect).map_err(|error| failure::of(&error))
            }
        }
    }
}

/// The redrive policy of a queue, as JSON in an attribute. The number may be a string.
#[derive(Debug, Deserialize)]
pub(crate) struct Policy {
    #[serde(rename = "maxReceiveCount")]
    max_receive_count: serde_json::Value,
    #[serde(rename = "deadLetterTargetArn")]
    #[cfg_attr(not(feature = "service"), expect(dead_code, reason = "a service checks it"))]
    dead_letter_target: Option<String>,
}

impl Policy {
    /// The name of the dead-letter queue.
    #[cfg(feature = "service")]
    pub(crate) fn queue(&self) -> Option<&str> {
        self.dead_letter_target.as_deref()?.rsplit(':').next()
    }

    pub(crate) fn max_receives(&self) -> Option<u32> {
        let number = self.max_receive_count.as_u64().and_then(|count| u32::try_from(count).ok());
        number.or_else(|| self.max_receive_count.as_str()?.parse().ok())
    }
}

/// What a batch call does with its messages.
#[derive(Debug, Clone, Copy)]
enum Change {
    Delete,
    Hide,
}

/// A success without the requested attributes.
pub(crate) fn not_an_answer() -> CallError {
    CallError::new(
        "NotAnAnswer",
        "the response has no `Attributes`: expected a response from SQS",
        true,
    )
}

fn incomplete(error: &BuildError) -> CallError {
    CallError::new("NotSent", error.to_string(), false)
}

/// Whole seconds, rounded up, which is the unit of SQS.
fn seconds(span: Duration) -> i32 {
    let span = span.min(MAX_VISIBILITY);
    let seconds = span.as_secs() + u64::from(span.subsec_nanos() > 0);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

/// FIFO queues are recognised by their name at the end of the URL: SQS requires the suffix.
pub(crate) fn is_fifo(url: &str) -> bool {
    url.rsplit_once('.').is_some_and(|(_, suffix)| suffix == "fifo")
}

/// The groups of a standard queue are for fairness between tenants, and have no order.
fn received(message: Message, fifo: bool, since: Instant) -> Received {
    let attribute = |name: Attribute| message.attributes()?.get(&name).cloned();
    let receives = attribute(Attribute::ApproximateReceiveCount);
    let (group, trace) =
        (attribute(Attribute::MessageGroupId), attribute(Attribute::AwsTraceHeader));
    let group = group.filter(|_| fifo);
    let attributes = message.message_attributes.unwrap_or_default();
    let attributes = attributes
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.string_value?)))
        .collect();
    let receives = receives.and_then(|count| count.parse().ok()).unwrap_or(1);
    let id = message.message_id.unwrap_or_default();
    let record = Record::new(id, message.body.unwrap_or_default()).receives(receives);
    let trace = Trace::of_message(trace, &attributes);
    Received {
        delivered: Delivered::new(record).group(group).trace(trace).attributes(attributes),
        receipt: message.receipt_handle.unwrap_or_default(),
        since,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_rounded_up_to_valid_seconds_of_sqs() {
        assert_eq!(seconds(Duration::ZERO), 0);
        assert_eq!(seconds(Duration::from_millis(1)), 1);
        assert_eq!(seconds(Duration::from_millis(1500)), 2);
        assert_eq!(seconds(Duration::MAX), 43_200);
    }
}
