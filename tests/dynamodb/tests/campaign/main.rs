//! Faults with a fixed seed, on every store, behind the real consumer: duplicates × another order ×
//! crashes between any two steps × paused workers × refused and unanswered calls × poison ×
//! handlers that fail or take longer than their lease × calls that arrive after their timeout ×
//! clocks that disagree. A ledger is the judge.
//!
//! - If the effect is committed with its mark (`complete_with`): **exactly once**, always.
//! - If it is not, and events of lost workers are handled again (`OnTimeout::Retry`): none is lost,
//!   and an effect takes place a second time only if a worker was lost between effect and mark: it
//!   was killed, its mark had no response, or it paused for longer than its lease. A receiver that
//!   recognises the event's key sees one effect.
//! - If it is not, and they are not (`OnTimeout::Block`): never twice; an event with an unknown
//!   result is a dead letter.
//!
//! A handler is dropped if its lease may have expired, and only then. While a worker keeps its
//! lease, no other worker gets it, for clock errors up to [`world::SKEW_MS`] each. A store with any
//! one of seven [defects](broken::Defect) is detected.
//!
//! Time is virtual: a lease of ten seconds takes no time. `EVENT_CAMPAIGN=1000000` sets the number
//! of events (default: a small one), `EVENT_CAMPAIGN_DYNAMODB` how many of them go over the socket
//! to DynamoDB, and `EVENT_CAMPAIGN_SEED` another seed.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test that meets an error has failed and should say where; a campaign says what it met, and \
              is no library"
)]

mod broken;
mod court;
mod ledger;
mod queue;
mod run;
mod witness;
mod world;

use event_runtime::idempotency::{MemoryStore, conformance};
use event_runtime::store::{BoxFuture, StoreError};

use broken::{Broken, Defect};
use court::{Court, InMemory, in_dynamo, in_memory, in_redb};
use ledger::Tally;
use world::Mode;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

fn events() -> Option<u64> {
    setting("EVENT_CAMPAIGN")
}

fn seed() -> u64 {
    setting("EVENT_CAMPAIGN_SEED").unwrap_or(20_261_124)
}

/// Effects in memory, for the conformance suite.
#[derive(Default)]
struct Counts(std::sync::Arc<std::sync::Mutex<std::collections::HashMap<String, u64>>>);

impl conformance::Ledger<Broken> for Counts {
    fn effect(&self, name: &str) -> Box<dyn FnOnce() + Send> {
        let (counts, name) = (self.0.clone(), name.to_owned());
        Box::new(move || *counts.lock().unwrap().entry(name).or_default() += 1)
    }
    fn applied<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<u64, StoreError>> {
        let applied = self.0.lock().unwrap().get(name).copied().unwrap_or_default();
        Box::pin(std::future::ready(Ok(applied)))
    }
}

/// The public conformance suite detects the same stores, each by the rule about its defect.
#[tokio::test]
async fn broken_store_does_not_conform() {
    for (defect, rule) in [
        (Defect::MarksFirst, "held-key-is-refused"),
        (Defect::AsksNoOwner, "only-the-owner-settles"),
        (Defect::GrantsAll, "held-key-is-refused"),
        (Defect::TakesHeldForDone, "held-key-is-refused"),
        (Defect::ForgetsEarly, "completion-is-remembered"),
        (Defect::NeverFrees, "expired-lease-is-taken-over"),
        (Defect::AppliesWithoutLease, "effect-needs-the-lease"),
    ] {
        let store = Broken::new(defect);
        let broken = conformance::check_transactional(store, Counts::default()).await;
        let broken = broken.expect_err(&format!("{defect:?} was not found"));
        let rules: Vec<&str> = broken.violations.iter().map(|it| it.rule).collect();
        assert!(rules.contains(&rule), "{defect:?}: {rules:?}");
    }
}

/// The campaign in each mode.
async fn everywhere<C: Court>(name: &str, events: u64, court: impl AsyncFn(u64) -> C) {
    let events = usize::try_from(events).unwrap();
    for mode in [Mode::WithItsMark, Mode::Retries, Mode::Blocks] {
        let begun = std::time::Instant::now();
        let tally = run::campaign(&court, mode, seed(), events).await;
        let tally = tally.unwrap_or_else(|faults| panic!("{name}, {mode:?}: {faults:#?}"));
        println!("{name}, {mode:?}, {events} events in {:?}: {tally:?}", begun.elapsed());
        let Tally { crashes, freezes, failed_calls, cut, late, duplicates, held, .. } = tally;
        let Tally { refused, poison, .. } = tally;
        let met = [crashes, freezes, failed_calls, late, duplicates, held, refused, poison];
        // One in a hundred handlers is dropped: a small campaign may meet none.
        assert!(cut > 0 || events < 1_000, "too tame: no handler was dropped");
        assert!(met.into_iter().all(|times| times > 0), "too tame: {met:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_or_repeated_in_memory() {
    everywhere("memory", events().unwrap_or(3_000), in_memory).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_or_repeated_in_database_file() {
    everywhere("redb", events().unwrap_or(300), in_redb).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_or_repeated_in_dynamodb() {
    let events = setting("EVENT_CAMPAIGN_DYNAMODB").or(events());
    everywhere("dynamodb", events.unwrap_or(100), in_dynamo).await;
}

#[tokio::test(start_paused = true)]
async fn same_seed_repeats_campaign() {
    let play = async |seed| run::campaign(in_memory, Mode::Retries, seed, 200).await.unwrap();
    let first = play(7).await;
    assert_eq!(first, play(7).await);
    assert_ne!(first, play(8).await);
}

#[tokio::test(start_paused = true)]
async fn broken_store_is_detected() {
    for (defect, mode, fault) in [
        (Defect::MarksFirst, Mode::Retries, "is lost"),
        (Defect::AsksNoOwner, Mode::Retries, "was marked as done by two"),
        (Defect::GrantsAll, Mode::Retries, "holds it"),
        (Defect::TakesHeldForDone, Mode::Retries, "is lost"),
        (Defect::ForgetsEarly, Mode::WithItsMark, "took effect 2 times"),
        (Defect::NeverFrees, Mode::Retries, "no end"),
        (Defect::AppliesWithoutLease, Mode::WithItsMark, "took effect 2 times"),
    ] {
        let court = async |_| InMemory::new(Broken::new(defect));
        let faults = run::campaign(court, mode, seed(), 2_000).await;
        let faults = faults.expect_err(&format!("{defect:?} was not found"));
        let told = faults.iter().any(|said| said.contains(fault));
        assert!(told, "{defect:?}, for another reason: {faults:#?}");
    }
    // The same store without a defect is acquitted.
    let court = async |_| InMemory::new(MemoryStore::new());
    assert!(run::campaign(court, Mode::Retries, seed(), 2_000).await.is_ok());
}
