//! Sends dead letters to an SQS queue, with the reason as an attribute.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{
    MessageAttributeValue, MessageSystemAttributeNameForSends as SystemAttribute,
    MessageSystemAttributeValue,
};
use event_runtime::__internal::shown;
use event_runtime::consume::{DeadLetter, DeadLetters};
use event_runtime::limits::MAX_MESSAGE_BYTES;
use event_runtime::store::{BoxFuture, StoreError};
use tracing::warn;

use crate::failure::{self, CallError};
use crate::queue::{is_fifo, with_timeouts};
use crate::timeouts::QUICK;

/// The maximum size of a reason, in bytes: it counts towards the size of the message.
const MAX_REASON_BYTES: usize = 1024;

/// Smaller sizes in bytes for the attributes, tried in order if the queue refuses more.
const SMALLER_ROOMS: [usize; 4] = [128, 64, 32, 0];

/// The minimum size of a reason that is sent together with our other attributes.
const SHORTEST_REASON: usize = 40;

/// The index of the reason in [`Beside`], and the number of our attributes.
const REASON: usize = 1;
const OURS: usize = 5;

/// The type of an attribute, which counts towards the size.
const TEXT: &str = "String";

/// The maximum number of attributes of a message. Source: *Amazon SQS Developer Guide*, "Amazon SQS
/// message metadata".
const MAX_ATTRIBUTES: usize = 10;

/// A queue for dead letters. The message is sent unchanged, with these attributes, named like those
/// that EventBridge sets on its own dead letters:
///
/// - `ERROR_CODE`: `Poison`, `Unhandled`, `Permanent`, `Mismatch` or `Blocked`, see
///   [`DeadLetterKind`](event_runtime::consume::DeadLetterKind)
/// - `ERROR_MESSAGE`: the reason
/// - `CONSUMER`: the consumer that rejected the message
/// - the sender's attributes, as text, up to a total of ten, and the X-Ray header
/// - `MESSAGE_ID` and `RECEIVE_COUNT`: the message's ID in its queue, and how often it was
///   delivered
///
/// The body never changes, so that the message can be redriven. Attributes count towards the size of a
/// message: where it leaves little space the reason is cut, and attributes that do not fit are left out,
/// the sender's first. A message that leaves no space is sent alone, and its reason is a warning in the
/// log.
///
/// # Example
///
/// ```no_run
/// # fn example(sqs: event_aws::aws_sdk_sqs::Client, consumer: event_runtime::consume::Consumer) {
/// use std::sync::Arc;
/// use event_aws::{DeadLetterQueue, SqsPoller};
///
/// let queue = "https://sqs.eu-central-1.amazonaws.com/1/emailer";
/// let letters = DeadLetterQueue::new(sqs.clone(), format!("{queue}-failed"));
/// let poller = SqsPoller::new(sqs, queue, consumer).dead_letters(Arc::new(letters));
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DeadLetterQueue {
    client: Client,
    url: String,
}

impl DeadLetterQueue {
    /// Returns the queue with this URL. A call times out after 10 seconds, unless the client has
    /// its own timeout.
    #[expect(clippy::needless_pass_by_value, reason = "clients are handed over everywhere")]
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client: with_timeouts(&client, QUICK), url: url.into() }
    }

    async fn put(&self, letter: DeadLetter<'_>) -> Result<(), StoreError> {
        let all = Beside::of(&letter);
        let room = MAX_MESSAGE_BYTES.saturating_sub(letter.record.body.len());
        // The queue may accept less than SQS does, and then refuses the message.
        let smaller = SMALLER_ROOMS.into_iter().filter(|smaller| *smaller < room);
        let mut refusal = None;
        for room in std::iter::once(room).chain(smaller) {
            let fitting = all.fitting(room);
            match self.send(&letter, &fitting).await {
                Ok(()) => {
                    if fitting != all.0 {
                        let (consumer, reason) = (letter.consumer, shown(letter.reason));
                        let (record, code) = (shown(&letter.record.id), letter.kind.code());
                        warn!(%consumer, record, code, reason, "dead letter sent without all its attributes: the message leaves no space");
                    }
                    return Ok(());
                }
                Err(error) if is_too_large(&error) => refusal = Some(error),
                Err(error) => return Err(StoreError::new(error)),
            }
        }
        Err(refusal
            .map_or_else(|| StoreError::new("failed to send the dead letter"), StoreError::new))
    }

    async fn send(
        &self,
        letter: &DeadLetter<'_>,
        beside: &[(&str, String)],
    ) -> Result<(), CallError> {
        let record = letter.record;
        let mut send = self.client.send_message().queue_url(&self.url).message_body(&*record.body);
        // A FIFO dead-letter queue keeps the order within the original groups.
        if is_fifo(&self.url) {
            send = send
                .message_group_id(letter.group.unwrap_or("dead-letters"))
                .message_deduplication_id(&record.id);
        }
        if let Some(trace) = letter.trace.xray() {
            let header = MessageSystemAttributeValue::builder()
                .data_type("String")
                .string_value(trace)
                .build()
                .map_err(|error| not_sent(&error))?;
            send = send.message_system_attributes(SystemAttribute::AwsTraceHeader, header);
        }
        for (name, value) in beside {
            let value = MessageAttributeValue::builder()
                .data_type(TEXT)
                .string_value(value)
                .build()
                .map_err(|error| not_sent(&error))?;
            send = send.message_attributes(*name, value);
        }
        let sent = send.send().await.map_err(|error| failure::of(&error))?;
        // A message that is acknowledged for the response of a proxy would be lost.
        if sent.message_id().is_none_or(str::is_empty) {
            return Err(CallError::new(
                "NotAnAnswer",
                "the response has no `MessageId`: expected a response from SQS",
                true,
            ));
        }
        Ok(())
    }
}

/// The attributes of a dead letter, as names and values, the most important first.
#[derive(Debug)]
struct Beside<'a>(Vec<(&'a str, String)>);

impl<'a> Beside<'a> {
    fn of(letter: &DeadLetter<'a>) -> Self {
        let mut all = vec![
            ("ERROR_CODE", letter.kind.code().to_owned()),
            ("ERROR_MESSAGE", sendable(&shown(letter.reason))),
            ("CONSUMER", letter.consumer.as_str().to_owned()),
            ("MESSAGE_ID", sendable(&shown(&letter.record.id))),
            ("RECEIVE_COUNT", letter.record.receives.to_string()),
        ];
        // The sender's attributes are kept, as many as a message may have.
        for (name, value) in letter.attributes {
            let taken = all.iter().any(|(own, _)| own == name);
            if !taken && !value.is_empty() && all.len() < MAX_ATTRIBUTES {
                all.push((name, value.clone()));
            }
        }
        Self(all)
    }

    /// Returns the attributes that fit into this many bytes. The reason is cut to the size that our
    /// other attributes leave, and comes before them if that is little.
    fn fitting(&self, room: usize) -> Vec<(&'a str, String)> {
        let bytes = |(name, value): &(&str, String)| name.len() + TEXT.len() + value.len();
        let mut left = room;
        let mut fitting = Vec::with_capacity(self.0.len());
        for (at, own) in self.0.iter().enumerate() {
            let mut attribute = own.clone();
            if at == REASON {
                let others: usize = self.0[REASON + 1..OURS].iter().map(bytes).sum();
                let least = bytes(&(own.0, String::new())) + SHORTEST_REASON;
                let of_reason = if left >= others + least { left - others } else { left };
                let of_value = of_reason.saturating_sub(own.0.len() + TEXT.len());
                let end = own.1.floor_char_boundary(of_value);
                attribute.1.truncate(end);
            }
            match left.checked_sub(bytes(&attribute)) {
                Some(rest) if !attribute.1.is_empty() => {
                    left = rest;
                    fitting.push(attribute);
                }
                // Without the first attribute the others are of little use.
                _ if at == 0 => break,
                _ => {}
            }
        }
        fitting
    }
}

/// Whether the queue refused a message because of its size.
fn is_too_large(error: &CallError) -> bool {
    let is_of_a_parameter = error.code.contains("InvalidParameterValue");
    error.too_large || (is_of_a_parameter && error.message.contains("bytes"))
}

fn not_sent(error: &BuildError) -> CallError {
    CallError::new("NotSent", error.to_string(), false)
}

impl DeadLetters for DeadLetterQueue {
    fn send<'a>(&'a self, letter: DeadLetter<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.put(letter))
    }
}

/// Converts a text to a valid attribute value: not empty, not too long, and only characters that
/// XML allows. Source: *Amazon SQS API Reference*, `SendMessage`.
fn sendable(text: &str) -> String {
    let mut sendable = String::new();
    for character in text.chars() {
        let allowed = matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
        let character = if allowed { character } else { '\u{fffd}' };
        if sendable.len() + character.len_utf8() > MAX_REASON_BYTES {
            break;
        }
        sendable.push(character);
    }
    if sendable.is_empty() { "-".to_owned() } else { sendable }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_sqs_refuses_are_not_sent() {
        assert_eq!(sendable("line\nü\u{0}\u{1b}\u{ffff}"), "line\nü\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(sendable(""), "-");
        assert_eq!(sendable(&"€".repeat(1000)).len(), 1023);
    }
}
