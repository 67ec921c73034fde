//! A bus inside the process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::undelivered::Delivering;
use super::{BusBuildError, BusProblem, Queue, Rule, Undelivered};
use crate::AwsEvent;
use crate::name::ConsumerName;
use crate::publish::{Entry, EntryOutcome, Refusal, Transport, TransportError};
use crate::store::BoxFuture;
use crate::topology::Topology;
use crate::topology::pattern::PatternSet;
use crate::trace::{self, Trace};

/// Placeholders for an AWS account and region.
pub(super) const ACCOUNT: &str = "000000000000";
pub(super) const REGION: &str = "embedded";

/// The name of a bus that was built by hand.
const BUS: &str = "default";

/// A bus with rules and queues, and a [`Transport`] to publish on it. Cheap to clone; clones refer
/// to the same bus.
///
/// # Example
///
/// ```
/// use event_runtime::embedded::{EmbeddedBus, Rule};
///
/// let bus = EmbeddedBus::builder()
///     .rule(Rule::to("emailer").source("app.shop").detail_type("order.placed:v1"))
///     .build()?;
/// assert!(bus.queue("emailer")?.is_empty());
/// assert!(bus.queue("emialer").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct EmbeddedBus(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    targets: BTreeMap<String, Target>,
    /// The patterns of all rules: by consumer and position.
    patterns: PatternSet<(String, usize)>,
    stats: Mutex<BusStats>,
}

#[derive(Debug)]
struct Target {
    /// At least one, all with the same queue.
    rules: Vec<Rule>,
    queue: Queue,
    delivering: Mutex<Delivering>,
}

impl Target {
    fn new(first: Rule, more: impl IntoIterator<Item = Rule>) -> Self {
        let queue = Queue::new(first.consumer.as_str().into(), first.queue);
        let rules = std::iter::once(first).chain(more).collect();
        Self { rules, queue, delivering: Mutex::default() }
    }

    fn delivering(&self) -> MutexGuard<'_, Delivering> {
        self.delivering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The counts of a bus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BusStats {
    /// Entries that were put on the bus.
    pub entries: u64,
    /// Messages that were put into queues: one for each rule that matched an entry.
    pub deliveries: u64,
    /// Events that a rule could not deliver and that went to its target's dead-letter queue.
    pub undelivered: u64,
    /// Entries that no rule matched. EventBridge drops these silently.
    pub unmatched: u64,
}

/// Collects the rules of an [`EmbeddedBus`].
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct BusBuilder(Vec<Rule>);

/// Why a bus has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// No rule has this consumer.
    #[error("unknown consumer `{consumer}`: the consumers of this bus are {known}")]
    NoSuchConsumer {
        /// The requested consumer.
        consumer: String,
        /// The consumers of the bus.
        known: String,
    },
}

impl BusBuilder {
    /// Adds the rule of one consumer.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.0.push(rule);
        self
    }

    /// Builds the bus.
    ///
    /// # Errors
    ///
    /// [`BusBuildError`] with every rule that EventBridge would refuse.
    pub fn build(self) -> Result<EmbeddedBus, BusBuildError> {
        let mut targets = BTreeMap::new();
        let mut problems = Vec::new();
        for rule in self.0 {
            let consumer = rule.consumer.clone();
            problems.extend(ConsumerName::new(&consumer).err().map(BusProblem::from));
            if rule.pattern().is_none() {
                problems.push(BusProblem::EmptyPattern { consumer: consumer.clone() });
            }
            if targets.insert(consumer.clone(), Target::new(rule, [])).is_some() {
                problems.push(BusProblem::TwoRules { consumer });
            }
        }
        if problems.is_empty() {
            Ok(EmbeddedBus::with(BUS, targets))
        } else {
            Err(BusBuildError { problems })
        }
    }
}

impl EmbeddedBus {
    /// Returns a builder without rules.
    pub fn builder() -> BusBuilder {
        BusBuilder::default()
    }

    /// Returns the bus of a topology: its rules, its queues, and their dead-letter queues.
    /// [`Deployment`](super::Deployment) adds the consumers.
    pub fn of(topology: &Topology) -> Self {
        let plan = topology.plan();
        let targets = plan.consumers.iter().filter_map(|consumer| {
            let mut rules = Rule::of(plan, consumer).into_iter();
            Some((consumer.name.clone(), Target::new(rules.next()?, rules)))
        });
        Self::with(&plan.bus, targets.collect())
    }

    fn with(name: &str, targets: BTreeMap<String, Target>) -> Self {
        let mut patterns = PatternSet::default();
        for (consumer, target) in &targets {
            for (at, rule) in target.rules.iter().enumerate() {
                if let Some(pattern) = rule.pattern() {
                    patterns.insert(&(consumer.clone(), at), &pattern);
                }
            }
        }
        Self(Arc::new(Inner { name: name.to_owned(), targets, patterns, stats: Mutex::default() }))
    }

    /// Returns the name of the bus.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the queue of a consumer.
    ///
    /// # Errors
    ///
    /// [`BusError::NoSuchConsumer`].
    pub fn queue(&self, consumer: &str) -> Result<Queue, BusError> {
        self.target(consumer).map(|target| target.queue.clone())
    }

    /// Returns the rules of the bus, by the name of their consumer.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.0.targets.values().flat_map(|target| &target.rules)
    }

    /// Makes the next `tries` deliveries to a consumer's queue fail, to test what happens to the
    /// events.
    ///
    /// # Errors
    ///
    /// [`BusError::NoSuchConsumer`].
    pub fn interrupt(&self, consumer: &str, tries: u32) -> Result<(), BusError> {
        self.target(consumer).map(|target| target.delivering().failing = tries)
    }

    /// Returns the dead-letter queue of the target of a consumer's rule: events that never reached
    /// its queue.
    ///
    /// # Errors
    ///
    /// [`BusError::NoSuchConsumer`].
    pub fn undelivered(&self, consumer: &str) -> Result<Vec<Undelivered>, BusError> {
        self.target(consumer).map(|target| target.delivering().undelivered.clone())
    }

    /// Moves undelivered events to the consumer's queue. Returns how many.
    ///
    /// # Errors
    ///
    /// [`BusError::NoSuchConsumer`].
    pub fn redeliver(&self, consumer: &str) -> Result<usize, BusError> {
        let target = self.target(consumer)?;
        let undelivered = std::mem::take(&mut target.delivering().undelivered);
        let count = undelivered.len();
        for event in undelivered {
            target.queue.arrive(event.body, Trace::default());
        }
        Ok(count)
    }

    fn target(&self, consumer: &str) -> Result<&Target, BusError> {
        self.0.targets.get(consumer).ok_or_else(|| BusError::NoSuchConsumer {
            consumer: consumer.to_owned(),
            known: self.known(),
        })
    }

    /// Returns all queues, by the name of their consumer.
    pub fn queues(&self) -> impl Iterator<Item = &Queue> {
        self.0.targets.values().map(|target| &target.queue)
    }

    /// Returns the counts of the bus so far.
    pub fn stats(&self) -> BusStats {
        *self.0.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> String {
        let names: Vec<String> = self.0.targets.keys().map(|name| format!("`{name}`")).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }

    fn accept(&self, entry: &Entry, trace: &Trace) -> EntryOutcome {
        // Assigned at each call, as AWS does: a consumer must not use it as the event's ID.
        let bus_id = uuid(rand::random());
        let body = match whole_event(entry, &bus_id) {
            Ok(body) => Arc::<str>::from(body),
            Err(error) => {
                let refusal = Refusal::permanent("MalformedDetail", error.to_string());
                return EntryOutcome::Refused(refusal);
            }
        };
        let matching = match self.0.patterns.matches(&body) {
            Ok(matching) => matching,
            Err(error) => {
                let refusal = Refusal::permanent("MalformedDetail", error.to_string());
                return EntryOutcome::Refused(refusal);
            }
        };
        let (mut deliveries, mut undelivered) = (0, 0);
        for (consumer, at) in matching {
            let Some(target) = self.0.targets.get(&consumer) else { continue };
            let Some(rule) = target.rules.get(at) else { continue };
            let delivered = {
                let mut delivering = target.delivering();
                delivering.deliver(rule, &self.0.name, &target.queue, &body, trace)
            };
            *(if delivered { &mut deliveries } else { &mut undelivered }) += 1;
        }
        let mut stats = self.0.stats.lock().unwrap_or_else(PoisonError::into_inner);
        stats.entries += 1;
        stats.deliveries += deliveries;
        stats.undelivered += undelivered;
        stats.unmatched += u64::from(deliveries + undelivered == 0);
        EntryOutcome::Accepted { bus_id }
    }
}

impl Transport for EmbeddedBus {
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
        let trace = trace::scoped().unwrap_or_default();
        let outcomes = entries.iter().map(|entry| self.accept(entry, &trace)).collect();
        Box::pin(std::future::ready(Ok(outcomes)))
    }
}

/// Returns the body of the message that a queue receives: the event as EventBridge writes it.
fn whole_event(entry: &Entry, bus_id: &str) -> Result<String, serde_json::Error> {
    let detail: &RawValue = serde_json::from_str(&entry.detail)?;
    let time = entry.time.unwrap_or_else(Timestamp::now);
    serde_json::to_string(&AwsEvent {
        version: "0".to_owned(),
        id: bus_id.to_owned(),
        detail_type: entry.detail_type.to_string(),
        source: entry.source.to_string(),
        account: ACCOUNT.to_owned(),
        time: Timestamp::from_second(time.as_second()).unwrap_or(time),
        region: REGION.to_owned(),
        resources: entry.resources.clone(),
        replay_name: None,
        detail,
    })
}

/// Formats random bits as a UUID of version 4.
fn uuid(bits: u128) -> String {
    let bits = bits & !(0xf << 76) & !(0b11 << 62) | (0x4 << 76) | (0b10 << 62);
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EventId, Version};

    fn entry(source: &'static str, detail_type: &'static str) -> Entry {
        Entry {
            id: EventId::generate(),
            version: Version::new(1),
            source: source.into(),
            detail_type: detail_type.into(),
            detail: "{}".into(),
            time: Some("2026-11-23T13:06:06.789Z".parse().unwrap()),
            resources: vec!["arn:x".into()],
        }
    }

    #[tokio::test]
    async fn rules_match_on_source_and_detail_type() {
        let bus = EmbeddedBus::builder()
            .rule(Rule::to("one").source("a").detail_type("t:v1").detail_type("t:v2"))
            .rule(Rule::to("all-of-a").source("a"))
            .build()
            .unwrap();
        let entries = [entry("a", "t:v1"), entry("a", "t:v3"), entry("b", "t:v1")];
        bus.put(&entries).await.unwrap();
        assert_eq!(bus.queue("one").unwrap().len(), 1);
        assert_eq!(bus.queue("all-of-a").unwrap().len(), 2);
        assert_eq!(
            bus.stats(),
            BusStats { entries: 3, deliveries: 3, unmatched: 1, ..BusStats::default() }
        );
    }

    #[tokio::test]
    async fn message_is_the_whole_event() {
        let bus = EmbeddedBus::builder().rule(Rule::to("c").source("a")).build().unwrap();
        let outcomes = bus.put(&[entry("a", "t:v1")]).await.unwrap();
        let EntryOutcome::Accepted { bus_id } = &outcomes[0] else { panic!("{outcomes:?}") };
        let body = bus.queue("c").unwrap().receive(1).remove(0).body;
        let expected = serde_json::json!({
            "version": "0", "id": bus_id, "detail-type": "t:v1", "source": "a",
            "account": "000000000000", "time": "2026-11-23T13:06:06Z", "region": "embedded",
            "resources": ["arn:x"], "detail": {}
        });
        assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap(), expected);
    }

    #[tokio::test]
    async fn invalid_json_detail_fails_its_entry() {
        let bus = EmbeddedBus::builder().rule(Rule::to("c").source("a")).build().unwrap();
        let broken = Entry { detail: "{".into(), ..entry("a", "t:v1") };
        let outcomes = bus.put(&[broken, entry("a", "t:v1")]).await.unwrap();
        assert!(
            matches!(&outcomes[0], EntryOutcome::Refused(Refusal { code, .. }) if code == "MalformedDetail")
        );
        assert!(matches!(&outcomes[1], EntryOutcome::Accepted { .. }));
    }

    #[tokio::test]
    async fn undelivered_event_is_kept_with_eventbridge_attributes() {
        let rule = Rule::to("c").source("a").retries(2);
        let bus = EmbeddedBus::builder().rule(rule).build().unwrap();
        // Two retries are enough for the first event and one too few for the second.
        bus.interrupt("c", 2).unwrap();
        bus.put(&[entry("a", "t:v1")]).await.unwrap();
        assert_eq!((bus.queue("c").unwrap().len(), bus.undelivered("c").unwrap().len()), (1, 0));
        bus.interrupt("c", 3).unwrap();
        bus.put(&[entry("a", "t:v2"), entry("a", "t:v3")]).await.unwrap();
        assert_eq!(bus.queue("c").unwrap().len(), 2);
        let stats = BusStats { entries: 3, deliveries: 2, undelivered: 1, unmatched: 0 };
        assert_eq!(bus.stats(), stats);

        let [event] = <[Undelivered; 1]>::try_from(bus.undelivered("c").unwrap()).unwrap();
        assert!(event.body.contains("t:v2"), "{event:?}");
        assert_eq!(event.rule_arn, "arn:aws:events:embedded:000000000000:rule/default/c");
        assert_eq!(event.target_arn, "arn:aws:sqs:embedded:000000000000:c");
        assert_eq!(event.retry_attempts, 2);
        assert_eq!(event.exhausted_retry_condition, "MaximumRetryAttempts");

        assert_eq!(bus.redeliver("c").unwrap(), 1);
        assert_eq!((bus.queue("c").unwrap().len(), bus.undelivered("c").unwrap().len()), (3, 0));
    }

    #[test]
    fn bus_that_eventbridge_would_refuse_is_not_built() {
        let build = |rules: Vec<Rule>| {
            rules.into_iter().fold(EmbeddedBus::builder(), BusBuilder::rule).build().unwrap_err()
        };
        let rules = vec![
            Rule::to("a:b").source("s"),
            Rule::to("a"),
            Rule::to("b").source("s"),
            Rule::to("b").source("t"),
        ];
        assert_eq!(
            build(rules).to_string(),
            "`a:b` cannot name a consumer: one to 64 of letters, digits, `.`, `-` and `_`\n\
             the rule of consumer `a` lists neither a source nor a detail-type\n\
             consumer `b` has two rules: put the patterns into one rule"
        );
    }

    #[test]
    fn unknown_consumer_error_lists_known_ones() {
        let bus = EmbeddedBus::builder().rule(Rule::to("emailer").source("s")).build().unwrap();
        assert_eq!(
            bus.queue("emialer").unwrap_err().to_string(),
            "unknown consumer `emialer`: the consumers of this bus are `emailer`"
        );
    }

    #[test]
    fn uuids_are_of_version_4() {
        assert_eq!(uuid(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
