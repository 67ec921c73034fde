//! Decoding and routing of three events, by generated types, by hand-written ones, and as a
//! `serde_json::Value`, in one run: `just bench-types`.
//!
//! Each is measured in turn, so that load affects all; the fastest round counts. The limits are
//! those that the project has set itself.

mod hand;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use event_runtime::decode::{Incoming, Wrapping};
use event_runtime::{AwsEvent, DetailType, Envelope, Event};
use serde::de::DeserializeOwned;
use serde_json::Value;

mod events {
    event_runtime::include_events!();
}
use events::{invoice_issued, order_placed, parcel_scanned};

/// How often a body is decoded in a round.
const READS: u32 = 2_000;
/// Rounds.
const ROUNDS: usize = 60;

fn main() {
    let parcel = include_bytes!("../events/parcel.scanned.json");
    let order = include_bytes!("../events/order.placed.json");
    let invoice = include_bytes!("../events/invoice.issued.json");
    println!("nanoseconds an event; ratios in brackets");
    compare::<parcel_scanned::v1::ParcelScanned, hand::ParcelScanned>(parcel);
    compare::<order_placed::v1::OrderPlaced, hand::OrderPlaced>(order);
    compare::<invoice_issued::v1::InvoiceIssued, hand::InvoiceIssued>(invoice);
}

fn compare<E: Event + DeserializeOwned, H: DeserializeOwned>(body: &[u8]) {
    // like a consumer: by type and major, among those with a handler
    let routes = BTreeMap::from([("invoice.cancelled", 1), ("order.cancelled", 1)]);
    let wanted = |it: DetailType<'_>| routes.get(it.event_type) == Some(&it.version.major());
    let text = std::str::from_utf8(body).expect("the events are text");
    let mut fastest = [Duration::MAX; 8];
    for _ in 0..ROUNDS {
        let round = [
            time(body, |b| serde_json::from_slice::<AwsEvent<Envelope<E>>>(b).map(drop).is_ok()),
            time(body, |b| serde_json::from_slice::<hand::Delivered<H>>(b).map(drop).is_ok()),
            time(body, |b| serde_json::from_slice::<Value>(b).map(drop).is_ok()),
            time(body, |b| {
                Incoming::read_if(b, Wrapping::EventOrEnvelope, wanted).is_ok_and(|i| i.is_none())
            }),
            time(body, |b| Incoming::read(b).is_ok()),
            time(body, |b| Incoming::read(b).is_ok_and(|i| i.decode_event::<E>().is_ok())),
            time(text, |t| serde_json::from_str::<AwsEvent<Envelope<E>>>(t).map(drop).is_ok()),
            time(text, |t| serde_json::from_str::<Value>(t).map(drop).is_ok()),
        ];
        for (least, now) in fastest.iter_mut().zip(round) {
            *least = now.min(*least);
        }
    }
    let [generated, hand, value, routed, head, received, from_text, value_from_text] =
        fastest.map(|t| t.as_secs_f64() * 1e9 / f64::from(READS));
    println!("{}, {} bytes", E::DETAIL_TYPE, body.len());
    println!(
        "  generated types {generated:.0}; by hand {hand:.0} ({:.2}, limit 1.05); Value {value:.0} ({:.2}, limit 0.60)",
        generated / hand,
        generated / value
    );
    println!(
        "  of text, as SQS hands it over: generated types {from_text:.0}; Value {value_from_text:.0} ({:.2})",
        from_text / value_from_text
    );
    println!(
        "  routed by its detail-type {routed:.0} ({:.2} of decoding, limit 0.50); its envelope read and \
         checked, the payload not {head:.0} ({:.2}); routed, checked and decoded {received:.0} ({:.2})",
        routed / generated,
        head / generated,
        received / generated
    );
}

fn time<B: ?Sized>(body: &B, read: impl Fn(&B) -> bool) -> Duration {
    assert!(read(body), "the event doesn't read");
    let start = Instant::now();
    for _ in 0..READS {
        black_box(read(black_box(body)));
    }
    start.elapsed()
}
