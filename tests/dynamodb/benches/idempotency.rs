//! Idempotent consumption, one event after the other: ours and Powertools for AWS Lambda (Python) in
//! one run, against the same server by way of the same proxy, which counts the calls.
//!
//! `just bench-powertools` installs Powertools and names its Python in `EVENT_POWERTOOLS`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and fails aloud")]

use std::time::Instant;

use event_runtime::consume::{Consumer, Record};
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

#[derive(serde::Deserialize)]
struct Seconds {
    first: f64,
    again: f64,
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
    Record { id: "m".into(), body: serde_json::to_string(&envelope).unwrap().into(), receives: 1 }
}

async fn ours(dynamo: &Dynamo, events: u32) -> Seconds {
    let store = dynamo.claims().await;
    let builder = Consumer::builder("emailer", store);
    let consumer = builder.on::<Placed, _>(|_, _| async { Ok(()) }).build().unwrap();
    let records: Vec<_> = (0..events).map(|_| record(EventId::generate())).collect();
    let mut seconds = Vec::new();
    for pass in 0..2 {
        let start = Instant::now();
        for record in &records {
            let stats = consumer.handle_batch(vec![record.clone()]).await.stats();
            assert_eq!([stats.handled, stats.duplicates][pass], 1);
        }
        seconds.push(start.elapsed().as_secs_f64());
    }
    Seconds { first: seconds[0], again: seconds[1] }
}

async fn powertools(dynamo: &Dynamo, python: &str, events: u32) -> Seconds {
    let table = dynamo.claims().await.table().to_owned();
    dynamo.calls();
    let mut command = tokio::process::Command::new(python);
    command
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/powertools.py"))
        .env("TABLE", table)
        .env("EVENTS", events.to_string())
        .env("AWS_ENDPOINT_URL_DYNAMODB", dynamo.endpoint())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", "eu-central-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("POWERTOOLS_SERVICE_NAME", "bench");
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn print(who: &str, seconds: &Seconds, events: u32, calls: u64) {
    let rate = |seconds: f64| f64::from(events) / seconds;
    println!(
        "{who:<12} first {:>7.0} events/s   again {:>7.0} events/s   {calls} calls for {} handlings",
        rate(seconds.first),
        rate(seconds.again),
        2 * events,
    );
}

#[tokio::main]
async fn main() {
    let events = std::env::var("EVENT_BENCH").ok().and_then(|text| text.parse().ok());
    let events = events.unwrap_or(2_000);
    let dynamo = Dynamo::start().await;
    let calls = || dynamo.calls().values().sum::<u64>();
    ours(&dynamo, 100).await; // warm
    calls();
    let seconds = ours(&dynamo, events).await;
    // Three a table: made, looked at, given its TTL.
    print("ours", &seconds, events, calls() - 3);
    let Ok(python) = std::env::var("EVENT_POWERTOOLS") else {
        println!("skipped: Powertools for AWS Lambda (just bench-powertools)");
        return;
    };
    let theirs = powertools(&dynamo, &python, events).await;
    print("powertools", &theirs, events, calls());
    println!(
        "ratio        first {:.1}   again {:.1}   (ours to theirs, events/s)",
        theirs.first / seconds.first,
        theirs.again / seconds.again
    );
}
