//! Converts events to the entries of a bus, and its responses to a report.
//!
//! An event becomes one entry for each of its live majors, all with the same ID and `occurredAt`,
//! next to each other. An event that cannot be sent (too large, not serializable) is rejected
//! before any call and does not affect the others. A bus has a result for each entry, even if the
//! call succeeded: throttled entries are sent again with the same ID, the others are settled.
//! Publishing several majors is therefore not a transaction; the report lists what was accepted by
//! event and version, and [`Publisher::resend`] sends only the rest.
//!
//! This module does not depend on a bus: the [`Transport`] does.

mod batch;
mod counts;
mod entry;
mod flow;
mod head;
mod publisher;
mod report;
mod stream;
mod transport;

pub use counts::PublisherCounts;
pub use entry::{Entry, EntryError, Stamp};
pub use flow::Flow;
pub(crate) use head::Head;
pub use publisher::Publisher;
pub use report::{Accepted, Exhausted, PublishError, PublishReport, Rejected, Rejection};
pub use transport::{EntryOutcome, Refusal, Transport, TransportError};
