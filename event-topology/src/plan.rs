//! A topology as data: what is to be there, with every number in the unit that its name says.
//!
//! This is what is printed and what the embedded bus runs from. Whoever makes a template, alarms or
//! a picture reads it; [`Topology`](crate::Topology) makes it. Everything is in a fixed order:
//! consumers, rules and queues by name, reads by type and major.
//!
//! In JSON:
//!
//! ```text
//! {
//!   "format": 2,
//!   "bus": "proposals",                       // "sharedBus": true, where another service makes it
//!   "consumers": [{
//!     "name": "emailer",
//!     "rules": ["proposal.published-v2-emailer"], // the names of its rules, below
//!     "queue": "emailer",                     // the name of its queue, below
//!     "concurrency": 1,                       // messages at once
//!     "host": "poller",                       // or {"function": {"timeoutSeconds": 30, ..}}
//!     "table": "proposals-claims",            // the name of a table, below; absent without DynamoDB
//!     "outage": {                             // no event is a dead letter after an outage of
//!       "pollerSeconds": 900,                 // that at a poller, which waits longer each time
//!       "functionSeconds": 120                // that at a Lambda function, which does not
//!     },
//!     "alarms": {"stalledSeconds": 600, ..},  // settings that are not the defaults
//!     "idempotency": {
//!       "windowSeconds": 432000,              // for how long an event is remembered as done
//!       "minimumSeconds": 432000,             // the least: retries of the rule + retention
//!       "redrives": 0                         // how often dead letters are put back, in that sum
//!     },
//!     "reads": [{
//!       "type": "proposal.published", "major": 2, "minor": 1,
//!       "detailType": "proposal.published:v2", "source": "app.solargenix",
//!       "supersedes": {"major": 1, "sunset": "2027-03-31"} // "retired": true, once nothing publishes it
//!                                             // "upcastTo": 3, where it is converted to a newer major
//!     }]
//!   }],
//!   "rules": [{
//!     "name": "proposal.published-v2-emailer", "consumer": "emailer",
//!     "eventPattern": {"source": ["app.solargenix"], "detail-type": ["proposal.published:v2"]},
//!     "targets": [{
//!       "id": "queue", "queue": "emailer",    // "messageGroupId" too, where the queue is FIFO
//!       "retryPolicy": {"maximumRetryAttempts": 185, "maximumEventAgeInSeconds": 86400},
//!       "deadLetterQueue": "emailer-undelivered"
//!     }]
//!   }],
//!   "queues": [{
//!     "name": "emailer", "consumer": "emailer", "holds": "events", "fifo": false,
//!     "visibilityTimeoutSeconds": 30, "messageRetentionPeriodSeconds": 345600,
//!     "redrivePolicy": {"deadLetterQueue": "emailer-failed", "maxReceiveCount": 5}
//!   }],                                       // and the two queues that are named above
//!   "publishers": [{
//!     "name": "proposals-api",
//!     "publishes": [{
//!       "type": "proposal.published", "major": 2, "minor": 1,
//!       "detailType": "proposal.published:v2", "source": "app.solargenix"
//!     }]
//!   }],
//!   "tables": [{
//!     "name": "proposals-claims",             // "holds": "projections", where it does
//!     "partitionKey": "id", "timeToLive": "expiration",
//!     "consumers": ["emailer"]
//!   }]
//! }
//! ```

use serde::{Deserialize, Deserializer, Serialize, de};

pub use crate::alarms::{Alarms, Messages};
use crate::pattern::EventPattern;

/// The format that is written, and the only one that is read.
pub const FORMAT: u32 = 2;

/// Everything that a topology sets up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// [`FORMAT`]. Another one does not read.
    #[serde(deserialize_with = "this_format")]
    pub format: u32,
    /// The name of the bus.
    pub bus: String,
    /// Whether another service makes the bus, so that no template of this plan does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared_bus: bool,
    /// By name.
    pub consumers: Vec<Consumer>,
    /// By name; one for each consumer and major that it reads, or one a consumer where that is asked for.
    pub rules: Vec<Rule>,
    /// By name; three a consumer.
    pub queues: Vec<Queue>,
    /// Who publishes on the bus, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub publishers: Vec<Publisher>,
    /// The tables in which consumers keep claims and projections, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
}

/// Who publishes what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Publisher {
    /// Its name: that of the service.
    pub name: String,
    /// The events that it puts on the bus, by type and major.
    pub publishes: Vec<Publish>,
}

/// One major of an event that a publisher puts on the bus.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Publish {
    /// The type of the event, without a version.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Its major.
    pub major: u32,
    /// The minor that the publisher was built with.
    pub minor: u32,
    /// What is on the bus: `type:vN`.
    pub detail_type: String,
    /// The source that it is published under.
    pub source: String,
    /// The older major that this one supersedes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Supersedes>,
}

/// The older major of an event that a newer one supersedes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Supersedes {
    /// The older major.
    pub major: u32,
    /// Whether it is published no longer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// The day from which it should be retired, `yyyy-mm-dd`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sunset: Option<String>,
}

/// A table of DynamoDB, with items that expire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    /// Its name.
    pub name: String,
    /// What its items are.
    #[serde(default, skip_serializing_if = "TableHolds::are_claims")]
    pub holds: TableHolds,
    /// The attribute that is the partition key, a string.
    pub partition_key: String,
    /// The attribute with the second, since 1970, at which an item expires.
    pub time_to_live: String,
    /// The consumers that use it.
    pub consumers: Vec<String>,
}

/// What the items of a table are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TableHolds {
    /// Claims: which events were handled.
    #[default]
    Claims,
    /// Rows of projections.
    Projections,
}

impl TableHolds {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn are_claims(&self) -> bool {
        *self == Self::Claims
    }
}

/// Where a consumer runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Host {
    /// In a container or on a machine: it polls its queue.
    #[default]
    Poller,
    /// In a Lambda function, which the queue invokes.
    Function(Function),
}

/// A Lambda function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Function {
    /// How long an invocation may take, 1 to 900 seconds.
    pub timeout_seconds: u64,
    /// Its memory in megabytes, 128 to 10,240.
    pub memory_megabytes: u32,
    /// How many messages it is given at once, 1 to 10,000.
    pub batch_size: u32,
}

/// Who reads what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Consumer {
    /// Its name, which begins its idempotency keys too.
    pub name: String,
    /// The names of its rules.
    pub rules: Vec<String>,
    /// The name of its queue.
    pub queue: String,
    /// How many messages it handles at once.
    pub concurrency: u32,
    /// Where it runs.
    pub host: Host,
    /// The table in which it keeps its claims, where they are in DynamoDB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The tables in which it keeps projections.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projections: Vec<String>,
    /// The outage that it survives.
    pub outage: Outage,
    /// What its alarms go by.
    #[serde(default, skip_serializing_if = "Alarms::is_default")]
    pub alarms: Alarms,
    /// For how long it remembers events.
    pub idempotency: Idempotency,
    /// The events that it reads, by type and major.
    pub reads: Vec<Read>,
}

/// How long what a consumer depends on may be out before events that arrive become dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outage {
    /// At a poller, which waits as [`Redelivery`](crate::Redelivery) says between the
    /// deliveries of a message.
    pub poller_seconds: u64,
    /// At a Lambda function, whose messages come again when the visibility time-out of the queue is
    /// over.
    pub function_seconds: u64,
}

/// For how long a consumer remembers that an event was handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Idempotency {
    /// The time to live of a completed event.
    pub window_seconds: u64,
    /// The least that it may be: for so long a copy of an event may still come.
    pub minimum_seconds: u64,
    /// How often dead letters are put back, in that sum.
    pub redrives: u32,
}

/// One major of an event that a consumer reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Read {
    /// The type of the event, without a version.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Its major.
    pub major: u32,
    /// The minor that the consumer was built with. It reads the later ones too.
    pub minor: u32,
    /// What the rule matches: `type:vN`.
    pub detail_type: String,
    /// Who publishes it.
    pub source: String,
    /// The newer major that it is converted to before it is handled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upcast_to: Option<u32>,
    /// The older major that this one supersedes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Supersedes>,
}

/// A rule of the bus.
///
/// EventBridge's metrics are by rule and not by target: a rule for one consumer and one major is what shows who still
/// reads that major.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// One to 64 of `.`, `-`, `_`, letters and digits of ASCII.
    pub name: String,
    /// The consumer that it is for.
    pub consumer: String,
    /// What it takes: what its consumer reads, and nothing else.
    pub event_pattern: EventPattern,
    /// Where it goes: the queue of its consumer. EventBridge takes five at most.
    pub targets: Vec<Target>,
}

/// Where a rule sends events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Its id within the rule.
    pub id: String,
    /// The name of the queue.
    pub queue: String,
    /// The message group, where the queue is FIFO: one for all, so that order is kept among all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_group_id: Option<String>,
    /// How long delivery to the queue is tried.
    pub retry_policy: RetryPolicy,
    /// Where an event goes that could not be delivered: a queue that [`Holds::Undelivered`].
    pub dead_letter_queue: String,
}

/// How long a rule tries to deliver to its target; whichever is over first ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RetryPolicy {
    /// Tries after the first one, 0 to 185.
    pub maximum_retry_attempts: u32,
    /// 60 to 86,400 seconds.
    pub maximum_event_age_in_seconds: u64,
}

/// A queue of SQS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    /// Ends in `.fifo` where it is a FIFO queue.
    pub name: String,
    /// The consumer that it belongs to.
    pub consumer: String,
    /// What its messages are.
    pub holds: Holds,
    /// Whether order is kept. EventBridge asks for content-based deduplication then.
    pub fifo: bool,
    /// For how long a received message is hidden.
    pub visibility_timeout_seconds: u64,
    /// For how long a message is kept.
    pub message_retention_period_seconds: u64,
    /// When a message becomes a dead letter. Dead-letter queues have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redrive_policy: Option<RedrivePolicy>,
}

/// What the messages of a queue are. The two dead-letter queues of a consumer hold two formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Holds {
    /// Whole EventBridge events, for the consumer.
    Events,
    /// Events that a rule could not deliver, as EventBridge sends them there: with the attributes
    /// `RULE_ARN`, `TARGET_ARN`, `ERROR_CODE`, `ERROR_MESSAGE`, `RETRY_ATTEMPTS` and
    /// `EXHAUSTED_RETRY_CONDITION`.
    Undelivered,
    /// Messages that the consumer failed to handle: as they came, with the reason as an attribute
    /// where the consumer sent them there itself.
    Failed,
}

/// When a message becomes a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RedrivePolicy {
    /// Where it goes: a queue that [`Holds::Failed`].
    pub dead_letter_queue: String,
    /// How often it is received before that.
    pub max_receive_count: u32,
}

impl Plan {
    /// The consumer of this name.
    pub fn consumer(&self, name: &str) -> Option<&Consumer> {
        self.consumers.iter().find(|consumer| consumer.name == name)
    }

    /// The rule of this name.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// The queue of this name.
    pub fn queue(&self, name: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.name == name)
    }
}

impl Publish {
    /// One major of an event: its detail-type is the type, a colon, `v` and the major.
    pub fn new(event_type: &str, major: u32, minor: u32, source: &str) -> Self {
        Self {
            event_type: event_type.to_owned(),
            major,
            minor,
            detail_type: format!("{event_type}:v{major}"),
            source: source.to_owned(),
            supersedes: None,
        }
    }

    /// The same, as the successor of an older major.
    #[must_use]
    pub fn superseding(self, older: Supersedes) -> Self {
        Self { supersedes: Some(older), ..self }
    }
}

impl Read {
    /// One major of an event: its detail-type is the type, a colon, `v` and the major.
    ///
    /// # Example
    ///
    /// ```
    /// use event_topology::plan::Read;
    ///
    /// let read = Read::new("order.placed", 2, 1, "app.shop");
    /// assert_eq!(read.detail_type, "order.placed:v2");
    /// ```
    pub fn new(event_type: &str, major: u32, minor: u32, source: &str) -> Self {
        Self {
            event_type: event_type.to_owned(),
            major,
            minor,
            detail_type: format!("{event_type}:v{major}"),
            source: source.to_owned(),
            upcast_to: None,
            supersedes: None,
        }
    }

    /// The same, as the successor of an older major.
    #[must_use]
    pub fn superseding(self, older: Supersedes) -> Self {
        Self { supersedes: Some(older), ..self }
    }

    /// The same, converted to a newer major before it is handled.
    #[must_use]
    pub fn upcast_to(self, major: u32) -> Self {
        Self { upcast_to: Some(major), ..self }
    }
}

fn this_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let format = u32::deserialize(deserializer)?;
    if format == FORMAT {
        Ok(format)
    } else {
        let text = format!("expected a topology of format {FORMAT}, found format {format}");
        Err(de::Error::custom(text))
    }
}
