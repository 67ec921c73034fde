//! A plan that comes from a file: whether it holds together, and what AWS would take without a word and lose events by.

use std::collections::BTreeSet;

use crate::limits::{MAX_PATTERN_CHARS, MAX_RULES};
use crate::name::Naming;
use crate::pattern::{Condition, EventPattern, Member, Object, ROUTED_BY, routed_as};
use crate::plan::{Consumer, Holds, Host, Plan, Queue, Rule, TableHolds};
use crate::{ConsumerName, Problem, numbers};

/// Parts of one kind in a plan. A bus takes 300 rules, or a few thousand where the quota was raised.
const MOST: usize = 5_000;

/// The rule that an inconsistent plan breaks.
const INCONSISTENT: &str = "topology-inconsistent";

impl Plan {
    /// What is wrong with a plan that was not built here but read: names that AWS does not take, parts that are missing
    /// or twice, a FIFO queue as the dead-letter queue of a rule. Empty for the plan of a [`Topology`](crate::Topology).
    ///
    /// # Example
    ///
    /// ```
    /// use event_topology::plan::Read;
    /// use event_topology::{Declaration, Topology};
    ///
    /// let placed = Read::new("order.placed", 1, 0, "app.shop");
    /// let topology = Topology::on("shop").consumer(Declaration::new("emailer", [placed])).build()?;
    /// let mut plan = topology.plan().clone();
    /// assert!(plan.problems().is_empty());
    ///
    /// plan.queues.retain(|queue| queue.name != "emailer-undelivered");
    /// assert!(plan.problems()[0].what.contains("`emailer-undelivered`"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Found(Vec::new());
        if let Some(what) = self.too_large() {
            found.add(None, what);
            return found.0;
        }
        self.names(&mut found);
        for consumer in &self.consumers {
            let name = Some(consumer.name.as_str());
            match self.queue(&consumer.queue) {
                Some(queue) if queue.holds == Holds::Events && queue.consumer == consumer.name => {}
                Some(_) => {
                    found.add(name, format!("`{}` is not a queue for its events", consumer.queue));
                }
                None => found.add(name, format!("its queue `{}` is missing", consumer.queue)),
            }
            for rule in &consumer.rules {
                if self.rule(rule).is_none_or(|rule| rule.consumer != consumer.name) {
                    found.add(name, format!("its rule `{rule}` is missing"));
                }
            }
            if let Host::Function(_) = consumer.host
                && !Naming::FUNCTION.accepts(&consumer.name.replace('.', "-"))
            {
                found.add(name, "its name cannot name a Lambda function".to_owned());
            }
            let retention = self.queue(&consumer.queue);
            let retention = retention.map_or(0, |queue| queue.message_retention_period_seconds);
            for (what, expected) in consumer.alarms.mistakes(retention) {
                found.add(name, format!("alarms: {what}: {expected}"));
            }
            let claims = consumer.table.iter().map(|it| (it, TableHolds::Claims));
            let rows = consumer.projections.iter().map(|it| (it, TableHolds::Projections));
            for (table, holds) in claims.chain(rows) {
                if !self.tables.iter().any(|it| it.name == *table && it.holds == holds) {
                    found.add(name, format!("its table `{table}` is missing"));
                }
            }
        }
        for rule in &self.rules {
            self.rule_problems(rule, &mut found);
        }
        for consumer in &self.consumers {
            self.pattern_problems(consumer, &mut found);
        }
        for (consumer, what) in numbers::problems(self) {
            found.add(Some(consumer), what);
        }
        for queue in &self.queues {
            self.queue_problems(queue, &mut found);
        }
        found.0
    }

    /// A plan that no bus has room for: what is checked of a plan grows with the square of its size.
    fn too_large(&self) -> Option<String> {
        let reads = self.consumers.iter().map(|it| it.reads.len()).sum();
        let publishes = self.publishers.iter().map(|it| it.publishes.len()).sum();
        let counts = [
            ("consumers", self.consumers.len()),
            ("rules", self.rules.len()),
            ("queues", self.queues.len()),
            ("tables", self.tables.len()),
            ("publishers", self.publishers.len()),
            ("events that are read", reads),
            ("events that are published", publishes),
        ];
        let (what, count) = counts.into_iter().find(|(_, count)| *count > MOST)?;
        Some(format!("it has {count} {what}: at most {MOST} are read"))
    }

    fn rule_problems(&self, rule: &Rule, found: &mut Found) {
        let name = Some(rule.consumer.as_str());
        let Some(consumer) = self.consumer(&rule.consumer) else {
            return found
                .add(name, format!("rule `{}` is for a consumer that is missing", rule.name));
        };
        if !consumer.rules.contains(&rule.name) {
            found.add(name, format!("rule `{}` is not among the rules of its consumer", rule.name));
        }
        if rule.event_pattern.to_string().chars().count() > MAX_PATTERN_CHARS {
            found.add(
                name,
                format!(
                    "the pattern of rule `{}` has more than {MAX_PATTERN_CHARS} characters",
                    rule.name
                ),
            );
        }
        if !(1..=5).contains(&rule.targets.len()) {
            found.add(
                name,
                format!(
                    "rule `{}` has {} targets; a rule has one to five",
                    rule.name,
                    rule.targets.len()
                ),
            );
        }
        for target in &rule.targets {
            if ConsumerName::new(&target.id).is_err() {
                let what = format!("`{}` cannot name a target", target.id.escape_debug());
                found.add(name, what);
            }
            match self.queue(&target.queue) {
                None => found.add(
                    name,
                    format!("the target `{}` of rule `{}` is missing", target.queue, rule.name),
                ),
                Some(queue) if queue.fifo != target.message_group_id.is_some() => {
                    let needs = if queue.fifo { "needs" } else { "cannot have" };
                    found.add(
                        name,
                        format!(
                            "the target `{}` of rule `{}` {needs} a message group",
                            target.queue, rule.name
                        ),
                    );
                }
                Some(_) => {}
            }
            match self.queue(&target.dead_letter_queue) {
                None => {
                    let what = format!("the dead-letter queue `{}` of rule `{}` is missing", target.dead_letter_queue, rule.name);
                    found.add(name, what);
                }
                Some(queue) if queue.fifo => found.add(
                    name,
                    format!(
                        "the dead-letter queue `{}` of rule `{}` is a FIFO queue: EventBridge cannot send to it, and \
                         what it cannot deliver is lost",
                        queue.name, rule.name
                    ),
                ),
                Some(_) => {}
            }
        }
    }

    /// Whether the rules of a consumer take what it reads. What they ask of the payload is left out.
    fn pattern_problems(&self, consumer: &Consumer, found: &mut Found) {
        let name = Some(consumer.name.as_str());
        let routed = |rule: &&Rule| rule.consumer == consumer.name;
        let mut taken = vec![false; consumer.reads.len()];
        for rule in self.rules.iter().filter(routed) {
            let Some(routing) = routing(rule.event_pattern.object(), &rule.name, name, found)
            else {
                continue;
            };
            let foreign = |source: &str, detail_type: &str| {
                routing.matches(&routed_as(source, detail_type)).unwrap_or(true)
            };
            let more = consumer
                .reads
                .iter()
                .any(|read| foreign(&read.source, "\u{1}") || foreign("\u{1}", &read.detail_type));
            if more {
                let what = format!("rule `{}` takes more than its consumer reads", rule.name);
                found.add(name, what);
            }
            let mut any = false;
            for (read, taken) in consumer.reads.iter().zip(&mut taken) {
                if routing.matches(&routed_as(&read.source, &read.detail_type)).unwrap_or(false) {
                    (any, *taken) = (true, true);
                }
            }
            if !any {
                let what = format!("rule `{}` matches nothing that its consumer reads", rule.name);
                found.add(name, what);
            }
        }
        for (read, taken) in consumer.reads.iter().zip(taken) {
            if !taken {
                found.add(name, format!("no rule matches `{}`, which it reads", read.detail_type));
            }
        }
    }

    fn queue_problems(&self, queue: &Queue, found: &mut Found) {
        let name = Some(queue.consumer.as_str());
        if self.consumer(&queue.consumer).is_none() {
            found.add(name, format!("queue `{}` is for a consumer that is missing", queue.name));
        }
        if queue.fifo != queue.name.strip_suffix(".fifo").is_some() {
            found.add(
                name,
                format!(
                    "queue `{}`: the name of a FIFO queue, and of no other, ends with `.fifo`",
                    queue.name
                ),
            );
        }
        if queue.holds == Holds::Events && queue.redrive_policy.is_none() {
            found.add(name, format!("queue `{}` has no dead-letter queue", queue.name));
        }
        if let Some(redrive) = &queue.redrive_policy {
            match self.queue(&redrive.dead_letter_queue) {
                None => found.add(
                    name,
                    format!(
                        "the dead-letter queue `{}` of `{}` is missing",
                        redrive.dead_letter_queue, queue.name
                    ),
                ),
                Some(letters) if letters.fifo != queue.fifo => found.add(
                    name,
                    format!(
                        "`{}` and its dead-letter queue `{}` must both be FIFO queues, or neither",
                        queue.name, letters.name
                    ),
                ),
                Some(_) => {}
            }
        }
    }

    fn names(&self, found: &mut Found) {
        found.name("bus", &self.bus, Naming::BUS);
        let consumers = self.consumers.iter().map(|it| it.name.as_str());
        let publishers = self.publishers.iter().map(|it| it.name.as_str());
        let rules = self.rules.iter().map(|it| it.name.as_str());
        for (what, names) in [
            ("consumer", consumers.collect::<Vec<_>>()),
            ("publisher", publishers.collect()),
            ("rule", rules.collect()),
        ] {
            for name in &names {
                if ConsumerName::new(name).is_err() {
                    found.add(None, format!("`{}` cannot name a {what}", name.escape_debug()));
                }
            }
            found.distinct(what, &names);
        }
        let queues: Vec<&str> = self.queues.iter().map(|it| it.name.as_str()).collect();
        for name in &queues {
            let base = name.strip_suffix(".fifo").unwrap_or(name);
            found.name("queue", base, Naming::QUEUE.before(name.len() - base.len()));
        }
        found.distinct("queue", &queues);
        let tables: Vec<&str> = self.tables.iter().map(|it| it.name.as_str()).collect();
        for name in &tables {
            found.name("table", name, Naming::TABLE);
        }
        found.distinct("table", &tables);
        if self.rules.len() > MAX_RULES {
            found.add(
                None,
                format!("the bus has {} rules; EventBridge takes {MAX_RULES}", self.rules.len()),
            );
        }
    }
}

/// The part of a pattern that is about source and detail-type. `None`, with a problem, where the pattern has another
/// field: no event has a misspelt one, so that the rule would match nothing, without an error.
fn routing(
    object: &Object,
    rule: &str,
    consumer: Option<&str>,
    found: &mut Found,
) -> Option<EventPattern> {
    fn known(object: &Object, unknown: &mut Vec<String>) -> Object {
        let mut members = Vec::new();
        for member in object.members() {
            match member {
                Member::Or(all) => {
                    let all: Vec<Object> = all.iter().map(|it| known(it, unknown)).collect();
                    // one alternative that asks nothing here is met by every event
                    if all.iter().all(|it| !it.members.is_empty()) {
                        members.push(Member::Or(all));
                    }
                }
                Member::Values(name, conditions) if ROUTED_BY.contains(&name.as_str()) => {
                    // a rule is for what its consumer reads, by name
                    if !conditions.iter().all(|it| matches!(it, Condition::String(_))) {
                        unknown.push(format!("{name} by other conditions than names"));
                    }
                    members.push(member.clone());
                }
                Member::Object(name, _) if name == "detail" => {}
                Member::Object(name, _) | Member::Values(name, _) => unknown.push(name.clone()),
            }
        }
        Object { members }
    }
    let mut unknown = Vec::new();
    let object = known(object, &mut unknown);
    for name in &unknown {
        let what = format!(
            "the pattern of rule `{rule}` asks for `{}`: expected `source`, `detail-type` or `detail`",
            name.escape_debug()
        );
        found.add(consumer, what);
    }
    if unknown.is_empty() { EventPattern::of(object) } else { None }
}

struct Found(Vec<Problem>);

impl Found {
    fn add(&mut self, consumer: Option<&str>, what: String) {
        let why = "a plan is what a service wrote of its topology; a part of it was edited or lost";
        self.0.push(Problem::new(
            INCONSISTENT,
            consumer,
            what,
            why,
            "write the file again from the service's topology",
        ));
    }

    fn name(&mut self, what: &str, name: &str, naming: Naming) {
        if !naming.accepts(name) {
            self.add(None, format!("`{}` cannot name a {what}", name.escape_debug()));
        }
    }

    fn distinct(&mut self, what: &str, names: &[&str]) {
        let mut seen = BTreeSet::new();
        for name in names {
            if !seen.insert(name) {
                self.add(None, format!("there are two {what}s `{}`", name.escape_debug()));
            }
        }
    }
}
