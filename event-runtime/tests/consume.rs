//! The whole path inside the process: publisher, bus, queue, consumer, stores.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]
#![cfg(feature = "embedded")]

mod common;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{PublishedV1, PublishedV2, at_once, v1, v2};
use event_runtime::consume::{
    Consumer, ConsumerBuilder, HandlerError, Once, Outcome, Record, Stats, Unhandled,
};
use event_runtime::embedded::{BusBuilder, Database, EmbeddedBus, Queue, QueueSettings, Rule};
use event_runtime::idempotency::{
    Attempt, IdempotencyStore, Key, MemoryStore, RedbStore, Terms, Window,
};
use event_runtime::publish::{PublishReport, Publisher, Stamp};
use event_runtime::{Event, Timestamp};

/// How often each proposal took effect: the witness of "once".
#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<BTreeMap<String, u32>>>);

impl Ledger {
    fn enter(&self, proposal: &str) {
        *self.0.lock().unwrap().entry(proposal.to_owned()).or_default() += 1;
    }

    fn of(&self, proposal: &str) -> u32 {
        self.0.lock().unwrap().get(proposal).copied().unwrap_or_default()
    }
}

fn settings(attempts: u32) -> QueueSettings {
    QueueSettings { backoff: at_once(attempts), ..QueueSettings::default() }
}

fn bus(rules: impl IntoIterator<Item = Rule>) -> EmbeddedBus {
    let rules = rules.into_iter().map(|rule| rule.queue(settings(3)));
    rules.fold(EmbeddedBus::builder(), BusBuilder::rule).build().unwrap()
}

/// A bus with one consumer of version 1, and its queue.
fn emailer() -> (EmbeddedBus, Queue) {
    let bus = bus([Rule::to("emailer").on::<PublishedV1>()]);
    let queue = bus.queue("emailer").unwrap();
    (bus, queue)
}

fn builder() -> ConsumerBuilder {
    Consumer::builder("emailer", MemoryStore::new())
}

fn counting(ledger: &Ledger) -> ConsumerBuilder {
    let ledger = ledger.clone();
    builder().on::<PublishedV1, _>(move |event, _| {
        ledger.enter(&event.data.proposal_id);
        async { Ok(()) }
    })
}

async fn publish(
    bus: &EmbeddedBus,
    events: impl IntoIterator<Item = PublishedV2>,
) -> PublishReport {
    let report = Publisher::new(bus.clone()).publish_all(events).await;
    assert!(report.is_complete(), "{report:?}");
    report
}

#[tokio::test]
async fn each_consumer_handles_its_major_once() {
    let database = Database::in_memory().unwrap();
    let (old, new) = (Ledger::default(), Ledger::default());
    let emailer = Consumer::builder("emailer", RedbStore::new(&database))
        .on::<PublishedV1, _>({
            let old = old.clone();
            move |event, context| {
                let old = old.clone();
                async move {
                    assert_eq!(event.version.to_string(), PublishedV1::VERSION);
                    assert_eq!(context.key().as_str(), format!("emailer#{}", event.id));
                    old.enter(&event.data.proposal_id);
                    Ok(())
                }
            }
        })
        .build()
        .unwrap();
    let projector = Consumer::builder("projector", RedbStore::new(&database))
        .on::<PublishedV2, _>({
            let new = new.clone();
            move |event, _| {
                new.enter(&event.data.proposal_id);
                async { Ok(()) }
            }
        })
        .concurrency(4)
        .build()
        .unwrap();
    let bus = bus([emailer.rule(), projector.rule()]);
    let (mail, rows) = (bus.queue("emailer").unwrap(), bus.queue("projector").unwrap());

    let proposals: Vec<String> = (0..25).map(|n| format!("P-{n}")).collect();
    let _ = publish(&bus, proposals.iter().map(|id| v2(id))).await;
    assert_eq!((mail.inject_duplicates(), rows.inject_duplicates()), (25, 25));
    mail.inject_raw("no event at all");
    let misfit = include_str!("fixtures/whole-event.json").replace("v2", "v1");
    mail.inject_raw(misfit);

    let stats = emailer.run_until_idle(&mail).await;
    let expected =
        Stats { received: 52, handled: 25, duplicates: 25, poison: 2, ..Stats::default() };
    assert_eq!(stats, expected);
    assert_eq!(emailer.stats(), expected);
    let stats = projector.run_until_idle(&rows).await;
    assert_eq!((stats.handled, stats.duplicates), (25, 25));

    for proposal in &proposals {
        assert_eq!((old.of(proposal), new.of(proposal)), (1, 1));
    }
    let dead = mail.dead_letters();
    assert_eq!((dead.len(), &*dead[0].body), (2, "no event at all"));
    assert!(dead[0].reason.starts_with("failed to parse the message body: "), "{}", dead[0].reason);
    assert_eq!(
        dead[1].reason,
        "the data of `proposal.published:v1` does not fit its type: missing field `amount` at line \
         1 column 44"
    );
    assert!(rows.dead_letters().is_empty());
}

#[tokio::test]
async fn event_published_again_is_a_duplicate_despite_new_aws_id() {
    let (bus, queue) = emailer();
    let ledger = Ledger::default();
    let consumer = counting(&ledger).build().unwrap();
    let stamp = Stamp::now();
    let again = [(stamp, v1("P")), (stamp, v1("P"))];
    let report = Publisher::new(bus).publish_stamped(again).await;
    assert_ne!(report.accepted[0].bus_id, report.accepted[1].bus_id);

    let stats = consumer.run_until_idle(&queue).await;
    assert_eq!((stats.handled, stats.duplicates, ledger.of("P")), (1, 1, 1));
}

#[tokio::test]
async fn transient_failure_is_retried_and_becomes_dead_letter() {
    let (bus, queue) = emailer();
    let _ = publish(&bus, [v2("recovers"), v2("stays")]).await;
    let ledger = Ledger::default();
    let consumer = builder()
        .on::<PublishedV1, _>({
            let ledger = ledger.clone();
            move |event, context| {
                let ledger = ledger.clone();
                async move {
                    if event.data.proposal_id == "stays" || context.receives() < 2 {
                        return Err(std::io::Error::other("mail server away").into());
                    }
                    ledger.enter(&event.data.proposal_id);
                    Ok(())
                }
            }
        })
        .build()
        .unwrap();
    let stats = consumer.run_until_idle(&queue).await;
    assert_eq!((stats.handled, stats.retried), (1, 4));
    assert_eq!((ledger.of("recovers"), ledger.of("stays")), (1, 0));
    let dead = queue.dead_letters();
    assert_eq!((dead[0].reason.as_str(), dead[0].receives), ("mail server away", 3));

    // A dead letter is not done: redriven, it is handled.
    assert_eq!(queue.redrive(), 1);
    let consumer = counting(&ledger).build().unwrap();
    assert_eq!(consumer.run_until_idle(&queue).await.handled, 1);
}

#[tokio::test]
async fn permanent_failure_is_dead_letter_and_can_be_redriven() {
    let (bus, queue) = emailer();
    let _ = publish(&bus, [v2("P"), v2("Q")]).await;
    let broken = Arc::new(AtomicU32::new(1));
    let consumer = builder()
        .on::<PublishedV1, _>({
            let broken = broken.clone();
            move |event, _| {
                let broken = broken.load(Ordering::Relaxed) == 1 && event.data.proposal_id == "P";
                async move {
                    if broken { Err(HandlerError::permanent("no such customer")) } else { Ok(()) }
                }
            }
        })
        .build()
        .unwrap();
    let stats = consumer.run_until_idle(&queue).await;
    assert_eq!((stats.handled, stats.permanent, stats.received), (1, 1, 2));
    assert_eq!(queue.dead_letters()[0].reason, "no such customer");

    broken.store(0, Ordering::Relaxed);
    queue.redrive();
    assert_eq!(consumer.run_until_idle(&queue).await.handled, 1);
}

/// A failure leaves no mark: the other major may have what was missing, and a redriven dead letter
/// must run.
#[tokio::test]
async fn permanent_failure_of_one_major_leaves_other_major_to_be_handled() {
    let (mended, ledger) = (Arc::new(AtomicU32::new(0)), Ledger::default());
    let mending = Arc::clone(&mended);
    let entered = ledger.clone();
    let consumer = builder()
        .upcast::<PublishedV1, PublishedV2>(move |old| {
            if mending.load(Ordering::Relaxed) == 0 {
                return Err(HandlerError::permanent("the cents are missing"));
            }
            Ok(PublishedV2 { proposal_id: old.proposal_id, amount_cents: old.amount * 100 })
        })
        .on::<PublishedV2, _>({
            let mended = Arc::clone(&mended);
            move |event, _| {
                let broken = mended.load(Ordering::Relaxed) == 0 && event.data.proposal_id == "P";
                if !broken {
                    entered.enter(&event.data.proposal_id);
                }
                async move {
                    if broken { Err(HandlerError::permanent("no such customer")) } else { Ok(()) }
                }
            }
        })
        .build()
        .unwrap();
    let bus = bus([consumer.rule()]);
    let queue = bus.queue("emailer").unwrap();
    // The old major arrives alone first: its dead letter must not keep the new one from its
    // handler.
    assert!(Publisher::new(bus.clone()).publish(v1("old")).await.is_complete());
    let _ = publish(&bus, [v2("P"), v2("Q")]).await;
    let stats = consumer.run_until_idle(&queue).await;
    // Both majors of `P`, the one of `old`; of `Q` the old one is a duplicate.
    assert_eq!((stats.permanent, stats.handled, stats.duplicates), (3, 1, 1));
    assert_eq!((ledger.of("P"), ledger.of("Q"), ledger.of("old")), (0, 1, 0));

    mended.store(1, Ordering::Relaxed);
    queue.redrive();
    let stats = consumer.run_until_idle(&queue).await;
    assert_eq!((stats.received, stats.handled, stats.duplicates), (3, 2, 1));
    assert_eq!((ledger.of("P"), ledger.of("Q"), ledger.of("old")), (1, 1, 1));
}

#[tokio::test]
async fn panic_in_handler_does_not_affect_others() {
    let (bus, queue) = emailer();
    let _ = publish(&bus, [v2("P"), v2("Q")]).await;
    let consumer = builder()
        .on::<PublishedV1, _>(|event, context| async move {
            assert!(event.data.proposal_id == "Q" || context.receives() > 1, "first sight");
            Ok(())
        })
        .build()
        .unwrap();
    let stats = consumer.run_until_idle(&queue).await;
    assert_eq!((stats.handled, stats.retried), (2, 1));
}

#[tokio::test]
async fn event_without_handler_is_dead_letter_or_skipped_as_set() {
    let rule = || Rule::to("emailer").source("app.solar");
    for (unhandled, skipped) in [(Unhandled::DeadLetter, 0), (Unhandled::Skip, 1)] {
        let bus = bus([rule()]);
        let queue = bus.queue("emailer").unwrap();
        let _ = publish(&bus, [v2("P")]).await;
        let consumer = counting(&Ledger::default()).unhandled(unhandled).build().unwrap();
        let stats = consumer.run_until_idle(&queue).await;
        assert_eq!((stats.handled, stats.skipped, stats.unhandled), (1, skipped, 1 - skipped));
        for letter in queue.dead_letters() {
            assert!(letter.reason.starts_with("no handler for `proposal.published:v2` "));
        }
    }
}

#[tokio::test]
async fn two_majors_of_one_event_require_upcast() {
    let error = builder()
        .on::<PublishedV1, _>(|_, _| async { Ok(()) })
        .on::<PublishedV2, _>(|_, _| async { Ok(()) })
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`proposal.published` has handlers for v1 and v2, which are the same event: handle v2 and \
         `upcast` v1 to it"
    );

    let ledger = Ledger::default();
    let entered = ledger.clone();
    let consumer = builder()
        .upcast::<PublishedV1, PublishedV2>(|old| {
            Ok(PublishedV2 { proposal_id: old.proposal_id, amount_cents: old.amount * 100 })
        })
        .on::<PublishedV2, _>(move |event, _| {
            assert_eq!(event.data.amount_cents, 4200);
            entered.enter(&event.data.proposal_id);
            async { Ok(()) }
        })
        .build()
        .unwrap();
    let bus = bus([consumer.rule()]);
    let queue = bus.queue("emailer").unwrap();
    // Both majors of one event, and one event that exists in the old major only.
    let _ = publish(&bus, [v2("both")]).await;
    assert!(Publisher::new(bus).publish(v1("old")).await.is_complete());
    let stats = consumer.run_until_idle(&queue).await;
    assert_eq!((stats.handled, stats.duplicates), (2, 1));
    assert_eq!((ledger.of("both"), ledger.of("old")), (1, 1));
}

#[test]
fn conflicting_handlers_are_not_built() {
    fn ok(builder: ConsumerBuilder) -> ConsumerBuilder {
        builder.on::<PublishedV1, _>(|_, _| async { Ok(()) })
    }
    let upcast = builder().upcast::<PublishedV1, PublishedV2>(|_| Err(HandlerError::permanent("")));
    let named = ok(Consumer::builder("a:b", MemoryStore::new()));
    for (builder, message) in [
        (builder(), "consumer `emailer` has no handler"),
        (ok(ok(builder())), "`proposal.published:v1` has two handlers"),
        (
            upcast,
            "`proposal.published:v1` is upcast to `proposal.published:v2`, which has no handler",
        ),
        (named, "`a:b` cannot name a consumer: one to 64 of letters, digits, `.`, `-` and `_`"),
    ] {
        assert_eq!(builder.build().unwrap_err().to_string(), message);
    }
}

#[test]
fn all_problems_of_consumer_are_reported_at_once() {
    let error = Consumer::builder("a:b", MemoryStore::new())
        .on::<PublishedV1, _>(|_, _| async { Ok(()) })
        .on::<PublishedV1, _>(|_, _| async { Ok(()) })
        .on::<PublishedV2, _>(|_, _| async { Ok(()) })
        .upcast::<PublishedV1, PublishedV2>(|_| Err(HandlerError::permanent("")))
        .window(Window::of_queue())
        .keep(Duration::from_hours(24))
        .build()
        .unwrap_err();
    let told: Vec<_> = error.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told[..4],
        [
            "`a:b` cannot name a consumer: one to 64 of letters, digits, `.`, `-` and `_`",
            "`proposal.published:v1` has two handlers",
            "`proposal.published` has handlers for v1 and v2, which are the same event: handle v2 \
             and `upcast` v1 to it",
            "`proposal.published:v1` is upcast to `proposal.published:v2`, which has no handler",
        ]
    );
    assert!(told[4].starts_with("consumer `a:b`: an event is remembered for 24 h"), "{}", told[4]);
    assert_eq!(told.len(), 5);
    assert_eq!(error.to_string(), told.join("\n"));
}

#[test]
fn deduplication_window_must_cover_redeliveries() {
    let days = |days: u64| Duration::from_hours(24 * days);
    let build = |with: &dyn Fn(ConsumerBuilder) -> ConsumerBuilder| {
        with(counting(&Ledger::default())).build().map(|consumer| consumer.keep())
    };
    let redriven = Window::of_queue().redriven(days(14), 1);
    assert_eq!(build(&|it| it).unwrap(), days(5));
    assert_eq!(build(&|it| it.window(redriven)).unwrap(), days(19));
    assert_eq!(build(&|it| it.keep(days(20)).window(redriven)).unwrap(), days(20));
    let hour = Duration::from_hours(1);
    let short = Window::of_queue().retry_age(hour).queue_retention(hour);
    assert_eq!(build(&|it| it.window(short)).unwrap(), 2 * hour);

    // In either order.
    let error = build(&|it| it.keep(days(5)).window(redriven)).unwrap_err();
    assert_eq!(build(&|it| it.window(redriven).keep(days(5))).unwrap_err(), error);
    assert_eq!(
        error.to_string(),
        "\
consumer `emailer`: an event is remembered for 120 h, but may come again after 456 h
  24 h  the rule retries (`MaximumEventAgeInSeconds`)
+ 336 h  the dead-letter queue keeps it for a redrive (`MessageRetentionPeriod`)
+ 96 h  the queue keeps it (`MessageRetentionPeriod`)
= 456 h
help: remember it for 456 h: `Duration::from_hours(456)`"
    );
    let error = build(&|it| it.window(Window::of_queue().queue_retention(days(15)))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "consumer `emailer`: `MessageRetentionPeriod` of the queue is 360 h, and AWS takes 1 min to \
         336 h"
    );
}

#[tokio::test]
async fn batch_has_outcome_for_each_record_in_order() {
    let (bus, queue) = emailer();
    let _ = publish(&bus, [v2("P")]).await;
    let body = queue.receive(1).remove(0).body;
    let record = |id: &str, body: &Arc<str>| Record::new(id, body.clone());
    let batch =
        vec![record("poison", &"{".into()), record("first", &body), record("second", &body)];
    let report = counting(&Ledger::default()).build().unwrap().handle_batch(batch).await;
    let [(_, poison), first, second]: [_; 3] = report.outcomes.clone().try_into().unwrap();
    assert!(matches!(poison, Outcome::DeadLetter { .. }));
    assert_eq!(first, ("first".into(), Outcome::Handled));
    assert_eq!(second, ("second".into(), Outcome::Duplicate));
    assert_eq!(report.unsettled().map(|(id, _)| id).collect::<Vec<_>>(), ["poison"]);
}

#[tokio::test(start_paused = true)]
async fn event_of_dead_worker_is_handled_after_its_lease() {
    let (bus, queue) = emailer();
    let _ = publish(&bus, [v2("P")]).await;
    let (store, now) = (MemoryStore::new(), virtual_clock());
    let dying = Consumer::builder("emailer", store.clone())
        .clock(now.clone())
        .on::<PublishedV1, _>(|_, _| std::future::pending())
        .build()
        .unwrap();
    let died = tokio::time::timeout(Duration::from_secs(3), dying.run_until_idle(&queue)).await;
    assert!(died.is_err());

    let ledger = Ledger::default();
    let entered = ledger.clone();
    let successor = Consumer::builder("emailer", store)
        .clock(now.clone())
        .on::<PublishedV1, _>(move |event, _| {
            entered.enter(&event.data.proposal_id);
            async { Ok(()) }
        })
        .build()
        .unwrap();
    let stats = successor.run_until_idle(&queue).await;
    assert_eq!((stats.handled, ledger.of("P")), (1, 1));
    assert!(queue.dead_letters().is_empty());
}

/// A wall clock that follows the runtime's clock, which the test has paused.
fn virtual_clock() -> impl Fn() -> Timestamp + Clone + Send + Sync {
    let start = tokio::time::Instant::now();
    move || Timestamp::UNIX_EPOCH + start.elapsed()
}

#[tokio::test(start_paused = true)]
async fn slow_handler_keeps_lease_and_is_stopped_when_lease_is_lost() {
    let (bus, queue) = emailer();
    let _ = publish(&bus, [v2("slow")]).await;
    let (store, now) = (MemoryStore::new(), virtual_clock());
    let finished = Ledger::default();
    let entered = finished.clone();
    let slow = Consumer::builder("emailer", store.clone())
        .clock(now.clone())
        .lease(Duration::from_secs(6))
        .on::<PublishedV1, _>(move |event, _| {
            let entered = entered.clone();
            async move {
                tokio::time::sleep(Duration::from_secs(20)).await;
                entered.enter(&event.data.proposal_id);
                Ok(())
            }
        })
        .build()
        .unwrap();
    assert_eq!(slow.run_until_idle(&queue).await.handled, 1);
    assert_eq!(finished.of("slow"), 1);

    // Its worker was frozen for longer than the lease: another worker has the claim when it wakes.
    let report = publish(&bus, [v2("frozen")]).await;
    let key = Key::new(slow.name(), report.accepted[0].id);
    let body = queue.receive(1).remove(0).body;
    let handling =
        tokio::spawn(async move { slow.handle_batch(vec![Record::new("m", body)]).await });
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    let later = now() + Duration::from_secs(7);
    let thief = store.claim(&Attempt::new(key), later, &Terms::default()).await.unwrap();
    assert!(matches!(thief, event_runtime::idempotency::Claim::Granted(_)), "{thief:?}");
    let report = handling.await.unwrap();
    assert_eq!(report.outcomes, [("m".into(), Outcome::LeaseLost)]);
    assert_eq!(finished.of("frozen"), 0);
}

#[tokio::test]
async fn applied_part_is_not_repeated_after_later_failure() {
    let (bus, queue) = emailer();
    let _ = publish(&bus, [v2("P")]).await;
    let mails = Ledger::default();
    let sent = mails.clone();
    let consumer = builder()
        .on::<PublishedV1, _>(move |_, context| {
            let sent = sent.clone();
            async move {
                for recipient in ["ann", "ben"] {
                    let once = context
                        .once(recipient, || async {
                            if recipient == "ben" && context.receives() == 1 {
                                return Err(HandlerError::transient("ben's server is away"));
                            }
                            sent.enter(recipient);
                            Ok(())
                        })
                        .await?;
                    let before = recipient == "ann" && context.receives() == 2;
                    assert_eq!(once, if before { Once::Before } else { Once::Applied });
                }
                Ok(())
            }
        })
        .build()
        .unwrap();
    let stats = consumer.run_until_idle(&queue).await;
    assert_eq!((stats.handled, stats.retried), (1, 1));
    assert_eq!((mails.of("ann"), mails.of("ben")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn running_consumer_stops_on_request_and_finishes_received_messages() {
    let (bus, queue) = emailer();
    let ledger = Ledger::default();
    let entered = ledger.clone();
    let consumer = builder()
        .on::<PublishedV1, _>(move |event, _| {
            let entered = entered.clone();
            async move {
                tokio::time::sleep(Duration::from_secs(5)).await;
                entered.enter(&event.data.proposal_id);
                Ok(())
            }
        })
        .build()
        .unwrap();
    let running = tokio::spawn({
        let queue = queue.clone();
        async move { consumer.run(&queue, tokio::time::sleep(Duration::from_secs(2))).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let _ = publish(&bus, [v2("P")]).await;
    assert_eq!(running.await.unwrap().handled, 1);
    assert_eq!((ledger.of("P"), queue.len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_running_consumer_stops_when_told_whatever_its_handlers_do() {
    let (bus, queue) = emailer();
    let consumer = builder()
        .on::<PublishedV1, _>(|_, _| async { std::future::pending().await })
        .build()
        .unwrap();
    let _ = publish(&bus, [v2("P"), v2("Q")]).await;
    let begun = tokio::time::Instant::now();
    let stop = tokio::time::sleep(Duration::from_secs(2));
    let running = tokio::time::timeout(Duration::from_hours(1), consumer.run(&queue, stop));
    let stats = running.await.unwrap();
    assert!(begun.elapsed() <= Duration::from_secs(22), "{:?}", begun.elapsed());
    assert_eq!((stats.retried, queue.len()), (2, 2), "given back: {stats:?}");
}
