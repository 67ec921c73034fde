//! The result of publishing, by event and version.

use std::borrow::Cow;
use std::fmt;

use super::{Entry, EntryError, Refusal};
use crate::{EventId, Version};

/// The result of each version of each published event.
///
/// Each version is in exactly one of the three lists.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "embedded")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct OrderPlaced { order_id: String }
/// # impl event_runtime::Event for OrderPlaced {
/// #     const TYPE: &'static str = "order.placed";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const SOURCE: &'static str = "app.shop";
/// # }
/// use event_runtime::embedded::EmbeddedBus;
/// use event_runtime::publish::Publisher;
///
/// let publisher = Publisher::new(EmbeddedBus::builder().build()?);
/// let mut report = publisher.publish(OrderPlaced { order_id: "A-1".into() }).await;
/// for rejected in &report.rejected {
///     tracing::error!("{} {}: {}", rejected.detail_type, rejected.id, rejected.reason);
/// }
/// // Later, with the same ids:
/// let later = publisher.resend(std::mem::take(&mut report.exhausted)).await;
/// assert!(report.is_complete() && later.is_complete());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "embedded"))]
/// # fn main() {}
/// ```
#[derive(Debug, Default)]
#[must_use = "an entry may have been rejected, also when the call succeeded"]
pub struct PublishReport {
    /// The bus accepted these.
    pub accepted: Vec<Accepted>,
    /// The bus will never accept these unchanged.
    pub rejected: Vec<Rejected>,
    /// The bus might accept these later: [`Publisher::resend`](super::Publisher::resend).
    pub exhausted: Vec<Exhausted>,
    /// How many calls were made.
    pub calls: u64,
}

/// An event in one major that is on the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The id of the event.
    pub id: EventId,
    /// The major of the event.
    pub version: Version,
    /// `type:vN`.
    pub detail_type: Cow<'static, str>,
    /// The id that the bus gave this delivery.
    pub bus_id: String,
}

/// An event in one major that cannot be published.
#[derive(Debug)]
pub struct Rejected {
    /// The id of the event.
    pub id: EventId,
    /// The major of the event.
    pub version: Version,
    /// `type:vN`.
    pub detail_type: Cow<'static, str>,
    /// The reason.
    pub reason: Rejection,
    /// The entry, if it can be sent again: the bus refused it, or the whole call. Send it again
    /// after the cause is fixed, such as a missing permission.
    pub entry: Option<Entry>,
}

/// The entry of a rejected event, if it can be sent again.
impl From<Rejected> for Option<Entry> {
    fn from(rejected: Rejected) -> Self {
        rejected.entry
    }
}

/// The entry to send again.
impl From<Exhausted> for Option<Entry> {
    fn from(exhausted: Exhausted) -> Self {
        Some(exhausted.entry)
    }
}

/// Who rejected an event, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// It was not sent, because it is not valid.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The bus refused it, and would refuse every other try: the entry, or the whole call.
    #[error("refused by the bus: {0}")]
    Refused(Refusal),
}

/// An event in one major that was tried as often as the back-off allows.
#[derive(Debug)]
pub struct Exhausted {
    /// The entry as it was sent.
    pub entry: Entry,
    /// How often it was sent.
    pub tries: u32,
    /// The result of the last try.
    pub last_failure: Refusal,
}

impl PublishReport {
    /// Whether the bus accepted every event in every major.
    pub fn is_complete(&self) -> bool {
        self.rejected.is_empty() && self.exhausted.is_empty()
    }

    /// Whether nothing was published, and no call was made.
    pub fn is_empty(&self) -> bool {
        self.calls == 0 && self.accepted.is_empty() && self.is_complete()
    }

    /// Returns all entries that can be sent again: the exhausted ones, and those that the bus
    /// refused.
    pub fn into_unsent(self) -> Vec<Entry> {
        let rejected = self.rejected.into_iter().filter_map(|rejected| rejected.entry);
        self.exhausted.into_iter().map(|exhausted| exhausted.entry).chain(rejected).collect()
    }

    /// Returns the accepted entries, if all were accepted.
    ///
    /// # Errors
    ///
    /// [`PublishError`] with the report, if any entry was rejected or exhausted.
    pub fn into_result(self) -> Result<Vec<Accepted>, PublishError> {
        if self.is_complete() { Ok(self.accepted) } else { Err(PublishError(Box::new(self))) }
    }
}

/// Some entries are not on the bus.
#[derive(Debug)]
pub struct PublishError(Box<PublishReport>);

impl PublishError {
    /// Returns the report.
    pub fn report(&self) -> &PublishReport {
        &self.0
    }

    /// Returns the report by value, to send the exhausted entries again.
    pub fn into_report(self) -> PublishReport {
        *self.0
    }
}

impl std::error::Error for PublishError {}

impl fmt::Display for PublishError {
    /// Writes the counts, and the first failure of each kind.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PublishReport { accepted, rejected, exhausted, .. } = &*self.0;
        let all = accepted.len() + rejected.len() + exhausted.len();
        write!(f, "{} of {all} entries are not on the bus", rejected.len() + exhausted.len())?;
        if let Some(Rejected { id, detail_type, reason, .. }) = rejected.first() {
            write!(f, "; `{detail_type}` {id} was rejected: {reason}")?;
        }
        if let Some(Exhausted { entry, tries, last_failure }) = exhausted.first() {
            let Entry { id, detail_type, .. } = entry;
            write!(f, "; `{detail_type}` {id} failed {tries} times, last with {last_failure}")?;
        }
        Ok(())
    }
}
