//! From declarations to a topology that AWS would take.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::plan::{
    self, FORMAT, Holds, Idempotency, Outage, Plan, Publish, Publisher, RedrivePolicy, RetryPolicy,
    Table, TableHolds, Target,
};
use crate::{Declaration, Redelivery, TopologyError, check};

/// The id of the one target that a rule has.
const TARGET: &str = "queue";

/// A bus and its consumers: everything in it was checked.
///
/// # Example
///
/// ```
/// use event_topology::plan::Read;
/// use event_topology::{Declaration, Topology};
///
/// let placed = || [Read::new("order.placed", 1, 0, "app.shop")];
/// let topology = Topology::on("shop")
///     .consumer(Declaration::new("emailer", placed()))
///     .consumer(Declaration::new("ledger", placed()))
///     .build()?;
/// let json = serde_json::to_value(&topology)?;
/// assert_eq!(json["rules"][1]["eventPattern"]["detail-type"][0], "order.placed:v1");
///
/// // One name, one consumer; and every other mistake is told in the same error.
/// let error = Topology::on("shop")
///     .consumer(Declaration::new("emailer", placed()))
///     .consumer(Declaration::new("emailer", placed()).concurrency(0))
///     .build()
///     .unwrap_err();
/// assert_eq!(error.problems.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology(Plan);

/// Collects the consumers of a [`Topology`].
#[derive(Debug, Clone)]
#[must_use]
pub struct TopologyBuilder {
    bus: String,
    declared: Vec<Declaration>,
    publishers: Vec<Publisher>,
    shared_bus: bool,
}

impl Topology {
    /// A topology on the bus of this name, without consumers yet.
    pub fn on(bus: &str) -> TopologyBuilder {
        TopologyBuilder {
            bus: bus.to_owned(),
            declared: Vec::new(),
            publishers: Vec::new(),
            shared_bus: false,
        }
    }

    /// The same as data.
    pub fn plan(&self) -> &Plan {
        &self.0
    }
}

/// As its [`Plan`], which can be read back; a topology is only ever built.
impl Serialize for Topology {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl TopologyBuilder {
    /// States that another service makes the bus: a template of this topology only refers to it.
    pub fn shared_bus(self) -> Self {
        Self { shared_bus: true, ..self }
    }

    /// Adds a consumer.
    pub fn consumer(mut self, declaration: Declaration) -> Self {
        self.declared.push(declaration);
        self
    }

    /// Adds a publisher by the name of its service, with the events that it puts on the bus. Where they are Rust
    /// types, `event_runtime`'s `publishes!` lists them.
    pub fn publisher(mut self, name: &str, events: impl IntoIterator<Item = Publish>) -> Self {
        let mut publishes: Vec<Publish> = events.into_iter().collect();
        publishes.sort();
        self.publishers.push(Publisher { name: name.to_owned(), publishes });
        self
    }

    /// The topology.
    ///
    /// # Errors
    ///
    /// [`TopologyError`], with everything that is wrong.
    pub fn build(self) -> Result<Topology, TopologyError> {
        let Self { bus, declared, mut publishers, shared_bus } = self;
        TopologyError::of(check::all(&bus, &declared, &publishers))?;
        publishers.sort_by(|a, b| a.name.cmp(&b.name));
        let tables = tables(&declared);
        let mut plan = Plan {
            format: FORMAT,
            bus,
            shared_bus,
            consumers: vec![],
            rules: vec![],
            queues: vec![],
            publishers,
            tables,
        };
        for declaration in declared {
            add(&mut plan, declaration);
        }
        plan.consumers.sort_by(|a, b| a.name.cmp(&b.name));
        plan.rules.sort_by(|a, b| a.name.cmp(&b.name));
        plan.queues.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Topology(plan))
    }
}

/// The tables of all consumers, with the attributes that `event_aws`'s stores use.
fn tables(declared: &[Declaration]) -> Vec<Table> {
    let mut consumers: BTreeMap<&str, (TableHolds, BTreeSet<&str>)> = BTreeMap::new();
    for declaration in declared {
        let claims = declaration.table.iter().map(|table| (TableHolds::Claims, table));
        let rows = declaration.projections.iter().map(|table| (TableHolds::Projections, table));
        for (holds, table) in claims.chain(rows) {
            let entry = consumers.entry(table).or_insert((holds, BTreeSet::new()));
            entry.1.insert(&declaration.name);
        }
    }
    let table = |(name, (holds, consumers)): (&str, (TableHolds, BTreeSet<&str>))| Table {
        name: name.to_owned(),
        holds,
        partition_key: match holds {
            TableHolds::Claims => "id".to_owned(),
            TableHolds::Projections => "pk".to_owned(),
        },
        time_to_live: "expiration".to_owned(),
        consumers: consumers.into_iter().map(ToOwned::to_owned).collect(),
    };
    consumers.into_iter().map(table).collect()
}

/// One consumer: its rules, its queue, and its two dead-letter queues.
fn add(plan: &mut Plan, declared: Declaration) {
    let minimum = seconds(check::window(&declared).minimum());
    let (rules, names) = (declared.rules(), declared.queue.names(&declared.name));
    let Declaration {
        name,
        reads,
        attempts,
        age,
        queue,
        concurrency,
        window,
        redrives,
        alarms,
        host,
        table,
        projections,
        ..
    } = declared;
    let rule_names = rules.iter().map(|(rule, _)| rule.clone()).collect();
    plan.rules.extend(rules.into_iter().map(|(rule, event_pattern)| plan::Rule {
        name: rule,
        consumer: name.clone(),
        event_pattern,
        targets: vec![Target {
            id: TARGET.to_owned(),
            queue: names.events.clone(),
            message_group_id: queue.fifo.then(|| name.clone()),
            retry_policy: RetryPolicy {
                maximum_retry_attempts: attempts,
                maximum_event_age_in_seconds: seconds(age),
            },
            dead_letter_queue: names.undelivered.clone(),
        }],
    }));
    let of = |holds, queue_name: &str, fifo, retention| plan::Queue {
        name: queue_name.to_owned(),
        consumer: name.clone(),
        holds,
        fifo,
        visibility_timeout_seconds: seconds(queue.visibility),
        message_retention_period_seconds: seconds(retention),
        redrive_policy: None,
    };
    plan.queues.push(plan::Queue {
        redrive_policy: Some(RedrivePolicy {
            dead_letter_queue: names.failed.clone(),
            max_receive_count: queue.max_receives,
        }),
        ..of(Holds::Events, &names.events, queue.fifo, queue.retention)
    });
    let waits = Redelivery::of_queue(queue.max_receives, queue.visibility, queue.retention);
    let tries_again = queue.max_receives.saturating_sub(1);
    let outage = Outage {
        poller_seconds: waits.survives().as_secs(),
        function_seconds: queue.visibility.saturating_mul(tries_again).as_secs(),
    };
    let kept = queue.dead_letter_retention;
    plan.queues.push(of(Holds::Failed, &names.failed, queue.fifo, kept));
    plan.queues.push(of(Holds::Undelivered, &names.undelivered, false, kept));
    plan.consumers.push(plan::Consumer {
        name,
        rules: rule_names,
        queue: names.events,
        concurrency,
        host,
        table,
        projections: projections.into_iter().collect(),
        outage,
        alarms,
        idempotency: Idempotency {
            window_seconds: window.map_or(minimum, seconds),
            minimum_seconds: minimum,
            redrives,
        },
        reads,
    });
}

/// Whole seconds; the next one, where something is left over.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
