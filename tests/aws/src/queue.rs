//! SQS queues, standard and FIFO, as in the API reference.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::fault::Fault;
use crate::server::{Answer, World};

/// One queue.
#[derive(Debug)]
pub struct Queue {
    /// By order of arrival.
    pub messages: BTreeMap<u64, Message>,
    /// Receipt handles, and the message of each.
    receipts: HashMap<String, u64>,
    arrivals: u64,
    deliveries: u64,
    /// After how many deliveries a message goes to which dead-letter queue, if set.
    pub redrive: Option<(u64, String)>,
    /// How often calls have changed the time for which a message is hidden.
    pub changes: u64,
    /// The maximum size of a message in bytes, including attributes: its `MaximumMessageSize`.
    pub max_bytes: usize,
    /// Its `VisibilityTimeout` and its `MessageRetentionPeriod`, in seconds.
    pub seconds: (u64, u64),
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            messages: BTreeMap::new(),
            receipts: HashMap::new(),
            arrivals: 0,
            deliveries: 0,
            redrive: None,
            changes: 0,
            max_bytes: 1024 * 1024,
            seconds: (30, 345_600),
        }
    }
}

/// One message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its body.
    pub body: String,
    /// Its FIFO group.
    pub group: Option<String>,
    /// X-Ray.
    pub trace: Option<String>,
    /// The attributes of its sender.
    pub attributes: Map<String, Value>,
    /// How often it was received.
    pub receives: u64,
    visible_at: Instant,
    received_at: Instant,
    receipt: Option<String>,
}

/// The maximum time for which a message is hidden, from when it was received.
const LONGEST_HIDDEN: Duration = Duration::from_hours(12);

impl Message {
    /// An attribute of its sender.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.get("StringValue")?.as_str()
    }

    /// How long it stays hidden.
    pub fn hidden(&self) -> Duration {
        self.visible_at.saturating_duration_since(Instant::now())
    }
}

impl Queue {
    /// Puts a message in.
    pub fn arrive(&mut self, body: String, group: Option<String>, trace: Option<String>) -> u64 {
        self.arrivals += 1;
        let message = Message {
            body,
            group,
            trace,
            attributes: Map::new(),
            receives: 0,
            visible_at: Instant::now(),
            received_at: Instant::now(),
            receipt: None,
        };
        self.messages.insert(self.arrivals, message);
        self.arrivals
    }

    fn visible(&self, max: usize) -> Vec<u64> {
        let now = Instant::now();
        let mut blocked = HashSet::new();
        let mut found = Vec::new();
        for (&id, message) in &self.messages {
            if found.len() == max {
                break;
            }
            let is_blocked =
                message.group.as_ref().is_some_and(|group| blocked.contains(group.as_str()));
            if message.visible_at <= now && !is_blocked {
                found.push(id);
            } else if let Some(group) = &message.group {
                blocked.insert(group.as_str());
            }
        }
        found
    }

    fn hide(&mut self, receipt: &str, until: Instant) -> bool {
        self.changes += 1;
        let Some(message) = self.receipts.get(receipt).and_then(|id| self.messages.get_mut(id))
        else {
            return false;
        };
        // SQS: "Total VisibilityTimeout for the message is beyond the limit".
        let too_long = until > message.received_at + LONGEST_HIDDEN;
        if message.receipt.as_deref() != Some(receipt) || too_long {
            return false;
        }
        message.visible_at = until;
        true
    }

    /// As in standard queues of SQS, an older handle deletes too.
    fn delete(&mut self, receipt: &str) -> bool {
        let Some(id) = self.receipts.remove(receipt) else { return false };
        self.messages.remove(&id);
        true
    }
}

/// The name at the end of the URL.
pub fn name_of(request: &Value) -> String {
    let url = request["QueueUrl"].as_str().unwrap_or_default();
    url.rsplit('/').next().unwrap_or_default().to_owned()
}

fn missing(name: &str) -> Answer {
    Answer::error(400, "QueueDoesNotExist", &format!("the queue `{name}` does not exist"))
}

/// Moves messages that were received too often to the dead-letter queue of the redrive policy.
fn redrive(world: &mut World, name: &str) {
    let Some(queue) = world.queues.get_mut(name) else { return };
    let Some((max, dead)) = queue.redrive.clone() else { return };
    let now = Instant::now();
    let over: Vec<u64> = queue
        .messages
        .iter()
        .filter(|(_, message)| message.receives >= max && message.visible_at <= now)
        .map(|(&id, _)| id)
        .collect();
    let moved: Vec<Message> = over.iter().filter_map(|id| queue.messages.remove(id)).collect();
    let letters = world.queues.entry(dead).or_default();
    for message in moved {
        letters.arrive(message.body, message.group, message.trace);
    }
}

/// Answers `ReceiveMessage`: the visible messages, or nothing yet.
pub fn receive(world: &mut World, request: &Value) -> Answer {
    let name = name_of(request);
    redrive(world, &name);
    let max = usize::try_from(request["MaxNumberOfMessages"].as_u64().unwrap_or(1)).unwrap();
    let hidden = world.seconds(request["VisibilityTimeout"].as_u64().unwrap_or(30));
    let reorders = world.plan.reorders();
    let skip = world.plan.draw().below(8);
    let Some(queue) = world.queues.get_mut(&name) else { return missing(&name) };
    let mut ids = if reorders { queue.visible(8 * max) } else { queue.visible(max) };
    if reorders {
        let at = usize::try_from(skip).unwrap() % ids.len().max(1);
        ids.rotate_left(at);
        ids.truncate(max);
        ids.reverse();
    }
    let mut messages = Vec::new();
    for id in ids {
        queue.deliveries += 1;
        let receipt = format!("{name}-{id}-{}", queue.deliveries);
        let Some(message) = queue.messages.get_mut(&id) else { continue };
        message.receives += 1;
        message.received_at = Instant::now();
        message.visible_at = message.received_at + hidden;
        if let Some(older) = message.receipt.replace(receipt.clone()) {
            queue.receipts.remove(&older);
        }
        let mut attributes = json!({"ApproximateReceiveCount": message.receives.to_string()});
        if let Some(group) = &message.group {
            attributes["MessageGroupId"] = group.as_str().into();
        }
        if let Some(trace) = &message.trace {
            attributes["AWSTraceHeader"] = trace.as_str().into();
        }
        messages.push(json!({
            "MessageId": format!("{name}-{id}"), "ReceiptHandle": receipt, "Body": message.body,
            "Attributes": attributes, "MessageAttributes": message.attributes,
        }));
        queue.receipts.insert(receipt, id);
    }
    if messages.is_empty() {
        Answer::ok(&json!({}))
    } else {
        Answer::ok(&json!({"Messages": messages}))
    }
}

/// Answers `DeleteMessageBatch` and `ChangeMessageVisibilityBatch`.
pub fn settle(world: &mut World, request: &Value, fault: &Fault, deletes: bool) -> Answer {
    let name = name_of(request);
    let entries = request["Entries"].as_array().cloned().unwrap_or_default();
    if entries.is_empty() || entries.len() > 10 {
        return Answer::error(400, "TooManyEntriesInBatchRequest", &entries.len().to_string());
    }
    let now = Instant::now();
    let spans: Vec<Duration> = entries
        .iter()
        .map(|entry| world.seconds(entry["VisibilityTimeout"].as_u64().unwrap_or_default()))
        .collect();
    let Some(queue) = world.queues.get_mut(&name) else { return missing(&name) };
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (at, entry) in entries.iter().enumerate() {
        let told = match fault {
            Fault::Entries(failing) => failing.iter().find(|(failing, _)| *failing == at),
            _ => None,
        };
        if let Some((_, code)) = told {
            failed.push(json!({"Id": entry["Id"], "SenderFault": false, "Code": code}));
            continue;
        }
        let receipt = entry["ReceiptHandle"].as_str().unwrap_or_default();
        let settled =
            if deletes { queue.delete(receipt) } else { queue.hide(receipt, now + spans[at]) };
        if settled || deletes {
            done.push(json!({"Id": entry["Id"]}));
        } else {
            let code = "ReceiptHandleIsInvalid";
            failed.push(json!({"Id": entry["Id"], "SenderFault": true, "Code": code}));
        }
    }
    Answer::ok(&json!({"Successful": done, "Failed": failed}))
}

/// Answers `SendMessage`.
pub fn send(world: &mut World, request: &Value) -> Answer {
    let name = name_of(request);
    let group = request["MessageGroupId"].as_str().map(str::to_owned);
    if name.rsplit_once('.').is_some_and(|(_, suffix)| suffix == "fifo") && group.is_none() {
        return Answer::error(400, "MissingParameter", "MessageGroupId");
    }
    let Some(queue) = world.queues.get_mut(&name) else { return missing(&name) };
    let body = request["MessageBody"].as_str().unwrap_or_default().to_owned();
    if body.len() + bytes_of(&request["MessageAttributes"]) > queue.max_bytes {
        let message = format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
            queue.max_bytes
        );
        return Answer::error(400, "InvalidParameterValue", &message);
    }
    let trace = &request["MessageSystemAttributes"]["AWSTraceHeader"]["StringValue"];
    let id = queue.arrive(body, group, trace.as_str().map(str::to_owned));
    if let (Some(message), Some(attributes)) =
        (queue.messages.get_mut(&id), request["MessageAttributes"].as_object())
    {
        message.attributes.clone_from(attributes);
    }
    Answer::ok(&json!({"MessageId": format!("{name}-{id}")}))
}

/// Answers `SendMessageBatch`.
pub fn send_batch(world: &mut World, request: &Value) -> Answer {
    let name = name_of(request);
    let Some(queue) = world.queues.get_mut(&name) else { return missing(&name) };
    let entries = request["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut done = Vec::new();
    for entry in entries {
        let body = entry["MessageBody"].as_str().unwrap_or_default().to_owned();
        let id = queue.arrive(body, None, None);
        if let (Some(message), Some(attributes)) =
            (queue.messages.get_mut(&id), entry["MessageAttributes"].as_object())
        {
            message.attributes.clone_from(attributes);
        }
        done.push(
            json!({"Id": entry["Id"], "MessageId": format!("{name}-{id}"), "MD5OfMessageBody": ""}),
        );
    }
    Answer::ok(&json!({"Successful": done, "Failed": []}))
}

/// What the attributes of a message count for: their names, types and values.
fn bytes_of(attributes: &Value) -> usize {
    let text = |value: &Value| value.as_str().map_or(0, str::len);
    let one = |(name, value): (&String, &Value)| {
        name.len()
            + text(&value["DataType"])
            + text(&value["StringValue"])
            + text(&value["BinaryValue"]) / 4 * 3
    };
    attributes.as_object().map_or(0, |all| all.iter().map(one).sum())
}

/// Answers `GetQueueUrl`: the URL at this address.
pub fn url(world: &World, request: &Value, host: &str) -> Answer {
    let name = request["QueueName"].as_str().unwrap_or_default();
    if !world.queues.contains_key(name) {
        return missing(name);
    }
    Answer::ok(&json!({"QueueUrl": format!("http://{host}/000000000000/{name}")}))
}

/// Answers `GetQueueAttributes`.
pub fn attributes(world: &World, request: &Value) -> Answer {
    let name = name_of(request);
    let Some(queue) = world.queues.get(&name) else { return missing(&name) };
    let (visibility, retention) = queue.seconds;
    let waiting = queue.messages.values().filter(|it| it.hidden().is_zero()).count();
    let mut attributes = json!({
        "VisibilityTimeout": visibility.to_string(),
        "MessageRetentionPeriod": retention.to_string(),
        "ApproximateNumberOfMessages": waiting.to_string(),
    });
    if let Some((max, dead)) = &queue.redrive {
        let arn = format!("arn:aws:sqs:eu-central-1:000000000000:{dead}");
        let policy = json!({"deadLetterTargetArn": arn, "maxReceiveCount": max});
        attributes["RedrivePolicy"] = policy.to_string().into();
    }
    Answer::ok(&json!({"Attributes": attributes}))
}
