//! Keeps a read model of proposals, by proposal id.

use std::sync::Arc;

use event_runtime::Envelope;
use event_runtime::consume::{BuildError, Consumer, ConsumerBuilder, HandlerError};
use event_runtime::projection::{Effect, Projection, Revision};
use serde::{Deserialize, Serialize};

use crate::events::{Currency, ProposalAccepted, ProposalPublished};

/// A proposal as the service's readers see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProposalView {
    /// What the customer reads first.
    pub title: String,
    /// The total in the currency's smallest unit.
    pub cents: i64,
    /// The currency.
    pub currency: Currency,
    /// Where it was published; version 1 could not say.
    pub customer: String,
}

/// Who accepted a proposal, by proposal id.
pub type Acceptances = Arc<Projection<String>>;

/// The proposals, by id.
pub type Proposals = Arc<Projection<ProposalView>>;

/// Late and repeated rows are normal. Two values for one revision are an error of the publisher,
/// which a retry does not fix.
fn settle(effect: Effect) -> Result<(), HandlerError> {
    match effect {
        Effect::Conflict { .. } => Err(HandlerError::permanent("two values for one revision")),
        _ => Ok(()),
    }
}

/// Builds the consumer from the handlers of the [topology](crate::topology): one projection an event type, so that each row has one writer.
///
/// # Errors
///
/// Never in practice: the handlers are fixed.
pub fn consumer(
    handlers: ConsumerBuilder,
    proposals: Proposals,
    acceptances: Acceptances,
) -> Result<Consumer, BuildError> {
    handlers
        .on(move |event: Envelope<ProposalPublished>, _| {
            let proposals = Arc::clone(&proposals);
            async move {
                let revision = Revision::of(&event);
                let proposal = event.data;
                let view = ProposalView {
                    title: proposal.title,
                    cents: proposal.total.cents,
                    currency: proposal.total.currency,
                    customer: proposal.customer.name.unwrap_or(proposal.customer.email),
                };
                settle(proposals.upsert(&proposal.proposal_id, revision, &view).await?)
            }
        })
        .on(move |event: Envelope<ProposalAccepted>, _| {
            let acceptances = Arc::clone(&acceptances);
            async move {
                let revision = Revision::of(&event);
                let accepted = event.data;
                let id = &accepted.proposal_id;
                settle(acceptances.upsert(id, revision, &accepted.accepted_by).await?)
            }
        })
        .build()
}
