//! The records of a shard in their order, and from which of them on they are to come again.
//!
//! The one loop of all streams: what differs is how a record is read and how the answer is written.

use std::future::Future;

use event_runtime::consume::{HandlerError, Stop, in_order};

/// What came of the records of a shard.
#[derive(Debug)]
pub(crate) struct Done<N> {
    /// Records that were handled.
    pub(crate) applied: usize,
    /// The number of the first that was not, and why.
    pub(crate) failed: Option<(N, HandlerError)>,
    /// Records after that one, which were not tried.
    #[cfg_attr(
        not(feature = "streams"),
        expect(dead_code, reason = "Lambda asks for the number alone")
    )]
    pub(crate) untried: usize,
}

/// Handles records in their order, and none after the first that failed, panicked or was not begun.
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
