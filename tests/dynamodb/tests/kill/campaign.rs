//! The servers, the workers, and the code that kills them.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use event_runtime::publish::Stamp;
use event_tests_aws::fault::{Chaos, Draw};
use event_tests_aws::server::FaultServer;
use event_tests_dynamodb::Dynamo;

use super::judge::judge;

/// This many of a thousand messages arrive twice, as in at-least-once delivery.
const DUPLICATES: u64 = 50;

/// After how many deliveries a message becomes a dead letter: a common setting of queues.
const DELIVERIES: u64 = 5;

/// A process that is killed at the end of the campaign, in any case.
struct Worker(Child);

impl Worker {
    /// Sends SIGKILL, and waits.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    fn has_ended(&mut self) -> bool {
        match self.0.try_wait().unwrap() {
            Some(status) => {
                assert!(status.success(), "a worker ended with {status}");
                true
            }
            None => false,
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

struct Stage {
    server: FaultServer,
    dynamo: Dynamo,
    claims: String,
    ledger: String,
    queue: String,
    folder: PathBuf,
}

impl Stage {
    fn spawn(&self, role: &str) -> Worker {
        let child = Command::new(std::env::current_exe().unwrap())
            .env(super::ROLE, role)
            .env("EVENT_KILL_AWS", self.server.url())
            .env("EVENT_KILL_DYNAMODB", self.dynamo.endpoint())
            .env("EVENT_KILL_CLAIMS", &self.claims)
            .env("EVENT_KILL_LEDGER", &self.ledger)
            .env("EVENT_KILL_QUEUE", &self.queue)
            .env("EVENT_KILL_FOLDER", &self.folder)
            .stdin(Stdio::null())
            .spawn();
        Worker(child.unwrap())
    }

    /// Adds this many orders to the outbox.
    fn write_outbox(&self, orders: std::ops::Range<u64>) {
        let mut lines = String::new();
        for order in orders {
            let Stamp { id, occurred_at } = Stamp::now();
            writeln!(lines, "{order} {id} {occurred_at}").unwrap();
        }
        fs::write(self.folder.join("outbox"), lines).unwrap();
        let _ = fs::remove_file(self.folder.join("accepted"));
    }

    /// Waits until a consumer has a message in flight.
    async fn at_work(&self) {
        let busy = self.server.until(|world| {
            world.queues["ledger"].messages.values().any(|it| !it.hidden().is_zero())
        });
        assert!(busy.await, "nobody is at work");
    }
}

async fn ledger_table(dynamo: &Dynamo) -> String {
    let name = dynamo.table("ledger-of-test");
    let key = "order-number";
    let definition = AttributeDefinition::builder().attribute_name(key);
    let definition = definition.attribute_type(ScalarAttributeType::S).build().unwrap();
    let schema = KeySchemaElement::builder().attribute_name(key).key_type(KeyType::Hash).build();
    let create = dynamo.client.create_table().table_name(&name).attribute_definitions(definition);
    let create = create.key_schema(schema.unwrap()).billing_mode(BillingMode::PayPerRequest);
    create.send().await.unwrap();
    name
}

pub(super) async fn run() {
    let events = setting("EVENT_KILL_EVENTS", 300);
    let kills = setting("EVENT_KILL_KILLS", 4);
    let processes = setting("EVENT_KILL_PROCESSES", 2).max(1);
    let seed = setting("EVENT_KILL_SEED", 20_261_128);
    let begun = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let (server, dynamo) = (FaultServer::start(seed).await, Dynamo::start().await);
    let queue = server.queue("ledger", &["order.placed:v2"]);
    server.queue("ledger-dead", &[]);
    server.chaos(Chaos { duplicate: DUPLICATES, ..Chaos::default() });
    {
        let mut world = server.world();
        world.keeps_entries = false;
        let queue = world.queues.get_mut("ledger").unwrap();
        queue.redrive = Some((DELIVERIES, "ledger-dead".to_owned()));
    }
    let claims = dynamo.claims().await.table().to_owned();
    let ledger = ledger_table(&dynamo).await;
    let stage = Stage { server, dynamo, claims, ledger, queue, folder: folder.path().to_owned() };

    let mut draw = Draw::new(seed ^ 1);
    let mut consumers: Vec<Worker> = (0..processes).map(|_| stage.spawn("consume")).collect();
    let mut killed = [0_u64; 2];
    // One part of the events for each kill, and one more.
    let part = events.div_ceil(kills + 1).max(1);
    let mut start = 0;
    while start < events {
        let end = (start + part).min(events);
        stage.write_outbox(start..end);
        let mut publisher = stage.spawn("publish");
        if killed.iter().sum::<u64>() < kills {
            stage.at_work().await;
            tokio::time::sleep(Duration::from_millis(draw.below(400))).await;
            if draw.hits(250) && !publisher.has_ended() {
                publisher.kill();
                publisher = stage.spawn("publish");
                killed[0] += 1;
            } else {
                let one = usize::try_from(draw.below(processes)).unwrap();
                consumers[one].kill();
                consumers[one] = stage.spawn("consume");
                killed[1] += 1;
            }
        }
        while !publisher.has_ended() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        start = end;
    }
    let mut drained = false;
    for _ in 0..10 {
        drained = stage.server.until(|it| it.queues["ledger"].messages.is_empty()).await;
        if drained {
            break;
        }
    }
    drop(consumers);
    let (dead, left) = (stage.server.depth("ledger-dead"), stage.server.depth("ledger"));
    let judged = judge(&stage.dynamo.client, &stage.ledger, folder.path(), events).await;
    let busy = 100.0 * judged.busy as f64 / events as f64;
    println!(
        "{events} events, {} kills ({} of publishers, {} of consumers), {processes} process(es), \
         seed {seed}, {:.0?}: lost {}, doubled {}, dead letters {dead}, left {left}, {} deliveries, \
         busy redeliveries {} ({busy:.2} %), leases lost {}",
        killed[0] + killed[1],
        killed[0],
        killed[1],
        begun.elapsed(),
        judged.lost,
        judged.doubled,
        judged.received,
        judged.busy,
        judged.lease_lost,
    );
    assert!(drained, "{left} messages are left in the queue");
    assert_eq!((judged.lost, judged.doubled, dead), (0, 0, 0), "lost, doubled, dead letters");
    assert!(busy < 2.0, "{busy} % of the events were given back because another was at them");
    // The judge has seen something.
    assert_eq!(killed[0] + killed[1], kills.min(events.div_ceil(part)), "nobody was killed");
    assert!(judged.received >= events, "{} deliveries", judged.received);
}
