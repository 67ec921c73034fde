//! The AWS X-Ray trace header that travels with a message, as opaque text.
//!
//! A poller runs each handler [`within`] the message's header, and a publisher uses the [`current`]
//! one. So an event that a handler publishes belongs to the trace of the event that caused it. A
//! future that is spawned as a task of its own leaves the scope.

use std::future::Future;

/// The variable with the header of the current Lambda invocation. Source: *AWS Lambda Developer
/// Guide*, "Defined runtime environment variables".
pub const TRACE_VARIABLE: &str = "_X_AMZN_TRACE_ID";

tokio::task_local! {
    static HEADER: String;
}

/// Runs a future within the trace of this header; without one, in the current trace.
pub async fn within<F: Future>(header: Option<String>, work: F) -> F::Output {
    match header {
        Some(header) => HEADER.scope(header, work).await,
        None => work.await,
    }
}

/// Returns the trace header: that of the scope, or that of the current Lambda invocation.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use event_runtime::trace;
///
/// let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1".to_owned();
/// let seen = trace::within(Some(header.clone()), async { trace::current() }).await;
/// assert_eq!(seen, Some(header));
/// # }
/// ```
pub fn current() -> Option<String> {
    let scoped = HEADER.try_with(Clone::clone).ok();
    scoped.or_else(|| std::env::var(TRACE_VARIABLE).ok()).filter(|header| !header.is_empty())
}
