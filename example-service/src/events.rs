//! The events of the service.
//!
//! Version 1 of `proposal.published` is generated: nobody here writes it any more, and old consumers
//! still read it. Version 2 is our own struct, held to the locked schemas by the derive. It supersedes
//! version 1, so that every publish puts both on the bus until the last reader has moved.

use event_runtime::{Event, Timestamp};
use serde::{Deserialize, Serialize};

/// What `build.rs` made of `schemas/`: one module an event, one a major therein.
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
    /// Version 1 knew only the customer's address.
    #[event(from = "customerEmail", down = email)]
    pub customer: Customer,
    /// Version 1 had a total in euros.
    #[event(from = "amount", down = in_units)]
    pub total: Money,
    /// Version 1 had none.
    #[event(drop)]
    pub tags: Vec<String>,
    /// The offer ends here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// How the customer was told; version 1 didn't say.
    #[event(drop)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
}

fn email(customer: Customer) -> String {
    customer.email
}

/// Version 1 wrote the total as a number of whole currency units.
#[expect(clippy::needless_pass_by_value, reason = "`down` hands the field's value over")]
fn in_units(total: Money) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a proposal of more than 2^53 cents is none")]
    let cents = total.cents as f64;
    cents / 100.0
}
