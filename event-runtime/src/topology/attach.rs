//! Handlers to what is declared: by type, and neither more nor fewer.

use std::collections::BTreeSet;
use std::time::Duration;

use super::plan::Plan;
use super::{Problem, Topology, TopologyError};
use crate::consume::{Consumer, ConsumerBuilder};
use crate::idempotency::IdempotencyStore;

/// A consumer was asked for that the topology does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no consumer `{consumer}` in the topology, which has {known}")]
pub struct NotDeclared {
    /// Who was asked for.
    pub consumer: String,
    /// Who is there.
    pub known: String,
}

/// Handlers for what a [`Topology`] declares. Bring it into scope beside the topology.
///
/// # Example
///
/// ```
/// use event_runtime::consume::Consumer;
/// use event_runtime::idempotency::MemoryStore;
/// use event_runtime::topology::{Attach, Topology};
/// # use event_runtime::Event;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct OrderPlaced { order_id: String }
/// # impl Event for OrderPlaced {
/// #     const TYPE: &'static str = "order.placed";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const VERSION: &'static str = "v1";
/// #     const SOURCE: &'static str = "app.shop";
/// #     const DETAIL_TYPE: &'static str = "order.placed:v1";
/// # }
///
/// let topology =
///     Topology::on("shop").consumer(Consumer::of::<OrderPlaced>("emailer")).build()?;
/// let emailer = topology
///     .handlers("emailer", MemoryStore::new())?
///     .on::<OrderPlaced, _>(|_, _| async { Ok(()) })
///     .build()?;
/// topology.fits_all([&emailer])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Attach: Sealed {
    /// The handlers of a declared consumer, to begin with: its concurrency, the window for which it
    /// remembers events, and a lease of the visibility time-out of its queue are set as declared.
    ///
    /// # Errors
    ///
    /// [`NotDeclared`].
    fn handlers(
        &self,
        consumer: &str,
        store: impl IdempotencyStore + 'static,
    ) -> Result<ConsumerBuilder, NotDeclared>;

    /// Whether a consumer has a handler for each event that it is declared to read, and no other
    /// handler, and remembers events for long enough. Asked where one consumer runs alone, as in a
    /// Lambda function.
    ///
    /// # Errors
    ///
    /// [`TopologyError`], with everything that does not fit.
    fn fits(&self, consumer: &Consumer) -> Result<(), TopologyError>;

    /// Whether all declared consumers are there, once each, and [fit](Self::fits), and no others.
    ///
    /// # Errors
    ///
    /// [`TopologyError`], with everything that does not fit.
    fn fits_all<'a>(
        &self,
        consumers: impl IntoIterator<Item = &'a Consumer>,
    ) -> Result<(), TopologyError>;
}

/// Keeps [`Attach`] to the topology.
pub trait Sealed {}

impl Sealed for Topology {}

impl Attach for Topology {
    fn handlers(
        &self,
        consumer: &str,
        store: impl IdempotencyStore + 'static,
    ) -> Result<ConsumerBuilder, NotDeclared> {
        let plan = self.plan();
        let Some(declared) = plan.consumer(consumer) else {
            let names = plan.consumers.iter().map(|declared| declared.name.as_str());
            return Err(NotDeclared { consumer: consumer.to_owned(), known: listed(names) });
        };
        let seconds = Duration::from_secs;
        let builder = Consumer::builder(consumer, store)
            .concurrency(usize::try_from(declared.concurrency).unwrap_or(usize::MAX))
            .keep(seconds(declared.idempotency.window_seconds));
        Ok(match plan.queue(&declared.queue) {
            Some(queue) => builder.lease(seconds(queue.visibility_timeout_seconds)),
            None => builder,
        })
    }

    fn fits(&self, consumer: &Consumer) -> Result<(), TopologyError> {
        TopologyError::of(misfits(self.plan(), consumer))
    }

    fn fits_all<'a>(
        &self,
        consumers: impl IntoIterator<Item = &'a Consumer>,
    ) -> Result<(), TopologyError> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        for consumer in consumers {
            if seen.insert(consumer.name().as_str()) {
                problems.extend(misfits(self.plan(), consumer));
            } else {
                problems.push(Problem::new(
                    "handlers-twice",
                    Some(consumer.name().as_str()),
                    "it has two sets of handlers",
                    "each message goes to one of them",
                    "attach it once",
                ));
            }
        }
        let plan = self.plan();
        for declared in plan.consumers.iter().filter(|c| !seen.contains(c.name.as_str())) {
            problems.push(Problem::new(
                "no-handlers",
                Some(&declared.name),
                "it is declared, and nothing handles its events",
                "its queue would fill until its messages are gone",
                format!("attach `topology.handlers(\"{}\", ..)`", declared.name),
            ));
        }
        TopologyError::of(problems)
    }
}

fn misfits(plan: &Plan, consumer: &Consumer) -> Vec<Problem> {
    let name = consumer.name().as_str();
    let mut problems = Vec::new();
    let mut add = |rule, what: String, why: &str, fix: String| {
        problems.push(Problem::new(rule, Some(name), what, why, fix));
    };
    let Some(declared) = plan.consumer(name) else {
        let known = plan.consumers.iter().map(|declared| declared.name.as_str());
        add(
            "not-declared",
            "it has handlers, and the topology does not declare it".to_owned(),
            &format!("nothing brings it events; the topology has {}", listed(known)),
            format!("`.consumer(Consumer::of::<..>(\"{name}\"))`"),
        );
        return problems;
    };
    let handled: BTreeSet<(&str, &str)> =
        consumer.subscriptions().map(|s| (s.detail_type, s.source)).collect();
    let read: BTreeSet<(&str, &str)> =
        declared.reads.iter().map(|read| (&*read.detail_type, &*read.source)).collect();
    for (detail_type, source) in read.difference(&handled) {
        let upcast = declared.reads.iter().find(|read| read.detail_type == *detail_type);
        let handler = match upcast.and_then(|read| read.upcast_to) {
            Some(newer) => format!("`.upcast(..)` to v{newer}"),
            None => "`.on(..)`".to_owned(),
        };
        add(
            "no-handler",
            format!("it reads `{detail_type}` of `{source}` and has no handler for it"),
            "each of these events would end as a dead letter",
            format!("add {handler}, or take it out of the declaration"),
        );
    }
    for (detail_type, source) in handled.difference(&read) {
        add(
            "handler-not-declared",
            format!("it has a handler for `{detail_type}` of `{source}`, which it does not read"),
            "its rule lets no such event through, so the handler would never run",
            "add the event to the declaration, or take the handler away".to_owned(),
        );
    }
    let minimum = Duration::from_secs(declared.idempotency.minimum_seconds);
    if consumer.keep() < minimum {
        add(
            "idempotency-window",
            format!("its handlers remember an event for {:?}", consumer.keep()),
            &format!("a copy may come after {minimum:?}, and would be handled again"),
            "leave `.keep(..)` out: `topology.handlers(..)` sets it as declared".to_owned(),
        );
    }
    problems
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
