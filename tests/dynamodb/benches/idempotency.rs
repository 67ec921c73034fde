//! Idempotent consumption, one event after the other: this crate and Powertools for AWS Lambda
//! (Python) in one run, with the same server through the same proxy, which counts the calls.
//!
//! Three passes over the same events: handled for the first time; again, as duplicates; and once
//! more with the completed keys cached in the worker.
//!
//! `just bench-powertools` installs Powertools and names its Python in `EVENT_POWERTOOLS`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and fails aloud"
)]

use std::time::Instant;

use event_runtime::consume::{Consumer, Record};
use event_runtime::idempotency::LocalCache;
use event_runtime::{Envelope, Event, EventId, Timestamp};
use event_tests_dynamodb::Dynamo;

#[derive(serde::Serialize, serde::Deserialize)]
struct Placed {
    order: String,
}

impl Event for Placed {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const VERSION: &'static str = "v1";
    const SOURCE: &'static str = "app.shop";
    const DETAIL_TYPE: &'static str = "order.placed:v1";
}

/// The passes, by the names that the other program uses.
const PASSES: [&str; 3] = ["first", "again", "local"];

/// The cost of one pass.
#[derive(Clone, Copy)]
struct Pass {
    seconds: f64,
    calls: u64,
}

fn record(id: EventId) -> Record {
    let envelope = Envelope {
        id,
        source: Placed::SOURCE.to_owned(),
        event_type: Placed::TYPE.to_owned(),
        version: "v1".parse().unwrap(),
        occurred_at: Timestamp::UNIX_EPOCH,
        data: Placed { order: "A-1".to_owned() },
    };
    Record::new("m", serde_json::to_string(&envelope).unwrap())
}

fn calls(dynamo: &Dynamo) -> u64 {
    dynamo.calls().values().sum()
}

async fn ours(dynamo: &Dynamo, events: u32) -> [Pass; 3] {
    let store = dynamo.claims().await;
    let consumer = |store| {
        let builder = Consumer::builder("emailer", store);
        builder.on::<Placed, _>(|_, _| async { Ok(()) }).build().unwrap()
    };
    let remembers = LocalCache::new(store.clone(), usize::try_from(events).unwrap());
    let (plain, caching) = (consumer(LocalCache::new(store, 0)), consumer(remembers));
    let records: Vec<_> = (0..events).map(|_| record(EventId::generate())).collect();
    let pass = async |consumer: &Consumer, first: bool| {
        calls(dynamo);
        let start = Instant::now();
        for record in &records {
            let stats = consumer.handle_batch(vec![record.clone()]).await.stats();
            assert_eq!([stats.duplicates, stats.handled][usize::from(first)], 1);
        }
        Pass { seconds: start.elapsed().as_secs_f64(), calls: calls(dynamo) }
    };
    let (first, again) = (pass(&plain, true).await, pass(&plain, false).await);
    pass(&caching, false).await; // learns
    [first, again, pass(&caching, false).await]
}

async fn powertools(dynamo: &Dynamo, python: &str, events: u32) -> [Pass; 3] {
    let table = dynamo.claims().await.table().to_owned();
    let mut passes = Vec::new();
    for name in PASSES {
        calls(dynamo);
        let mut command = tokio::process::Command::new(python);
        command
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/powertools.py"))
            .env("TABLE", &table)
            .env("EVENTS", events.to_string())
            .env("PASS", name)
            .env("AWS_ENDPOINT_URL_DYNAMODB", dynamo.endpoint())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_DEFAULT_REGION", "eu-central-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("POWERTOOLS_SERVICE_NAME", "bench");
        let output = command.output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let seconds = serde_json::from_slice(&output.stdout).unwrap();
        // Filling the cache costs one call per event, before the timed pass.
        let learnt = if name == "local" { u64::from(events) } else { 0 };
        passes.push(Pass { seconds, calls: calls(dynamo) - learnt });
    }
    [passes[0], passes[1], passes[2]]
}

fn print(who: &str, passes: &[Pass; 3], events: u32) {
    print!("{who:<12}");
    for (name, Pass { seconds, calls }) in PASSES.iter().zip(passes) {
        let (rate, each) = (f64::from(events) / seconds, *calls as f64 / f64::from(events));
        print!(" {name} {rate:>8.0} events/s, {each:.2} calls each  ");
    }
    println!();
}

#[tokio::main]
async fn main() {
    let events = std::env::var("EVENT_BENCH").ok().and_then(|text| text.parse().ok());
    let events = events.unwrap_or(2_000);
    let dynamo = Dynamo::start().await;
    ours(&dynamo, 100).await; // warm
    let own = ours(&dynamo, events).await;
    print("ours", &own, events);
    assert_eq!(own.map(|pass| pass.calls), [2, 1, 0].map(|calls| calls * u64::from(events)));
    let Ok(python) = std::env::var("EVENT_POWERTOOLS") else {
        println!("skipped: Powertools for AWS Lambda (just bench-powertools)");
        return;
    };
    let theirs = powertools(&dynamo, &python, events).await;
    print("powertools", &theirs, events);
    print!("ratio       ");
    for ((name, own), other) in PASSES.iter().zip(&own).zip(&theirs) {
        print!(" {name} {:.1}  ", other.seconds / own.seconds);
    }
    println!(" (ours to theirs, events/s)");
}
