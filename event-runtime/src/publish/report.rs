//! What came of publishing, by event and version.

use std::borrow::Cow;
use std::fmt;

use super::{Entry, EntryError};
use crate::shown::shown;
use crate::{EventId, Version};

/// What came of each rendition of each event that was to be published.
///
/// Each rendition stands in exactly one of the three lists.
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
/// #     const VERSION: &'static str = "v1";
/// #     const SOURCE: &'static str = "app.shop";
/// #     const DETAIL_TYPE: &'static str = "order.placed:v1";
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
    /// The bus has these.
    pub accepted: Vec<Accepted>,
    /// The bus will never have these as they are.
    pub rejected: Vec<Rejected>,
    /// The bus might take these later: [`Publisher::resend`](super::Publisher::resend).
    pub exhausted: Vec<Exhausted>,
    /// How many calls were made.
    pub calls: u64,
}

/// A rendition that is on the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The id of the event.
    pub id: EventId,
    /// The major of the rendition.
    pub version: Version,
    /// `type:vN`.
    pub detail_type: Cow<'static, str>,
    /// The id that the bus gave this delivery.
    pub aws_event_id: String,
}

/// A rendition that cannot be published.
#[derive(Debug)]
pub struct Rejected {
    /// The id of the event.
    pub id: EventId,
    /// The major of the rendition.
    pub version: Version,
    /// `type:vN`.
    pub detail_type: Cow<'static, str>,
    /// Why not.
    pub reason: Rejection,
    /// The entry, where there is one that can be sent again: the bus refused it, or the whole call. For
    /// when what stood against it is mended, such as a permission.
    pub entry: Option<Entry>,
}

/// What can be sent again of a rejected rendition.
impl From<Rejected> for Option<Entry> {
    fn from(rejected: Rejected) -> Self {
        rejected.entry
    }
}

/// The entry to be sent again.
impl From<Exhausted> for Option<Entry> {
    fn from(exhausted: Exhausted) -> Self {
        Some(exhausted.entry)
    }
}

/// Who rejected a rendition, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// It was not sent: it cannot be.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The bus refused it, by a code that says the same to every try.
    #[error("the bus refused it, {}: {}", shown(.code), shown(.message))]
    Refused {
        /// AWS's error code, of the entry or of the whole request.
        code: String,
        /// AWS's error message.
        message: String,
    },
}

/// A rendition that was tried as often as the back-off allows.
#[derive(Debug)]
pub struct Exhausted {
    /// The entry as it was sent.
    pub entry: Entry,
    /// How often it was sent.
    pub tries: u32,
    /// What came of the last try: code and message.
    pub last_failure: String,
}

impl PublishReport {
    /// Whether the bus has every rendition of every event.
    pub fn is_complete(&self) -> bool {
        self.rejected.is_empty() && self.exhausted.is_empty()
    }

    /// Whether nothing was to be published, and nothing was called.
    pub fn is_empty(&self) -> bool {
        self.calls == 0 && self.accepted.is_empty() && self.is_complete()
    }

    /// All entries that can be sent again: the exhausted ones, and the rejected ones that the bus
    /// refused.
    pub fn into_unsent(self) -> Vec<Entry> {
        let rejected = self.rejected.into_iter().filter_map(|rejected| rejected.entry);
        self.exhausted.into_iter().map(|exhausted| exhausted.entry).chain(rejected).collect()
    }

    /// The accepted renditions, if all were.
    ///
    /// # Errors
    ///
    /// [`PublishError`], which holds the report, if any was rejected or exhausted.
    pub fn into_result(self) -> Result<Vec<Accepted>, PublishError> {
        if self.is_complete() { Ok(self.accepted) } else { Err(PublishError(Box::new(self))) }
    }
}

/// Something of what was to be published is not on the bus.
#[derive(Debug)]
pub struct PublishError(Box<PublishReport>);

impl PublishError {
    /// What came of each rendition.
    pub fn report(&self) -> &PublishReport {
        &self.0
    }

    /// The report itself, to send the exhausted renditions again.
    pub fn into_report(self) -> PublishReport {
        *self.0
    }
}

impl std::error::Error for PublishError {}

impl fmt::Display for PublishError {
    /// The counts, and the first of each kind of failure.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PublishReport { accepted, rejected, exhausted, .. } = &*self.0;
        let all = accepted.len() + rejected.len() + exhausted.len();
        write!(f, "{} of {all} entries are not on the bus", rejected.len() + exhausted.len())?;
        if let Some(Rejected { id, detail_type, reason, .. }) = rejected.first() {
            write!(f, "; `{detail_type}` {id} was rejected: {reason}")?;
        }
        if let Some(Exhausted { entry, tries, last_failure }) = exhausted.first() {
            let Entry { id, detail_type, .. } = entry;
            write!(f, "; `{detail_type}` {id} failed {tries} times, at last with {last_failure}")?;
        }
        Ok(())
    }
}
