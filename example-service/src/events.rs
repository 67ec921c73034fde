//! The events of the service.
//!
//! Version 1 of `proposal.published` is generated: no code here writes it any more, and old
//! consumers still read it. Version 2 is our own struct, which the derive checks against the locked
//! schemas. It supersedes version 1, so every publish puts both on the bus until the last reader
//! has migrated.

use event_runtime::{Event, Timestamp};
use serde::{Deserialize, Serialize};

/// The types that `build.rs` generates from `schemas/`: one module per event, one per major in it.
pub mod contracts {
    event_runtime::include_events!();
}

pub use contracts::proposal_accepted::v1::ProposalAccepted;
pub use contracts::proposal_published::v1::ProposalPublished as ProposalPublishedV1;
pub use contracts::proposal_published::v2::{Channel, Currency, Customer, Money};

/// A proposal was published to its customer.
#[derive(Debug, Clone, PartialEq, Event, Serialize, Deserialize)]
#[event(
    type = "proposal.published",
    version = "2.1",
    source = "app.solargenix",
    supersedes = ProposalPublishedV1
)]
#[serde(rename_all = "camelCase")]
pub struct ProposalPublished {
    /// Stable id of the proposal.
    pub proposal_id: String,
    /// What the customer reads first.
    pub title: String,
    /// Version 1 had only the customer's email address.
    #[event(from = "customerEmail", down = email)]
    pub customer: Customer,
    /// Version 1 had a total in euros.
    #[event(from = "amount", down = in_units)]
    pub total: Money,
    /// Version 1 had no tags.
    #[event(drop)]
    pub tags: Vec<String>,
    /// The offer expires at this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// How the customer was informed. Version 1 did not record it.
    #[event(drop)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
}

fn email(customer: Customer) -> String {
    customer.email
}

/// Version 1 wrote the total as a number of whole currency units.
#[expect(clippy::needless_pass_by_value, reason = "`down` passes the field by value")]
fn in_units(total: Money) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a proposal is far below 2^53 cents")]
    let cents = total.cents as f64;
    cents / 100.0
}
