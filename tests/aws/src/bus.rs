//! `PutEvents` and its rules, as in the API reference.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::server::{Answer, World};

/// An entry of a request, as received over the wire.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WireEntry {
    /// The bus.
    #[serde(default)]
    pub event_bus_name: Option<String>,
    /// The source.
    #[serde(default)]
    pub source: String,
    /// The detail-type.
    #[serde(default)]
    pub detail_type: String,
    /// The body.
    #[serde(default)]
    pub detail: String,
    /// Seconds since 1970, with a fraction.
    #[serde(default)]
    pub time: Option<f64>,
    /// ARNs.
    #[serde(default)]
    pub resources: Vec<String>,
    /// X-Ray.
    #[serde(default)]
    pub trace_header: Option<String>,
}

/// A rule: which detail-types go to which queue.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The detail-types that match.
    pub detail_types: Vec<String>,
    /// The name of the queue.
    pub queue: String,
}

impl WireEntry {
    /// The size by the formula of the user guide, calculated independently here.
    pub fn bytes(&self) -> usize {
        let time = if self.time.is_some() { 14 } else { 0 };
        let resources: usize = self.resources.iter().map(String::len).sum();
        time + self.source.len() + self.detail_type.len() + self.detail.len() + resources
    }
}

/// Answers `PutEvents`.
pub fn put_events(world: &mut World, request: &Value, fault: &Fault) -> Answer {
    let entries: Vec<WireEntry> = match serde_json::from_value(request["Entries"].clone()) {
        Ok(entries) => entries,
        Err(error) => return Answer::error(400, "ValidationException", &error.to_string()),
    };
    let bytes: usize = entries.iter().map(WireEntry::bytes).sum();
    if bytes > world.request_bytes {
        let message = "Total size of the entries in the request is over the limit.";
        return Answer::error(world.too_large_status, "ValidationException", message);
    }
    if entries.is_empty() || entries.len() > 10 {
        let message = format!("{} entries of {bytes} bytes", entries.len());
        return Answer::error(400, "ValidationException", &message);
    }
    world.requests.push(entries.len());
    let mut failed = 0;
    let mut results = Vec::new();
    for (at, entry) in entries.into_iter().enumerate() {
        let told = match fault {
            Fault::Entries(failing) => failing.iter().find(|(failing, _)| *failing == at),
            _ => None,
        };
        let code = told.map(|(_, code)| *code).or_else(|| refusal(&entry));
        if let Some(code) = code {
            failed += 1;
            results.push(json!({"ErrorCode": code, "ErrorMessage": "told to"}));
            continue;
        }
        world.events += 1;
        let id = format!("{:08x}-0000-4000-8000-{:012x}", world.events >> 32, world.events);
        route(world, &entry, &id);
        if world.keeps_entries {
            world.accepted.push(entry);
        }
        results.push(json!({"EventId": id}));
    }
    Answer::ok(&json!({"FailedEntryCount": failed, "Entries": results}))
}

fn refusal(entry: &WireEntry) -> Option<&'static str> {
    if entry.source.is_empty() || entry.detail_type.is_empty() {
        return Some("InvalidArgument");
    }
    if entry.source.starts_with("aws.") {
        return Some("NotAuthorizedForSourceException");
    }
    serde_json::from_str::<&RawValue>(&entry.detail).is_err().then_some("MalformedDetail")
}

fn route(world: &mut World, entry: &WireEntry, id: &str) {
    let matching = |rule: &&Rule| rule.detail_types.contains(&entry.detail_type);
    let queues: Vec<String> =
        world.rules.iter().filter(matching).map(|rule| rule.queue.clone()).collect();
    if queues.is_empty() {
        return;
    }
    let detail: &RawValue = serde_json::from_str(&entry.detail).unwrap();
    let head = json!({
        "version": "0", "id": id, "detail-type": entry.detail_type, "source": entry.source,
        "account": "000000000000", "time": "2026-11-24T12:00:00Z", "region": "eu-central-1",
        "resources": entry.resources,
    });
    let head = head.to_string();
    let body = format!("{},\"detail\":{detail}}}", head.trim_end_matches('}'));
    for queue in queues {
        let copies = if world.plan.duplicates() { 2 } else { 1 };
        for _ in 0..copies {
            let queue = world.queues.entry(queue.clone()).or_default();
            queue.arrive(body.clone(), None, entry.trace_header.clone());
        }
    }
}

/// Answers `DescribeEventBus`.
pub fn describe(world: &World, request: &Value) -> Answer {
    let name = request["Name"].as_str().unwrap_or("default");
    if world.buses.iter().any(|bus| bus == name) {
        let arn = format!("arn:aws:events:eu-central-1:000000000000:event-bus/{name}");
        Answer::ok(&json!({"Name": name, "Arn": arn}))
    } else {
        let message = format!("Event bus {name} does not exist.");
        Answer::error(400, "ResourceNotFoundException", &message)
    }
}
