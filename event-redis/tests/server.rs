//! The store on a real server: `valkey-server` or `redis-server`, which `just redis` installs from
//! the packages of Debian. Without one, the tests say so and pass, unless `EVENT_REDIS=required`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that meets an error has failed and should say where; one that is skipped says so"
)]

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use event_redis::RedisStore;
use event_runtime::consume::{Consumer, Outcome, Record};
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Idempotent, Key, LocalCache, Settled, Terms, conformance,
};
use event_runtime::name::ConsumerName;
use event_runtime::{Envelope, Event, EventId, Timestamp};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

/// A server on a free port of 127.0.0.1, without persistence. It ends with the test.
struct Server {
    process: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> Option<&'static str> {
    ["valkey-server", "redis-server"].into_iter().find(|name| {
        let version = Command::new(name).arg("--version").stdout(Stdio::null()).status();
        version.is_ok_and(|status| status.success())
    })
}

impl Server {
    /// `None` if no server is installed.
    fn start(arguments: &[&str]) -> Option<Self> {
        let Some(program) = program() else {
            let required = std::env::var("EVENT_REDIS").is_ok_and(|value| value == "required");
            assert!(!required, "neither `valkey-server` nor `redis-server` is installed");
            eprintln!(
                "SKIPPED: neither `valkey-server` nor `redis-server` is installed: `just redis` \
                 installs one and runs this test"
            );
            return None;
        };
        let port = {
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().port()
        };
        let mut command = Command::new(program);
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
        command.args(["--save", "", "--appendonly", "no"]).args(arguments);
        let process = command.stdout(Stdio::null()).spawn().unwrap();
        Some(Self { process, port })
    }

    fn client(&self) -> redis::Client {
        redis::Client::open(format!("redis://127.0.0.1:{}/", self.port)).unwrap()
    }

    async fn connection(&self) -> ConnectionManager {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_response_timeout(Some(Duration::from_secs(5)));
        for _ in 0..200 {
            let client = self.client();
            if let Ok(connection) = client.get_connection_manager_with_config(config.clone()).await
            {
                return connection;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not start");
    }

    async fn store(&self) -> RedisStore<ConnectionManager> {
        RedisStore::new(self.connection().await)
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
}

fn key() -> Key {
    Key::new(&ConsumerName::new("c").unwrap(), EventId::generate())
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Placed {
    order: String,
}

impl Event for Placed {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const SOURCE: &'static str = "app.shop";
}

fn record(id: EventId) -> Record {
    let envelope = Envelope::of(id, Timestamp::UNIX_EPOCH, Placed { order: "A-1".to_owned() });
    Record::new("m", serde_json::to_string(&envelope).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn store_conforms() {
    let Some(server) = Server::start(&[]) else { return };
    let store = server.store().await;
    store.check().await.unwrap();
    conformance::check(store).await.unwrap_or_else(|broken| panic!("{broken}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_connection_and_prefix_conform() {
    let Some(server) = Server::start(&[]) else { return };
    drop(server.connection().await);
    let connection = server.client().get_multiplexed_async_connection().await.unwrap();
    let store = RedisStore::new(connection).key_prefix("{shop} \u{e9}:");
    conformance::check(store).await.unwrap_or_else(|broken| panic!("{broken}"));
}

#[tokio::test]
async fn every_key_expires_by_itself() {
    let Some(server) = Server::start(&[]) else { return };
    let (store, mut connection) = (server.store().await, server.connection().await);
    let (now, key) = (Timestamp::now(), key());
    let terms = Terms { keep: Duration::from_secs(100), ..Terms::default() };
    let Claim::Granted(lease) = store.claim(&Attempt::new(key.clone()), now, &terms).await.unwrap()
    else {
        panic!("a new key is free")
    };
    let name = format!("idempotency:{key}");
    for step in 0..3 {
        let left: i64 = redis::cmd("TTL").arg(&name).query_async(&mut connection).await.unwrap();
        // Longer than it is valid, because clocks differ, and not forever.
        assert!((100..=165).contains(&left), "{left} s after step {step}");
        let settled = match step {
            0 => store.renew(&lease, now, &terms).await.unwrap(),
            _ => store.complete(&lease, now, &terms, Some("1")).await.unwrap(),
        };
        assert_eq!(settled, Settled::Done);
    }
}

#[tokio::test]
async fn first_run_costs_two_calls_duplicate_one_and_local_hit_none() {
    let Some(server) = Server::start(&[]) else { return };
    let mut connection = server.connection().await;
    let consumer = |store| {
        let builder = Consumer::builder("emailer", store);
        builder.on::<Placed, _>(|_, _| async { Ok(()) }).build().unwrap()
    };
    let store = server.store().await;
    let cached = consumer(LocalCache::new(store.clone(), 100));
    let elsewhere = consumer(LocalCache::new(store, 100));
    // The scripts are loaded at their first call.
    let _ = cached.handle_batch(vec![record(EventId::generate())]).await;
    let id = EventId::generate();
    for (consumer, outcome, expected) in [
        (&cached, Outcome::Handled, 2),
        (&cached, Outcome::Duplicate, 0),
        (&elsewhere, Outcome::Duplicate, 1),
    ] {
        let _: () =
            redis::cmd("CONFIG").arg("RESETSTAT").query_async(&mut connection).await.unwrap();
        let report = consumer.handle_batch(vec![record(id)]).await;
        assert_eq!(report.outcomes[0].1, outcome);
        let info: String =
            redis::cmd("INFO").arg("commandstats").query_async(&mut connection).await.unwrap();
        let line = info.lines().find_map(|line| line.strip_prefix("cmdstat_evalsha:calls="));
        let calls = line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap());
        assert_eq!(calls, expected, "{info}");
    }
}

#[tokio::test]
async fn scripts_are_loaded_again_after_a_flush() {
    let Some(server) = Server::start(&[]) else { return };
    let (store, mut connection) = (server.store().await, server.connection().await);
    for _ in 0..2 {
        let claim = store.claim(&Attempt::new(key()), Timestamp::now(), &Terms::default()).await;
        assert!(matches!(claim, Ok(Claim::Granted(_))), "{claim:?}");
        let mut flush = redis::cmd("SCRIPT");
        let _: () = flush.arg("FLUSH").query_async(&mut connection).await.unwrap();
    }
}

#[tokio::test]
async fn server_that_hangs_is_an_error_in_time() {
    let Some(server) = Server::start(&[]) else { return };
    let store = server.store().await.timeout(Duration::from_millis(300));
    let begun = std::time::Instant::now();
    server.signal("-STOP");
    let attempt = Attempt::new(key());
    let error = store.claim(&attempt, Timestamp::now(), &Terms::default()).await.unwrap_err();
    assert!(error.to_string().contains("no response to `claim`"), "{error}");
    let error = store.check().await.unwrap_err();
    assert_eq!(error.problems.len(), 2, "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    server.signal("-CONT");
    // The claim may have arrived, and its owner gets it again.
    let claim = store.timeout(Duration::from_secs(10));
    let claim = claim.claim(&attempt, Timestamp::now(), &Terms::default()).await.unwrap();
    assert!(matches!(claim, Claim::Granted(_)), "{claim:?}");
}

#[tokio::test]
async fn check_reports_eviction_and_a_server_that_refuses_writes() {
    let evicting = ["--maxmemory-policy", "allkeys-lru"];
    let Some(server) = Server::start(&evicting) else { return };
    let error = server.store().await.check().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Redis evicts keys (`maxmemory-policy` is `allkeys-lru`): expected `noeviction`, or \
         completed events are forgotten and handled again"
    );
    let Some(replica) = Server::start(&["--replicaof", "127.0.0.1", "1"]) else { return };
    let error = replica.store().await.check().await.unwrap_err().to_string();
    assert!(error.starts_with("Redis cannot be checked (`EVALSHA`): "), "{error}");
}

#[tokio::test]
async fn key_of_another_kind_is_an_error_and_stays() {
    let Some(server) = Server::start(&[]) else { return };
    let (store, mut connection) = (server.store().await, server.connection().await);
    for command in ["SET", "HSET"] {
        let key = key();
        let mut set = redis::cmd(command);
        set.arg(format!("idempotency:{key}")).arg("x");
        if command == "HSET" {
            set.arg("1");
        }
        let _: () = set.query_async(&mut connection).await.unwrap();
        let claim = store.claim(&Attempt::new(key), Timestamp::now(), &Terms::default()).await;
        assert!(claim.is_err(), "{command}: {claim:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn function_runs_once_from_many_workers() {
    let Some(server) = Server::start(&[]) else { return };
    let runs = Arc::new(AtomicU32::new(0));
    let mut workers = Vec::new();
    for _ in 0..8 {
        // Each worker has a connection of its own.
        let function = Idempotent::new("charge-card", server.store().await).unwrap();
        let function = function.busy_wait(Duration::from_secs(30));
        let runs = Arc::clone(&runs);
        workers.push(tokio::spawn(async move {
            let run = async || {
                tokio::time::sleep(Duration::from_millis(100)).await;
                Ok::<_, String>(runs.fetch_add(1, SeqCst))
            };
            function.by("r-1").run(run).await.unwrap().value
        }));
    }
    for worker in workers {
        assert_eq!(worker.await.unwrap(), 0);
    }
    assert_eq!(runs.load(SeqCst), 1);
}
