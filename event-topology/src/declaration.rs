//! Declares a consumer: what it reads, from which queue, and where failures go.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::filter::{Filter, Payload, narrowed};
use crate::limits::{MAX_RULE_ATTEMPTS, MAX_RULE_NAME_CHARS, MAX_RULE_RETRY};
use crate::pattern::EventPattern;
use crate::plan::{Function, Host, Read};
use crate::{Alarms, Queue};

/// The declaration of one consumer, begun by [`new`](Self::new). Nothing of it is checked before
/// [`TopologyBuilder::build`](crate::TopologyBuilder::build), which reports every problem at once.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a declaration does nothing before it is part of a topology"]
pub struct Declaration {
    pub(crate) name: String,
    pub(crate) one_rule: bool,
    pub(crate) host: Host,
    pub(crate) table: Option<String>,
    pub(crate) projections: BTreeSet<String>,
    pub(crate) reads: Vec<Read>,
    pub(crate) attempts: u32,
    pub(crate) age: Duration,
    pub(crate) queue: Queue,
    pub(crate) concurrency: u32,
    pub(crate) window: Option<Duration>,
    pub(crate) redrives: u32,
    pub(crate) alarms: Alarms,
    pub(crate) filters: Vec<Filter>,
}

impl Declaration {
    /// Declares a consumer of these events. Where they are Rust types, `event_runtime`'s `Consumer::of` does it
    /// by those.
    ///
    /// # Example
    ///
    /// ```
    /// use std::time::Duration;
    /// use event_topology::plan::Read;
    /// use event_topology::{Declaration, Queue};
    ///
    /// let emailer = Declaration::new("emailer", [Read::new("order.placed", 1, 0, "app.shop")])
    ///     .retry(185, Duration::from_hours(24))
    ///     .queue(Queue::standard().max_receives(3))
    ///     .idempotency(Duration::from_hours(6 * 24))
    ///     .concurrency(4);
    /// ```
    pub fn new(name: &str, reads: impl IntoIterator<Item = Read>) -> Self {
        let mut reads: Vec<Read> = reads.into_iter().collect();
        reads.sort();
        Self {
            name: name.to_owned(),
            one_rule: false,
            host: Host::Poller,
            table: None,
            projections: BTreeSet::new(),
            reads,
            attempts: MAX_RULE_ATTEMPTS,
            age: MAX_RULE_RETRY,
            queue: Queue::standard(),
            concurrency: 1,
            window: None,
            redrives: 0,
            alarms: Alarms::new(),
            filters: Vec::new(),
        }
    }

    /// One rule for everything that the consumer reads, with the name of the consumer, in place of one for each
    /// major. A bus takes 300 rules; with one rule, its metrics do not show which majors the consumer still gets.
    pub fn one_rule(self) -> Self {
        Self { one_rule: true, ..self }
    }

    /// Runs the consumer in a Lambda function, which its queue invokes, with this time-out for an invocation (1
    /// second to 15 minutes). By default, it polls its queue. The queue must hide messages for six times as long:
    /// *AWS Lambda Developer Guide*, "Using Lambda with Amazon SQS".
    pub fn function(self, timeout: Duration) -> Self {
        let timeout_seconds = timeout.as_secs() + u64::from(timeout.subsec_nanos() > 0);
        let function = Function { timeout_seconds, memory_megabytes: 256, batch_size: 10 };
        Self { host: Host::Function(function), ..self }
    }

    /// The memory of the function in megabytes (default: 256). No effect without [`function`](Self::function).
    pub fn memory(mut self, megabytes: u32) -> Self {
        if let Host::Function(function) = &mut self.host {
            function.memory_megabytes = megabytes;
        }
        self
    }

    /// How many messages the function is given at once (default: 10). No effect without
    /// [`function`](Self::function).
    pub fn batch_size(mut self, messages: u32) -> Self {
        if let Host::Function(function) = &mut self.host {
            function.batch_size = messages;
        }
        self
    }

    /// Keeps the consumer's claims in the DynamoDB table of this name. Several consumers may share one.
    pub fn table(self, name: &str) -> Self {
        Self { table: Some(name.to_owned()), ..self }
    }

    /// Keeps projections of the consumer in the DynamoDB table of this name. Several consumers may share one, and a
    /// consumer may have several; claims are in a table of their own.
    pub fn projections(mut self, table: &str) -> Self {
        self.projections.insert(table.to_owned());
        self
    }

    /// How often the rule tries to deliver to the queue again, 0 to 185 times, and how old an event
    /// may get meanwhile, 1 minute to 24 hours. The default is 185 times and 24 hours. What is not
    /// delivered by then goes to the target's dead-letter queue.
    pub fn retry(self, attempts: u32, age: Duration) -> Self {
        Self { attempts, age, ..self }
    }

    /// Sets the queue (default: [`Queue::standard`]).
    pub fn queue(self, queue: Queue) -> Self {
        Self { queue, ..self }
    }

    /// Sets for how long an event is remembered as done (default: for as long as a copy of it may
    /// arrive: while the rule retries, while the queue keeps it, and while dead letters wait to be
    /// [`redriven`](Self::redriven)). Less than that is an error of the topology.
    pub fn idempotency(self, window: Duration) -> Self {
        Self { window: Some(window), ..self }
    }

    /// How often a dead letter is put back into the queue at most. An event has to be remembered for
    /// so much longer.
    pub fn redriven(self, times: u32) -> Self {
        Self { redrives: times, ..self }
    }

    /// Takes only events of this type and major whose payload matches: `filter` is the part of an event pattern that is
    /// about the payload, such as `{"status": ["paid"]}`. It is checked against what the payload can be. Where the event
    /// is a Rust type, `event_runtime`'s `Filter` takes it from there.
    pub fn filtered(
        mut self,
        event_type: &str,
        major: u32,
        filter: &str,
        payload: Payload,
    ) -> Self {
        self.filters.push(Filter::new(event_type, major, filter, payload));
        self
    }

    /// Sets what the alarms of the consumer go by (default: [`Alarms::new`]).
    pub fn alarms(self, alarms: Alarms) -> Self {
        Self { alarms, ..self }
    }

    /// Sets how many messages are handled at once (default: 1).
    pub fn concurrency(self, messages: u32) -> Self {
        Self { concurrency: messages, ..self }
    }

    /// The rules of the consumer: a name, and the sources and detail-types that go together.
    pub(crate) fn rules(&self) -> Vec<(String, EventPattern)> {
        if self.one_rule {
            let pairs = self.reads.iter().map(|read| (&*read.source, &*read.detail_type));
            return EventPattern::exactly(pairs)
                .map(|pattern| (self.name.clone(), pattern))
                .into_iter()
                .collect();
        }
        let mut majors: BTreeMap<(&str, u32), BTreeSet<(&str, &str)>> = BTreeMap::new();
        for read in &self.reads {
            let pair = (&*read.source, &*read.detail_type);
            majors.entry((&read.event_type, read.major)).or_default().insert(pair);
        }
        let rules = majors.into_iter().filter_map(|((event_type, major), pairs)| {
            let pattern = EventPattern::exactly(pairs)?;
            let mut filters = self.filters.iter().filter(|it| it.is_of(event_type, major));
            let narrowed = filters.find_map(Filter::object).and_then(|it| narrowed(&pattern, it));
            Some((rule_name(event_type, major, &self.name), narrowed.unwrap_or(pattern)))
        });
        rules.collect()
    }
}

/// `<type>-v<major>-<consumer>`. What a rule's name cannot hold or has no room for is left out, and eight hexadecimal
/// digits of the whole name's hash follow, so that two names stay two.
fn rule_name(event_type: &str, major: u32, consumer: &str) -> String {
    let whole = format!("{event_type}-v{major}-{consumer}");
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if whole.len() <= MAX_RULE_NAME_CHARS && whole.chars().all(allowed) {
        return whole;
    }
    let room = MAX_RULE_NAME_CHARS - "-01234567".len();
    let short: String = whole.chars().filter(|&c| allowed(c)).take(room).collect();
    format!("{short}-{:08x}", hash(&whole))
}

/// FNV-1a with 32 bits: the same on every machine and in every version, since deployed rules carry it.
pub(crate) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_names_fit_and_stay_apart() {
        assert_eq!(rule_name("order.placed", 2, "emailer"), "order.placed-v2-emailer");
        let (long, longer) = ("x".repeat(70), "x".repeat(71));
        let (a, b) = (rule_name(&long, 1, "c"), rule_name(&longer, 1, "c"));
        assert_eq!((a.len(), b.len()), (64, 64));
        assert_ne!(a, b);
        assert_ne!(rule_name("a b", 1, "c"), rule_name("ab", 1, "c"));
        assert_eq!(hash(""), 0x811c_9dc5);
        assert_eq!(hash("a"), 0xe40c_292c);
    }
}
