//! The EventBridge transport of a publisher.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::config::timeout::TimeoutConfig;
use aws_sdk_eventbridge::operation::describe_event_bus::DescribeEventBusError;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use event_runtime::publish::{Entry, EntryOutcome, Refusal, Transport, TransportError};
use event_runtime::store::BoxFuture;
use event_runtime::trace;

use crate::failure::{self, CallError};

/// The timeout of one call.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest `TraceHeader`. Source: *Amazon EventBridge API Reference*, `PutEventsRequestEntry`
/// (model: 1 to 500).
const MAX_TRACE_HEADER_CHARS: usize = 500;

/// A bus on EventBridge: the [`Transport`] of a [`Publisher`](event_runtime::publish::Publisher).
///
/// The SDK's own retries are turned off here. They repeat whole requests, do not see entries that
/// failed in a request that succeeded, and would multiply with the publisher's retries. Only the
/// publisher's back-off counts (ADR 0016).
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

/// Why a bus cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BusCheckError {
    /// The bus does not exist. `PutEvents` may report success nevertheless and drop the events.
    #[error("bus `{bus}` does not exist in this account and region")]
    NoSuchBus {
        /// The name or ARN of the bus.
        bus: String,
    },
    /// EventBridge did not describe the bus.
    #[error("failed to describe bus `{bus}` (`events:DescribeEventBus`): {error}")]
    Call {
        /// The name or ARN of the bus.
        bus: String,
        /// The error of the call.
        error: CallError,
    },
}

impl EventBridge {
    /// Returns the bus with this name or ARN, on a client with the same settings but without
    /// retries. A call times out after 10 seconds, unless the client has its own timeout.
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

    /// Checks that the bus exists. Call it once, when the service starts: publishing to a bus that
    /// does not exist may look like success.
    ///
    /// # Errors
    ///
    /// [`BusCheckError`].
    pub async fn check(&self) -> Result<(), BusCheckError> {
        match self.client.describe_event_bus().name(&self.bus).send().await {
            Ok(answer) if answer.arn().is_some_and(|arn| !arn.is_empty()) => Ok(()),
            Ok(_) => {
                let error = CallError::new(
                    "NotAnAnswer",
                    "the response has no `Arn`: expected a response from EventBridge",
                    true,
                );
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

    fn request(&self, entry: &Entry, trace: Option<&str>) -> PutEventsRequestEntry {
        let time = entry.time.and_then(|time| DateTime::from_nanos(time.as_nanosecond()).ok());
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(&*entry.source)
            .detail_type(&*entry.detail_type)
            .detail(&entry.detail)
            .set_time(time)
            .set_resources((!entry.resources.is_empty()).then(|| entry.resources.clone()))
            .set_trace_header(trace.map(str::to_owned))
            .build()
    }
}

impl Transport for EventBridge {
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
        Box::pin(async move {
            let trace = trace::current();
            let header = trace.xray().filter(|it| it.len() <= MAX_TRACE_HEADER_CHARS);
            let requests = entries.iter().map(|it| self.request(it, header.as_deref())).collect();
            match self.client.put_events().set_entries(Some(requests)).send().await {
                Ok(answer) => Ok(answer.entries().iter().map(outcome).collect()),
                Err(error) => Err(failure::of(&error).into()),
            }
        })
    }
}

/// The error codes of entries that AWS asks to retry. All others are permanent: a retry of the same
/// entry has the same result. Source: *Amazon EventBridge API Reference*, `PutEventsResultEntry`.
const RETRYABLE_CODES: [&str; 2] = ["ThrottlingException", "InternalFailure"];

/// An entry with an ID is on the bus; one with an error code, or with neither, is not.
fn outcome(entry: &PutEventsResultEntry) -> EntryOutcome {
    match (entry.error_code(), entry.event_id()) {
        (None, Some(id)) if !id.is_empty() => EntryOutcome::accepted(id),
        (code, _) => {
            let code = code.unwrap_or("NoEventId");
            let message = entry.error_message().unwrap_or("no message");
            EntryOutcome::Refused(if RETRYABLE_CODES.contains(&code) {
                Refusal::retryable(code, message)
            } else {
                Refusal::permanent(code, message)
            })
        }
    }
}

impl From<CallError> for TransportError {
    fn from(error: CallError) -> Self {
        let CallError { code, message, retryable, too_large } = error;
        match (too_large, retryable) {
            (true, _) => Self::too_large(code, message),
            (false, true) => Self::retryable(code, message),
            (false, false) => Self::permanent(code, message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_entry_codes_are_permanent() {
        let refusal = |code: &str| {
            let entry = PutEventsResultEntry::builder().error_code(code).error_message("no");
            match outcome(&entry.build()) {
                EntryOutcome::Refused(refusal) => refusal,
                other => panic!("{other:?}"),
            }
        };
        for code in RETRYABLE_CODES {
            assert_eq!(refusal(code), Refusal::retryable(code, "no"));
        }
        // The error codes of whole calls are not those of entries.
        for code in ["SomethingNew", "", "throttlingexception", "Throttling", "MalformedDetail"] {
            assert_eq!(refusal(code), Refusal::permanent(code, "no"));
        }
    }

    #[test]
    fn entries_without_an_event_id_are_refused() {
        let none = PutEventsResultEntry::builder().build();
        let refused = EntryOutcome::Refused(Refusal::permanent("NoEventId", "no message"));
        assert_eq!(outcome(&none), refused);
        let empty = PutEventsResultEntry::builder().event_id("").build();
        assert_eq!(outcome(&empty), refused);
        let both = PutEventsResultEntry::builder().event_id("7").error_code("InternalFailure");
        let refused = EntryOutcome::Refused(Refusal::retryable("InternalFailure", "no message"));
        assert_eq!(outcome(&both.build()), refused);
        let one = PutEventsResultEntry::builder().event_id("7").build();
        assert_eq!(outcome(&one), EntryOutcome::accepted("7"));
    }
}
