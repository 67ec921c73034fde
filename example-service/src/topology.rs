//! Declares the consumers and what each of them reads.

use std::time::Duration;

use event_runtime::consume::Consumer;
use event_runtime::topology::{Queue, Topology, TopologyError};
use event_runtime::{publishes, reads};

use crate::events::{ProposalAccepted, ProposalPublished, ProposalPublishedV1};

/// The bus and its consumers.
///
/// # Errors
///
/// Never in practice: the declarations are fixed, and a test builds them.
pub fn topology() -> Result<Topology, TopologyError> {
    Topology::on("proposals")
        .publisher(
            "proposals-api",
            publishes![ProposalPublished, ProposalPublishedV1, ProposalAccepted],
        )
        .consumer(
            // its dead letters are redriven by hand after a long outage of the mail server
            Consumer::of::<ProposalPublishedV1>("emailer").redriven(1),
        )
        .consumer(
            Consumer::of::<reads![ProposalPublished, ProposalAccepted]>("projector")
                .queue(Queue::standard().visibility(Duration::from_mins(1))),
        )
        .consumer(
            // runs in a Lambda function, which its queue invokes
            Consumer::of::<ProposalPublished>("analytics")
                .function(Duration::from_secs(10))
                .queue(Queue::standard().visibility(Duration::from_mins(1)))
                .retry(185, Duration::from_hours(24))
                .idempotency(Duration::from_hours(7 * 24)),
        )
        .build()
}
