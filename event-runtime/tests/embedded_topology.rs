//! The embedded bus runs the printed topology: rules, queues, retries, dead letters, order.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]
#![cfg(feature = "embedded")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{PublishedV1, PublishedV2, v1, v2};
use event_runtime::consume::{Consumer, ConsumerBuilder, HandlerError};
use event_runtime::embedded::{Deployment, EmbeddedBus};
use event_runtime::idempotency::MemoryStore;
use event_runtime::publish::{Entry, Publisher, Transport};
use event_runtime::topology::{Attach, Declaration, Queue, Topology, TopologyBuilder};
use event_runtime::{Event, EventId, Version, reads};
use proptest::prelude::*;
use serde_json::{Value, json};

mod common;

fn build(declared: impl IntoIterator<Item = Declaration>) -> Topology {
    declared.into_iter().fold(Topology::on("proposals"), TopologyBuilder::consumer).build().unwrap()
}

type Seen = Arc<Mutex<Vec<String>>>;

/// Records the proposals of version 2, and those that fail with each try.
fn noting(builder: ConsumerBuilder, seen: &Seen) -> ConsumerBuilder {
    let seen = Arc::clone(seen);
    builder.on::<PublishedV2, _>(move |event, context| {
        let id = event.data.proposal_id;
        seen.lock().unwrap().push(id.clone());
        async move {
            match (id.as_str(), context.receives()) {
                ("recovers", 1) | ("stays", _) => Err(HandlerError::transient("not yet")),
                _ => Ok(()),
            }
        }
    })
}

fn in_cents(old: PublishedV1) -> PublishedV2 {
    PublishedV2 { proposal_id: old.proposal_id, amount_cents: old.amount * 100 }
}

#[tokio::test]
async fn both_majors_of_an_upcast_take_effect_once() {
    let topology =
        build([Consumer::of::<reads![PublishedV1 => PublishedV2, PublishedV2]>("ledger")]);
    let seen = Seen::default();
    let ledger = noting(topology.handlers("ledger", MemoryStore::new()).unwrap(), &seen)
        .upcast::<PublishedV1, PublishedV2>(|old| Ok(in_cents(old)))
        .build()
        .unwrap();
    let deployment = Deployment::new(&topology, [ledger]).unwrap();
    let publisher = Publisher::new(deployment.bus().clone());
    assert!(publisher.publish(v2("both")).await.is_complete());
    assert!(publisher.publish(v1("old")).await.is_complete());
    let stats = deployment.run_until_idle().await["ledger"];
    assert_eq!((stats.handled, stats.duplicates, stats.received), (2, 1, 3));
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    assert_eq!(seen, ["both", "old"]);
}

/// Compares the printed plan with the bus's rules, not with their common origin.
#[test]
fn bus_runs_the_printed_plan() {
    let topology = build([
        Consumer::of::<PublishedV1>("emailer").retry(7, Duration::from_mins(10)),
        Consumer::of::<PublishedV2>("projector")
            .queue(Queue::fifo().named("q").visibility(Duration::from_secs(99)).max_receives(2)),
    ]);
    let printed = serde_json::to_value(&topology).unwrap();
    let bus = EmbeddedBus::of(&topology);
    assert_eq!(printed["bus"], bus.name());

    let rules: Vec<Value> = bus
        .rules()
        .map(|rule| {
            json!({
                "name": rule.name(),
                "eventPattern": rule.pattern(),
                "retryPolicy": rule.retry_policy(),
            })
        })
        .collect();
    let of_rule = |rule: &Value| {
        json!({
            "name": rule["name"],
            "eventPattern": rule["eventPattern"],
            "retryPolicy": rule["targets"][0]["retryPolicy"],
        })
    };
    let expected: Vec<Value> = printed["rules"].as_array().unwrap().iter().map(of_rule).collect();
    assert_eq!(rules, expected);

    let queues: Vec<Value> = bus
        .queues()
        .map(|queue| {
            let settings = queue.settings();
            json!({
                "consumer": queue.name(),
                "fifo": settings.fifo,
                "visibilityTimeoutSeconds": settings.visibility.as_secs(),
                "maxReceiveCount": settings.backoff.attempts,
            })
        })
        .collect();
    let all = printed["queues"].as_array().unwrap().iter();
    let of_queue = |queue: &Value| {
        json!({
            "consumer": queue["consumer"],
            "fifo": queue["fifo"],
            "visibilityTimeoutSeconds": queue["visibilityTimeoutSeconds"],
            "maxReceiveCount": queue["redrivePolicy"]["maxReceiveCount"],
        })
    };
    let expected: Vec<Value> = all.filter(|q| q["holds"] == "events").map(of_queue).collect();
    assert_eq!(queues, expected);
}

#[tokio::test(start_paused = true)]
async fn deliveries_and_redrives_match_declaration() {
    let topology = build([Consumer::of::<PublishedV2>("projector")
        .retry(1, Duration::from_hours(1))
        .queue(Queue::standard().max_receives(2))
        .redriven(1)]);
    let seen = Seen::default();
    let handlers = noting(topology.handlers("projector", MemoryStore::new()).unwrap(), &seen);
    let deployment = Deployment::new(&topology, [handlers.build().unwrap()]).unwrap();
    let bus = deployment.bus();
    let publisher = Publisher::new(bus.clone());

    // One retry: the queue is unavailable for both, and the event goes to the dead-letter queue.
    bus.interrupt("projector", 2).unwrap();
    let _ = publisher.publish(v2("late")).await;
    assert_eq!(bus.undelivered("projector").unwrap()[0].retry_attempts, 1);
    let _ = publisher.publish_all([v2("recovers"), v2("stays")]).await;

    let stats = deployment.run_until_idle().await["projector"];
    assert_eq!((stats.handled, stats.retried), (1, 3));
    let queue = bus.queue("projector").unwrap();
    let dead = queue.dead_letters();
    assert_eq!((dead.len(), dead[0].receives, dead[0].reason.as_str()), (1, 2, "not yet"));

    assert_eq!((bus.redeliver("projector").unwrap(), queue.redrive()), (1, 1));
    let stats = deployment.run_until_idle().await["projector"];
    assert_eq!((stats.handled, stats.retried), (1, 2));
    let count = |id: &str| seen.lock().unwrap().iter().filter(|seen| *seen == id).count();
    assert_eq!((count("late"), count("recovers"), count("stays")), (1, 2, 4));
}

#[tokio::test(start_paused = true)]
async fn fifo_queue_keeps_order_after_failure() {
    let topology = build([Consumer::of::<PublishedV2>("projector").queue(Queue::fifo())]);
    let seen = Seen::default();
    let handlers = noting(topology.handlers("projector", MemoryStore::new()).unwrap(), &seen);
    let deployment = Deployment::new(&topology, [handlers.build().unwrap()]).unwrap();
    let publisher = Publisher::new(deployment.bus().clone());
    let _ = publisher.publish_all([v2("first"), v2("recovers"), v2("last")]).await;
    let _ = deployment.run_until_idle().await;
    assert_eq!(*seen.lock().unwrap(), ["first", "recovers", "recovers", "last"]);
}

#[tokio::test(start_paused = true)]
async fn deployment_stops_on_request() {
    let topology =
        build([Consumer::of::<PublishedV2>("projector"), Consumer::of::<PublishedV2>("analytics")]);
    let seen = Seen::default();
    let handlers = |name: &str| {
        noting(topology.handlers(name, MemoryStore::new()).unwrap(), &seen).build().unwrap()
    };
    let both = [handlers("projector"), handlers("analytics")];
    let deployment = Deployment::new(&topology, both).unwrap();
    let _ = Publisher::new(deployment.bus().clone()).publish(v2("P")).await;
    let stats = deployment.run(tokio::time::sleep(Duration::from_secs(5))).await;
    let handled: BTreeMap<&str, u64> =
        stats.iter().map(|(name, stats)| (name.as_str(), stats.handled)).collect();
    assert_eq!(handled, BTreeMap::from([("analytics", 1), ("projector", 1)]));
}

#[test]
fn deployment_without_all_handlers_is_not_built() {
    let topology = build([Consumer::of::<PublishedV1>("emailer")]);
    let error = Deployment::new(&topology, []).unwrap_err();
    assert_eq!(
        error.to_string(),
        "\
[no-handlers] consumer `emailer`: it is declared but has no handlers
  = note: its messages would stay in the queue until they expire
  = help: attach `topology.handlers(\"emailer\", ..)`"
    );
}

macro_rules! events {
    ($($name:ident: $source:literal, $ty:literal, $major:literal;)+) => {
        $(
            #[derive(serde::Serialize, serde::Deserialize)]
            struct $name {}
            impl Event for $name {
                const TYPE: &'static str = $ty;
                const MAJOR: u32 = $major;
                const MINOR: u32 = 0;
                const VERSION: &'static str = concat!("v", $major);
                const SOURCE: &'static str = $source;
                const DETAIL_TYPE: &'static str = concat!($ty, ":v", $major);
            }
        )+

        /// All events that are published.
        const PAIRS: &[(&str, &str)] = &[$(($source, concat!($ty, ":v", $major))),+];
    };
}

// The same type from two sources, too: the detail-type alone does not distinguish them.
events! {
    Placed1: "shop", "placed", 1;
    Placed2: "shop", "placed", 2;
    Placed3: "shop", "placed", 3;
    Paid1: "bank", "paid", 1;
    Paid2: "bank", "paid", 2;
    OtherPlaced1: "market", "placed", 1;
    OtherPaid2: "market", "paid", 2;
    Sent1: "shop", "sent", 1;
}

/// Every shape of list: one source, several, upcasts, lists that cross.
const LISTS: &[fn(&str) -> Declaration] = &[
    Consumer::of::<Placed1>,
    Consumer::of::<Placed3>,
    Consumer::of::<OtherPlaced1>,
    Consumer::of::<reads![Placed2, Paid2, Sent1]>,
    Consumer::of::<reads![Placed1, OtherPaid2]>,
    Consumer::of::<reads![OtherPlaced1, Paid2]>,
    Consumer::of::<reads![Placed1 => Placed3, Placed2 => Placed3, Placed3]>,
    Consumer::of::<reads![Paid1 => Paid2, Paid2, Placed1 => Placed2, Placed2]>,
    Consumer::of::<reads![Sent1, Paid1, OtherPlaced1]>,
    Consumer::of::<reads![Paid1, Placed3]>,
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    /// Each event reaches exactly those consumers that the printed topology lists as its readers.
    #[test]
    fn events_reach_their_declared_readers_only(
        lists in prop::collection::vec(0..LISTS.len(), 0..8),
        published in prop::collection::vec((0..PAIRS.len(), 0..PAIRS.len(), any::<bool>()), 1..24),
    ) {
        let declared = lists.iter().enumerate().map(|(at, list)| LISTS[*list](&format!("c{at}")));
        let topology = build(declared);
        let printed = serde_json::to_value(&topology).unwrap();
        let bus = EmbeddedBus::of(&topology);

        // Half of them are declared events, half have any source with any detail-type.
        let entries: Vec<Entry> = published
            .iter()
            .map(|&(source, detail_type, ours)| Entry {
                id: EventId::generate(),
                version: Version::new(1),
                source: PAIRS[if ours { detail_type } else { source }].0.into(),
                detail_type: PAIRS[detail_type].1.into(),
                detail: "{}".into(),
                time: None,
                resources: vec![],
            })
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(bus.put(&entries)).unwrap();

        for consumer in printed["consumers"].as_array().unwrap() {
            let reads: BTreeSet<(&str, &str)> = consumer["reads"]
                .as_array()
                .unwrap()
                .iter()
                .map(|r| (r["source"].as_str().unwrap(), r["detailType"].as_str().unwrap()))
                .collect();
            let expected: Vec<(&str, &str)> = entries
                .iter()
                .map(|entry| (&*entry.source, &*entry.detail_type))
                .filter(|pair| reads.contains(pair))
                .collect();
            let queue = bus.queue(consumer["name"].as_str().unwrap()).unwrap();
            let got: Vec<Value> = queue
                .receive(usize::MAX)
                .iter()
                .map(|delivery| serde_json::from_str(&delivery.body).unwrap())
                .collect();
            let got: Vec<(&str, &str)> = got
                .iter()
                .map(|e| (e["source"].as_str().unwrap(), e["detail-type"].as_str().unwrap()))
                .collect();
            prop_assert_eq!(got, expected);
        }
    }
}
