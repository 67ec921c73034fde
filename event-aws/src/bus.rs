//! EventBridge as the bus of a publisher.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::config::timeout::TimeoutConfig;
use aws_sdk_eventbridge::operation::describe_event_bus::DescribeEventBusError;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};

use crate::failure::{self, CallError};
use event_runtime::publish::{Entry, EntryOutcome, Transport, TransportError};
use event_runtime::trace;

/// For how long one call is waited for.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest `TraceHeader`. Source: *Amazon EventBridge API Reference*, `PutEventsRequestEntry`
/// (model: 1 to 500).
const MAX_TRACE_HEADER_CHARS: usize = 500;

/// A bus on EventBridge: the [`Transport`] of a [`Publisher`](event_runtime::publish::Publisher).
///
/// The SDK's own retries are turned off here. They repeat whole requests, know nothing of entries
/// that failed within a request that succeeded, and would multiply with the publisher's, whose
/// back-off is the one setting that counts (ADR 0016).
///
/// # Example
///
/// ```no_run
/// # async fn run(client: event_aws::aws_sdk_eventbridge::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use event_aws::EventBridge;
/// use event_runtime::publish::Publisher;
///
/// // `client`: `aws_sdk_eventbridge::Client::new(&aws_config::load_from_env().await)`
/// let bus = EventBridge::new(&client, "orders");
/// bus.check().await?;
/// let publisher = Publisher::new(bus);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct EventBridge {
    client: Client,
    bus: String,
}

/// Why a bus is not to be published on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BusCheckError {
    /// There is no such bus. `PutEvents` may say that it succeeded all the same, and drop the events.
    #[error("there is no bus `{bus}` in this account and region")]
    NoSuchBus {
        /// The name or ARN that was asked for.
        bus: String,
    },
    /// EventBridge did not tell.
    #[error("bus `{bus}` could not be described (`events:DescribeEventBus`): {error}")]
    Call {
        /// The name or ARN that was asked for.
        bus: String,
        /// What came instead.
        error: CallError,
    },
}

impl EventBridge {
    /// The bus of this name or ARN, over a client with the same settings but without retries. A call
    /// without an answer is given up after 10 seconds, if the client does not say otherwise.
    pub fn new(client: &Client, bus: impl Into<String>) -> Self {
        let config = client.config();
        let timeouts = config.timeout_config().cloned();
        let mut timeouts = timeouts.map_or_else(TimeoutConfig::builder, |set| set.to_builder());
        if client.config().timeout_config().is_none_or(|set| set.operation_timeout().is_none()) {
            timeouts = timeouts.operation_timeout(CALL_TIMEOUT);
        }
        let config = config
            .to_builder()
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts.build())
            .build();
        Self { client: Client::from_conf(config), bus: bus.into() }
    }

    /// Whether the bus is there. Ask once, when the service starts: publishing on a bus that does not
    /// exist may look like success.
    ///
    /// # Errors
    ///
    /// [`BusCheckError`].
    pub async fn check(&self) -> Result<(), BusCheckError> {
        match self.client.describe_event_bus().name(&self.bus).send().await {
            Ok(answer) if answer.arn().is_some_and(|arn| !arn.is_empty()) => Ok(()),
            Ok(_) => {
                let error = CallError {
                    code: "NotAnAnswer".to_owned(),
                    message: "the response has no `Arn`: expected a response from EventBridge"
                        .to_owned(),
                    retryable: true,
                };
                Err(BusCheckError::Call { bus: self.bus.clone(), error })
            }
            Err(error) => {
                let bus = self.bus.clone();
                let described = error.as_service_error();
                if described.is_some_and(DescribeEventBusError::is_resource_not_found_exception) {
                    return Err(BusCheckError::NoSuchBus { bus });
                }
                Err(BusCheckError::Call { bus, error: failure::of(&error) })
            }
        }
    }

    fn request(&self, entry: &Entry, trace: Option<&String>) -> PutEventsRequestEntry {
        let time = entry.time.and_then(|time| DateTime::from_nanos(time.as_nanosecond()).ok());
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(&*entry.source)
            .detail_type(&*entry.detail_type)
            .detail(&entry.detail)
            .set_time(time)
            .set_resources((!entry.resources.is_empty()).then(|| entry.resources.clone()))
            .set_trace_header(trace.cloned())
            .build()
    }
}

impl Transport for EventBridge {
    async fn put(&self, entries: &[Entry]) -> Result<Vec<EntryOutcome>, TransportError> {
        let trace = trace::current().filter(|header| header.len() <= MAX_TRACE_HEADER_CHARS);
        let requests = entries.iter().map(|entry| self.request(entry, trace.as_ref())).collect();
        match self.client.put_events().set_entries(Some(requests)).send().await {
            Ok(answer) => Ok(answer.entries().iter().map(outcome).collect()),
            Err(error) => {
                let CallError { code, message, retryable } = failure::of(&error);
                Err(TransportError { retryable, code, message })
            }
        }
    }
}

/// An entry with an id is on the bus; one with a code, or with neither, is not.
fn outcome(entry: &PutEventsResultEntry) -> EntryOutcome {
    match (entry.error_code(), entry.event_id()) {
        (None, Some(id)) if !id.is_empty() => {
            EntryOutcome::Accepted { aws_event_id: id.to_owned() }
        }
        (code, _) => EntryOutcome::Failed {
            code: code.unwrap_or("NoEventId").to_owned(),
            message: entry.error_message().unwrap_or("no message").to_owned(),
        },
    }
}
