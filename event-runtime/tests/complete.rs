//! `complete_with` applies exactly the effects that it reports as applied, in every sequence of
//! calls.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_runtime::consume::{Consumer, Context, HandlerError, HandlerErrorKind, Outcome, Record};
use event_runtime::idempotency::{MemoryStore, OnTimeout};
use event_runtime::{Envelope, EventId, Timestamp};

use self::common::{PublishedV1, v1};

/// The result of each call, in order, and how many effects were applied.
#[derive(Clone, Default)]
struct Seen {
    answers: Arc<Mutex<Vec<Result<(), HandlerErrorKind>>>>,
    applied: Arc<AtomicU32>,
}

impl Seen {
    async fn complete(&self, store: &MemoryStore, context: &Context) -> Result<(), HandlerError> {
        let applied = Arc::clone(&self.applied);
        let effect = Box::new(move || _ = applied.fetch_add(1, SeqCst));
        let answer = context.complete_with(store, effect).await;
        let told = answer.as_ref().map_err(HandlerError::kind).copied();
        self.answers.lock().unwrap().push(told);
        answer
    }

    /// Each call that reported success was applied, and no other.
    fn assert_true(&self) -> Vec<Result<(), HandlerErrorKind>> {
        let answers = self.answers.lock().unwrap().clone();
        let told = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(self.applied.load(SeqCst) as usize, told, "{answers:?}");
        answers
    }
}

async fn handled<F>(
    work: impl Fn(MemoryStore, Context, Seen) -> F + Send + Sync + 'static,
) -> (Outcome, Seen)
where
    F: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    let (store, seen) = (MemoryStore::new(), Seen::default());
    let (claims, told) = (store.clone(), seen.clone());
    let consumer = Consumer::builder("booker", store)
        .on_timeout(OnTimeout::Block)
        .on::<PublishedV1, _>(move |_, context| work(claims.clone(), context, told.clone()))
        .build()
        .unwrap();
    let envelope = Envelope::of(EventId::generate(), Timestamp::UNIX_EPOCH, v1("P"));
    let body = serde_json::to_string(&envelope).unwrap();
    let record = Record::new("m", body);
    (consumer.handle_batch(vec![record]).await.outcomes.remove(0).1, seen)
}

#[tokio::test]
async fn second_effect_of_one_event_is_refused_and_not_dropped() {
    let (outcome, seen) = handled(|store, context, seen| async move {
        seen.complete(&store, &context).await?;
        seen.complete(&store, &context).await
    })
    .await;
    // The first effect was applied: the event is done.
    assert_eq!(outcome, Outcome::Handled);
    assert_eq!(seen.assert_true(), [Ok(()), Err(HandlerErrorKind::Permanent)]);
}

#[tokio::test]
async fn effect_after_the_handler_is_refused_and_not_dropped() {
    let (outcome, seen) = handled(|store, context, seen| async move {
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let _told = seen.complete(&store, &context).await;
        });
        Ok(())
    })
    .await;
    assert_eq!(outcome, Outcome::Handled);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(seen.assert_true(), [Err(HandlerErrorKind::Permanent)]);
}
