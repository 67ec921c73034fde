//! The servers, the workers, and the code that kills them.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use event_aws::dynamodb::create_claims;
use event_aws::outbox::DynamoDbOutbox;
use event_runtime::Envelope;
use event_runtime::publish::Stamp;
use event_tests_aws::events::placed;
use event_tests_aws::fault::{Chaos, Draw};
use event_tests_aws::server::FaultServer;
use event_tests_dynamodb::Dynamo;

use super::judge::judge;
use super::mapping::{self, Running, Seen};

/// The bus throttles calls, refuses entries and loses responses at these rates per thousand.
const CHAOS: Chaos =
    Chaos { throttle: 20, fail: 10, lose: 20, entry: 20, duplicate: 50, reorder: 0 };

/// Items that are not outbox items, written by hand.
const POISON: u64 = 3;

/// How long the campaign may take.
const LIMIT: Duration = Duration::from_mins(15);

/// A process that is killed at the end of the campaign, in any case.
struct Worker(Child);

impl Worker {
    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[derive(Clone)]
struct Stage {
    settings: Vec<(&'static str, String)>,
}

impl Stage {
    fn command(&self, role: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(super::ROLE, role).envs(self.settings.iter().cloned());
        command
    }

    fn change(&self) -> Worker {
        Worker(self.command("change").stdin(Stdio::null()).spawn().unwrap())
    }
}

/// Sends SIGKILL to a relay: its process is held by the mapping, which reads its end.
fn kill(pid: u32) {
    let killed = Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(killed.success(), "the relay has ended by itself");
}

async fn poison(dynamo: &Dynamo, table: &str, number: u64) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = dynamo.client.put_item().table_name(table);
    let put = put.item("pk", text(&format!("event#by-hand-{number}")));
    put.item("events", text("{\"format\":1")).send().await.unwrap();
}

pub(super) async fn run() {
    let changes = setting("EVENT_OUTBOX_CHANGES", 300);
    let kills = setting("EVENT_OUTBOX_KILLS", 4);
    let seed = setting("EVENT_OUTBOX_SEED", 20_261_128);
    let begun = Instant::now();
    let (server, dynamo) = (FaultServer::start(seed).await, Dynamo::start().await);
    let queue = server.queue("orders", &[]);
    let dead = server.queue("outbox-dead", &[]);
    server.chaos(CHAOS);
    let outbox = DynamoDbOutbox::new(dynamo.client.clone(), dynamo.table("outbox-of-test"));
    outbox.create().await.unwrap();
    outbox.check().await.unwrap();
    let table = dynamo.table("changes-of-test");
    create_claims(&dynamo.client, &table).await.unwrap();
    let claims = dynamo.claims().await.table().to_owned();
    let stage = Stage {
        settings: vec![
            ("EVENT_OUTBOX_AWS", server.url()),
            ("EVENT_OUTBOX_DYNAMODB", dynamo.endpoint().to_owned()),
            ("EVENT_OUTBOX_CLAIMS", claims),
            ("EVENT_OUTBOX_TABLE", outbox.table().to_owned()),
            ("EVENT_OUTBOX_CHANGES_TABLE", table.clone()),
            ("EVENT_OUTBOX_QUEUE", queue),
            ("EVENT_OUTBOX_DEAD", dead),
        ],
    };
    for number in 0..changes {
        let Stamp { id, occurred_at } = Stamp::now();
        let envelope = Envelope::of(id, occurred_at, placed(number));
        server.inject("orders", &serde_json::to_string(&envelope).unwrap(), None);
    }

    let (running, seen) = (Running::default(), Arc::new(Mutex::new(Seen::default())));
    let relays = stage.clone();
    let mapping = tokio::spawn(mapping::run(
        dynamo.database.clone(),
        outbox.table().to_owned(),
        move || relays.command("relay"),
        Arc::clone(&running),
        Arc::clone(&seen),
    ));
    let mut draw = Draw::new(seed ^ 1);
    let mut consumers = [stage.change(), stage.change()];
    let mut killed = [0_u64; 2];
    let mut poisoned = 0;
    let progress = || {
        let seen = seen.lock().unwrap();
        (seen.records, seen.settled)
    };
    let alive = |what: &str| {
        assert!(begun.elapsed() < LIMIT, "no end while {what}: {:?}", progress());
        assert!(!mapping.is_finished(), "the mapping ended while {what}");
    };
    for number in 0..kills {
        // One part of the changes before each kill, and one after.
        let until = changes * (number + 1) / (kills + 2);
        while progress().0 < until {
            alive("waiting for changes");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(draw.below(120))).await;
        if draw.hits(500) {
            let one = usize::try_from(draw.below(2)).unwrap();
            consumers[one].kill();
            consumers[one] = stage.change();
            killed[0] += 1;
        } else {
            kill(running.lock().unwrap().expect("a relay"));
            killed[1] += 1;
        }
        if poisoned < POISON {
            poison(&dynamo, outbox.table(), poisoned).await;
            poisoned += 1;
        }
    }
    let expected = changes + poisoned;
    while server.depth("orders") > 0 || progress().0 < expected || progress().1 < expected {
        alive("waiting for the end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    mapping.abort();
    drop(consumers);

    let accepted = server.world().accepted.clone();
    let letters = server.depth("outbox-dead");
    let (order, interrupted) = {
        let seen = seen.lock().unwrap();
        (seen.order.clone(), seen.interrupted)
    };
    let judged = judge(&dynamo.client, &table, &accepted, &order).await;
    println!(
        "{} changes, {} kills ({} of consumers, {} of relays, {interrupted} batches interrupted), \
         seed {seed}, {:.0?}: published {} in {} copies, unpublished {}, without a change {}, IDs \
         changed {}, overtaken {} in {} keys, {poisoned} poisoned records isolated as {letters} dead \
         letters",
        judged.changes,
        killed[0] + killed[1],
        killed[0],
        killed[1],
        begun.elapsed(),
        judged.published,
        judged.copies,
        judged.unpublished,
        judged.unfounded,
        judged.changed_ids,
        judged.overtaken,
        order.len(),
    );
    assert_eq!(judged.changes as u64, changes, "changes are missing");
    let found = [judged.unpublished, judged.unfounded, judged.changed_ids, judged.overtaken];
    assert_eq!(found, [0; 4], "unpublished, without a change, IDs changed, overtaken");
    assert!(letters as u64 >= poisoned, "{letters} dead letters of {poisoned} poisoned records");
    // The judge has seen something.
    assert_eq!(killed[0] + killed[1], kills);
    assert_eq!(judged.published as u64, changes);
    assert!(order.values().map(Vec::len).sum::<usize>() as u64 == changes / 2, "order keys");
}
