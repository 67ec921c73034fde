//! The health of a service: what each poller did last, as data and as a response.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::health::PollerHealth;

/// A queue that has not responded for this long is a failure.
const FAILING: Duration = Duration::from_mins(1);

/// The health of a service. Cheap to clone; clones refer to the same service.
///
/// # Example
///
/// ```
/// # fn example(service: event_aws::service::Service) {
/// let health = service.health();
/// let report = health.report();
/// assert!(!report.healthy, "it has not started");
///
/// // With the feature `axum`, for a health check of the container:
/// // Router::new().route("/health", get(health.handler()))
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct ServiceHealth(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    state: ServiceState,
    pollers: BTreeMap<String, PollerHealth>,
}

/// What a service does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ServiceState {
    /// It checks what it needs.
    #[default]
    Starting,
    /// Its consumers run.
    Running,
    /// It lets running handlers finish.
    Stopping,
    /// It has ended.
    Stopped,
}

/// The health of a service at one time. As JSON its names are in camel case.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HealthReport {
    /// Whether it runs, and each queue has responded within the last minute.
    pub healthy: bool,
    /// What it does.
    pub state: ServiceState,
    /// Each consumer, by name.
    pub consumers: BTreeMap<String, ConsumerHealth>,
}

/// The health of one consumer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConsumerHealth {
    /// Seconds since its queue last responded to a receive call.
    pub last_receive_seconds: Option<f64>,
    /// Seconds since a message was last deleted or returned.
    pub last_settle_seconds: Option<f64>,
    /// Seconds for which all receive calls have failed, if the last one did.
    pub failing_seconds: Option<f64>,
    /// Receive calls that failed since the last one that succeeded.
    pub failures: u64,
    /// The code of the last failure. Its text is in the log.
    pub last_error: Option<String>,
    /// About how many messages wait in its queue, if that is known.
    pub backlog: Option<u64>,
}

impl ServiceHealth {
    /// Returns the health now.
    pub fn report(&self) -> HealthReport {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failing = |poller: &PollerHealth| poller.failing_for().is_some_and(|it| it >= FAILING);
        let running = state.state == ServiceState::Running;
        let consumers = state.pollers.iter().map(|(name, poller)| {
            let seconds = |span: Option<Duration>| span.map(|span| span.as_secs_f64());
            let health = ConsumerHealth {
                last_receive_seconds: seconds(poller.last_receive()),
                last_settle_seconds: seconds(poller.last_settle()),
                failing_seconds: seconds(poller.failing_for()),
                failures: poller.failures(),
                last_error: poller.last_error().map(|error| error.code),
                backlog: poller.backlog(),
            };
            (name.clone(), health)
        });
        HealthReport {
            healthy: running && !state.pollers.values().any(failing),
            state: state.state,
            consumers: consumers.collect(),
        }
    }

    pub(super) fn set(&self, state: ServiceState) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).state = state;
    }

    pub(super) fn add(&self, consumer: String, poller: PollerHealth) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.pollers.insert(consumer, poller);
    }
}

#[cfg(feature = "axum")]
mod response {
    use std::future::{Ready, ready};

    use axum_core::response::{IntoResponse, Response};
    use http::StatusCode;
    use http::header::CONTENT_TYPE;

    use super::{HealthReport, ServiceHealth};

    impl IntoResponse for HealthReport {
        /// The report as JSON, with status 200 if it is healthy and 503 if it is not.
        fn into_response(self) -> Response {
            let ok = if self.healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            // Names and numbers: this cannot fail.
            let body = serde_json::to_string(&self).unwrap_or_default();
            (ok, [(CONTENT_TYPE, "application/json")], body).into_response()
        }
    }

    impl ServiceHealth {
        /// Returns a handler of axum that responds with the report (feature `axum`).
        ///
        /// # Example
        ///
        /// ```
        /// # fn example(service: event_aws::service::Service) {
        /// use axum::Router;
        /// use axum::routing::get;
        ///
        /// let router: Router = Router::new().route("/health", get(service.health().handler()));
        /// # }
        /// ```
        pub fn handler(&self) -> impl Fn() -> Ready<HealthReport> + Clone + Send + Sync + 'static {
            let health = self.clone();
            move || ready(health.report())
        }
    }
}
