//! The instruments of a poller; `event_runtime::metrics` documents them.
//!
//! These are asked for a few times a second, so no handle is kept.

/// Counts a receive call.
#[cfg(feature = "metrics")]
pub(crate) fn received(consumer: &str, ok: bool) {
    let result = if ok { "ok" } else { "error" };
    let consumer = consumer.to_owned();
    ::metrics::counter!("event_receives_total", "consumer" => consumer, "result" => result)
        .increment(1);
}

/// Sets how many messages wait.
#[cfg(all(feature = "metrics", feature = "service"))]
pub(crate) fn backlog(consumer: &str, messages: u64) {
    let messages = u32::try_from(messages).unwrap_or(u32::MAX);
    ::metrics::gauge!("event_backlog", "consumer" => consumer.to_owned()).set(f64::from(messages));
}

/// Counts nothing: the feature is off.
#[cfg(not(feature = "metrics"))]
pub(crate) fn received(_: &str, _: bool) {}

/// Sets nothing: the feature is off.
#[cfg(all(not(feature = "metrics"), feature = "service"))]
pub(crate) fn backlog(_: &str, _: u64) {}
