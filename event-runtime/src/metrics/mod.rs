//! Counts and times for the [`metrics`](https://docs.rs/metrics) facade (feature `metrics`).
//!
//! Install an exporter in `main`, before the first event is published or handled: a publisher and a
//! consumer ask for their instruments once, when they first use them. Exporters exist for Prometheus
//! (`metrics-exporter-prometheus`), for CloudWatch's embedded metric format
//! (`metrics_cloudwatch_embedded`) and for OpenTelemetry. Without the feature nothing is compiled in,
//! and without an exporter an instrument does nothing.
//!
//! Counters end in `_total`; a time is in seconds. The values of labels are bounded: the name of a
//! consumer, a detail-type (`order.placed:v1`) that the service itself publishes or handles, and the
//! words of this table. No label is taken from a message: no ID, no payload, no text of an error.
//!
//! A publisher:
//!
//! | name | kind | unit | labels | counts |
//! |---|---|---|---|---|
//! | `event_published_total` | counter | entries | `detail_type` | entries that the bus accepted |
//! | `event_publish_rejected_total` | counter | entries | `detail_type`, `reason`: `invalid`, `refused`, `exhausted` | entries that are not on the bus: not valid, refused by the bus, or tried as often as the back-off allows |
//! | `event_publish_retried_total` | counter | entries | `detail_type` | entries that were sent again |
//! | `event_publish_calls_total` | counter | calls | `result`: `ok`, `error` | calls; an error is a call that failed as a whole |
//! | `event_publish_call_seconds` | histogram | seconds | – | how long each call took |
//! | `event_publish_batch_size` | histogram | entries | – | how many entries each call had |
//!
//! A consumer; a message is counted in exactly one of the first seven:
//!
//! | name | kind | unit | labels | counts |
//! |---|---|---|---|---|
//! | `event_handled_total` | counter | events | `consumer` | events that were handled and marked as done |
//! | `event_duplicates_total` | counter | events | `consumer` | events that were already handled |
//! | `event_skipped_total` | counter | events | `consumer` | events without a handler that were skipped |
//! | `event_busy_total` | counter | events | `consumer` | events that another worker was handling |
//! | `event_retried_total` | counter | messages | `consumer` | messages that must be delivered again: transient failures, and messages that were not started |
//! | `event_lease_lost_total` | counter | events | `consumer` | handlers that lost their lease |
//! | `event_dead_letters_total` | counter | messages | `consumer`, `reason`: `poison`, `unhandled`, `permanent`, `mismatch`, `blocked` | messages that no retry will fix |
//! | `event_handler_seconds` | histogram | seconds | `consumer`, `detail_type`, `result`: `ok`, `error` | how long each handler ran; an error is also a panic, a time limit or a stop |
//! | `event_age_seconds` | histogram | seconds | `consumer`, `detail_type` | the age of each event when its handler started: the time since its `occurredAt` |
//! | `event_batch_size` | histogram | messages | `consumer` | how many messages each batch had |
//!
//! A poller of `event-aws` adds:
//!
//! | name | kind | unit | labels | counts |
//! |---|---|---|---|---|
//! | `event_backlog` | gauge | messages | `consumer` | about how many messages wait in the queue, read every half minute by a service |
//! | `event_receives_total` | counter | calls | `consumer`, `result`: `ok`, `error` | receive calls |
//!
//! # Prometheus, in a container
//!
//! ```ignore (needs metrics-exporter-prometheus)
//! // serves http://0.0.0.0:9000/metrics
//! metrics_exporter_prometheus::PrometheusBuilder::new().install()?;
//! ```
//!
//! # EMF, in a Lambda function
//!
//! CloudWatch reads metrics out of log lines of the function. Write them at the end of each
//! invocation, before the function is frozen:
//!
//! ```ignore (needs metrics_cloudwatch_embedded)
//! let metrics = metrics_cloudwatch_embedded::Builder::new().cloudwatch_namespace("orders").init()?;
//! let function = event_aws::lambda::Function::new(consumer)
//!     .after_each(|| _ = metrics.flush(std::io::stdout()));
//! event_aws::lambda::run_sqs(function).await
//! ```
//!
//! An exporter of your own implements `metrics::Recorder`.

#[cfg(not(feature = "metrics"))]
mod off;
#[cfg(feature = "metrics")]
mod on;

#[cfg(not(feature = "metrics"))]
pub(crate) use off::{ConsumerMetrics, HandlerMetrics, PublisherMetrics};
#[cfg(feature = "metrics")]
pub use on::describe;
#[cfg(feature = "metrics")]
pub(crate) use on::{ConsumerMetrics, HandlerMetrics, PublisherMetrics};

/// Why an entry is not on the bus.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(feature = "metrics"), allow(dead_code, reason = "nothing reads it then"))]
pub(crate) enum Unpublished {
    Invalid,
    Refused,
    Exhausted,
}
