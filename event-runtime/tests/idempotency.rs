//! Claims: the same trace on every store, with workers that are slow, dead or back after a pause.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]
#![cfg(feature = "embedded")]

use std::time::Duration;

use event_runtime::embedded::Database;
use event_runtime::idempotency::{
    Attempt, Claim, Fingerprint, IdempotencyStore, Key, Lease, LocalCache, MemoryStore, OnTimeout,
    Owner, RedbStore, Settled, Terms, TransactionalStore,
};
use event_runtime::name::ConsumerName;
use event_runtime::{DetailType, EventId, Timestamp};
use proptest::prelude::*;

const TERMS: Terms = Terms {
    lease: Duration::from_secs(10),
    keep: Duration::from_secs(100),
    on_timeout: OnTimeout::Retry,
};
const BLOCKING: Terms = Terms { on_timeout: OnTimeout::Block, ..TERMS };

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn key() -> Key {
    Key::new(&ConsumerName::new("emailer").unwrap(), EventId::generate())
}

fn stores() -> Vec<Box<dyn IdempotencyStore>> {
    let database = Database::in_memory().unwrap();
    vec![Box::new(MemoryStore::new()), Box::new(RedbStore::new(&database))]
}

async fn granted(store: &dyn IdempotencyStore, key: &Key, second: i64) -> Lease {
    match store.claim(&Attempt::new(key.clone()), at(second), &TERMS).await.unwrap() {
        Claim::Granted(lease) => lease,
        other => panic!("{other:?} at {second}"),
    }
}

async fn refused(store: &dyn IdempotencyStore, key: &Key, second: i64) -> Claim {
    store.claim(&Attempt::new(key.clone()), at(second), &TERMS).await.unwrap()
}

#[tokio::test]
async fn completed_event_stays_completed_until_forgotten() {
    for store in stores() {
        let key = key();
        let lease = granted(&*store, &key, 0).await;
        assert_eq!(refused(&*store, &key, 10).await, Claim::InProgress { until: at(10) });
        assert_eq!(store.complete(&lease, at(5), &TERMS, None).await.unwrap(), Settled::Done);
        assert!(matches!(refused(&*store, &key, 105).await, Claim::Completed(_)));
        // Expired, but still stored: free.
        granted(&*store, &key, 106).await;
    }
}

#[tokio::test]
async fn crash_between_claim_and_complete_frees_event_after_lease() {
    for store in stores() {
        let key = key();
        granted(&*store, &key, 0).await; // and then nothing more is heard of it
        assert!(matches!(refused(&*store, &key, 10).await, Claim::InProgress { .. }));
        let successor = granted(&*store, &key, 11).await;
        assert_eq!(store.complete(&successor, at(12), &TERMS, None).await.unwrap(), Settled::Done);
    }
}

#[tokio::test]
async fn worker_without_lease_settles_nothing() {
    for store in stores() {
        let key = key();
        let zombie = granted(&*store, &key, 0).await;
        let successor = granted(&*store, &key, 11).await;

        assert_eq!(
            store.complete(&zombie, at(12), &TERMS, None).await.unwrap(),
            Settled::LeaseLost
        );
        assert_eq!(store.renew(&zombie, at(12), &TERMS).await.unwrap(), Settled::LeaseLost);
        assert_eq!(store.release(&zombie).await.unwrap(), Settled::LeaseLost);
        assert!(matches!(refused(&*store, &key, 12).await, Claim::InProgress { .. }));

        assert_eq!(store.complete(&successor, at(13), &TERMS, None).await.unwrap(), Settled::Done);
        assert_eq!(store.release(&zombie).await.unwrap(), Settled::LeaseLost);
        assert!(matches!(refused(&*store, &key, 14).await, Claim::Completed(_)));
    }
}

#[tokio::test]
async fn renewed_lease_is_valid() {
    for store in stores() {
        let key = key();
        let lease = granted(&*store, &key, 0).await;
        assert_eq!(store.renew(&lease, at(8), &TERMS).await.unwrap(), Settled::Done);
        assert_eq!(refused(&*store, &key, 18).await, Claim::InProgress { until: at(18) });
        // Expired, but no other worker has claimed it.
        assert_eq!(store.renew(&lease, at(30), &TERMS).await.unwrap(), Settled::Done);
        assert_eq!(refused(&*store, &key, 40).await, Claim::InProgress { until: at(40) });
    }
}

#[tokio::test]
async fn released_event_is_free_and_completed_one_cannot_be_released() {
    for store in stores() {
        let key = key();
        let first = granted(&*store, &key, 0).await;
        assert_eq!(store.release(&first).await.unwrap(), Settled::Done);
        assert_eq!(store.release(&first).await.unwrap(), Settled::LeaseLost);

        let second = granted(&*store, &key, 1).await;
        assert_eq!(store.complete(&second, at(2), &TERMS, None).await.unwrap(), Settled::Done);
        // The response was lost, so the call is repeated.
        assert_eq!(store.complete(&second, at(3), &TERMS, None).await.unwrap(), Settled::Done);
        assert_eq!(store.release(&second).await.unwrap(), Settled::LeaseLost);
        assert!(matches!(refused(&*store, &key, 4).await, Claim::Completed(_)));
    }
}

#[tokio::test]
async fn lease_of_zero_duration_excludes_others() {
    for store in stores() {
        let key = key();
        let none = Terms { lease: Duration::ZERO, ..TERMS };
        let claim = store.claim(&Attempt::new(key.clone()), at(0), &none).await.unwrap();
        assert!(matches!(claim, Claim::Granted(_)));
        assert!(matches!(refused(&*store, &key, 0).await, Claim::InProgress { .. }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_workers_wins() {
    let database = Database::in_memory().unwrap();
    let stores: [std::sync::Arc<dyn IdempotencyStore>; 2] =
        [std::sync::Arc::new(MemoryStore::new()), std::sync::Arc::new(RedbStore::new(&database))];
    for store in stores {
        let key = key();
        let workers: Vec<_> = (0..32)
            .map(|_| {
                let (store, key) = (store.clone(), key.clone());
                tokio::spawn(async move {
                    let claim = store.claim(&Attempt::new(key), at(0), &TERMS).await.unwrap();
                    matches!(claim, Claim::Granted(_))
                })
            })
            .collect();
        let mut winners = 0;
        for worker in workers {
            winners += usize::from(worker.await.unwrap());
        }
        assert_eq!(winners, 1);
    }
}

#[tokio::test]
async fn claims_in_a_file_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("claims.redb");
    let (done, open) = (key(), key());
    {
        let store = RedbStore::new(&Database::open(&path).unwrap());
        let lease = granted(&store, &done, 0).await;
        assert_eq!(store.complete(&lease, at(1), &TERMS, None).await.unwrap(), Settled::Done);
        granted(&store, &open, 0).await;
    }
    let store = RedbStore::new(&Database::open(&path).unwrap());
    assert!(matches!(refused(&store, &done, 2).await, Claim::Completed(_)));
    assert_eq!(refused(&store, &open, 2).await, Claim::InProgress { until: at(10) });

    store.sweep(at(50)).await.unwrap();
    assert!(matches!(refused(&store, &done, 50).await, Claim::Completed(_)));
    granted(&store, &open, 50).await;
}

#[tokio::test]
async fn blocked_event_stays_blocked_until_forgotten() {
    for store in stores() {
        let key = key();
        let attempt = Attempt::new(key.clone());
        let Claim::Granted(lease) = store.claim(&attempt, at(0), &BLOCKING).await.unwrap() else {
            panic!("a new key is free");
        };
        assert_eq!(refused(&*store, &key, 10).await, Claim::InProgress { until: at(10) });
        assert_eq!(refused(&*store, &key, 11).await, Claim::Blocked { since: at(10) });
        // Its worker may still come back to it.
        assert_eq!(store.renew(&lease, at(12), &BLOCKING).await.unwrap(), Settled::Done);
        assert_eq!(refused(&*store, &key, 22).await, Claim::InProgress { until: at(22) });
        assert_eq!(refused(&*store, &key, 23).await, Claim::Blocked { since: at(22) });

        store.forget(&key).await.unwrap();
        granted(&*store, &key, 23).await;
        assert_eq!(store.renew(&lease, at(24), &BLOCKING).await.unwrap(), Settled::LeaseLost);
    }
}

#[tokio::test]
async fn blocked_event_is_free_after_deduplication_window() {
    for store in stores() {
        let key = key();
        let attempt = Attempt::new(key.clone());
        let _ = store.claim(&attempt, at(0), &BLOCKING).await.unwrap();
        assert_eq!(refused(&*store, &key, 100).await, Claim::Blocked { since: at(10) });
        granted(&*store, &key, 101).await;
    }
}

#[tokio::test]
async fn claim_without_response_is_granted_again_to_its_owner() {
    for store in stores() {
        let attempt = Attempt::new(key());
        let first = store.claim(&attempt, at(0), &TERMS).await.unwrap();
        assert_eq!(store.claim(&attempt, at(5), &TERMS).await.unwrap(), first);
        assert!(matches!(first, Claim::Granted(_)));
    }
}

#[tokio::test]
async fn duplicates_get_the_first_result() {
    for store in stores() {
        let key = key();
        let lease = granted(&*store, &key, 0).await;
        for result in ["1", "2"] {
            let settled = store.complete(&lease, at(1), &TERMS, Some(result)).await.unwrap();
            assert_eq!(settled, Settled::Done);
        }
        let Claim::Completed(completion) = refused(&*store, &key, 2).await else {
            panic!("it was completed");
        };
        assert_eq!((completion.result.as_deref(), completion.until), (Some("1"), at(101)));
    }
}

fn fingerprint(detail_type: &str, json: &str) -> Fingerprint {
    Fingerprint::of(DetailType::parse(detail_type).unwrap(), json)
}

#[tokio::test]
async fn other_payload_under_handled_id_is_mismatch() {
    for store in stores() {
        let key = key();
        let attempt =
            |payload: &Fingerprint| Attempt::new(key.clone()).with_payload(payload.clone());
        let handled = fingerprint("order.placed:v1", r#"{"total":1}"#);
        let claim = store.claim(&attempt(&handled), at(0), &TERMS).await.unwrap();
        let Claim::Granted(lease) = claim else { panic!("a new key is free") };
        assert_eq!(store.complete(&lease, at(1), &TERMS, None).await.unwrap(), Settled::Done);

        let other = fingerprint("order.placed:v1", r#"{"total":2}"#);
        let claim = store.claim(&attempt(&other), at(2), &TERMS).await.unwrap();
        assert_eq!(claim, Claim::Mismatch { handled: handled.clone() });
        // The other major of a dual publish, and an attempt without a payload.
        let newer = fingerprint("order.placed:v2", r#"{"cents":100}"#);
        for claim in [
            store.claim(&attempt(&handled), at(2), &TERMS).await.unwrap(),
            store.claim(&attempt(&newer), at(2), &TERMS).await.unwrap(),
            refused(&*store, &key, 2).await,
        ] {
            assert!(matches!(claim, Claim::Completed(_)), "{claim:?}");
        }
    }
}

#[tokio::test]
async fn cache_keeps_completed_keys_as_long_as_store() {
    let store = MemoryStore::new();
    let cache = LocalCache::new(store.clone(), 2);
    let keys: Vec<_> = (0..3).map(|_| key()).collect();
    for key in &keys {
        let lease = granted(&cache, key, 0).await;
        let settled = cache.complete(&lease, at(0), &TERMS, Some("7")).await.unwrap();
        assert_eq!(settled, Settled::Done);
    }
    for key in &keys {
        store.forget(key).await.unwrap(); // what is known now, is known from the cache
    }
    let Claim::Completed(completion) = refused(&cache, &keys[2], 100).await else {
        panic!("it was completed");
    };
    assert_eq!(completion.result.as_deref(), Some("7"));
    assert_eq!(cache.hits(), 1);
    granted(&cache, &keys[0], 0).await; // the oldest was dropped
    granted(&cache, &keys[2], 101).await; // over
    cache.forget(&keys[1]).await.unwrap();
    granted(&cache, &keys[1], 1).await;
    assert_eq!(cache.hits(), 1);
}

#[tokio::test]
async fn effect_in_memory_is_applied_together_with_its_mark() {
    let store = LocalCache::new(MemoryStore::new(), 10);
    let applied = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let effect = || -> Box<dyn FnOnce() + Send> {
        let applied = applied.clone();
        Box::new(move || {
            applied.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        })
    };
    let key = key();
    let zombie = granted(&store, &key, 0).await;
    let successor = granted(&store, &key, 11).await;
    for (lease, settled) in [
        (&zombie, Settled::LeaseLost),
        (&successor, Settled::Done),
        (&successor, Settled::Done),
        (&zombie, Settled::LeaseLost),
    ] {
        let answer = store.complete_with(lease, at(12), &TERMS, None, effect()).await.unwrap();
        assert_eq!(answer, settled);
    }
    assert_eq!(applied.load(std::sync::atomic::Ordering::Relaxed), 1);
}

/// A step of a worker with its last lease for one of two keys.
#[derive(Debug, Clone, Copy)]
enum Step {
    Claim,
    Renew,
    Complete,
    Release,
}

/// Runs a trace with two workers and two keys, and records each answer.
async fn play(store: &dyn IdempotencyStore, trace: &[(Step, usize, usize, i64)]) -> Vec<String> {
    let id = |n: u128| EventId::from(ulid::Ulid(n));
    let consumer = ConsumerName::new("c").unwrap();
    let keys = [Key::new(&consumer, id(1)), Key::new(&consumer, id(2))];
    let mut leases: [[Option<Lease>; 2]; 2] = Default::default();
    let mut now = 0;
    let mut answers = Vec::new();
    for (turn, &(step, worker, at_key, passes)) in trace.iter().enumerate() {
        now += passes;
        let held = &mut leases[worker][at_key];
        answers.push(match (step, &held) {
            (Step::Claim, _) => {
                let owner = Owner::from_u128(turn as u128);
                let attempt = Attempt { key: keys[at_key].clone(), owner, payload: None };
                let claim = store.claim(&attempt, at(now), &TERMS).await.unwrap();
                if let Claim::Granted(lease) = &claim {
                    *held = Some(lease.clone());
                }
                format!("{claim:?}")
            }
            (_, None) => "nothing held".to_owned(),
            (Step::Renew, Some(l)) => {
                format!("{:?}", store.renew(l, at(now), &TERMS).await.unwrap())
            }
            (Step::Complete, Some(l)) => {
                format!("{:?}", store.complete(l, at(now), &TERMS, None).await.unwrap())
            }
            (Step::Release, Some(l)) => format!("{:?}", store.release(l).await.unwrap()),
        });
    }
    answers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn every_store_gives_same_answers_to_every_trace(
        trace in prop::collection::vec(
            (
                prop::sample::select(vec![Step::Claim, Step::Claim, Step::Renew, Step::Complete, Step::Release]),
                0_usize..2,
                0_usize..2,
                0_i64..30,
            ),
            1..40,
        )
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let [memory, redb]: [_; 2] = runtime.block_on(async {
            let mut answers = Vec::new();
            for store in stores() {
                answers.push(play(&*store, &trace).await);
            }
            answers.try_into().unwrap()
        });
        prop_assert_eq!(memory, redb);
    }
}
