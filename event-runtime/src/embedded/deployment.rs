//! Runs a topology in the process: its bus, and its consumers on their queues.

use std::collections::BTreeMap;
use std::future::Future;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use super::{EmbeddedBus, Queue};
use crate::consume::{Consumer, Stats};
use crate::topology::{Attach, Problem, Topology, TopologyError};

/// A bus made from a [`Topology`], with the handlers of all its consumers.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use event_runtime::consume::Consumer;
/// use event_runtime::embedded::Deployment;
/// use event_runtime::idempotency::MemoryStore;
/// use event_runtime::publish::Publisher;
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
///     .on::<OrderPlaced, _>(|_event, _context| async { Ok(()) })
///     .build()?;
///
/// let deployment = Deployment::new(&topology, [emailer])?;
/// let publisher = Publisher::new(deployment.bus().clone());
/// publisher.publish(OrderPlaced { order_id: "A-1".into() }).await.into_result()?;
/// assert_eq!(deployment.run_until_idle().await["emailer"].handled, 1);
///
/// // Declared, but without handlers:
/// assert!(Deployment::new(&topology, []).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Deployment {
    bus: EmbeddedBus,
    /// Each consumer with its queue, by the name of the consumer.
    consumers: Vec<(Consumer, Queue)>,
}

impl Deployment {
    /// Builds a bus from the topology, with these consumers on its queues.
    ///
    /// # Errors
    ///
    /// [`TopologyError`] with all problems: a declared consumer or event without handlers, handlers
    /// without a declaration, events that are forgotten too early.
    pub fn new(
        topology: &Topology,
        consumers: impl IntoIterator<Item = Consumer>,
    ) -> Result<Self, TopologyError> {
        Self::on(&EmbeddedBus::of(topology), topology, consumers)
    }

    /// Like [`new`](Self::new), on a bus that was made from the topology before its consumers:
    /// their handlers publish on it.
    ///
    /// # Errors
    ///
    /// Like [`new`](Self::new), and if the bus has no queue for a consumer.
    pub fn on(
        bus: &EmbeddedBus,
        topology: &Topology,
        consumers: impl IntoIterator<Item = Consumer>,
    ) -> Result<Self, TopologyError> {
        let mut consumers: Vec<Consumer> = consumers.into_iter().collect();
        topology.fits_all(&consumers)?;
        consumers.sort_by(|a, b| a.name().cmp(b.name()));
        let mut problems = Vec::new();
        let mut at_queues = Vec::with_capacity(consumers.len());
        for consumer in consumers {
            match bus.queue(consumer.name().as_str()) {
                Ok(queue) => at_queues.push((consumer, queue)),
                Err(error) => problems.push(Problem::new(
                    "not-declared",
                    Some(consumer.name().as_str()),
                    "the bus has no queue for it",
                    error.to_string(),
                    "make the bus from the same topology: `EmbeddedBus::of(&topology)`",
                )),
            }
        }
        TopologyError::of(problems)?;
        Ok(Self { bus: bus.clone(), consumers: at_queues })
    }

    /// Returns the bus, to publish on.
    pub fn bus(&self) -> &EmbeddedBus {
        &self.bus
    }

    /// Returns the consumers, by name, each with its queue.
    pub fn consumers(&self) -> impl Iterator<Item = (&Consumer, &Queue)> {
        self.consumers.iter().map(|(consumer, queue)| (consumer, queue))
    }

    /// Lets all consumers handle messages until all queues are empty, including the messages that
    /// handlers publish. Returns the counts by consumer.
    pub async fn run_until_idle(&self) -> BTreeMap<String, Stats> {
        let mut stats = self.no_stats();
        loop {
            let mut running = JoinSet::new();
            for (consumer, queue) in self.consumers.iter().filter(|(_, queue)| !queue.is_empty()) {
                let (consumer, queue) = (consumer.clone(), queue.clone());
                running.spawn(async move {
                    let stats = consumer.run_until_idle(&queue).await;
                    (consumer, stats)
                });
            }
            if running.is_empty() || !collect(&mut running, &mut stats).await {
                return stats;
            }
        }
    }

    /// Lets all consumers handle messages until `shutdown` completes, and the messages that they
    /// have received by then. Returns the counts by consumer.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) -> BTreeMap<String, Stats> {
        let mut stats = self.no_stats();
        let (stop, stopped) = watch::channel(());
        let mut running = JoinSet::new();
        for (consumer, queue) in self.consumers.clone() {
            let mut stopped = stopped.clone();
            running.spawn(async move {
                // An error means that the sender was dropped, which is the signal.
                let stop = async move { drop(stopped.changed().await) };
                let stats = consumer.run(&queue, stop).await;
                (consumer, stats)
            });
        }
        shutdown.await;
        drop(stop);
        collect(&mut running, &mut stats).await;
        stats
    }

    fn no_stats(&self) -> BTreeMap<String, Stats> {
        self.consumers.iter().map(|(c, _)| (c.name().to_string(), Stats::default())).collect()
    }
}

/// Adds up the counts. `false` if the runtime is shutting down, which aborts tasks.
async fn collect(
    running: &mut JoinSet<(Consumer, Stats)>,
    stats: &mut BTreeMap<String, Stats>,
) -> bool {
    let mut whole = true;
    while let Some(ended) = running.join_next().await {
        match ended.map_err(JoinError::try_into_panic) {
            Ok((consumer, more)) => {
                stats.entry(consumer.name().to_string()).or_default().add(&more);
            }
            // Panics of handlers are caught and counted; this is not a handler's.
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            Err(Err(_)) => whole = false,
        }
    }
    whole
}
