//! The rules that route events to consumers.

use super::QueueSettings;
use crate::Event;
use crate::consume::Consumer;
use crate::limits::{MAX_RULE_ATTEMPTS, MAX_RULE_RETRY};
use crate::publish::Entry;
use crate::topology::plan::{self, Fields, Pattern, Plan, RetryPolicy};

/// A rule of the bus, with the queue of one consumer as its target.
///
/// As in an EventBridge pattern, the listed sources and the listed detail-types must both match,
/// and an empty list matches everything. A rule that was built by hand for two sources therefore
/// matches the detail-types of either from both. Rules of a
/// [`Topology`](crate::topology::Topology), and [those of a consumer](Consumer::rule), match
/// exactly the declared events.
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
    name: String,
    pattern: Pattern,
    retry: RetryPolicy,
    pub(super) queue_name: String,
    pub(super) queue: QueueSettings,
}

impl Rule {
    /// Returns a rule for the consumer with this name, which is also the name of the rule and of
    /// its queue.
    pub fn to(consumer: impl Into<String>) -> Self {
        let consumer = consumer.into();
        Self {
            name: consumer.clone(),
            queue_name: consumer.clone(),
            consumer,
            pattern: Pattern::Fields(Fields::default()),
            retry: RetryPolicy {
                maximum_retry_attempts: MAX_RULE_ATTEMPTS,
                maximum_event_age_in_seconds: MAX_RULE_RETRY.as_secs(),
            },
            queue: QueueSettings::default(),
        }
    }

    /// The rule of a declared consumer. `None` if the plan lacks a part of it, which never happens
    /// for the plan of a [`Topology`](crate::topology::Topology).
    pub(super) fn of(plan: &Plan, consumer: &plan::Consumer) -> Option<Self> {
        let rule = plan.rule(&consumer.rule)?;
        let target = rule.targets.iter().find(|target| target.queue == consumer.queue)?;
        let queue = plan.queue(&consumer.queue)?;
        let redrive = queue.redrive_policy.as_ref();
        let dead_letters = redrive.and_then(|redrive| plan.queue(&redrive.dead_letter_queue));
        Some(Self {
            consumer: consumer.name.clone(),
            name: rule.name.clone(),
            pattern: rule.event_pattern.clone(),
            retry: target.retry_policy,
            queue_name: consumer.queue.clone(),
            queue: QueueSettings::of(queue, dead_letters),
        })
    }

    /// Adds the source and the detail-type of an event, for this major only.
    #[must_use]
    pub fn on<E: Event>(self) -> Self {
        self.source(E::SOURCE).detail_type(E::DETAIL_TYPE)
    }

    /// Adds a source.
    #[must_use]
    pub fn source(self, source: impl Into<String>) -> Self {
        let source = source.into();
        self.each(|fields| fields.source.extend([source.clone()]))
    }

    /// Adds a detail-type, as it is on the wire: `order.placed:v1`.
    #[must_use]
    pub fn detail_type(self, detail_type: impl Into<String>) -> Self {
        let detail_type = detail_type.into();
        self.each(|fields| fields.detail_type.extend([detail_type.clone()]))
    }

    /// Sets how the queue of this consumer delivers.
    #[must_use]
    pub fn queue(self, queue: QueueSettings) -> Self {
        Self { queue, ..self }
    }

    /// Sets how often delivery to the queue is retried, without a delay, before the event is
    /// [undelivered](super::EmbeddedBus::undelivered).
    #[must_use]
    pub fn retries(mut self, attempts: u32) -> Self {
        self.retry.maximum_retry_attempts = attempts;
        self
    }

    /// Returns the name of the rule.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the pattern of the rule.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// Returns how long delivery is tried. Within the process retries take no time, so only the
    /// attempts count.
    pub fn retry_policy(&self) -> RetryPolicy {
        self.retry
    }

    pub(super) fn matches(&self, entry: &Entry) -> bool {
        self.pattern.matches(&entry.source, &entry.detail_type)
    }

    fn each(mut self, change: impl Fn(&mut Fields)) -> Self {
        match &mut self.pattern {
            Pattern::Or { any } => any.iter_mut().for_each(change),
            Pattern::Fields(fields) => change(fields),
        }
        self
    }
}

impl Consumer {
    /// Returns the rule that matches exactly the events that this consumer handles.
    pub fn rule(&self) -> Rule {
        let pairs = self.subscriptions().map(|s| (s.source, s.detail_type));
        Rule { pattern: Pattern::exactly(pairs), ..Rule::to(self.name().as_str()) }
    }
}
