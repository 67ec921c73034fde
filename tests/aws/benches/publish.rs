//! The cost of the publisher, compared with the plainest SDK code that does the same, as ratios of
//! one run.
//!
//! - building and packing: 10,000 events in two majors, 500 at a time, to requests of the SDK's
//!   types within the limits of a call, with the allocations of each. The plain loop keeps nothing
//!   to send again, and has no report per entry.
//! - end to end: 1,000 events over a real socket to the same server, against one call per event

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench that meets an error has failed; its output is its result"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use event_aws::EventBridge;
use event_runtime::limits::{MAX_ENTRIES, MAX_REQUEST_BYTES, TIME_BYTES};
use event_runtime::publish::{Entry, EntryOutcome, Publisher, Stamp, Transport, TransportError};
use event_runtime::store::BoxFuture;
use event_runtime::{Envelope, Event};
use event_tests_aws::events::{PlacedV1, PlacedV2, placed};
use event_tests_aws::server::FaultServer;

const BUILT: u64 = 10_000;
/// Events of one `publish_all`; its report has two entries for each.
const AT_ONCE: usize = 500;
const SENT: u64 = 1_000;
const ROUNDS: usize = 15;

/// Converts entries to the SDK's type, like the transport, and sends nothing.
struct Sink;

impl Transport for Sink {
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
        Box::pin(async move {
            let requests: Vec<_> = entries
                .iter()
                .map(|entry| {
                    let detail = entry.detail.clone();
                    request(&entry.source, &entry.detail_type, detail, entry.time.unwrap())
                })
                .collect();
            black_box(requests);
            let accepted = |_| EntryOutcome::accepted("");
            Ok(entries.iter().map(accepted).collect())
        })
    }
}

fn request(
    source: &str,
    detail_type: &str,
    detail: String,
    time: event_runtime::Timestamp,
) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder()
        .event_bus_name("orders")
        .source(source)
        .detail_type(detail_type)
        .detail(detail)
        .time(DateTime::from_nanos(time.as_nanosecond()).unwrap())
        .build()
}

/// By hand: both majors of an event.
fn plain(event: PlacedV2) -> [PutEventsRequestEntry; 2] {
    let Stamp { id, occurred_at } = Stamp::now();
    let old =
        PlacedV1 { number: event.number, total: event.total_cents / 100, note: event.note.clone() };
    let new = serde_json::to_string(&Envelope::of(id, occurred_at, event)).unwrap();
    let old = serde_json::to_string(&Envelope::of(id, occurred_at, old)).unwrap();
    [
        request(PlacedV2::SOURCE, PlacedV2::DETAIL_TYPE, new, occurred_at),
        request(PlacedV1::SOURCE, PlacedV1::DETAIL_TYPE, old, occurred_at),
    ]
}

/// By hand: packed into calls within the limits of entries and bytes.
fn packed_by_hand(events: impl Iterator<Item = PlacedV2>) {
    let (mut call, mut bytes) = (Vec::with_capacity(MAX_ENTRIES), 0);
    for entry in events.flat_map(plain) {
        let texts = [entry.source(), entry.detail_type(), entry.detail()];
        let size = texts.iter().map(|text| text.unwrap().len()).sum::<usize>() + TIME_BYTES;
        if call.len() == MAX_ENTRIES || bytes + size > MAX_REQUEST_BYTES {
            black_box(std::mem::replace(&mut call, Vec::with_capacity(MAX_ENTRIES)));
            bytes = 0;
        }
        bytes += size;
        call.push(entry);
    }
    black_box(call);
}

/// The median time of some rounds, which alternate so that both run under the same conditions.
fn medians(
    mut one: impl FnMut() -> Duration,
    mut other: impl FnMut() -> Duration,
) -> [Duration; 2] {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ones.push(one());
        others.push(other());
    }
    [ones, others].map(|mut times| {
        times.sort();
        times[ROUNDS / 2]
    })
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();

    let here = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let publisher = Publisher::new(Sink);
    let build = || {
        for first in (0..BUILT).step_by(AT_ONCE) {
            let events = (first..).take(AT_ONCE).map(placed);
            let report = here.block_on(publisher.publish_all(events));
            assert_eq!(report.accepted.len(), 2 * AT_ONCE);
        }
    };
    let by_hand = || packed_by_hand((0..BUILT).map(placed));
    let [ours, theirs] = medians(|| timed(build), || timed(by_hand));
    let ours_allocated = allocation_counter::measure(build);
    let theirs_allocated = allocation_counter::measure(by_hand);
    let per = |count: u64| count as f64 / BUILT as f64;
    println!("building and packing {BUILT} events in two majors");
    println!(
        "  runtime: {ours:?}, {:.1} allocations an event, {} KiB at most",
        per(ours_allocated.count_total),
        ours_allocated.bytes_max / 1024
    );
    println!(
        "  plain:   {theirs:?}, {:.1} allocations an event, {} KiB at most",
        per(theirs_allocated.count_total),
        theirs_allocated.bytes_max / 1024
    );
    println!(
        "  ratio:   {:.2} of the time, {:.2} of the allocations",
        ours.as_secs_f64() / theirs.as_secs_f64(),
        ours_allocated.count_total as f64 / theirs_allocated.count_total as f64
    );

    let server = runtime.block_on(FaultServer::start(4));
    server.world().keeps_entries = false;
    let client = server.events();
    let publisher = Publisher::new(EventBridge::new(&client, "orders"));
    let packed = || {
        let report = runtime.block_on(publisher.publish_all((0..SENT).map(placed)));
        assert!(report.is_complete());
    };
    let naive = || {
        runtime.block_on(async {
            for event in (0..SENT).map(placed) {
                let call = client.put_events().set_entries(Some(plain(event).into()));
                assert_eq!(call.send().await.unwrap().failed_entry_count(), 0);
            }
        });
    };
    let [ours, theirs] = medians(|| timed(packed), || timed(naive));
    let rate = |time: Duration| SENT as f64 / time.as_secs_f64();
    println!("end to end, {SENT} events in two majors, one caller");
    println!("  runtime: {:.0} events/s, {} calls", rate(ours), SENT * 2 / 10);
    println!("  naive:   {:.0} events/s, {SENT} calls", rate(theirs));
    println!("  ratio:   {:.2} times the events/s", rate(ours) / rate(theirs));
}
