//! From the deadline of an invocation to when to stop.

use std::time::{Duration, SystemTime};

use lambda_runtime::Context;
use tokio::time::Instant;
use tracing::error;

use event_runtime::consume::Stop;

/// How long before its deadline a function stops, if not said otherwise.
pub const DEFAULT_MARGIN: Duration = Duration::from_millis(500);

/// The shortest margin: an answer needs some time to get out.
const LEAST_MARGIN: Duration = Duration::from_millis(50);

/// Nothing is begun from `margin` before the deadline on, half of that later what runs is dropped, and
/// a tenth of it before the deadline everything is over, for the answer to be there in time. A margin
/// of less than 50 milliseconds is taken for that. A deadline of 0 is none: a runtime that does not
/// tell.
///
/// A margin as long as the function's time-out leaves no time to begin anything. It is told as an error
/// in the log each time.
pub fn stop_before(context: &Context, margin: Duration) -> Stop {
    if context.deadline == 0 {
        return Stop::never();
    }
    let margin = margin.max(LEAST_MARGIN);
    let left = context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
    if left <= margin {
        error!(
            ?margin,
            ?left,
            "no message is begun: the margin is as long as the function's time-out, or longer"
        );
    }
    let now = Instant::now();
    let before = |span: Duration| now + left.saturating_sub(span);
    Stop::ending_at(before(margin), before(margin / 2), before(margin / 10))
}
