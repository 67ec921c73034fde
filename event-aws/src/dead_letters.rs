//! Dead letters in a queue of SQS, with the reason beside the message.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    MessageAttributeValue, MessageSystemAttributeNameForSends as SystemAttribute,
    MessageSystemAttributeValue,
};

use crate::failure;
use crate::queue::with_timeouts;
use crate::timeouts::QUICK;
use event_runtime::__internal::shown;
use event_runtime::consume::{DeadLetter, DeadLetters};
use event_runtime::store::{BoxFuture, StoreError};

/// Bytes of a reason that are kept: it counts towards the size of the message.
const MAX_REASON_BYTES: usize = 1024;

/// Attributes of a message, at most. Source: *Amazon SQS Developer Guide*, "Amazon SQS message
/// metadata".
const MAX_ATTRIBUTES: usize = 10;

/// A queue for dead letters. The message is sent as it came, with these attributes, named in the
/// style of those that EventBridge sets on its own dead letters:
///
/// - `ERROR_CODE`: `Poison`, `Unhandled`, `Permanent`, `Mismatch` or `Blocked`, as
///   [`DeadLetterKind`](event_runtime::consume::DeadLetterKind) has them
/// - `ERROR_MESSAGE`: the reason
/// - `CONSUMER`: who gave it up
/// - those of the sender, as text, as long as there are no more than ten in all; and the X-Ray header
/// - `MESSAGE_ID` and `RECEIVE_COUNT`: by what its queue knew it, and how often it was delivered
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
    /// The queue with this URL. A call without an answer is given up after 10 seconds, if the client
    /// does not say otherwise.
    #[expect(clippy::needless_pass_by_value, reason = "clients are handed over everywhere")]
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client: with_timeouts(&client, QUICK), url: url.into() }
    }

    /// By its name, in which SQS takes no other spelling.
    fn is_fifo(&self) -> bool {
        self.url.rsplit_once('.').is_some_and(|(_, suffix)| suffix == "fifo")
    }

    async fn put(&self, letter: DeadLetter<'_>) -> Result<(), StoreError> {
        let DeadLetter { consumer, record, group, trace, attributes, kind, reason, .. } = letter;
        let mut send = self.client.send_message().queue_url(&self.url).message_body(&*record.body);
        // A FIFO queue of dead letters keeps the order of the groups that they stood in.
        if self.is_fifo() {
            send = send
                .message_group_id(group.unwrap_or("dead-letters"))
                .message_deduplication_id(&record.id);
        }
        let (message, id) = (sendable(&shown(reason)), sendable(&shown(&record.id)));
        let receives = record.receives.to_string();
        let ours = [
            ("ERROR_CODE", kind.code()),
            ("ERROR_MESSAGE", &message),
            ("CONSUMER", consumer.as_str()),
            ("MESSAGE_ID", &id),
            ("RECEIVE_COUNT", &receives),
        ];
        // Those of the sender stay, as many as a message may have.
        let theirs = attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let theirs = theirs.filter(|(name, value)| {
            let taken = ours.iter().any(|(own, _)| own == name);
            !taken && !value.is_empty()
        });
        let theirs = theirs.take(MAX_ATTRIBUTES - ours.len());
        if let Some(trace) = trace.filter(|trace| !trace.is_empty()) {
            let header = MessageSystemAttributeValue::builder()
                .data_type("String")
                .string_value(trace)
                .build()
                .map_err(StoreError::new)?;
            send = send.message_system_attributes(SystemAttribute::AwsTraceHeader, header);
        }
        for (name, value) in ours.into_iter().chain(theirs) {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()
                .map_err(StoreError::new)?;
            send = send.message_attributes(name, value);
        }
        match send.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(StoreError::new(failure::of(&error))),
        }
    }
}

impl DeadLetters for DeadLetterQueue {
    fn send<'a>(&'a self, letter: DeadLetter<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.put(letter))
    }
}

/// What SQS takes as an attribute: not empty, not long, and none but the characters of XML. Source:
/// *Amazon SQS API Reference*, `SendMessage`.
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
    fn what_sqs_refuses_is_not_sent() {
        assert_eq!(sendable("line\nü\u{0}\u{1b}\u{ffff}"), "line\nü\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(sendable(""), "-");
        assert_eq!(sendable(&"€".repeat(1000)).len(), 1023);
    }
}
