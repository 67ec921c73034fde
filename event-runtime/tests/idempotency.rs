//! The claims: one trace on every store, with workers that are slow, dead or back from the dead.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]
#![cfg(feature = "embedded")]

use std::time::Duration;

use event_runtime::embedded::Database;
use event_runtime::idempotency::{
    Claim, IdempotencyStore, Key, Lease, MemoryStore, Owner, RedbStore, Settled,
};
use event_runtime::name::ConsumerName;
use event_runtime::{EventId, Timestamp};
use proptest::prelude::*;

const LEASE: Duration = Duration::from_secs(10);
const KEEP: Duration = Duration::from_secs(100);

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
    match store.claim(key, Owner::unique(), at(second), LEASE).await.unwrap() {
        Claim::Granted(lease) => lease,
        other => panic!("{other:?} at {second}"),
    }
}

async fn refused(store: &dyn IdempotencyStore, key: &Key, second: i64) -> Claim {
    store.claim(key, Owner::unique(), at(second), LEASE).await.unwrap()
}

#[tokio::test]
async fn a_completed_event_stays_completed_until_it_is_forgotten() {
    for store in stores() {
        let key = key();
        let lease = granted(&*store, &key, 0).await;
        assert_eq!(refused(&*store, &key, 10).await, Claim::InProgress { until: at(10) });
        assert_eq!(store.complete(&lease, at(5), KEEP).await.unwrap(), Settled::Done);
        assert_eq!(refused(&*store, &key, 105).await, Claim::Completed);
        // Expired, and still there: free.
        granted(&*store, &key, 106).await;
    }
}

#[tokio::test]
async fn a_crash_between_claim_and_complete_lets_a_successor_in() {
    for store in stores() {
        let key = key();
        granted(&*store, &key, 0).await; // and then nothing more is heard of it
        assert!(matches!(refused(&*store, &key, 10).await, Claim::InProgress { .. }));
        let successor = granted(&*store, &key, 11).await;
        assert_eq!(store.complete(&successor, at(12), KEEP).await.unwrap(), Settled::Done);
    }
}

#[tokio::test]
async fn a_zombie_settles_nothing() {
    for store in stores() {
        let key = key();
        let zombie = granted(&*store, &key, 0).await;
        let successor = granted(&*store, &key, 11).await;

        assert_eq!(store.complete(&zombie, at(12), KEEP).await.unwrap(), Settled::LeaseLost);
        assert_eq!(store.renew(&zombie, at(12), LEASE).await.unwrap(), Settled::LeaseLost);
        assert_eq!(store.release(&zombie).await.unwrap(), Settled::LeaseLost);
        assert!(matches!(refused(&*store, &key, 12).await, Claim::InProgress { .. }));

        assert_eq!(store.complete(&successor, at(13), KEEP).await.unwrap(), Settled::Done);
        assert_eq!(store.release(&zombie).await.unwrap(), Settled::LeaseLost);
        assert_eq!(refused(&*store, &key, 14).await, Claim::Completed);
    }
}

#[tokio::test]
async fn a_renewed_lease_holds() {
    for store in stores() {
        let key = key();
        let lease = granted(&*store, &key, 0).await;
        assert_eq!(store.renew(&lease, at(8), LEASE).await.unwrap(), Settled::Done);
        assert_eq!(refused(&*store, &key, 18).await, Claim::InProgress { until: at(18) });
        // Over, but nobody has taken it.
        assert_eq!(store.renew(&lease, at(30), LEASE).await.unwrap(), Settled::Done);
        assert_eq!(refused(&*store, &key, 40).await, Claim::InProgress { until: at(40) });
    }
}

#[tokio::test]
async fn a_released_event_is_free_and_a_completed_one_cannot_be_released() {
    for store in stores() {
        let key = key();
        let first = granted(&*store, &key, 0).await;
        assert_eq!(store.release(&first).await.unwrap(), Settled::Done);
        assert_eq!(store.release(&first).await.unwrap(), Settled::LeaseLost);

        let second = granted(&*store, &key, 1).await;
        assert_eq!(store.complete(&second, at(2), KEEP).await.unwrap(), Settled::Done);
        // The answer was lost, so it is asked again.
        assert_eq!(store.complete(&second, at(3), KEEP).await.unwrap(), Settled::Done);
        assert_eq!(store.release(&second).await.unwrap(), Settled::LeaseLost);
        assert_eq!(refused(&*store, &key, 4).await, Claim::Completed);
    }
}

#[tokio::test]
async fn a_lease_of_no_time_is_a_lease_all_the_same() {
    for store in stores() {
        let key = key();
        let claim = store.claim(&key, Owner::unique(), at(0), Duration::ZERO).await.unwrap();
        assert!(matches!(claim, Claim::Granted(_)));
        assert!(matches!(refused(&*store, &key, 0).await, Claim::InProgress { .. }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_workers_one_wins() {
    let database = Database::in_memory().unwrap();
    let stores: [std::sync::Arc<dyn IdempotencyStore>; 2] =
        [std::sync::Arc::new(MemoryStore::new()), std::sync::Arc::new(RedbStore::new(&database))];
    for store in stores {
        let key = key();
        let workers: Vec<_> = (0..32)
            .map(|_| {
                let (store, key) = (store.clone(), key.clone());
                tokio::spawn(async move {
                    let claim = store.claim(&key, Owner::unique(), at(0), LEASE).await.unwrap();
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
        assert_eq!(store.complete(&lease, at(1), KEEP).await.unwrap(), Settled::Done);
        granted(&store, &open, 0).await;
    }
    let store = RedbStore::new(&Database::open(&path).unwrap());
    assert_eq!(refused(&store, &done, 2).await, Claim::Completed);
    assert_eq!(refused(&store, &open, 2).await, Claim::InProgress { until: at(10) });

    store.sweep(at(50)).await.unwrap();
    assert_eq!(refused(&store, &done, 50).await, Claim::Completed);
    granted(&store, &open, 50).await;
}

/// What a worker may do with the lease that it last got for one of two keys.
#[derive(Debug, Clone, Copy)]
enum Step {
    Claim,
    Renew,
    Complete,
    Release,
}

/// Runs a trace with two workers and two keys, and writes down each answer.
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
                let claim = store.claim(&keys[at_key], owner, at(now), LEASE).await.unwrap();
                if let Claim::Granted(lease) = &claim {
                    *held = Some(lease.clone());
                }
                format!("{claim:?}")
            }
            (_, None) => "nothing held".to_owned(),
            (Step::Renew, Some(l)) => {
                format!("{:?}", store.renew(l, at(now), LEASE).await.unwrap())
            }
            (Step::Complete, Some(l)) => {
                format!("{:?}", store.complete(l, at(now), KEEP).await.unwrap())
            }
            (Step::Release, Some(l)) => format!("{:?}", store.release(l).await.unwrap()),
        });
    }
    answers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn every_trace_has_the_same_answers_on_every_store(
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
