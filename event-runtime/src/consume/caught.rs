//! Converts a panic to a value with its message.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// Runs code that may panic, before or in a future. The panic does not affect anything else.
pub(crate) async fn caught<F: Future>(make: impl FnOnce() -> F) -> Result<F::Output, String> {
    let future = catch_unwind(AssertUnwindSafe(make)).map_err(|panic| said(&*panic))?;
    let mut future = pin!(future);
    poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx).map(Ok)))
            .unwrap_or_else(|panic| Poll::Ready(Err(said(&*panic))))
    })
    .await
}

/// Returns the message of a panic.
pub(crate) fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without a message").to_owned()
}
