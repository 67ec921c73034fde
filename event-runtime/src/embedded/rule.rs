//! Which events go to which consumer.

use std::collections::BTreeSet;

use super::QueueSettings;
use crate::Event;
use crate::publish::Entry;

/// A rule of the bus, with the queue of one consumer as its target.
///
/// As in an EventBridge pattern, the listed sources and the listed detail-types must both match, and
/// what is not listed at all matches everything. A rule on two sources therefore matches the
/// detail-types of either from both; the consumer's routes sort that out.
///
/// # Example
///
/// ```
/// use event_runtime::embedded::Rule;
///
/// let rule = Rule::to("emailer").source("app.shop").detail_type("order.placed:v1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub(super) consumer: String,
    pub(super) sources: BTreeSet<String>,
    pub(super) detail_types: BTreeSet<String>,
    pub(super) queue: QueueSettings,
}

impl Rule {
    /// A rule for the consumer of this name, which is the name of its queue too.
    pub fn to(consumer: impl Into<String>) -> Self {
        Self {
            consumer: consumer.into(),
            sources: BTreeSet::new(),
            detail_types: BTreeSet::new(),
            queue: QueueSettings::default(),
        }
    }

    /// Adds the source and the detail-type of an event: this major and no other.
    #[must_use]
    pub fn on<E: Event>(self) -> Self {
        self.source(E::SOURCE).detail_type(E::DETAIL_TYPE)
    }

    /// Adds a source.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.sources.insert(source.into());
        self
    }

    /// Adds a detail-type, as it is on the wire: `order.placed:v1`.
    #[must_use]
    pub fn detail_type(mut self, detail_type: impl Into<String>) -> Self {
        self.detail_types.insert(detail_type.into());
        self
    }

    /// How the queue of this consumer delivers.
    #[must_use]
    pub fn queue(self, queue: QueueSettings) -> Self {
        Self { queue, ..self }
    }

    pub(super) fn matches(&self, entry: &Entry) -> bool {
        let listed = |list: &BTreeSet<String>, value: &str| list.is_empty() || list.contains(value);
        listed(&self.sources, &entry.source) && listed(&self.detail_types, &entry.detail_type)
    }
}
