//! Runs the consumers of a topology in a test.

use std::collections::BTreeMap;
use std::ops::Index;
use std::time::Duration;

use event_runtime::consume::{Consumer, Stats};
use event_runtime::embedded::{DeadLetter, Deployment, Queue};
use event_runtime::topology::Topology;
use event_runtime::{Event, EventId};

use super::TestBus;

/// How long a run may take, in tokio's time.
const TIME_LIMIT: Duration = Duration::from_hours(1);

/// How many entries handlers may publish in a run.
const ENTRY_LIMIT: usize = 10_000;

/// A topology with its consumers on a [`TestBus`].
///
/// See the [module](super) for an example.
#[derive(Debug)]
pub struct TestService {
    bus: TestBus,
    deployment: Deployment,
    time_limit: Duration,
}

/// The counts of a run, by consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run(BTreeMap<String, Stats>);

impl Run {
    /// Returns the counts of all consumers together.
    pub fn total(&self) -> Stats {
        let mut total = Stats::default();
        self.0.values().for_each(|stats| total.add(stats));
        total
    }

    /// Returns the counts by consumer.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Stats)> {
        self.0.iter().map(|(consumer, stats)| (consumer.as_str(), stats))
    }
}

impl Index<&str> for Run {
    type Output = Stats;

    /// # Panics
    ///
    /// If the topology has no such consumer.
    #[track_caller]
    fn index(&self, consumer: &str) -> &Stats {
        let known: Vec<&String> = self.0.keys().collect();
        self.0.get(consumer).unwrap_or_else(|| panic!("unknown consumer `{consumer}`: {known:?}"))
    }
}

impl TestService {
    /// Starts the consumers of a topology on the bus that was made from it.
    ///
    /// # Panics
    ///
    /// If the consumers do not fit the topology, with all problems.
    #[track_caller]
    pub fn new(
        topology: &Topology,
        bus: &TestBus,
        consumers: impl IntoIterator<Item = Consumer>,
    ) -> Self {
        match Deployment::on(bus.embedded(), topology, consumers) {
            Ok(deployment) => Self { bus: bus.clone(), deployment, time_limit: TIME_LIMIT },
            Err(problems) => panic!("{problems}"),
        }
    }

    /// Sets how long a run may take, in tokio's time (default: one hour).
    #[must_use]
    pub fn time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// Returns the bus.
    pub fn bus(&self) -> &TestBus {
        &self.bus
    }

    /// Publishes an event in each of its live majors. Returns its ID.
    ///
    /// # Panics
    ///
    /// If a version is not accepted.
    pub async fn publish<E: Event>(&self, event: E) -> EventId {
        let report = self.bus.publisher().publish(event).await;
        match report.into_result() {
            Ok(accepted) => match accepted.first() {
                Some(accepted) => accepted.id,
                None => panic!("`{}` has no live major", E::DETAIL_TYPE),
            },
            Err(error) => panic!("{error}"),
        }
    }

    /// Lets all consumers handle messages until all queues are empty, including what handlers
    /// publish: until each message is handled or a dead letter.
    ///
    /// # Panics
    ///
    /// If that takes longer than [`time_limit`](Self::time_limit), for example because a handler
    /// hangs, or if handlers publish more than 10,000 entries, for example because one publishes
    /// the event that it handles.
    pub async fn run_until_idle(&self) -> Run {
        tokio::select! {
            biased;
            stats = self.deployment.run_until_idle() => Run(stats),
            () = self.bus.more_than(ENTRY_LIMIT) => panic!(
                "not idle: handlers have published more than {ENTRY_LIMIT} entries, expected an end"
            ),
            () = tokio::time::sleep(self.time_limit) => panic!(
                "not idle after {:?}: {}", self.time_limit, self.waiting()
            ),
        }
    }

    /// Puts a second copy of each waiting message into its queue, as at-least-once delivery may do.
    /// Returns how many.
    pub fn deliver_twice(&self) -> usize {
        self.bus.embedded().queues().map(Queue::inject_duplicates).sum()
    }

    /// Returns the queue of a consumer: to inject a message, to read its settings, to redrive.
    ///
    /// # Panics
    ///
    /// If the topology has no such consumer.
    #[track_caller]
    pub fn queue(&self, consumer: &str) -> Queue {
        match self.bus.embedded().queue(consumer) {
            Ok(queue) => queue,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the dead letters of a consumer, with the reasons.
    ///
    /// # Panics
    ///
    /// Like [`queue`](Self::queue).
    #[track_caller]
    pub fn dead_letters(&self, consumer: &str) -> Vec<DeadLetter> {
        self.queue(consumer).dead_letters()
    }

    /// Asserts that no consumer has a dead letter, and that every event reached its queues.
    ///
    /// # Panics
    ///
    /// With all dead letters and their reasons.
    #[track_caller]
    pub fn assert_no_dead_letters(&self) {
        let mut letters = Vec::new();
        for queue in self.bus.embedded().queues() {
            let consumer = queue.name();
            letters.extend(
                queue
                    .dead_letters()
                    .iter()
                    .map(|letter| format!("{consumer}: {}: {}", letter.reason, letter.body)),
            );
            let undelivered = self.bus.embedded().undelivered(consumer).unwrap_or_default();
            letters.extend(undelivered.iter().map(|event| {
                format!("{consumer}: not delivered: {}: {}", event.error_message, event.body)
            }));
        }
        assert!(letters.is_empty(), "{} dead letters:\n{}", letters.len(), letters.join("\n"));
    }

    /// What is left in the queues.
    fn waiting(&self) -> String {
        let queues = self.bus.embedded().queues().filter(|queue| !queue.is_empty());
        let texts: Vec<String> = queues
            .map(|queue| format!("`{}` has {} messages", queue.name(), queue.len()))
            .collect();
        texts.join(", ")
    }
}
