//! Faults with a fixed seed, on every store, behind the real consumer: duplicates × another order ×
//! crashes between any two steps × workers that stand still × refused and unanswered calls × poison ×
//! handlers that fail or outlast their lease × calls that arrive after they were given up × clocks that
//! disagree. A ledger is the judge.
//!
//! - Where the effect is committed with its mark (`complete_with`): **exactly once**, always.
//! - Where it is not, and lost workers' events are handled again (`OnTimeout::Retry`): none is lost,
//!   and an effect takes place a second time only where a worker was lost between effect and mark. It
//!   was killed, its mark got no answer, or it stood still for longer than its lease. Whoever
//!   recognises the event's key sees one effect.
//! - Where it is not, and they are not (`OnTimeout::Block`): never twice; what was not seen to its end
//!   is a dead letter.
//!
//! A handler is dropped when its lease may be over, and only then. While a worker keeps its lease
//! nobody else is let in, however the clocks differ, up to [`world::SKEW_MS`] each. And a store with any one of seven [defects](broken::Defect) is convicted.
//!
//! Time is virtual: a lease of ten seconds takes none. `EVENT_CAMPAIGN=1000000` says how many events
//! (small if not said), `EVENT_CAMPAIGN_DYNAMODB` how many of them over the socket to DynamoDB, and
//! `EVENT_CAMPAIGN_SEED` another draw.

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

use event_runtime::idempotency::MemoryStore;

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
async fn nothing_is_lost_and_nothing_done_twice_in_memory() {
    everywhere("memory", events().unwrap_or(3_000), in_memory).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_and_nothing_done_twice_in_a_database_file() {
    everywhere("redb", events().unwrap_or(300), in_redb).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_and_nothing_done_twice_in_dynamodb() {
    let events = setting("EVENT_CAMPAIGN_DYNAMODB").or(events());
    everywhere("dynamodb", events.unwrap_or(100), in_dynamo).await;
}

#[tokio::test(start_paused = true)]
async fn a_seed_is_a_campaign() {
    let play = async |seed| run::campaign(in_memory, Mode::Retries, seed, 200).await.unwrap();
    let first = play(7).await;
    assert_eq!(first, play(7).await);
    assert_ne!(first, play(8).await);
}

#[tokio::test(start_paused = true)]
async fn a_broken_store_is_convicted() {
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
