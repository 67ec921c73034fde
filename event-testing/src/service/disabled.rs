//! A store that switches idempotency off.

use std::future::ready;

use event_runtime::Timestamp;
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, Lease, Settled, Terms, TransactionalStore,
};
use event_runtime::store::{BoxFuture, StoreError};
use jiff::SignedDuration;

/// An idempotency store that grants every claim: each delivery is handled. For tests of a handler
/// that are not about duplicates, and that use the same event again and again.
///
/// It is a type of this crate, and not a setting or a variable of the environment, so that
/// idempotency cannot be switched off in production by mistake.
///
/// # Example
///
/// ```
/// # use event_runtime::{Envelope, Event, EventId, Timestamp};
/// # use event_runtime::consume::{Outcome, Record};
/// # #[derive(Clone, serde::Serialize, serde::Deserialize)]
/// # struct OrderPlaced { order_id: String }
/// # impl Event for OrderPlaced {
/// #     const TYPE: &'static str = "order.placed";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const SOURCE: &'static str = "app.shop";
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use event_runtime::consume::Consumer;
/// use event_testing::service::NoIdempotency;
///
/// let emailer = Consumer::builder("emailer", NoIdempotency)
///     .on::<OrderPlaced, _>(|_event, _context| async { Ok(()) })
///     .build()?;
/// # let event = OrderPlaced { order_id: "A-1".into() };
/// # let body = serde_json::to_string(&Envelope::of(EventId::generate(), Timestamp::now(), event))?;
/// # let record = Record::new("m", body);
/// for _ in 0..2 {
///     let report = emailer.handle_batch(vec![record.clone()]).await;
///     assert_eq!(report.outcomes[0].1, Outcome::Handled);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct NoIdempotency;

impl IdempotencyStore for NoIdempotency {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        let span = SignedDuration::try_from(terms.lease).ok();
        let until = span.and_then(|span| now.checked_add(span).ok()).unwrap_or(Timestamp::MAX);
        let Attempt { key, owner, payload } = attempt.clone();
        Box::pin(ready(Ok(Claim::Granted(Lease { key, owner, until, payload }))))
    }

    fn renew<'a>(
        &'a self,
        _: &'a Lease,
        _: Timestamp,
        _: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(ready(Ok(Settled::Done)))
    }

    fn complete<'a>(
        &'a self,
        _: &'a Lease,
        _: Timestamp,
        _: &'a Terms,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(ready(Ok(Settled::Done)))
    }

    fn release<'a>(&'a self, _: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(ready(Ok(Settled::Done)))
    }

    fn forget<'a>(&'a self, _: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(ready(Ok(())))
    }
}

impl TransactionalStore for NoIdempotency {
    /// Runs at once.
    type Effect = Box<dyn FnOnce() + Send>;

    fn complete_with<'a>(
        &'a self,
        _: &'a Lease,
        _: Timestamp,
        _: &'a Terms,
        _: Option<&'a str>,
        effect: Self::Effect,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        effect();
        Box::pin(ready(Ok(Settled::Done)))
    }
}
