//! From the deadline of an invocation to when to stop.

use std::time::{Duration, SystemTime};

use lambda_runtime::Context;
use tokio::time::Instant;

use crate::consume::Stop;

/// How long before its deadline a function stops, if not said otherwise.
pub const DEFAULT_MARGIN: Duration = Duration::from_millis(500);

/// Nothing is begun from `margin` before the deadline on, and half of that later what runs is
/// dropped. A deadline of 0 is none: a runtime that does not tell.
pub fn stop_before(context: &Context, margin: Duration) -> Stop {
    if context.deadline == 0 {
        return Stop::never();
    }
    let left = context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
    let now = Instant::now();
    Stop::at(now + left.saturating_sub(margin), now + left.saturating_sub(margin / 2))
}
