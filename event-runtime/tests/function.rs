//! Idempotent functions outside of an event, and consumers that are keyed by a part of the payload.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test that meets an error has failed and should say where"
)]

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_runtime::consume::{Consumer, DeadLetterKind, Outcome, Record};
use event_runtime::idempotency::{
    IdempotencyStore, Idempotent, IdempotentError, LocalCache, MemoryStore, OnTimeout,
};
use event_runtime::limits::MAX_RESULT_BYTES;
use event_runtime::{Envelope, Event, EventId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

fn charge(store: &MemoryStore) -> Idempotent {
    Idempotent::new("charge-card", store.clone()).unwrap()
}

/// Runs and counts.
async fn counted(
    function: &Idempotent,
    key: &Value,
    count: &AtomicU32,
) -> Result<u32, IdempotentError<String>> {
    let run = async || Ok(count.fetch_add(1, SeqCst) + 1);
    function.by(key).run(run).await.map(|done| done.value)
}

#[tokio::test]
async fn function_runs_once_per_key_and_repeats_its_result() {
    let (store, count) = (MemoryStore::new(), AtomicU32::new(0));
    let function = charge(&store);
    for (key, expected) in [
        (json!("a"), 1),
        (json!("b"), 2),
        (json!("a"), 1),
        (json!({"x": 1, "y": [true]}), 3),
        // The same value in another spelling.
        (json!({"y": [true], "x": 1.0}), 3),
        (json!([1, 2]), 4),
        (json!([2, 1]), 5),
        (json!(0), 6),
        (json!(false), 7),
        (json!("0"), 8),
    ] {
        assert_eq!(counted(&function, &key, &count).await.unwrap(), expected, "{key}");
    }
    // Another function with the same store has keys of its own.
    let other = Idempotent::new("refund", store).unwrap();
    assert_eq!(counted(&other, &json!("a"), &count).await.unwrap(), 9);
}

#[tokio::test]
async fn key_without_a_value_is_refused() {
    let (function, count) = (charge(&MemoryStore::new()), AtomicU32::new(0));
    for key in [
        json!(null),
        json!(""),
        json!([]),
        json!({}),
        json!([null, null]),
        json!({"id": null}),
        json!({"id": [""]}),
    ] {
        let error = counted(&function, &key, &count).await.unwrap_err();
        assert!(matches!(error, IdempotentError::NoKey { .. }), "{key}: {error}");
        assert_eq!(error.to_string(), "the idempotency key of `charge-card` is empty");
    }
    assert_eq!(count.load(SeqCst), 0);
    let keys = std::collections::BTreeMap::from([((1, 2), 3)]);
    let error = function.by(&keys).run(async || Ok::<_, String>(())).await.unwrap_err();
    assert!(
        error.to_string().starts_with("failed to serialize the key of `charge-card`"),
        "{error}"
    );
}

#[tokio::test]
async fn failed_function_can_run_again() {
    let (function, count) = (charge(&MemoryStore::new()), AtomicU32::new(0));
    let run = async || {
        if count.fetch_add(1, SeqCst) == 0 { Err("declined".to_owned()) } else { Ok(7) }
    };
    let error = function.by("a").run(run).await.unwrap_err();
    assert!(matches!(&error, IdempotentError::Function(said) if said == "declined"), "{error}");
    assert_eq!(function.by("a").run(run).await.unwrap().value, 7);
    assert_eq!(count.load(SeqCst), 2);
}

#[tokio::test]
async fn panic_is_an_error_and_can_run_again() {
    let function = charge(&MemoryStore::new());
    let failed = function.by("a").run(async || -> Result<u32, String> { panic!("told to") }).await;
    let error = failed.unwrap_err();
    assert!(error.to_string().contains("panicked: told to"), "{error}");
    assert_eq!(function.by("a").run(async || Ok::<_, String>(1)).await.unwrap().value, 1);
}

#[tokio::test]
async fn checked_part_must_be_the_same() {
    let function = charge(&MemoryStore::new());
    let run = async |cents: f64| {
        function.by("a").checking(&cents).run(async || Ok::<_, String>(cents)).await
    };
    assert_eq!(run(12.0).await.unwrap().value, 12.0);
    let again = run(12.0).await.unwrap();
    assert!(again.before.is_some());
    let error = run(13.0).await.unwrap_err();
    assert!(matches!(error, IdempotentError::Mismatch(_)), "{error}");
    assert!(error.to_string().contains("`charge-card` ran with another value"), "{error}");
    // A call that does not check gets the result.
    assert_eq!(function.by("a").run(async || Ok::<_, String>(0.0)).await.unwrap().value, 12.0);
}

#[tokio::test(start_paused = true)]
async fn concurrent_calls_run_once() {
    let function = charge(&MemoryStore::new()).busy_wait(Duration::from_mins(1));
    let count = Arc::new(AtomicU32::new(0));
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let (function, count) = (function.clone(), Arc::clone(&count));
            tokio::spawn(async move {
                let run = async || {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    Ok::<_, String>(count.fetch_add(1, SeqCst))
                };
                function.by("a").run(run).await.unwrap().value
            })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), 0);
    }
    assert_eq!(count.load(SeqCst), 1);
    // A call that does not wait is told until when.
    let impatient = function.clone().busy_wait(Duration::ZERO);
    let slow = tokio::spawn({
        let function = function.clone();
        async move {
            function
                .by("b")
                .run(async || {
                    let _: () = std::future::pending::<()>().await;
                    Ok::<_, String>(())
                })
                .await
        }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let error = impatient.by("b").run(async || Ok::<_, String>(())).await.unwrap_err();
    assert!(matches!(error, IdempotentError::InProgress { .. }), "{error}");
    slow.abort();
}

#[tokio::test(start_paused = true)]
async fn lost_worker_is_replaced_or_blocks() {
    let begun = tokio::time::Instant::now();
    let clock = move || {
        let passed = jiff::SignedDuration::try_from(begun.elapsed()).unwrap();
        Timestamp::UNIX_EPOCH.checked_add(passed).unwrap()
    };
    for on_timeout in [OnTimeout::Retry, OnTimeout::Block] {
        let store = MemoryStore::new();
        let function = charge(&store).clock(clock).on_timeout(on_timeout);
        let lost = tokio::spawn({
            let function = function.clone();
            async move {
                function
                    .by("a")
                    .run(async || {
                        let _: () = std::future::pending().await;
                        Ok::<(), String>(())
                    })
                    .await
            }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        lost.abort();
        let _ = lost.await;
        tokio::time::sleep(Duration::from_secs(40)).await;
        let next = function.by("a").run(async || Ok::<_, String>(())).await;
        match on_timeout {
            OnTimeout::Retry => assert!(next.is_ok(), "{next:?}"),
            OnTimeout::Block => {
                let error = next.unwrap_err();
                assert!(matches!(error, IdempotentError::Blocked(_)), "{error}");
                // A person has checked it.
                store.forget(&function.key("a").unwrap()).await.unwrap();
                assert!(function.by("a").run(async || Ok::<_, String>(())).await.is_ok());
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn function_that_hangs_ends_at_its_time_limit() {
    let function = charge(&MemoryStore::new()).time_limit(Duration::from_secs(5));
    let run = function.by("a").run(async || {
        let _: () = std::future::pending().await;
        Ok::<(), String>(())
    });
    let error = run.await.unwrap_err();
    assert!(error.to_string().contains("time limit of 5s"), "{error}");
}

#[tokio::test]
async fn result_is_forgotten_after_keep() {
    let (store, count) = (MemoryStore::new(), AtomicU32::new(0));
    let now = Arc::new(Mutex::new(Timestamp::UNIX_EPOCH));
    let clock = {
        let now = Arc::clone(&now);
        move || *now.lock().unwrap()
    };
    let function = charge(&store).keep(Duration::from_secs(10)).clock(clock);
    for (second, expected) in [(0, 1), (10, 1), (12, 2)] {
        *now.lock().unwrap() = Timestamp::from_second(second).unwrap();
        assert_eq!(counted(&function, &json!("a"), &count).await.unwrap(), expected, "{second}");
    }
}

#[tokio::test]
async fn result_that_is_not_available_is_an_error_and_not_a_second_run() {
    let store = MemoryStore::new();
    let (function, count) = (charge(&store), AtomicU32::new(0));
    let long = async || {
        count.fetch_add(1, SeqCst);
        Ok::<_, String>("x".repeat(MAX_RESULT_BYTES))
    };
    for _ in 0..2 {
        let error = function.by("long").run(long).await.unwrap_err();
        assert!(matches!(error, IdempotentError::Result { .. }), "{error}");
    }
    assert_eq!(count.load(SeqCst), 1);
    function
        .by("a")
        .run(async || Ok::<_, String>("a text with a secret".to_owned()))
        .await
        .unwrap();
    let error = function.by("a").run(async || Ok::<_, String>(1)).await.unwrap_err().to_string();
    assert!(error.starts_with("the result of `charge-card`: the stored one"), "{error}");
    assert!(!error.contains("secret"), "{error}");
}

#[tokio::test]
async fn cached_function_needs_no_store_for_a_repetition() {
    let store = LocalCache::new(MemoryStore::new(), 10);
    let function = Idempotent::new("charge-card", store.clone()).unwrap();
    for _ in 0..3 {
        assert_eq!(function.by("a").run(async || Ok::<_, String>(1)).await.unwrap().value, 1);
    }
    assert_eq!(store.hits(), 2);
    assert!(Idempotent::new("charge card", store).is_err());
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Ordered {
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    total: u64,
    sent: String,
}

impl Event for Ordered {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const SOURCE: &'static str = "app.shop";
}

fn ordered(order: Option<&str>, total: u64, sent: &str) -> Record {
    let event = Ordered { order: order.map(str::to_owned), total, sent: sent.to_owned() };
    let envelope = Envelope::of(EventId::generate(), Timestamp::now(), event);
    Record::new("m", serde_json::to_string(&envelope).unwrap())
}

#[tokio::test]
async fn events_with_the_same_key_parts_are_one_effect() {
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .on::<Ordered, _>(|_, _| async { Ok(()) })
        .key_parts(["/order"])
        .compare_parts(["/total"])
        .build()
        .unwrap();
    let outcome = async |record| consumer.handle_batch(vec![record]).await.outcomes.remove(0).1;
    assert_eq!(outcome(ordered(Some("A-1"), 7, "10:00")).await, Outcome::Handled);
    // Another event ID, sent later: the same effect.
    assert_eq!(outcome(ordered(Some("A-1"), 7, "10:05")).await, Outcome::Duplicate);
    assert_eq!(outcome(ordered(Some("A-2"), 7, "10:05")).await, Outcome::Handled);
    let other = outcome(ordered(Some("A-1"), 8, "10:00")).await;
    assert!(
        matches!(other, Outcome::DeadLetter { kind: DeadLetterKind::Mismatch, .. }),
        "{other:?}"
    );
    let none = outcome(ordered(None, 7, "10:00")).await;
    let Outcome::DeadLetter { kind: DeadLetterKind::Poison, reason } = none else {
        panic!("{none:?}")
    };
    assert_eq!(reason, "the event has no idempotency key at `/order`");
}

#[tokio::test]
async fn parts_that_are_not_pointers_are_build_problems() {
    let builder = Consumer::builder("emailer", MemoryStore::new());
    let builder = builder.on::<Ordered, _>(|_, _| async { Ok(()) });
    let builder = builder.key_parts(["order", "/total"]).compare_parts([] as [&str; 0]);
    let error = builder.build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid JSON Pointer `order`: expected `/` and the name of a field\n\
         invalid JSON Pointer ``: expected `/` and the name of a field"
    );
}
