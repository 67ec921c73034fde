//! Checks at the start: the queues of the consumers, with their settings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use event_runtime::topology::TopologyError;
use event_runtime::topology::plan::{Plan, Queue};
use tokio::task::JoinSet;

use crate::failure::{self, CallError};
use crate::queue::{Policy, not_an_answer};

/// The URLs of queues, by name.
pub(super) type Urls = BTreeMap<String, String>;

/// Why a service did not start: all problems, one per line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StartError {
    /// The problems; at least one.
    pub problems: Vec<StartProblem>,
}

impl std::error::Error for StartError {}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the service did not start")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n{problem}"))
    }
}

/// One problem that a service found before its start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartProblem {
    /// A declared consumer would not run, and its messages would stay in the queue.
    #[error(
        "consumer `{consumer}` is declared but not attached: add `.consumer(..)`, or \
         `.elsewhere([\"{consumer}\"])` if another service runs it"
    )]
    NotAttached {
        /// The consumer.
        consumer: String,
    },
    /// A consumer was attached twice.
    #[error("consumer `{consumer}` is attached twice: expected once")]
    AttachedTwice {
        /// The consumer.
        consumer: String,
    },
    /// A consumer is declared as a Lambda function, so two workers would share its queue.
    #[error(
        "consumer `{consumer}` is declared to run as a Lambda function but is attached: expected one \
         of the two"
    )]
    AttachedFunction {
        /// The consumer.
        consumer: String,
    },
    /// A name of [`elsewhere`](super::Service::elsewhere) is not a consumer of the topology.
    #[error("`{consumer}` in `.elsewhere(..)` is not declared in the topology")]
    UnknownElsewhere {
        /// The name.
        consumer: String,
    },
    /// The handlers of a consumer do not fit its declaration.
    #[error(transparent)]
    Topology(TopologyError),
    /// The bus does not exist, or was not described.
    #[cfg(feature = "eventbridge")]
    #[error(transparent)]
    Bus(crate::BusCheckError),
    /// A queue does not exist.
    #[error("queue `{queue}` does not exist in this account and region")]
    NoSuchQueue {
        /// The name of the queue.
        queue: String,
    },
    /// A setting of a queue differs from the topology.
    #[error("queue `{queue}`: `{setting}` is {found}, expected {expected} as in the topology")]
    QueueSetting {
        /// The name of the queue.
        queue: String,
        /// The attribute, as SQS names it.
        setting: &'static str,
        /// Its value; `not set` without one.
        found: String,
        /// The value in the topology.
        expected: String,
    },
    /// A table does not exist.
    #[error("table `{table}` does not exist in this account and region")]
    NoSuchTable {
        /// The name of the table.
        table: String,
    },
    /// A setting of a table differs from the topology.
    #[error("table `{table}`: the {setting} is {found}, expected {expected} as in the topology")]
    TableSetting {
        /// The name of the table.
        table: String,
        /// Which setting.
        setting: &'static str,
        /// Its value; `not set` without one.
        found: String,
        /// The value in the topology.
        expected: String,
    },
    /// A check could not be made.
    #[error("failed to check `{name}` (`{permission}`): {error}")]
    Unchecked {
        /// The queue or table.
        name: String,
        /// The permission that the call needs.
        permission: &'static str,
        /// The error of the call.
        error: CallError,
    },
}

impl StartProblem {
    /// Whether something exists but differs, or could not be checked.
    pub fn is_difference(&self) -> bool {
        matches!(
            self,
            Self::QueueSetting { .. } | Self::TableSetting { .. } | Self::Unchecked { .. }
        )
    }
}

/// Finds and checks the queues of these consumers, all at once.
pub(super) async fn queues(
    client: &Client,
    plan: &Plan,
    consumers: &BTreeSet<&str>,
) -> (Urls, Vec<StartProblem>) {
    let mut checks = JoinSet::new();
    for queue in plan.queues.iter().filter(|queue| consumers.contains(queue.consumer.as_str())) {
        let (client, queue) = (client.clone(), queue.clone());
        checks.spawn(async move {
            let (url, problems) = check(&client, &queue).await;
            (queue.name, url, problems)
        });
    }
    let mut urls = Urls::new();
    let mut by_queue = BTreeMap::new();
    for (name, url, problems) in checks.join_all().await {
        urls.extend(url.map(|url| (name.clone(), url)));
        by_queue.insert(name, problems);
    }
    (urls, by_queue.into_values().flatten().collect())
}

async fn check(client: &Client, queue: &Queue) -> (Option<String>, Vec<StartProblem>) {
    let name = || queue.name.clone();
    let unchecked = |permission, error: CallError| {
        let missing = ["QueueDoesNotExist", "NonExistentQueue"];
        if missing.iter().any(|code| error.code.ends_with(code)) {
            StartProblem::NoSuchQueue { queue: name() }
        } else {
            StartProblem::Unchecked { name: name(), permission, error }
        }
    };
    let found = client.get_queue_url().queue_name(&queue.name).send().await;
    let found = found.map_err(|error| failure::of(&error));
    let url =
        found.and_then(|it| it.queue_url.filter(|it| !it.is_empty()).ok_or_else(not_an_answer));
    let url = match url {
        Ok(url) => url,
        Err(error) => return (None, vec![unchecked("sqs:GetQueueUrl", error)]),
    };
    let call = client
        .get_queue_attributes()
        .queue_url(&url)
        .attribute_names(Name::VisibilityTimeout)
        .attribute_names(Name::MessageRetentionPeriod)
        .attribute_names(Name::RedrivePolicy);
    let answer = call.send().await.map_err(|error| failure::of(&error));
    let attributes = answer.and_then(|answer| {
        answer.attributes.filter(|all| !all.is_empty()).ok_or_else(not_an_answer)
    });
    let attributes = match attributes {
        Ok(attributes) => attributes,
        Err(error) => return (Some(url), vec![unchecked("sqs:GetQueueAttributes", error)]),
    };
    let mut problems = Vec::new();
    let mut compare = |setting, found: Option<String>, expected: String| {
        let found = found.unwrap_or_else(|| "not set".to_owned());
        if found != expected {
            problems.push(StartProblem::QueueSetting { queue: name(), setting, found, expected });
        }
    };
    let seconds = |attribute: &Name| attributes.get(attribute).cloned();
    let visibility = queue.visibility_timeout_seconds.to_string();
    compare("VisibilityTimeout", seconds(&Name::VisibilityTimeout), visibility);
    let retention = queue.message_retention_period_seconds.to_string();
    compare("MessageRetentionPeriod", seconds(&Name::MessageRetentionPeriod), retention);
    let found = attributes.get(&Name::RedrivePolicy).map(|text| redrive(text));
    let expected = queue.redrive_policy.as_ref().map_or_else(
        || "not set".to_owned(),
        |policy| redrive_text(&policy.max_receive_count.to_string(), &policy.dead_letter_queue),
    );
    compare("RedrivePolicy", found, expected);
    (Some(url), problems)
}

/// A redrive policy in the words of the topology. One that fails to parse is shown as it is.
fn redrive(text: &str) -> String {
    let policy = serde_json::from_str::<Policy>(text).ok();
    let read = policy.as_ref().and_then(|policy| Some((policy.max_receives()?, policy.queue()?)));
    match read {
        Some((receives, queue)) => redrive_text(&receives.to_string(), queue),
        None => format!("`{}`", event_runtime::__internal::shown(text)),
    }
}

fn redrive_text(receives: &str, queue: &str) -> String {
    format!("{receives} receives, then `{queue}`")
}
