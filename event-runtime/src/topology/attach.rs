//! Checks handlers against the declarations: all declared ones, and no others.

use std::collections::BTreeSet;
use std::time::Duration;

use super::plan::Plan;
use super::{Problem, Topology, TopologyError};
use crate::consume::{Consumer, ConsumerBuilder};
use crate::idempotency::IdempotencyStore;

/// The topology does not have the requested consumer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown consumer `{consumer}`: the consumers of the topology are {known}")]
pub struct NotDeclared {
    /// The requested consumer.
    pub consumer: String,
    /// The declared consumers.
    pub known: String,
}

/// Handlers for the consumers of a [`Topology`]. Import it together with the topology.
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
/// #     const SOURCE: &'static str = "app.shop";
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
    /// Returns the builder of a declared consumer, with the declared concurrency and deduplication
    /// window, and a lease of its queue's visibility timeout.
    ///
    /// # Errors
    ///
    /// [`NotDeclared`].
    fn handlers(
        &self,
        consumer: &str,
        store: impl IdempotencyStore + 'static,
    ) -> Result<ConsumerBuilder, NotDeclared>;

    /// Checks that a consumer has a handler for each event that it is declared to read, no other
    /// handler, and remembers events for long enough. Use it if one consumer runs alone, as in a
    /// Lambda function.
    ///
    /// # Errors
    ///
    /// [`TopologyError`] with all problems.
    fn fits(&self, consumer: &Consumer) -> Result<(), TopologyError>;

    /// Checks that all declared consumers and no others are present, once each, and
    /// [fit](Self::fits).
    ///
    /// # Errors
    ///
    /// [`TopologyError`] with all problems.
    fn fits_all<'a>(
        &self,
        consumers: impl IntoIterator<Item = &'a Consumer>,
    ) -> Result<(), TopologyError>;
}

/// Makes [`Attach`] an extension of the topology only, and [`Filter`](super::Filter) of the declaration.
pub trait Sealed {}

impl Sealed for Topology {}

impl Sealed for super::Declaration {}

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
                    "it was attached twice",
                    "each message would be handled by one of the two only",
                    "attach it once",
                ));
            }
        }
        let plan = self.plan();
        for declared in plan.consumers.iter().filter(|c| !seen.contains(c.name.as_str())) {
            problems.push(Problem::new(
                "no-handlers",
                Some(&declared.name),
                "it is declared but has no handlers",
                "its messages would stay in the queue until they expire",
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
            "it has handlers but is not declared in the topology".to_owned(),
            &format!("it receives no events; the topology declares {}", listed(known)),
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
            format!("it reads `{detail_type}` of `{source}` but has no handler for it"),
            "each of these events would become a dead letter",
            format!("add {handler}, or remove the event from the declaration"),
        );
    }
    for (detail_type, source) in handled.difference(&read) {
        add(
            "handler-not-declared",
            format!("it has a handler for `{detail_type}` of `{source}` but does not read it"),
            "its rule does not match this event, so the handler would never run",
            "add the event to the declaration, or remove the handler".to_owned(),
        );
    }
    let minimum = Duration::from_secs(declared.idempotency.minimum_seconds);
    if consumer.keep() < minimum {
        add(
            "idempotency-window",
            format!("its handlers remember an event for {:?}", consumer.keep()),
            &format!("a copy may arrive after {minimum:?} and would be handled again"),
            "remove `.keep(..)`: `topology.handlers(..)` sets the declared value".to_owned(),
        );
    }
    problems
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
