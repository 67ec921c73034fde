//! The socket, and the clients of the official SDK for it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::bus::{self, Rule, WireEntry};
use crate::fault::{Chaos, Fault, Plan};
use crate::queue::{self, Queue};

/// The state of the server.
#[derive(Debug)]
pub struct World {
    /// The faults.
    pub plan: Plan,
    /// The names of the buses that exist.
    pub buses: Vec<String>,
    /// Rules of all buses.
    pub rules: Vec<Rule>,
    /// Queues by name.
    pub queues: BTreeMap<String, Queue>,
    /// Entries that were accepted, in order, if they are kept.
    pub accepted: Vec<WireEntry>,
    /// Whether accepted entries are kept.
    pub keeps_entries: bool,
    /// How many entries each `PutEvents` call had, except for calls that were refused as a whole.
    pub requests: Vec<usize>,
    /// How many entries were accepted.
    pub events: u64,
    /// The maximum size of a request.
    pub request_bytes: usize,
    /// The status of a larger request.
    pub too_large_status: u16,
    /// The duration of one second of SQS here.
    pub second: Duration,
}

impl World {
    /// Converts seconds of SQS.
    pub fn seconds(&self, seconds: u64) -> Duration {
        self.second.saturating_mul(u32::try_from(seconds).unwrap_or(u32::MAX))
    }
}

/// A status and a JSON text.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    /// Success.
    pub fn ok(body: &Value) -> Self {
        Self { status: 200, body: body.to_string() }
    }

    /// An error in the format of the JSON protocols.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({"__type": code, "message": message}).to_string();
        Self { status, body }
    }
}

struct Shared {
    world: Mutex<World>,
    changed: Notify,
}

/// A server on a free port of 127.0.0.1, until it is dropped.
pub struct FaultServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FaultServer {
    /// Starts a server with one bus, `orders`, and no faults; random numbers are from this seed.
    pub async fn start(seed: u64) -> Self {
        let world = World {
            plan: Plan::new(seed),
            buses: vec!["orders".to_owned()],
            rules: Vec::new(),
            queues: BTreeMap::new(),
            accepted: Vec::new(),
            keeps_entries: true,
            requests: Vec::new(),
            events: 0,
            request_bytes: 1024 * 1024,
            too_large_status: 400,
            second: Duration::from_secs(1),
        };
        let shared = Arc::new(Shared { world: Mutex::new(world), changed: Notify::new() });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            // Ends when the test drops it.
            let _ = axum::serve(listener, app).await;
        });
        Self { address, shared, task }
    }

    /// Returns the state of the server, to read and to change.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds faults for the next calls of an operation.
    pub fn script(&self, operation: &str, faults: impl IntoIterator<Item = Fault>) {
        self.world().plan.script(operation, faults);
    }

    /// Sets how often a random fault occurs.
    pub fn chaos(&self, chaos: Chaos) {
        self.world().plan.set_chaos(chaos);
    }

    /// Returns how often an operation was called.
    pub fn calls(&self, operation: &str) -> u64 {
        self.world().plan.calls.get(operation).copied().unwrap_or_default()
    }

    /// Adds a queue, and the rule that sends it these detail-types.
    pub fn queue(&self, name: &str, detail_types: &[&str]) -> String {
        let mut world = self.world();
        world.queues.entry(name.to_owned()).or_default();
        if !detail_types.is_empty() {
            let detail_types = detail_types.iter().map(|it| (*it).to_owned()).collect();
            world.rules.push(Rule { detail_types, queue: name.to_owned() });
        }
        format!("{}/000000000000/{name}", self.url())
    }

    /// Puts a message into a queue, without the bus.
    pub fn inject(&self, queue: &str, body: &str, group: Option<&str>) {
        let group = group.map(str::to_owned);
        self.world().queues.entry(queue.to_owned()).or_default().arrive(
            body.to_owned(),
            group,
            None,
        );
        self.shared.changed.notify_waiters();
    }

    /// How many messages a queue holds.
    pub fn depth(&self, queue: &str) -> usize {
        self.world().queues.get(queue).map_or(0, |queue| queue.messages.len())
    }

    /// Waits until a condition is true, for at most a minute. Returns whether it is.
    pub async fn until(&self, holds: impl Fn(&World) -> bool) -> bool {
        let end = Instant::now() + Duration::from_mins(1);
        while Instant::now() < end {
            if holds(&self.world()) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        false
    }

    /// Returns its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns an EventBridge client for it.
    pub fn events(&self) -> aws_sdk_eventbridge::Client {
        event_bridge_at(&self.url())
    }

    /// Returns an SQS client for it.
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        sqs_at(&self.url())
    }
}

/// Returns an EventBridge client for an endpoint on loopback, with dummy credentials.
pub fn event_bridge_at(url: &str) -> aws_sdk_eventbridge::Client {
    use aws_sdk_eventbridge::config::{BehaviorVersion, Builder, Credentials, Region};
    let config = Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(url);
    aws_sdk_eventbridge::Client::from_conf(config.build())
}

/// Returns an SQS client for an endpoint on loopback, with dummy credentials.
pub fn sqs_at(url: &str) -> aws_sdk_sqs::Client {
    use aws_sdk_sqs::config::retry::RetryConfig;
    use aws_sdk_sqs::config::{BehaviorVersion, Builder, Credentials, Region};
    let config = Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(5)))
        .endpoint_url(url);
    aws_sdk_sqs::Client::from_conf(config.build())
}

async fn answer(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default();
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let entries = request["Entries"].as_array().map_or(0, Vec::len);
    let fault = lock(&shared).plan.next(operation, entries);
    match fault {
        Fault::Throttle => return respond(Answer::error(400, "ThrottlingException", "slow down")),
        Fault::Refuse(code, status) => return respond(Answer::error(status, code, "told to")),
        Fault::Body(body) => return respond(Answer { status: 200, body: body.to_owned() }),
        _ => {}
    }
    let waits = Duration::from_secs(request["WaitTimeSeconds"].as_u64().unwrap_or_default());
    let end = Instant::now() + waits.min(Duration::from_millis(200));
    let answer = loop {
        let answer = handle(&mut lock(&shared), operation, &request, &fault, host);
        if operation != "ReceiveMessage" || answer.body != "{}" || Instant::now() >= end {
            break answer;
        }
        // A message may become visible just by time.
        let _ = tokio::time::timeout(Duration::from_millis(5), shared.changed.notified()).await;
    };
    if ["PutEvents", "SendMessage", "SendMessageBatch"].contains(&operation) {
        shared.changed.notify_waiters();
    }
    match fault {
        Fault::LoseAnswer => lost(),
        Fault::Stall(span) => {
            tokio::time::sleep(span).await;
            respond(answer)
        }
        _ => respond(answer),
    }
}

fn handle(
    world: &mut World,
    operation: &str,
    request: &Value,
    fault: &Fault,
    host: &str,
) -> Answer {
    match operation {
        "GetQueueUrl" => queue::url(world, request, host),
        "PutEvents" => bus::put_events(world, request, fault),
        "DescribeEventBus" => bus::describe(world, request),
        "ReceiveMessage" => queue::receive(world, request),
        "DeleteMessageBatch" => queue::settle(world, request, fault, true),
        "ChangeMessageVisibilityBatch" => queue::settle(world, request, fault, false),
        "SendMessage" => queue::send(world, request),
        "SendMessageBatch" => queue::send_batch(world, request),
        "GetQueueAttributes" => queue::attributes(world, request),
        other => Answer::error(400, "UnknownOperationException", other),
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, World> {
    shared.world.lock().unwrap_or_else(PoisonError::into_inner)
}

fn respond(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap();
    let json = "application/x-amz-json-1.1".parse().unwrap();
    response.headers_mut().insert("content-type", json);
    response
}

/// A success that is cut in the middle, together with the connection.
fn lost() -> Response {
    let mut response = Response::new(Body::from_stream(CutOff));
    let length = "1000".parse().unwrap();
    response.headers_mut().insert("content-length", length);
    response
}

struct CutOff;

impl futures_core::Stream for CutOff {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(Some(Err(std::io::Error::other("the connection is cut"))))
    }
}
