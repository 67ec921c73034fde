//! The cost of the runtime, compared with the plainest code that does the same with `serde_json`.
//!
//! `publish/*`: a thousand events in two majors each, to entries in calls of ten. `receive/*`: one
//! message from its bytes to the typed event. Compare the two of a group as a ratio.

#![allow(missing_docs, reason = "criterion's macros write public items")]
#![allow(clippy::unwrap_used, reason = "a bench that meets an error has failed")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::collections::HashMap;
use std::hint::black_box;

use common::{PublishedV1, PublishedV2, v2};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use event_runtime::decode::Incoming;
use event_runtime::publish::{Entry, EntryOutcome, Publisher, Stamp, Transport, TransportError};
use event_runtime::store::BoxFuture;
use event_runtime::{AwsEvent, Envelope, Event};

const EVENTS: usize = 1000;

/// Accepts everything and keeps nothing.
struct Sink;

impl Transport for Sink {
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
        Box::pin(async move {
            let accepted = |entry: &Entry| {
                black_box(entry);
                EntryOutcome::accepted("")
            };
            Ok(entries.iter().map(accepted).collect())
        })
    }
}

/// By hand: no sizes, no checks, no outcomes, no retries.
fn plain(events: Vec<PublishedV2>) -> usize {
    let mut entries = Vec::new();
    for event in events {
        let Stamp { id, occurred_at } = Stamp::now();
        let old = PublishedV1 {
            proposal_id: event.proposal_id.clone(),
            amount: event.amount_cents / 100,
        };
        let new = serde_json::to_string(&Envelope::of(id, occurred_at, event)).unwrap();
        entries.push((PublishedV2::SOURCE, PublishedV2::DETAIL_TYPE, occurred_at, new));
        let old = serde_json::to_string(&Envelope::of(id, occurred_at, old)).unwrap();
        entries.push((PublishedV1::SOURCE, PublishedV1::DETAIL_TYPE, occurred_at, old));
    }
    entries.chunks(10).map(black_box).count()
}

fn publish(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let publisher = Publisher::new(Sink);
    let events: Vec<PublishedV2> = (0..EVENTS).map(|n| v2(&format!("P-{n}"))).collect();
    let mut group = c.benchmark_group("publish");
    group.bench_function("runtime", |b| {
        b.iter_batched(
            || events.clone(),
            |events| runtime.block_on(publisher.publish_all(events)),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("plain", |b| {
        b.iter_batched(|| events.clone(), plain, BatchSize::LargeInput);
    });
    group.finish();
}

fn receive(c: &mut Criterion) {
    let body = include_bytes!("../tests/fixtures/whole-event.json").as_slice();
    let mut group = c.benchmark_group("receive");
    group.bench_function("runtime", |b| {
        b.iter(|| {
            let incoming = Incoming::read(black_box(body)).unwrap();
            incoming.decode_event::<PublishedV2>().unwrap()
        });
    });
    // The type is known in advance, and nothing is checked.
    group.bench_function("plain_typed", |b| {
        b.iter(|| {
            serde_json::from_slice::<AwsEvent<Envelope<PublishedV2>>>(black_box(body)).unwrap()
        });
    });
    // The usual router: first a tree of values, then the type.
    let routes = HashMap::from([(PublishedV2::DETAIL_TYPE, PublishedV2::MAJOR)]);
    group.bench_function("plain_routed", |b| {
        b.iter(|| {
            let mut value: serde_json::Value = serde_json::from_slice(black_box(body)).unwrap();
            black_box(routes[value["detail-type"].as_str().unwrap()]);
            serde_json::from_value::<Envelope<PublishedV2>>(value["detail"].take()).unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, publish, receive);
criterion_main!(benches);
