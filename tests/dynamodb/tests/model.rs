//! The idempotency state machine: a model in plain code, and the stores checked against it. Two
//! workers keep every lease that they ever got, so that expired leases are used as often as valid
//! ones.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::cell::Cell;
use std::time::Duration;

use event_runtime::embedded::Database;
use event_runtime::idempotency::{
    Attempt, Claim, Fingerprint, IdempotencyStore, Key, Lease, MemoryStore, OnTimeout, Owner,
    RedbStore, Settled, Terms,
};
use event_runtime::name::ConsumerName;
use event_runtime::{DetailType, EventId, Timestamp};
use event_tests_dynamodb::Dynamo;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

const LEASE_MS: i64 = 10_000;
const KEEP_MS: i64 = 60_500;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// With one of two payloads.
    Claim(usize),
    /// The same, with the owner of the last claim, whose response was lost.
    ClaimAgain,
    Renew,
    Complete(usize),
    Release,
    Forget,
}

#[derive(Debug, Clone, Copy)]
struct Turn {
    step: Step,
    worker: usize,
    /// Which of the worker's leases, counted from the last.
    back: usize,
    passes_ms: i64,
}

const RESULTS: [Option<&str>; 2] = [None, Some(r#"{"number":7}"#)];

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let step = prop_oneof![
        4 => (0_usize..2).prop_map(Step::Claim),
        1 => Just(Step::ClaimAgain),
        2 => Just(Step::Renew),
        3 => (0_usize..2).prop_map(Step::Complete),
        1 => Just(Step::Release),
        1 => Just(Step::Forget),
    ];
    let passes = prop_oneof![3 => 0_i64..3_000, 2 => 9_990_i64..10_010, 1 => 60_000_i64..63_000];
    let turn = (step, 0_usize..2, 0_usize..3, passes)
        .prop_map(|(step, worker, back, passes_ms)| Turn { step, worker, back, passes_ms });
    prop::collection::vec(turn, 1..30)
}

/// The state of one key, implemented independently of the store's own rules.
#[derive(Debug, Clone, PartialEq)]
enum Model {
    Free,
    Leased { owner: u128, payload: usize, until_ms: i64, gone_s: i64 },
    Done { owner: u128, payload: usize, result: usize, gone_s: i64 },
}

fn round_up(ms: i64) -> i64 {
    (ms + 999).div_euclid(1000)
}

impl Model {
    /// The state at this moment.
    fn now(&self, now_ms: i64, blocks: bool) -> &Self {
        let free = match self {
            Self::Free => true,
            Self::Leased { until_ms, gone_s, .. } => {
                now_ms.div_euclid(1000) > *gone_s || (!blocks && now_ms > *until_ms)
            }
            Self::Done { gone_s, .. } => now_ms.div_euclid(1000) > *gone_s,
        };
        if free { &Self::Free } else { self }
    }

    fn play(&mut self, step: Step, owner: Option<u128>, now_ms: i64, blocks: bool) -> String {
        let holds = matches!(self, Self::Leased { owner: o, .. } if Some(*o) == owner);
        match step {
            Step::ClaimAgain if holds => {
                if *self.now(now_ms, blocks) == Self::Free
                    && let Self::Leased { until_ms, gone_s, .. } = self
                {
                    (*until_ms, *gone_s) = (now_ms + LEASE_MS, round_up(now_ms + KEEP_MS));
                }
                "granted".to_owned()
            }
            Step::ClaimAgain => "nothing".to_owned(),
            Step::Claim(at_hand) => match self.now(now_ms, blocks).clone() {
                Self::Free => {
                    let until_ms = now_ms + LEASE_MS;
                    let (owner, gone_s) = (owner.unwrap(), round_up(now_ms + KEEP_MS));
                    *self = Self::Leased { owner, payload: at_hand, until_ms, gone_s };
                    "granted".to_owned()
                }
                Self::Leased { until_ms, .. } if now_ms > until_ms => format!("blocked {until_ms}"),
                Self::Leased { until_ms, .. } => format!("in progress {until_ms}"),
                Self::Done { payload, .. } if payload != at_hand => "mismatch".to_owned(),
                Self::Done { result, gone_s, .. } => {
                    format!("completed {gone_s} {:?}", RESULTS[result])
                }
            },
            // a renewal after its own completion does not lose the lease
            Step::Renew if matches!(self, Self::Done { owner: by, .. } if Some(*by) == owner) => {
                "done".to_owned()
            }
            Step::Renew => {
                let Self::Leased { until_ms, gone_s, .. } = self else { return "lost".to_owned() };
                if !holds {
                    return "lost".to_owned();
                }
                (*until_ms, *gone_s) = (now_ms + LEASE_MS, round_up(now_ms + KEEP_MS));
                "done".to_owned()
            }
            Step::Complete(result) => match *self {
                Self::Leased { owner, payload, .. } if holds => {
                    *self =
                        Self::Done { owner, payload, result, gone_s: round_up(now_ms + KEEP_MS) };
                    "done".to_owned()
                }
                Self::Done { owner: by, .. } if Some(by) == owner => "done".to_owned(),
                _ => "lost".to_owned(),
            },
            Step::Release if holds => {
                *self = Self::Free;
                "done".to_owned()
            }
            Step::Release => "lost".to_owned(),
            Step::Forget => {
                *self = Self::Free;
                "forgotten".to_owned()
            }
        }
    }
}

fn settled(settled: Settled) -> String {
    match settled {
        Settled::Done => "done".to_owned(),
        Settled::LeaseLost => "lost".to_owned(),
    }
}

fn said(claim: &Claim) -> String {
    match claim {
        Claim::Granted(_) => "granted".to_owned(),
        Claim::InProgress { until } => format!("in progress {}", until.as_millisecond()),
        Claim::Blocked { since } => format!("blocked {}", since.as_millisecond()),
        Claim::Mismatch { .. } => "mismatch".to_owned(),
        Claim::Completed(c) => {
            format!("completed {} {:?}", c.until.as_second(), c.result.as_deref())
        }
    }
}

/// Plays the turns on a store; the model must give the same results.
async fn play(
    store: &dyn IdempotencyStore,
    key: &Key,
    turns: &[Turn],
    blocks: bool,
) -> Vec<[String; 2]> {
    let terms = Terms {
        lease: Duration::from_millis(LEASE_MS.unsigned_abs()),
        keep: Duration::from_millis(KEEP_MS.unsigned_abs()),
        on_timeout: if blocks { OnTimeout::Block } else { OnTimeout::Retry },
    };
    let payloads =
        ["1", "2"].map(|json| Fingerprint::of(DetailType::parse("a.b:v1").unwrap(), json));
    let mut model = Model::Free;
    let mut held: [Vec<Lease>; 2] = Default::default();
    let mut now_ms = 1_000_000_123;
    let mut answers = Vec::new();
    for (number, turn) in turns.iter().enumerate() {
        now_ms += turn.passes_ms;
        let now = Timestamp::from_millisecond(now_ms).unwrap();
        let leases = &mut held[turn.worker];
        let lease = leases.iter().rev().nth(turn.back).or(leases.last()).cloned();
        let expected = match turn.step {
            Step::Claim(_) => model.play(turn.step, Some(number as u128), now_ms, blocks),
            _ => model.play(turn.step, lease.as_ref().map(|l| l.owner.to_u128()), now_ms, blocks),
        };
        let got = match (turn.step, &lease) {
            (Step::Claim(payload), _) => {
                let owner = Owner::from_u128(number as u128);
                let payload = Some(payloads[payload].clone());
                let attempt = Attempt { key: key.clone(), owner, payload };
                let claim = store.claim(&attempt, now, &terms).await.unwrap();
                if let Claim::Granted(lease) = &claim {
                    leases.push(lease.clone());
                }
                said(&claim)
            }
            (Step::Forget, _) => {
                store.forget(key).await.unwrap();
                "forgotten".to_owned()
            }
            // An owner repeats a claim only while it holds the lease.
            (Step::ClaimAgain, Some(lease)) if expected == "granted" => {
                let payload = lease.payload.clone();
                let attempt = Attempt { key: key.clone(), owner: lease.owner, payload };
                said(&store.claim(&attempt, now, &terms).await.unwrap())
            }
            (Step::ClaimAgain, _) => "nothing".to_owned(),
            (_, None) => "lost".to_owned(),
            (Step::Renew, Some(lease)) => settled(store.renew(lease, now, &terms).await.unwrap()),
            (Step::Complete(result), Some(lease)) => {
                settled(store.complete(lease, now, &terms, RESULTS[result]).await.unwrap())
            }
            (Step::Release, Some(lease)) => settled(store.release(lease).await.unwrap()),
        };
        answers.push([expected, got]);
    }
    answers
}

#[test]
fn every_store_matches_the_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dynamo = runtime.block_on(Dynamo::start());
    let in_dynamo = runtime.block_on(dynamo.claims());
    let database = Database::in_memory().unwrap();
    let stores: [&dyn IdempotencyStore; 3] =
        [&MemoryStore::new(), &RedbStore::new(&database), &in_dynamo];
    let consumer = ConsumerName::new("c").unwrap();
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config =
        ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let [granted, blocked, lost, mismatch] = [const { Cell::new(0) }; 4];
    runner
        .run(&(turns(), any::<bool>()), |(turns, blocks)| {
            let key = Key::new(&consumer, EventId::generate());
            for (at, store) in stores.into_iter().enumerate() {
                let answers = runtime.block_on(play(store, &key, &turns, blocks));
                for (turn, [expected, got]) in answers.iter().enumerate() {
                    prop_assert_eq!(expected, got, "store {}, turn {}", at, turn);
                    for (count, word) in [
                        (&granted, "granted"),
                        (&blocked, "blocked"),
                        (&lost, "lost"),
                        (&mismatch, "mismatch"),
                    ] {
                        count.set(count.get() + u32::from(got.starts_with(word)));
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    // The traces covered the important states.
    for count in [granted, blocked, lost, mismatch] {
        assert!(count.get() > 5, "too few: {}", count.get());
    }
}
