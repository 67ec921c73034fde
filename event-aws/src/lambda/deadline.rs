//! Converts the deadline of an invocation to a stop.

use std::time::{Duration, SystemTime};

use event_runtime::consume::Stop;
use lambda_runtime::Context;
use tokio::time::Instant;
use tracing::error;

/// The default margin before the deadline.
pub const DEFAULT_MARGIN: Duration = Duration::from_millis(500);

/// The shortest margin: the response needs some time.
const LEAST_MARGIN: Duration = Duration::from_millis(50);

/// Stops `margin` before the deadline: from then on no message is begun. Half of the margin later,
/// running handlers are dropped, and a tenth of it before the deadline everything ends, so that the
/// response is in time. A margin of less than 50 milliseconds counts as 50. A deadline of 0 means
/// that the runtime does not report one.
///
/// A margin as long as the function's timeout leaves no time to begin anything. Each invocation
/// then logs an error.
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
            "no message is begun: the margin must be shorter than the function's timeout"
        );
    }
    let now = Instant::now();
    let before = |span: Duration| now + left.saturating_sub(span);
    Stop::ending_at(before(margin), before(margin / 2), before(margin / 10))
}
