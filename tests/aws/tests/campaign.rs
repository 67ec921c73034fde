//! Many events through everything that goes wrong at once: no event lost, no effect twice.
//!
//! Duplicates, another order, crashes between any two steps of publisher and consumers, throttled
//! calls, entries that fail, answers that are lost, and workers whose clocks disagree. `EVENT_CAMPAIGN=1000000` sets how many events
//! (`just campaign`), `EVENT_CAMPAIGN_SEED` another draw.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::large_futures,
    reason = "a test that meets an error has failed and should say where"
)]

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use event_aws::{DeadLetterQueue, EventBridge, SqsPoller};
use event_runtime::Timestamp;
use event_runtime::backoff::Backoff;
use event_runtime::consume::{Consumer, HandlerError};
use event_runtime::publish::{PublishReport, Publisher, Stamp};
use event_tests_aws::crash::{Crash, CrashingStore};
use event_tests_aws::events::{PlacedV1, PlacedV2, placed};
use event_tests_aws::fault::{Chaos, Draw};
use event_tests_aws::ledger::Ledger;
use event_tests_aws::server::FaultServer;

/// Events that are published at once.
const WAVE: u64 = 500;
/// Messages that may be in the queue when the next ones are published.
const DEPTH: usize = 2_000;
const LEASE: Duration = Duration::from_secs(2);
/// How far the clock of a consumer is off, either way.
const SKEW_MS: u64 = 400;
/// Much longer than a copy may be late here, and short enough that memory is bounded.
const KEEP: Duration = Duration::from_mins(2);
const WORKERS: u64 = 6;
/// Of so many orders one is refused for good by its handler.
const PERMANENT: u64 = 97;
/// Of so many orders one fails the first time.
const TRANSIENT: u64 = 13;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn publisher(server: &FaultServer) -> Publisher<EventBridge> {
    let backoff =
        Backoff { base: Duration::from_millis(1), cap: Duration::from_millis(8), attempts: 6 };
    Publisher::new(EventBridge::new(&server.events(), "orders")).with_backoff(backoff)
}

/// Publishes from an outbox: what is not reported as accepted is published again under its stamp,
/// also after the publisher died in the middle of it. Returns how often it died.
async fn publish(server: &FaultServer, draw: &mut Draw, orders: std::ops::Range<u64>) -> u64 {
    let mut outbox: Vec<(Stamp, u64)> = orders.map(|order| (Stamp::now(), order)).collect();
    let mut deaths = 0;
    while !outbox.is_empty() {
        let publisher = publisher(server);
        let events: Vec<_> = outbox.iter().map(|(stamp, order)| (*stamp, placed(*order))).collect();
        let mut publishing = tokio::spawn(async move { publisher.publish_stamped(events).await });
        let life = if draw.hits(700) { draw.below(100) } else { 60_000 };
        let ended = tokio::time::timeout(Duration::from_millis(life), &mut publishing).await;
        let Ok(report) = ended else {
            // It dies wherever it stands, and its report with it.
            publishing.abort();
            deaths += 1;
            continue;
        };
        let report: PublishReport = report.unwrap();
        assert!(report.rejected.is_empty(), "{:?}", report.rejected);
        let failed: HashSet<_> =
            report.exhausted.iter().map(|exhausted| exhausted.entry.id).collect();
        outbox.retain(|(stamp, _)| failed.contains(&stamp.id));
    }
    deaths
}

/// A consumer of both majors, which are one event, with a clock that is off.
fn consumer(
    store: &CrashingStore,
    crash: &Arc<Crash>,
    ledger: &Ledger,
    life: u64,
    skew_ms: i64,
) -> Consumer {
    let (about, crash, ledger) = (store.clone(), Arc::clone(crash), ledger.clone());
    Consumer::builder("emailer", store.clone())
        .on::<PlacedV2, _>(move |event, context| {
            let order = event.data.number;
            let (crash, ledger, held) = (Arc::clone(&crash), ledger.clone(), about.clone());
            about.is_about(context.key(), order);
            async move {
                if order % PERMANENT == 0 {
                    return Err(HandlerError::permanent("refused"));
                }
                if order % TRANSIENT == 0 && context.receives() == 1 {
                    return Err(HandlerError::transient("not yet"));
                }
                crash.step().await;
                ledger.apply(order, life, held.held_from(context.key()));
                crash.step().await;
                Ok(())
            }
        })
        .upcast::<PlacedV1, PlacedV2>(|old| {
            let PlacedV1 { number, total, note } = old;
            Ok(PlacedV2 { number, total_cents: total * 100, note })
        })
        .clock(move || {
            let now = Timestamp::now().as_millisecond();
            Timestamp::from_millisecond(now + skew_ms).unwrap()
        })
        .lease(LEASE)
        .keep(KEEP)
        .concurrency(5)
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_is_lost_and_no_effect_is_there_twice() {
    let events = setting("EVENT_CAMPAIGN", 1000);
    let seed = setting("EVENT_CAMPAIGN_SEED", 20_261_124);
    let begun = Instant::now();
    let server = Arc::new(FaultServer::start(seed).await);
    let url = server.queue("emailer", &["order.placed:v1", "order.placed:v2"]);
    let dead = server.queue("emailer-dead", &[]);
    {
        let mut world = server.world();
        world.keeps_entries = false;
        world.second = Duration::from_millis(20);
    }
    server.chaos(Chaos {
        throttle: 20,
        fail: 10,
        lose: 10,
        entry: 20,
        duplicate: 100,
        reorder: 300,
    });

    let exclusive = LEASE.saturating_sub(Duration::from_millis(2 * SKEW_MS));
    let ledger = Ledger::new(exclusive);
    let skews = Arc::new(Mutex::new(Draw::new(seed ^ 3)));
    let crash = Crash::new(seed ^ 1, 1);
    let store = CrashingStore::new(Arc::clone(&crash), ledger.clone());
    let lives = Arc::new(AtomicU64::new(0));
    let supervisors: Vec<_> = (0..WORKERS)
        .map(|_| {
            let (url, dead, lives, server) =
                (url.clone(), dead.clone(), lives.clone(), server.clone());
            let (crash, store, ledger) = (crash.clone(), store.clone(), ledger.clone());
            let skews = Arc::clone(&skews);
            tokio::spawn(async move {
                loop {
                    let life = lives.fetch_add(1, Ordering::Relaxed);
                    let crash = crash.of_next_life();
                    let store = store.of_life(Arc::clone(&crash));
                    let letters = DeadLetterQueue::new(server.sqs(), dead.clone());
                    let off = skews.lock().unwrap().below(2 * SKEW_MS + 1);
                    let off = i64::try_from(off).unwrap() - i64::try_from(SKEW_MS).unwrap();
                    let consumer = consumer(&store, &crash, &ledger, life, off);
                    let poller = SqsPoller::new(server.sqs(), url.clone(), consumer)
                        .wait(Duration::from_secs(1))
                        .visibility(Duration::from_secs(30))
                        .backoff(Backoff { base: Duration::ZERO, ..Backoff::default() })
                        .dead_letters(Arc::new(letters));
                    tokio::select! {
                        () = crash.died.notified() => {}
                        ended = poller.run(std::future::pending()) => panic!("{ended:?}"),
                    }
                    // Dropped where it stood, with all that it had in hand.
                    tokio::task::yield_now().await;
                    ledger.bury(life);
                }
            })
        })
        .collect();

    let mut draw = Draw::new(seed ^ 2);
    let mut publisher_deaths = 0;
    let mut refused = 0;
    let letters = Mutex::new(HashSet::new());
    for start in (0..events).step_by(usize::try_from(WAVE).unwrap()) {
        let end = (start + WAVE).min(events);
        publisher_deaths += publish(&server, &mut draw, start..end).await;
        refused += (start..end).filter(|order| order % PERMANENT == 0).count();
        // The last wave is waited for to its end.
        let depth = if end == events { 0 } else { DEPTH };
        let drained = server.until(|world| world.queues["emailer"].messages.len() <= depth).await;
        assert!(drained, "{} messages are left of the wave at {start}", server.depth("emailer"));
        let mut world = server.world();
        let dead = std::mem::take(&mut world.queues.get_mut("emailer-dead").unwrap().messages);
        drop(world);
        for letter in dead.values() {
            assert_eq!(letter.attribute("ERROR_CODE"), Some("Permanent"));
            let event: serde_json::Value = serde_json::from_str(&letter.body).unwrap();
            letters.lock().unwrap().insert(event["detail"]["data"]["number"].as_u64().unwrap());
        }
    }
    for supervisor in supervisors {
        supervisor.abort();
    }

    let consumer_deaths = lives.load(Ordering::Relaxed) - WORKERS;
    println!(
        "{events} events in {:?}, seed {seed}: {} entries on the bus, {publisher_deaths} deaths of publishers, \
         {consumer_deaths} of consumers, {} effects between which and their mark a worker died",
        begun.elapsed(),
        server.world().events,
        ledger.repeated(),
    );
    assert_eq!(ledger.faults(), Vec::<String>::new());
    assert_eq!(ledger.marked() + refused, usize::try_from(events).unwrap(), "an event is lost");
    assert_eq!(letters.lock().unwrap().len(), refused, "a dead letter is lost");
    // The judge has judged something.
    assert!(consumer_deaths > 0 && publisher_deaths > 0, "nobody died");
    assert!(server.world().events > 2 * events, "no duplicates");
}
