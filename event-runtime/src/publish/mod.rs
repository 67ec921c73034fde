//! From events to the entries of a bus, and from its answers to a report.
//!
//! An event becomes one entry for each of its renditions, all with the same id and `occurredAt`, one
//! beside the other. What cannot be sent (too large, not serialisable) is rejected before any call
//! and holds nothing else back. A bus answers for each entry on its own, also where the call succeeded:
//! entries that were throttled are sent again with the same id, the others are settled. The two
//! renditions of an event are therefore no transaction; the report names what arrived by event and
//! version, and [`Publisher::resend`] sends only what did not.
//!
//! This module does not depend on a bus: the [`Transport`] does.

mod batch;
mod counts;
mod entry;
mod head;
mod publisher;
mod report;
mod stream;
mod transport;

pub use counts::PublisherCounts;
pub use entry::{Entry, EntryError, Stamp};
pub(crate) use head::Head;
pub use publisher::Publisher;
pub use report::{Accepted, Exhausted, PublishError, PublishReport, Rejected, Rejection};
pub use transport::{EntryOutcome, Refusal, Transport, TransportError};
