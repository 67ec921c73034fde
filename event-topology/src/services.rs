//! The topologies of several services, which share an account and often a bus.

use std::collections::BTreeMap;

use crate::limits::MAX_RULES;
use crate::plan::{Plan, Table};
use crate::{Problem, TopologyError};

/// Plans of several services, each with what it is called in messages, such as the name of its file.
///
/// # Example
///
/// ```
/// use event_topology::plan::Read;
/// use event_topology::{Declaration, Services, Topology};
///
/// let placed = || [Read::new("order.placed", 1, 0, "app.shop")];
/// let shop = Topology::on("shop").consumer(Declaration::new("emailer", placed())).build()?;
/// let bank = Topology::on("shop").shared_bus().consumer(Declaration::new("ledger", placed())).build()?;
/// let services = Services::new([("shop", shop.plan()), ("bank", bank.plan())]);
/// assert_eq!(services.problems(), []);
/// assert_eq!(services.combined()?[0].consumers.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Services<'a>(pub(crate) Vec<(&'a str, &'a Plan)>);

impl<'a> Services<'a> {
    /// These services.
    pub fn new(services: impl IntoIterator<Item = (&'a str, &'a Plan)>) -> Self {
        Self(services.into_iter().collect())
    }

    /// What is wrong with the services beside each other, where each has a template of its own: one name for two
    /// consumers, queues or tables, a bus that two templates make or that has too many rules, a reader of a major that
    /// another service has retired.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.names();
        let mut makers: BTreeMap<&str, &str> = BTreeMap::new();
        let mut tables: BTreeMap<&str, &str> = BTreeMap::new();
        for (service, plan) in &self.0 {
            if !plan.shared_bus
                && let Some(other) = makers.insert(&plan.bus, service)
            {
                let what = format!(
                    "the templates of `{other}` and `{service}` both make the bus `{}`",
                    plan.bus
                );
                let why = "a bus belongs to one stack; those of other services refer to it";
                let fix = "`.shared_bus()` at the topologies of all services but one, or `--combine` for one template";
                problems.push(Problem::new("bus-twice", None, what, why, fix));
            }
            for table in &plan.tables {
                if let Some(other) = tables.insert(&table.name, service) {
                    let what = format!(
                        "the templates of `{other}` and `{service}` both make the table `{}`",
                        table.name
                    );
                    let why = "a table belongs to one stack";
                    let fix = "a table for each service, or `--combine` for one template";
                    problems.push(Problem::new("table-twice", None, what, why, fix));
                }
            }
        }
        problems
    }

    /// One plan for each bus, with the consumers and publishers of all services on it. A table that several services
    /// name is one table.
    ///
    /// # Errors
    ///
    /// [`TopologyError`] with one name for two consumers, rules, queues or publishers, or a bus with too many rules.
    pub fn combined(&self) -> Result<Vec<Plan>, TopologyError> {
        let mut problems = self.names();
        let mut plans: Vec<Plan> = Vec::new();
        for (_, plan) in &self.0 {
            let Some(one) = plans.iter_mut().find(|it| it.bus == plan.bus) else {
                plans.push((*plan).clone());
                continue;
            };
            one.shared_bus &= plan.shared_bus;
            one.consumers.extend(plan.consumers.iter().cloned());
            one.rules.extend(plan.rules.iter().cloned());
            one.queues.extend(plan.queues.iter().cloned());
            one.publishers.extend(plan.publishers.iter().cloned());
            for table in &plan.tables {
                problems.extend(add_table(one, table));
            }
        }
        for plan in &mut plans {
            plan.consumers.sort_by(|a, b| a.name.cmp(&b.name));
            plan.rules.sort_by(|a, b| a.name.cmp(&b.name));
            plan.queues.sort_by(|a, b| a.name.cmp(&b.name));
            plan.publishers.sort_by(|a, b| a.name.cmp(&b.name));
            plan.tables.sort_by(|a, b| a.name.cmp(&b.name));
        }
        plans.sort_by(|a, b| a.bus.cmp(&b.bus));
        TopologyError::of(problems)?;
        Ok(plans)
    }

    /// Names that two services have, and rules of a bus.
    fn names(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut consumers = Taken::default();
        let mut queues = Taken::default();
        let mut publishers = Taken::default();
        let mut rules: BTreeMap<&str, Taken<'_>> = BTreeMap::new();
        for (at, (service, plan)) in self.0.iter().enumerate() {
            for consumer in &plan.consumers {
                let Some(other) = consumers.take(&consumer.name, at, service) else { continue };
                let what = format!(
                    "`{other}` and `{service}` both declare the consumer `{}`",
                    consumer.name
                );
                let why = "its name begins idempotency keys and names of queues: one service would take the other's \
                           events for done";
                let fix = format!(
                    "another name in one of them, such as `{}-{}`",
                    plan.bus, consumer.name
                );
                problems.push(Problem::new("consumer-twice", Some(&consumer.name), what, why, fix));
            }
            for queue in &plan.queues {
                let Some(other) = queues.take(&queue.name, at, service) else { continue };
                // a consumer with the name of another has its queues too: one mistake, one problem
                if consumers.twice.contains(&queue.consumer) {
                    continue;
                }
                let what =
                    format!("`{other}` and `{service}` both have the queue `{}`", queue.name);
                let why = "two consumers on one queue take each other's messages";
                let fix = "another name: `.queue(Queue::standard().named(\"..\"))`";
                problems.push(Problem::new("queue-shared", Some(&queue.consumer), what, why, fix));
            }
            for publisher in &plan.publishers {
                let Some(other) = publishers.take(&publisher.name, at, service) else { continue };
                let what = format!(
                    "`{other}` and `{service}` both declare the publisher `{}`",
                    publisher.name
                );
                let fix = "the name of the service that publishes";
                problems.push(Problem::new(
                    "publisher-twice",
                    None,
                    what,
                    "one policy is made for each",
                    fix,
                ));
            }
            let of_bus = rules.entry(&plan.bus).or_default();
            for rule in &plan.rules {
                let Some(other) = of_bus.take(&rule.name, at, service) else { continue };
                if consumers.twice.contains(&rule.consumer) {
                    continue;
                }
                let what = format!("`{other}` and `{service}` both have the rule `{}`", rule.name);
                let why =
                    "EventBridge has one rule of a name on a bus: the later one replaces the other";
                let fix = "another name for one of the consumers";
                problems.push(Problem::new("rule-twice", Some(&rule.consumer), what, why, fix));
            }
        }
        problems.extend(self.retired());
        for (bus, rules) in rules {
            let count = rules.by.len();
            if count > MAX_RULES {
                let what = format!("the services have {count} rules on the bus `{bus}`");
                let why =
                    format!("EventBridge takes {MAX_RULES} a bus unless the quota was raised");
                let fix = "use `.one_rule()` for consumers of many events, or a second bus";
                problems.push(Problem::new("rules-quota", None, what, why, fix));
            }
        }
        problems
    }
}

/// Names and the services that have them.
#[derive(Debug, Default)]
struct Taken<'a> {
    by: BTreeMap<&'a str, (usize, &'a str)>,
    twice: Vec<String>,
}

impl<'a> Taken<'a> {
    /// The other service that has this name. Two of one plan are a matter of that plan.
    fn take(&mut self, name: &'a str, at: usize, service: &'a str) -> Option<&'a str> {
        match self.by.get(name) {
            Some((other, _)) if *other == at => None,
            Some(&(_, other)) => {
                self.twice.push(name.to_owned());
                Some(other)
            }
            None => {
                self.by.insert(name, (at, service));
                None
            }
        }
    }
}

/// Adds a table, or its consumers to the one of this name.
fn add_table(plan: &mut Plan, table: &Table) -> Option<Problem> {
    let Some(known) = plan.tables.iter_mut().find(|it| it.name == table.name) else {
        plan.tables.push(table.clone());
        return None;
    };
    if (&known.partition_key, &known.time_to_live) != (&table.partition_key, &table.time_to_live) {
        let what = format!("two services have a table `{}` with different keys", table.name);
        let fix = "another name for one of the tables";
        return Some(Problem::new("table-twice", None, what, "a table has one key", fix));
    }
    known.consumers.extend(table.consumers.iter().cloned());
    known.consumers.sort();
    known.consumers.dedup();
    None
}
