//! The rules that route events to consumers.

use std::collections::BTreeSet;

use super::QueueSettings;
use crate::Event;
use crate::consume::Consumer;
use crate::limits::{MAX_RULE_ATTEMPTS, MAX_RULE_RETRY};
use crate::topology::pattern::EventPattern;
use crate::topology::plan::{self, Plan, RetryPolicy};

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
    sources: BTreeSet<String>,
    detail_types: BTreeSet<String>,
    /// A pattern that was parsed instead of built by hand.
    given: Option<EventPattern>,
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
            sources: BTreeSet::new(),
            detail_types: BTreeSet::new(),
            given: None,
            retry: RetryPolicy {
                maximum_retry_attempts: MAX_RULE_ATTEMPTS,
                maximum_event_age_in_seconds: MAX_RULE_RETRY.as_secs(),
            },
            queue: QueueSettings::default(),
        }
    }

    /// The rules of a declared consumer. Empty if the plan lacks a part of them, which never
    /// happens for the plan of a [`Topology`](crate::topology::Topology).
    pub(super) fn of(plan: &Plan, consumer: &plan::Consumer) -> Vec<Self> {
        let Some(queue) = plan.queue(&consumer.queue) else { return Vec::new() };
        let redrive = queue.redrive_policy.as_ref();
        let dead_letters = redrive.and_then(|redrive| plan.queue(&redrive.dead_letter_queue));
        let settings = QueueSettings::of(queue, dead_letters);
        let rules = consumer.rules.iter().filter_map(|name| {
            let rule = plan.rule(name)?;
            let target = rule.targets.iter().find(|target| target.queue == consumer.queue)?;
            Some(Self {
                name: rule.name.clone(),
                given: Some(rule.event_pattern.clone()),
                retry: target.retry_policy,
                queue_name: consumer.queue.clone(),
                queue: settings,
                ..Self::to(consumer.name.as_str())
            })
        });
        rules.collect()
    }

    /// Adds the source and the detail-type of an event, for this major only.
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

    /// Matches the events of a pattern, instead of listed sources and detail-types.
    ///
    /// # Example
    ///
    /// ```
    /// use event_runtime::embedded::Rule;
    /// use event_runtime::topology::pattern::EventPattern;
    ///
    /// let large = EventPattern::parse(r#"{"source": ["app.shop"], "detail": {"data": {"total": [{"numeric": [">", 100]}]}}}"#)?;
    /// let rule = Rule::to("audit").pattern_of(large);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn pattern_of(self, pattern: EventPattern) -> Self {
        Self { given: Some(pattern), ..self }
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

    /// Returns the pattern of the rule; `None` if it lists nothing.
    pub fn pattern(&self) -> Option<EventPattern> {
        let listed = || {
            let detail_types = self.detail_types.iter().map(String::as_str);
            EventPattern::listing(self.sources.iter().map(String::as_str), detail_types)
        };
        self.given.clone().or_else(listed)
    }

    /// Returns how long delivery is tried. Within the process retries take no time, so only the
    /// attempts count.
    pub fn retry_policy(&self) -> RetryPolicy {
        self.retry
    }
}

impl Consumer {
    /// Returns the rule that matches exactly the events that this consumer handles.
    pub fn rule(&self) -> Rule {
        let pairs = self.subscriptions().map(|s| (s.source, s.detail_type));
        Rule { given: EventPattern::exactly(pairs), ..Rule::to(self.name().as_str()) }
    }
}
