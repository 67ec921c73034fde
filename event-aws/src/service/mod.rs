//! Runs the consumers of a topology in a container: one poller each, one shutdown, checks at the
//! start, and the health of all.

mod check;
mod health;
mod signal;
#[cfg(feature = "dynamodb")]
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_sqs::Client;
use event_runtime::consume::Consumer;
use event_runtime::topology::plan::Host;
use event_runtime::topology::{Attach, Topology};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{info, warn};

pub use self::check::{StartError, StartProblem};
pub use self::health::{ConsumerHealth, HealthReport, ServiceHealth, ServiceState};
pub use self::signal::shutdown_signal;
use crate::dead_letters::DeadLetterQueue;
use crate::poller::{PollError, PollReport, SqsPoller};
use crate::queue::with_timeouts;
use crate::timeouts::QUICK;

/// How often the backlog of each queue is read.
const BACKLOG_PAUSE: Duration = Duration::from_secs(30);

type Shutdown = Pin<Box<dyn Future<Output = ()> + Send>>;
type Adjust = Box<dyn FnOnce(SqsPoller) -> SqsPoller + Send + Sync>;

/// All consumers of a topology that poll their queues, in one process (feature `service`).
///
/// [`run`](Self::run) first checks what the consumers need, and starts nothing if any of it is missing
/// or differs from the topology: the handlers, the queues with their settings, and, with a client for
/// them, the bus and the tables. Then each consumer polls its queue, with the visibility timeout of
/// the topology; messages that no retry will fix go to the consumer's dead-letter queue with the
/// reason. A signal, or the future of [`shutdown`](Self::shutdown), stops all of them.
///
/// # Example
///
/// ```no_run
/// # async fn run(
/// #     topology: event_runtime::topology::Topology,
/// #     emailer: event_runtime::consume::Consumer,
/// #     indexer: event_runtime::consume::Consumer,
/// #     sqs: event_aws::aws_sdk_sqs::Client,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use event_aws::service::Service;
///
/// Service::new(&topology, sqs)
///     .consumer(emailer)
///     .consumer_with(indexer, |poller| poller.workers(4))
///     .run()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing runs before `run`"]
pub struct Service {
    topology: Topology,
    sqs: Client,
    #[cfg(feature = "eventbridge")]
    bus: Option<crate::EventBridge>,
    #[cfg(feature = "dynamodb")]
    tables: Option<aws_sdk_dynamodb::Client>,
    consumers: Vec<(Consumer, Adjust)>,
    elsewhere: BTreeSet<String>,
    tolerant: bool,
    grace: Duration,
    /// Locked, so that a service is `Sync` and its futures are `Send`.
    shutdown: Mutex<Option<Shutdown>>,
    health: ServiceHealth,
}

/// The counts of a service, by consumer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceReport {
    /// The counts of each poller.
    pub consumers: BTreeMap<String, PollReport>,
}

/// Why a service did not start, or ended by itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// It was not started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A poller ended, and the others were stopped: it could not receive for as long as its
    /// [`give_up_after`](SqsPoller::give_up_after) allows.
    #[error("consumer `{consumer}` ended: {error}")]
    Poll {
        /// The consumer.
        consumer: String,
        /// Why its poller ended.
        error: PollError,
    },
    /// The task of a poller panicked, and the others were stopped. Panics of handlers are caught;
    /// this is not a handler's.
    #[error("the task of a poller ended unexpectedly: {message}")]
    Panicked {
        /// The error of the task.
        message: String,
    },
}

impl Service {
    /// Returns a service without consumers.
    #[expect(clippy::needless_pass_by_value, reason = "clients are handed over everywhere")]
    pub fn new(topology: &Topology, sqs: Client) -> Self {
        Self {
            topology: topology.clone(),
            sqs: with_timeouts(&sqs, QUICK),
            #[cfg(feature = "eventbridge")]
            bus: None,
            #[cfg(feature = "dynamodb")]
            tables: None,
            consumers: Vec::new(),
            elsewhere: BTreeSet::new(),
            tolerant: false,
            grace: Duration::from_secs(20),
            shutdown: Mutex::default(),
            health: ServiceHealth::default(),
        }
    }

    /// Adds a consumer of the topology, built by
    /// [`topology.handlers`](event_runtime::topology::Attach::handlers).
    pub fn consumer(self, consumer: Consumer) -> Self {
        self.consumer_with(consumer, |poller| poller)
    }

    /// Adds a consumer with other settings of its poller: workers, waits, another place for dead
    /// letters.
    pub fn consumer_with(
        mut self,
        consumer: Consumer,
        adjust: impl FnOnce(SqsPoller) -> SqsPoller + Send + Sync + 'static,
    ) -> Self {
        self.consumers.push((consumer, Box::new(adjust)));
        self
    }

    /// Names consumers of the topology that another service runs. Consumers in Lambda functions need
    /// no name.
    pub fn elsewhere<N: Into<String>>(mut self, consumers: impl IntoIterator<Item = N>) -> Self {
        self.elsewhere.extend(consumers.into_iter().map(Into::into));
        self
    }

    /// Checks at the start that the bus of the topology exists (feature `eventbridge`).
    #[cfg(feature = "eventbridge")]
    pub fn check_bus(mut self, client: &aws_sdk_eventbridge::Client) -> Self {
        self.bus = Some(crate::EventBridge::new(client, self.topology.plan().bus.as_str()));
        self
    }

    /// Checks at the start that the tables of the consumers exist, with their key and time to live
    /// (feature `dynamodb`).
    #[cfg(feature = "dynamodb")]
    pub fn check_tables(mut self, client: &aws_sdk_dynamodb::Client) -> Self {
        self.tables = Some(client.clone());
        self
    }

    /// Sets whether differences from the topology are only logged (default: no): settings of queues
    /// and tables, and checks for which a permission is missing. What does not exist, and handlers
    /// that do not fit, are errors in any case.
    pub fn tolerate_differences(self, tolerant: bool) -> Self {
        Self { tolerant, ..self }
    }

    /// Sets the grace period of a shutdown (default: 20 seconds): [`SqsPoller::grace`].
    pub fn grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Sets when to stop (default: [`shutdown_signal`]).
    pub fn shutdown(self, shutdown: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { shutdown: Mutex::new(Some(Box::pin(shutdown))), ..self }
    }

    /// Returns the health of the service, for a health check of the container.
    pub fn health(&self) -> ServiceHealth {
        self.health.clone()
    }

    /// Checks what the consumers need, without starting them.
    ///
    /// # Errors
    ///
    /// [`StartError`] with all problems.
    pub async fn check(&self) -> Result<(), StartError> {
        Box::pin(self.checked()).await.map(drop)
    }

    /// Checks what the consumers need, and runs them until the shutdown. Returns at the end of the
    /// grace period at the latest.
    ///
    /// # Errors
    ///
    /// [`ServiceError`]: it did not start, or a poller ended by itself; then the others are stopped
    /// first.
    pub async fn run(self) -> Result<ServiceReport, ServiceError> {
        let shutdown = self.shutdown.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut shutdown = shutdown.unwrap_or_else(|| Box::pin(shutdown_signal()));
        let urls = tokio::select! {
            urls = Box::pin(self.checked()) => urls?,
            () = &mut shutdown => return Ok(ServiceReport::default()),
        };
        let (health, bus) = (self.health.clone(), self.topology.plan().bus.clone());
        let (stop, stopped) = watch::channel(());
        let mut running = JoinSet::new();
        let mut backlogs = JoinSet::new();
        for (name, poller) in self.pollers(&urls) {
            health.add(name.clone(), poller.health());
            backlogs.spawn(watch_backlog(name.clone(), poller.clone()));
            let mut stopped = stopped.clone();
            // An error means that the sender was dropped, which is the signal.
            let stop = async move { drop(stopped.changed().await) };
            running.spawn(async move { (name, Box::pin(poller.run(stop)).await) });
        }
        info!(bus, consumers = running.len(), "service started");
        health.set(ServiceState::Running);
        let mut stop = Some(stop);
        let mut report = ServiceReport::default();
        let mut failure = None;
        while !running.is_empty() {
            tokio::select! {
                () = &mut shutdown, if stop.is_some() => {
                    info!(bus, "service stopping");
                    health.set(ServiceState::Stopping);
                    stop = None;
                }
                Some(ended) = running.join_next() => {
                    let error = match ended {
                        Ok((name, Ok(counts))) => {
                            report.consumers.insert(name, counts);
                            continue;
                        }
                        Ok((consumer, Err(error))) => ServiceError::Poll { consumer, error },
                        Err(error) => ServiceError::Panicked { message: error.to_string() },
                    };
                    warn!(%error, "service stopping");
                    health.set(ServiceState::Stopping);
                    failure.get_or_insert(error);
                    stop = None;
                }
            }
        }
        health.set(ServiceState::Stopped);
        failure.map_or(Ok(report), Err)
    }

    /// The pollers of all consumers, by name.
    fn pollers(self, urls: &check::Urls) -> Vec<(String, SqsPoller)> {
        let Self { topology, sqs, consumers, grace, .. } = self;
        let plan = topology.plan();
        let poller = |(consumer, adjust): (Consumer, Adjust)| {
            let name = consumer.name().to_string();
            // Each of these was checked.
            let queue = plan.queue(&plan.consumer(&name)?.queue)?;
            let mut poller = SqsPoller::new(sqs.clone(), urls.get(&queue.name)?, consumer)
                .visibility(Duration::from_secs(queue.visibility_timeout_seconds))
                .grace(grace);
            if let Some(policy) = &queue.redrive_policy
                && let Some(url) = urls.get(&policy.dead_letter_queue)
            {
                let letters = DeadLetterQueue::new(sqs.clone(), url);
                poller = poller.dead_letters(Arc::new(letters));
            }
            Some((name, adjust(poller)))
        };
        consumers.into_iter().filter_map(poller).collect()
    }

    /// All checks. Returns the URLs of the queues, by name.
    async fn checked(&self) -> Result<check::Urls, StartError> {
        let mut problems = self.unfitting();
        let (urls, mut more) = check::queues(&self.sqs, self.topology.plan(), &self.names()).await;
        problems.append(&mut more);
        #[cfg(feature = "eventbridge")]
        if let Some(bus) = &self.bus {
            problems.extend(Box::pin(bus.check()).await.err().map(StartProblem::Bus));
        }
        #[cfg(feature = "dynamodb")]
        if let Some(client) = &self.tables {
            let names = self.names();
            let checked = tables::check(client, self.topology.plan(), &names);
            problems.extend(Box::pin(checked).await);
        }
        if self.tolerant {
            problems.retain(|problem| {
                let tolerated = problem.is_difference();
                if tolerated {
                    warn!(%problem, "the service starts nevertheless");
                }
                !tolerated
            });
        }
        if problems.is_empty() { Ok(urls) } else { Err(StartError { problems }) }
    }

    /// The attached consumers.
    fn names(&self) -> BTreeSet<&str> {
        self.consumers.iter().map(|(consumer, _)| consumer.name().as_str()).collect()
    }

    /// Consumers that are missing, attached twice, or without handlers for what they read.
    fn unfitting(&self) -> Vec<StartProblem> {
        let mut problems = Vec::new();
        let mut attached = BTreeSet::new();
        for (consumer, _) in &self.consumers {
            let name = consumer.name().as_str();
            if !attached.insert(name) {
                problems.push(StartProblem::AttachedTwice { consumer: name.to_owned() });
            } else if let Err(error) = self.topology.fits(consumer) {
                problems.push(StartProblem::Topology(error));
            }
        }
        for declared in &self.topology.plan().consumers {
            let name = declared.name.as_str();
            let polls = matches!(declared.host, Host::Poller);
            if polls && !attached.contains(name) && !self.elsewhere.contains(name) {
                problems.push(StartProblem::NotAttached { consumer: name.to_owned() });
            }
            if !polls && attached.contains(name) {
                problems.push(StartProblem::AttachedFunction { consumer: name.to_owned() });
            }
        }
        let unknown = |name: &&String| self.topology.plan().consumer(name).is_none();
        for name in self.elsewhere.iter().filter(unknown) {
            problems.push(StartProblem::UnknownElsewhere { consumer: name.clone() });
        }
        problems
    }
}

/// Reads the backlog of a consumer's queue, until the task is aborted.
async fn watch_backlog(consumer: String, poller: SqsPoller) {
    loop {
        match Box::pin(poller.read_backlog()).await {
            Ok(backlog) => crate::metrics::backlog(&consumer, backlog),
            Err(error) => warn!(consumer, %error, "failed to read the backlog of a queue"),
        }
        tokio::time::sleep(BACKLOG_PAUSE).await;
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("bus", &self.topology.plan().bus)
            .field("consumers", &self.names())
            .finish_non_exhaustive()
    }
}
