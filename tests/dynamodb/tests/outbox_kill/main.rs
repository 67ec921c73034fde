//! An outbox whose consumers and relays are killed: queue, poller, DynamoDB with its stream, relay
//! and bus on loopback, each consumer and relay a process of its own that SIGKILL ends at random
//! moments.
//!
//! Each message makes one change: its item, its mark and its event are one transaction. A mapping
//! reads the table's stream and invokes the relay as Lambda does: a batch whose relay died is
//! delivered again, and one with a failure from its lowest sequence number on. The judge compares
//! the table of changes with what the bus has accepted: every committed change is published, no
//! event is published without its change, the ID of a change is the same in each copy, and the
//! events of a key are published for the first time in the order of their transactions.
//!
//! `EVENT_OUTBOX_CHANGES` and `EVENT_OUTBOX_KILLS` set the numbers (`just campaign-outbox 5000
//! 20`), `EVENT_OUTBOX_SEED` another seed.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::large_futures,
    reason = "a campaign that meets an error has failed and should say where"
)]

mod campaign;
mod judge;
mod mapping;
mod worker;

/// The role of this process in the campaign.
const ROLE: &str = "EVENT_OUTBOX_ROLE";

/// The detail-type of the events of the changes.
const BOOKED: &str = "order.booked:v1";

/// How many order keys the changes have. Every second change has an event without an order.
const KEYS: u64 = 25;

#[tokio::main]
async fn main() {
    match std::env::var(ROLE).as_deref() {
        Ok("change") => worker::change().await,
        Ok("relay") => worker::relay().await,
        _ => campaign::run().await,
    }
}
