//! The examples of `event-aws` as programs, each started as it runs in production: the container
//! against SQS and DynamoDB on loopback, the functions against Lambda's runtime API.

#![allow(
    clippy::unwrap_used,
    clippy::large_futures,
    reason = "a test that meets an error has failed and should say where"
)]

use std::collections::VecDeque;
use std::fs;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use event_aws::EventBridge;
use event_aws::dynamodb::create_claims;
use event_runtime::consume::Consumer;
use event_runtime::publish::Publisher;
use event_runtime::topology::Topology;
use event_runtime::trace::{self, Trace};
use event_runtime::{Event, EventId};
use event_tests_aws::server::FaultServer;
use event_tests_dynamodb::Dynamo;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

const LONG: Duration = Duration::from_mins(1);

/// The event of the examples.
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: String,
}

impl Event for OrderPlaced {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const SOURCE: &'static str = "app.shop";
}

/// The whole event of an order, as a rule delivers it.
fn whole(order: &str) -> Value {
    json!({
        "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "account": "000000000000",
        "detail-type": "order.placed:v1", "source": "app.shop", "time": "2026-11-24T12:00:00Z",
        "region": "eu-central-1", "resources": [],
        "detail": {
            "id": EventId::generate(), "source": "app.shop", "type": "order.placed",
            "version": "v1", "occurredAt": "2026-11-24T12:00:00Z", "data": {"order_id": order}
        }
    })
}

/// A program that runs, and the lines that it writes.
struct Program {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
    seen: Vec<String>,
}

impl Program {
    fn start(path: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(path);
        command.env_clear().envs(variables.iter().copied());
        command
            .env("AWS_REGION", "eu-central-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("NO_COLOR", "1")
            .env("MAIL_FROM", "sales@localhost");
        let command = command.stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let (sender, lines) = mpsc::unbounded_channel();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        tokio::spawn(async move {
            while let Ok(Some(line)) = output.next_line().await {
                let _ = sender.send(line);
            }
        });
        Self { child, lines, seen: Vec::new() }
    }

    /// Waits for a line with this text.
    async fn says(&mut self, text: &str) -> String {
        let says = async {
            loop {
                let line = self.lines.recv().await?;
                self.seen.push(line.clone());
                if line.contains(text) {
                    return Some(line);
                }
            }
        };
        match timeout(LONG, says).await {
            Ok(Some(line)) => line,
            _ => panic!("no line with `{text}`:\n{}", self.seen.join("\n")),
        }
    }
}

async fn claims() -> Dynamo {
    let dynamo = Dynamo::start().await;
    create_claims(&dynamo.client, "claims").await.unwrap();
    dynamo
}

/// One GET over a socket.
async fn scrape(address: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(LONG, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer
}

#[tokio::test]
async fn container_handles_is_scraped_and_stops_at_sigterm() {
    let (server, dynamo) = (FaultServer::start(1).await, claims().await);
    let declared = Consumer::of::<OrderPlaced>("emailer");
    let topology = Topology::on("orders").consumer(declared).build().unwrap();
    for queue in &topology.plan().queues {
        server.queue(&queue.name, &[]);
        let mut world = server.world();
        let made = world.queues.get_mut(&queue.name).unwrap();
        made.seconds = (queue.visibility_timeout_seconds, queue.message_retention_period_seconds);
        made.redrive = queue
            .redrive_policy
            .as_ref()
            .map(|policy| (u64::from(policy.max_receive_count), policy.dead_letter_queue.clone()));
    }
    server.queue("emailer", &["order.placed:v1"]);
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let mut program = Program::start(
        env!("CARGO_BIN_EXE_container"),
        &[
            ("AWS_ENDPOINT_URL_SQS", &server.url()),
            ("AWS_ENDPOINT_URL_DYNAMODB", dynamo.endpoint()),
            ("METRICS", &address),
        ],
    );
    program.says("service started").await;

    let w3c = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let publisher = Publisher::new(EventBridge::new(&server.events(), "orders"));
    let orders = ["A-1", "bad-2"].map(|it| OrderPlaced { order_id: it.to_owned() });
    let publishing = publisher.publish_all(orders);
    assert!(trace::within(Trace::of_w3c(w3c, None), publishing).await.is_complete());
    let sent = program.says("mail sent").await;
    // State, and the trace that the publisher set.
    assert!(sent.contains("A-1") && sent.contains("sales@localhost"), "{sent}");
    assert!(sent.contains(w3c), "{sent}");
    assert!(server.until(|world| world.queues["emailer"].messages.is_empty()).await);
    let scraped = scrape(&address).await;
    for series in [
        "event_handled_total{consumer=\"emailer\"} 1",
        "event_dead_letters_total{consumer=\"emailer\",reason=\"permanent\"} 1",
        "event_receives_total{consumer=\"emailer\",result=\"ok\"}",
        "event_backlog{consumer=\"emailer\"}",
        "event_handler_seconds_count{consumer=\"emailer\",detail_type=\"order.placed:v1\",result=\"ok\"} 1",
        "# HELP event_handled_total events handled and marked as done",
    ] {
        assert!(scraped.contains(series), "{series} in\n{scraped}");
    }
    assert_eq!(server.depth("emailer-failed"), 1);

    let id = program.child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    program.says("stopped").await;
    let ended = timeout(LONG, program.child.wait()).await.unwrap().unwrap();
    assert!(ended.success(), "{ended}");
}

/// Lambda's runtime API: invocations to come, and the responses to them.
#[derive(Clone, Default)]
struct Invocations(Arc<Mutex<VecDeque<Value>>>, Arc<Mutex<Vec<(String, Value)>>>);

/// Answers the next invocation, or none.
async fn next(State(lambda): State<Invocations>) -> Response {
    let event = lambda.0.lock().unwrap().pop_front();
    let Some(event) = event else { return std::future::pending().await };
    let deadline = SystemTime::now() + Duration::from_secs(30);
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap().as_millis();
    Response::builder()
        .header("lambda-runtime-aws-request-id", "request-1")
        .header("lambda-runtime-deadline-ms", deadline.to_string())
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:0:function:f")
        .header("lambda-runtime-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793")
        .body(Body::from(event.to_string()))
        .unwrap()
}

async fn answered(
    State(lambda): State<Invocations>,
    Path((_, kind)): Path<(String, String)>,
    body: String,
) -> StatusCode {
    let body = serde_json::from_str(&body).unwrap_or(Value::Null);
    lambda.1.lock().unwrap().push((kind, body));
    StatusCode::ACCEPTED
}

/// Invokes a function with these events. Returns the kind and the body of each response, and the
/// program.
async fn invoked(
    path: &str,
    dynamo: Option<&Dynamo>,
    events: impl IntoIterator<Item = Value>,
) -> (Vec<(String, Value)>, Program) {
    let lambda = Invocations::default();
    lambda.0.lock().unwrap().extend(events);
    let count = lambda.0.lock().unwrap().len();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let app = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/{kind}", post(answered))
        .with_state(lambda.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let variables = [
        ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "g"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "s"),
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamo.map_or("", Dynamo::endpoint)),
    ];
    let variables = variables.into_iter().filter(|(_, value)| !value.is_empty());
    let program = Program::start(path, &variables.collect::<Vec<_>>());
    let answers = async {
        while lambda.1.lock().unwrap().len() < count {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG, answers).await.expect("an answer to each invocation");
    let answers = lambda.1.lock().unwrap().clone();
    (answers, program)
}

#[tokio::test]
async fn function_answers_for_each_message_and_writes_emf() {
    let dynamo = claims().await;
    let message = |id: &str, body: &str| {
        json!({
            "messageId": id, "receiptHandle": "r", "body": body, "awsRegion": "eu-central-1",
            "attributes": {"ApproximateReceiveCount": "2"}, "messageAttributes": {},
            "md5OfBody": "", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:emailer",
        })
    };
    let good = whole("A-1").to_string();
    let batch = |records: &[Value]| json!({"Records": records});
    let first = batch(&[message("m-1", &good), message("m-2", "{")]);
    let again = batch(&[message("m-1", &good)]);
    let path = env!("CARGO_BIN_EXE_function");
    let (answers, mut program) = invoked(path, Some(&dynamo), [first, again]).await;
    let failures = json!({"batchItemFailures": [{"itemIdentifier": "m-2"}]});
    let expected = [failures, json!({"batchItemFailures": []})];
    let expected: Vec<_> = expected.into_iter().map(|it| ("response".to_owned(), it)).collect();
    assert_eq!(answers, expected);
    let sent = program.says("mail sent").await;
    assert!(sent.contains("A-1") && sent.contains("receives=2"), "{sent}");
    let metrics = async |program: &mut Program, metric: &str| {
        let line: Value = serde_json::from_str(&program.says(metric).await).unwrap();
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], "orders", "{line}");
        line[metric].clone()
    };
    // Counted once, by the claims in DynamoDB.
    assert_eq!(metrics(&mut program, "event_handled_total").await, 1);
    assert_eq!(metrics(&mut program, "event_duplicates_total").await, 1);
}

#[tokio::test]
async fn direct_function_fails_for_what_lambda_must_retry() {
    let dynamo = claims().await;
    let path = env!("CARGO_BIN_EXE_direct");
    let (answers, mut program) = invoked(path, Some(&dynamo), [whole("A-1"), whole("bad")]).await;
    let kinds: Vec<&str> = answers.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["response", "error"]);
    program.says("mail sent").await;
}

#[tokio::test]
async fn stream_function_answers_the_first_failure() {
    let record = |name: &str, number: &str| {
        json!({
            "eventID": number, "eventName": name, "eventVersion": "1.1",
            "eventSource": "aws:dynamodb", "awsRegion": "eu-central-1",
            "eventSourceARN": "arn:aws:dynamodb:eu-central-1:0:table/orders/stream/1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_764_000_000, "Keys": {"pk": {"S": "A-1"}},
                "SequenceNumber": number, "SizeBytes": 10, "StreamViewType": "KEYS_ONLY"
            }
        })
    };
    let records = [record("INSERT", "7"), record("REMOVE", "8"), record("MODIFY", "9")];
    let path = env!("CARGO_BIN_EXE_stream");
    let (answers, mut program) = invoked(path, None, [json!({"Records": records})]).await;
    assert_eq!(answers[0].1, json!({"batchItemFailures": [{"itemIdentifier": "8"}]}));
    assert!(program.says("order changed").await.contains("INSERT"));
}

#[tokio::test]
async fn kinesis_function_answers_the_first_failure() {
    let record = |number: &str, data: &[u8]| {
        json!({
            "eventID": format!("shardId-0:{number}"), "eventName": "aws:kinesis:record",
            "eventVersion": "1.0", "eventSource": "aws:kinesis", "awsRegion": "eu-central-1",
            "invokeIdentityArn": "arn:aws:iam::0:role/r",
            "eventSourceARN": "arn:aws:kinesis:eu-central-1:0:stream/orders",
            "kinesis": {
                "kinesisSchemaVersion": "1.0", "partitionKey": "p", "sequenceNumber": number,
                "data": base64(data), "approximateArrivalTimestamp": 1_764_000_000.5,
                "encryptionType": "NONE"
            }
        })
    };
    let good = whole("A-1").to_string();
    let records = [record("7", good.as_bytes()), record("8", b"{"), record("9", good.as_bytes())];
    let path = env!("CARGO_BIN_EXE_kinesis");
    let (answers, mut program) = invoked(path, None, [json!({"Records": records})]).await;
    assert_eq!(answers[0].1, json!({"batchItemFailures": [{"itemIdentifier": "8"}]}));
    assert!(program.says("order placed").await.contains("A-1"));
}

fn base64(data: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in data.chunks(3) {
        let mut bytes = [0; 3];
        bytes[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at)) as usize & 63];
            text.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// The lines of an example without its documentation, its imports and empty lines.
fn lines_of(example: &str) -> usize {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../event-aws/examples/");
    let text = fs::read_to_string(format!("{folder}{example}.rs")).unwrap();
    let counts = |line: &&str| {
        let line = line.trim();
        let skipped = ["//", "use ", "mod "].iter().any(|start| line.starts_with(start));
        !line.is_empty() && !skipped
    };
    text.lines().filter(counts).count()
}

#[test]
fn examples_are_as_short_as_the_readme_says() {
    let container = lines_of("container");
    assert!(container <= 25, "{container}");
    for function in ["function", "direct", "stream", "kinesis"] {
        let lines = lines_of(function);
        assert!(lines <= 15, "{function}: {lines}");
    }
}
