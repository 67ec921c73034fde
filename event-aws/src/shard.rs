//! Handles the records of a shard in order, and finds the first one to deliver again.
//!
//! All streams share this loop; they differ in how a record is parsed and how the response is
//! written.

use std::future::Future;

use event_runtime::consume::{HandlerError, Stop, in_order};

/// The result of the records of a shard.
#[derive(Debug)]
pub(crate) struct Done<N> {
    /// Records that were handled.
    #[cfg_attr(
        not(feature = "streams"),
        expect(dead_code, reason = "Lambda asks for the number alone")
    )]
    pub(crate) applied: usize,
    /// The number of the first record that failed, and the reason.
    pub(crate) failed: Option<(N, HandlerError)>,
    /// Records after it, which were not tried.
    #[cfg_attr(
        not(feature = "streams"),
        expect(dead_code, reason = "Lambda asks for the number alone")
    )]
    pub(crate) untried: usize,
}

/// Handles records in order, and none after the first that failed, panicked or was not started.
pub(crate) async fn first_failed<R, N, F>(
    records: Vec<R>,
    number: impl Fn(&R) -> N,
    stop: &Stop,
    apply: impl FnMut(R) -> F,
) -> Done<N>
where
    F: Future<Output = Result<(), HandlerError>>,
{
    let numbers: Vec<N> = records.iter().map(number).collect();
    let done = in_order(records, stop, apply).await;
    let mut rest = numbers.into_iter().skip(done.applied);
    let failed = done.failed.and_then(|error| Some((rest.next()?, error)));
    Done { applied: done.applied, failed, untried: rest.count() }
}
