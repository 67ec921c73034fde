//! All consumers of a topology in one process: checks at the start, one shutdown, health.

#![allow(
    clippy::unwrap_used,
    clippy::large_futures,
    reason = "a test that meets an error has failed and should say where"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use event_aws::EventBridge;
use event_aws::service::{Service, ServiceError, ServiceHealth, ServiceState, StartProblem};
use event_runtime::Event;
use event_runtime::consume::{Consumer, HandlerError};
use event_runtime::idempotency::MemoryStore;
use event_runtime::publish::Publisher;
use event_runtime::topology::{Attach, Queue, Topology};
use event_tests_aws::events::{PlacedV1, PlacedV2, placed};
use event_tests_aws::fault::Fault;
use event_tests_aws::server::FaultServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Two consumers, of the older major and of the newer one.
fn topology() -> Topology {
    Topology::on("orders")
        .consumer(Consumer::of::<PlacedV1>("emailer").queue(Queue::standard().max_receives(3)))
        .consumer(Consumer::of::<PlacedV2>("indexer"))
        .build()
        .unwrap()
}

/// Sets up the queues of a topology as its template would.
fn deploy(server: &FaultServer, topology: &Topology) {
    let plan = topology.plan();
    for queue in &plan.queues {
        server.queue(&queue.name, &[]);
        let mut world = server.world();
        let made = world.queues.get_mut(&queue.name).unwrap();
        made.seconds = (queue.visibility_timeout_seconds, queue.message_retention_period_seconds);
        made.redrive = queue
            .redrive_policy
            .as_ref()
            .map(|policy| (u64::from(policy.max_receive_count), policy.dead_letter_queue.clone()));
    }
    for consumer in &plan.consumers {
        let reads: Vec<&str> = consumer.reads.iter().map(|read| &*read.detail_type).collect();
        server.queue(&consumer.queue, &reads);
    }
}

/// Counts what it handled; order 13 is refused.
fn emailer(topology: &Topology, handled: &Arc<AtomicU64>) -> Consumer {
    let handled = Arc::clone(handled);
    let builder = topology.handlers("emailer", MemoryStore::new()).unwrap();
    builder
        .on::<PlacedV1, _>(move |event, _| {
            let refused = event.data.number == 13;
            handled.fetch_add(u64::from(!refused), SeqCst);
            async move { if refused { Err(HandlerError::permanent("13")) } else { Ok(()) } }
        })
        .build()
        .unwrap()
}

fn indexer(topology: &Topology, handled: &Arc<AtomicU64>) -> Consumer {
    let handled = Arc::clone(handled);
    let builder = topology.handlers("indexer", MemoryStore::new()).unwrap();
    builder
        .on::<PlacedV2, _>(move |_, _| {
            handled.fetch_add(1, SeqCst);
            async { Ok(()) }
        })
        .build()
        .unwrap()
}

fn service(server: &FaultServer, topology: &Topology) -> Service {
    let nobody = Arc::default();
    Service::new(topology, server.sqs())
        .check_bus(&server.events())
        .consumer(emailer(topology, &nobody))
        .consumer(indexer(topology, &nobody))
}

async fn problems(service: Service) -> Vec<String> {
    let Err(error) = service.check().await else { return vec![] };
    assert!(error.to_string().starts_with("the service did not start\n"), "{error}");
    error.problems.iter().map(ToString::to_string).collect()
}

/// The health as a container's health check gets it.
async fn probed(health: &ServiceHealth) -> (u16, serde_json::Value) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/health", get(health.handler()));
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    server.abort();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("application/json"), "{head}");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn all_consumers_run_until_one_shutdown() {
    let server = FaultServer::start(1).await;
    let topology = topology();
    deploy(&server, &topology);
    let (mails, rows) = (Arc::default(), Arc::default());
    let (shutdown, stopped) = oneshot::channel();
    let service = Service::new(&topology, server.sqs())
        .check_bus(&server.events())
        .consumer(emailer(&topology, &mails))
        .consumer_with(indexer(&topology, &rows), |poller| poller.workers(2))
        .shutdown(async { _ = stopped.await });
    let health = service.health();
    let (status, report) = probed(&health).await;
    assert_eq!(
        (status, &report["state"], &report["healthy"]),
        (503, &"starting".into(), &false.into())
    );

    let running = tokio::spawn(service.run());
    let publisher = Publisher::new(EventBridge::new(&server.events(), "orders"));
    assert!(publisher.publish_all((0..20).map(placed)).await.is_complete());
    let empty = server.until(|world| {
        ["emailer", "indexer"].iter().all(|queue| world.queues[*queue].messages.is_empty())
    });
    assert!(empty.await);
    // The backlog is read once when the pollers start.
    let known = async {
        while health.report().consumers.values().any(|it| it.backlog.is_none()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), known).await.unwrap();
    let (status, report) = probed(&health).await;
    assert_eq!((status, &report["state"]), (200, &"running".into()), "{report}");
    let emailer = &report["consumers"]["emailer"];
    assert!(emailer["lastReceiveSeconds"].as_f64().unwrap() < 30.0, "{emailer}");
    assert!(emailer["lastSettleSeconds"].as_f64().unwrap() < 30.0, "{emailer}");
    assert!(emailer["failingSeconds"].is_null() && emailer["backlog"].is_u64(), "{emailer}");

    shutdown.send(()).unwrap();
    let report = running.await.unwrap().unwrap();
    let handled = |name: &str| report.consumers[name].messages.handled;
    assert_eq!((handled("emailer"), handled("indexer")), (19, 20));
    assert_eq!((mails.load(SeqCst), rows.load(SeqCst)), (19, 20));
    // The refused order is in the dead-letter queue of the topology, with the reason.
    let world = server.world();
    let letter = world.queues["emailer-failed"].messages.values().next().unwrap();
    assert_eq!(letter.attribute("ERROR_MESSAGE"), Some("13"));
    assert_eq!(health.report().state, ServiceState::Stopped);
}

#[tokio::test]
async fn service_that_fits_starts() {
    let server = FaultServer::start(1).await;
    let topology = topology();
    deploy(&server, &topology);
    assert_eq!(problems(service(&server, &topology)).await, Vec::<String>::new());
}

#[tokio::test]
async fn all_differences_are_reported_at_once() {
    let server = FaultServer::start(1).await;
    let topology = topology();
    deploy(&server, &topology);
    {
        let mut world = server.world();
        world.buses.clear();
        world.queues.get_mut("emailer").unwrap().seconds = (10, 60);
        world.queues.get_mut("emailer").unwrap().redrive = Some((9, "emailer-failed".to_owned()));
        world.queues.get_mut("indexer").unwrap().redrive = None;
        world.queues.remove("indexer-undelivered");
    }
    let expected = [
        "bus `orders` does not exist in this account and region",
        "queue `emailer`: `MessageRetentionPeriod` is 60, expected 345600 as in the topology",
        "queue `emailer`: `RedrivePolicy` is 9 receives, then `emailer-failed`, expected 3 receives, then `emailer-failed` as in the topology",
        "queue `emailer`: `VisibilityTimeout` is 10, expected 30 as in the topology",
        "queue `indexer-undelivered` does not exist in this account and region",
        "queue `indexer`: `RedrivePolicy` is not set, expected 5 receives, then `indexer-failed` as in the topology",
    ];
    let mut found = problems(service(&server, &topology)).await;
    found.sort();
    assert_eq!(found, expected);
    // What does not exist is an error in any case.
    let tolerant = service(&server, &topology).tolerate_differences(true);
    assert_eq!(problems(tolerant).await.len(), 2);

    let error = service(&server, &topology).run().await.unwrap_err();
    let ServiceError::Start(error) = error else { panic!("{error}") };
    assert_eq!(error.problems.len(), 6);
    assert_eq!(server.calls("ReceiveMessage"), 0, "nothing was started");
}

#[tokio::test]
async fn handlers_must_fit_the_topology() {
    let server = FaultServer::start(1).await;
    let topology = topology();
    deploy(&server, &topology);
    let nobody = Arc::default();
    let new = || Service::new(&topology, server.sqs());
    let missing = problems(new().consumer(emailer(&topology, &nobody))).await;
    assert!(missing[0].contains("`indexer` is declared but not attached"), "{missing:?}");
    let elsewhere = new().consumer(emailer(&topology, &nobody)).elsewhere(["indexer"]);
    assert_eq!(problems(elsewhere).await, Vec::<String>::new());
    let misspelt = service(&server, &topology).elsewhere(["indxer"]);
    let expected = "`indxer` in `.elsewhere(..)` is not declared in the topology";
    assert_eq!(problems(misspelt).await, [expected]);
    let twice = service(&server, &topology).consumer(emailer(&topology, &nobody));
    assert_eq!(problems(twice).await, ["consumer `emailer` is attached twice: expected once"]);
    let other = topology.handlers("emailer", MemoryStore::new()).unwrap();
    let other = other.on::<PlacedV2, _>(|_, _| async { Ok(()) }).build().unwrap();
    let other = new().consumer(other).elsewhere(["indexer"]);
    let found = problems(other).await;
    assert!(found[0].contains(PlacedV1::DETAIL_TYPE), "{found:?}");
}

#[tokio::test]
async fn consumer_runs_as_function_or_in_service() {
    let server = FaultServer::start(1).await;
    let function = Consumer::of::<PlacedV1>("emailer").function(Duration::from_secs(5));
    let topology = Topology::on("orders").consumer(function).build().unwrap();
    deploy(&server, &topology);
    let new = || Service::new(&topology, server.sqs());
    assert_eq!(problems(new()).await, Vec::<String>::new(), "it runs elsewhere");
    let attached = new().consumer(emailer(&topology, &Arc::default()));
    let found = problems(attached).await;
    assert!(found[0].contains("`emailer` is declared to run as a Lambda function"), "{found:?}");
}

#[tokio::test]
async fn check_without_permission_is_not_passed() {
    let server = FaultServer::start(1).await;
    let topology = topology();
    deploy(&server, &topology);
    server.script("GetQueueAttributes", [Fault::Refuse("AccessDenied", 403)]);
    let error = service(&server, &topology).check().await.unwrap_err();
    let [StartProblem::Unchecked { permission, .. }] = error.problems.as_slice() else {
        panic!("{error}")
    };
    assert_eq!(*permission, "sqs:GetQueueAttributes");
    server.script("GetQueueAttributes", [Fault::Refuse("AccessDenied", 403)]);
    let tolerant = service(&server, &topology).tolerate_differences(true);
    assert_eq!(problems(tolerant).await, Vec::<String>::new());
    // A success without content is not one.
    server.script("GetQueueUrl", [Fault::Body("{}")]);
    assert_eq!(problems(service(&server, &topology)).await.len(), 1);
}

#[tokio::test]
async fn poller_that_ends_stops_the_service() {
    let server = FaultServer::start(1).await;
    let topology = topology();
    deploy(&server, &topology);
    let nobody = Arc::default();
    let service = Service::new(&topology, server.sqs())
        .consumer(emailer(&topology, &nobody))
        .consumer_with(indexer(&topology, &nobody), |poller| poller.give_up_after(Duration::ZERO))
        .shutdown(std::future::pending());
    let running = tokio::spawn(service.run());
    assert!(server.until(|world| world.plan.calls.contains_key("ReceiveMessage")).await);
    server.world().queues.remove("indexer");
    let begun = Instant::now();
    let error = tokio::time::timeout(Duration::from_mins(1), running).await.unwrap().unwrap();
    let Err(ServiceError::Poll { consumer, .. }) = error else { panic!("{error:?}") };
    assert_eq!(consumer, "indexer");
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn shutdown_during_the_checks_ends_the_start() {
    let server = FaultServer::start(1).await;
    let topology = topology();
    deploy(&server, &topology);
    server.script("DescribeEventBus", [Fault::Stall(Duration::from_mins(1))]);
    let stops = async { tokio::time::sleep(Duration::from_millis(50)).await };
    let begun = Instant::now();
    let report = service(&server, &topology).shutdown(stops).run().await.unwrap();
    assert!(report.consumers.is_empty() && begun.elapsed() < Duration::from_secs(5));
}
