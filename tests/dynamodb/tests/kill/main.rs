//! Workers that are killed: publisher, bus, queue, poller and DynamoDB on loopback, each worker a
//! process of its own that SIGKILL ends at random moments, and a ledger as the judge.
//!
//! Each event increments its entry of the ledger, in the transaction that marks the event as done.
//! The judge reads the table with the plain SDK: an order without an entry is lost, one with more
//! than one is repeated.
//!
//! `EVENT_KILL_EVENTS`, `EVENT_KILL_KILLS` and `EVENT_KILL_PROCESSES` set the numbers
//! (`just campaign-kill 5000 20 2`), `EVENT_KILL_SEED` another seed.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::large_futures,
    reason = "a campaign that meets an error has failed and should say where"
)]

mod campaign;
mod judge;
mod worker;

/// The role of this process in the campaign.
const ROLE: &str = "EVENT_KILL_ROLE";

#[tokio::main]
async fn main() {
    match std::env::var(ROLE).as_deref() {
        Ok("publish") => worker::publish().await,
        Ok("consume") => worker::consume().await,
        _ => campaign::run().await,
    }
}
