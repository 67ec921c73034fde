//! Workers that are killed: publisher, bus, queue, poller and DynamoDB over loopback, each worker a
//! process of its own that SIGKILL ends at any moment, and a ledger as the judge.
//!
//! Each event adds one to its entry of the ledger, in the transaction that marks the event as done. The
//! judge reads the table with the plain SDK: an order without an entry is lost, one with more than one
//! is doubled.
//!
//! `EVENT_KILL_EVENTS`, `EVENT_KILL_KILLS` and `EVENT_KILL_PROCESSES` set how many
//! (`just campaign-kill 5000 20 2`), `EVENT_KILL_SEED` another draw.

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

/// Which part of the campaign this process is.
const ROLE: &str = "EVENT_KILL_ROLE";

#[tokio::main]
async fn main() {
    match std::env::var(ROLE).as_deref() {
        Ok("publish") => worker::publish().await,
        Ok("consume") => worker::consume().await,
        _ => campaign::run().await,
    }
}
