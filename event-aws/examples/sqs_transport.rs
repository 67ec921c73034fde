//! A transport of your own: each entry becomes a message of one SQS queue, without a bus in between.
//!
//! For a service with a single consumer and without a bus, or for a bridge to another network. The
//! message is the bare envelope, which a consumer decodes by default (`Wrapping::EventOrEnvelope`).
//!
//! ```sh
//! QUEUE_URL=https://sqs.eu-central-1.amazonaws.com/1/orders AWS_REGION=eu-central-1 \
//!     AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… \
//!     cargo run -p event-aws --features sqs --example sqs_transport
//! ```

use std::env;
use std::error::Error;

use event_aws::CallError;
use event_aws::aws_sdk_sqs::Client;
use event_aws::aws_sdk_sqs::config::{BehaviorVersion, Config, Credentials, Region};
use event_aws::aws_sdk_sqs::error::BuildError;
use event_aws::aws_sdk_sqs::operation::send_message_batch::SendMessageBatchOutput;
use event_aws::aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use event_runtime::Event;
use event_runtime::publish::{Entry, EntryOutcome, Publisher, Refusal, Transport, TransportError};
use event_runtime::store::BoxFuture;
use event_runtime::trace::{self, TRACEPARENT};
use serde::{Deserialize, Serialize};

/// A queue as a bus.
#[derive(Debug, Clone)]
pub(crate) struct QueueTransport {
    client: Client,
    url: String,
}

impl QueueTransport {
    /// Returns the queue with this URL.
    pub(crate) fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    /// Makes one call. The publisher passes at most ten entries, within the size limit of a queue.
    async fn send(&self, entries: &[Entry]) -> Result<Vec<EntryOutcome>, TransportError> {
        // The consumer finds the trace in the attributes: X-Ray's own header is not needed.
        let trace = trace::current();
        let traceparent = trace.traceparent().map(|parent| {
            MessageAttributeValue::builder().data_type("String").string_value(parent).build()
        });
        let traceparent = traceparent.transpose().map_err(|error| not_sent(&error))?;
        let mut requests = Vec::with_capacity(entries.len());
        for (at, entry) in entries.iter().enumerate() {
            let request = SendMessageBatchRequestEntry::builder()
                .id(at.to_string())
                .message_body(&entry.detail)
                .set_message_attributes(
                    traceparent.clone().map(|it| [(TRACEPARENT.to_owned(), it)].into()),
                )
                .build()
                .map_err(|error| not_sent(&error))?;
            requests.push(request);
        }
        let call = self.client.send_message_batch().queue_url(&self.url);
        match call.set_entries(Some(requests)).send().await {
            Ok(answer) => Ok((0..entries.len()).map(|at| outcome(&answer, at)).collect()),
            Err(error) => {
                let error = CallError::from(&error);
                // The publisher splits such a call and remembers the size.
                if error.code.ends_with("BatchRequestTooLong") {
                    return Err(TransportError::too_large(error.code, error.message));
                }
                Err(error.into())
            }
        }
    }
}

impl Transport for QueueTransport {
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
        Box::pin(self.send(entries))
    }
}

fn not_sent(error: &BuildError) -> TransportError {
    TransportError::permanent("NotSent", error.to_string())
}

/// The result of an entry. SQS identifies it by the ID in the request, in any order.
fn outcome(answer: &SendMessageBatchOutput, at: usize) -> EntryOutcome {
    let id = at.to_string();
    if let Some(sent) = answer.successful().iter().find(|it| it.id() == id) {
        return EntryOutcome::accepted(sent.message_id());
    }
    let Some(failed) = answer.failed().iter().find(|it| it.id() == id) else {
        return EntryOutcome::Refused(Refusal::retryable(
            "NotNamed",
            "the answer has no such entry",
        ));
    };
    let message = failed.message().unwrap_or("no message");
    EntryOutcome::Refused(if failed.sender_fault() {
        Refusal::permanent(failed.code(), message)
    } else {
        Refusal::retryable(failed.code(), message)
    })
}

/// The published event. `#[derive(Event)]` writes the impl if a schema exists.
#[derive(Debug, Serialize, Deserialize)]
struct OrderPlaced {
    order_id: String,
}

impl Event for OrderPlaced {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const VERSION: &'static str = "v1";
    const SOURCE: &'static str = "app.shop";
    const DETAIL_TYPE: &'static str = "order.placed:v1";
}

/// Returns a client with the credentials of the environment.
fn client() -> Result<Client, env::VarError> {
    let (key, secret) = (env::var("AWS_ACCESS_KEY_ID")?, env::var("AWS_SECRET_ACCESS_KEY")?);
    let session = env::var("AWS_SESSION_TOKEN").ok();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(env::var("AWS_REGION")?))
        .credentials_provider(Credentials::new(key, secret, session, None, "environment"));
    Ok(Client::from_conf(config.build()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let publisher = Publisher::new(QueueTransport::new(client()?, env::var("QUEUE_URL")?));
    let accepted = publisher.publish(OrderPlaced { order_id: "A-1".to_owned() }).await;
    accepted.into_result()?;
    Ok(())
}
