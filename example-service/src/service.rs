//! The service on embedded defaults, and a day in its life.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use event_runtime::Timestamp;
use event_runtime::consume::{Consumer, Stats};
use event_runtime::embedded::{Database, DeadLetter, Deployment, Queue};
use event_runtime::idempotency::RedbStore;
use event_runtime::projection::{Projection, RedbProjections};
use event_runtime::publish::{Accepted, Publisher};
use event_runtime::topology::Attach;

use crate::analytics::{self, Totals};
use crate::emailer::{self, Mail, Outbox};
use crate::events::{Channel, Currency, Customer, Money, ProposalAccepted, ProposalPublished};
use crate::projector::{self, ProposalView};
use crate::topology::topology;

/// Everything that happened.
#[derive(Debug)]
pub struct Outcome {
    /// What the bus accepted, in order: two renditions of each `proposal.published`.
    pub published: Vec<Accepted>,
    /// Second copies that were put into the queues, as at-least-once delivery does.
    pub duplicates_injected: usize,
    /// What each consumer did.
    pub consumers: Vec<ConsumerOutcome>,
    /// What was mailed.
    pub mails: Vec<Mail>,
    /// What analytics added up: cents by currency.
    pub totals: BTreeMap<String, i64>,
    /// The proposal that was read from the projection, and who accepted it.
    pub read: (String, Option<ProposalView>, Option<String>),
}

/// What a consumer did.
#[derive(Debug)]
pub struct ConsumerOutcome {
    /// Its name.
    pub name: String,
    /// The detail-types that its rule lets through.
    pub reads: Vec<String>,
    /// What came of its messages.
    pub stats: Stats,
    /// What it gave up, and why.
    pub dead_letters: Vec<DeadLetter>,
}

/// A body that is JSON and no event of ours: somebody sent it past the bus.
pub const POISON: &str = r#"{"proposalId":"p-4","title":"sent by hand, without an envelope"}"#;

/// Publishes proposals, delivers everything twice, adds a poison message, and lets the consumers run
/// until nothing is left to do.
///
/// # Errors
///
/// Where a store or the bus can't be set up, or an event can't be published.
pub async fn run() -> Result<Outcome, Box<dyn Error>> {
    let database = Database::in_memory()?;
    let (outbox, totals) = (Outbox::default(), Totals::default());
    let proposals = Arc::new(Projection::new("proposals", RedbProjections::new(&database)));
    let acceptances = Arc::new(Projection::new("acceptances", RedbProjections::new(&database)));

    let topology = topology()?;
    let handlers = |consumer| topology.handlers(consumer, RedbStore::new(&database));
    let emailer = emailer::consumer(handlers("emailer")?, outbox.clone())?;
    let (rows, names) = (Arc::clone(&proposals), Arc::clone(&acceptances));
    let projector = projector::consumer(handlers("projector")?, rows, names)?;
    let analytics = analytics::consumer(handlers("analytics")?, totals.clone())?;
    // one rule and one queue a consumer, as declared
    let deployment =
        Deployment::new(&topology, [&emailer, &projector, &analytics].map(Clone::clone))?;
    let bus = deployment.bus();
    let consumers = [emailer, projector, analytics];

    let publisher = Publisher::new(bus.clone());
    let mut published = Vec::new();
    published.extend(publisher.publish_all(offers()).await.into_result()?);
    published.extend(publisher.publish(acceptance()?).await.into_result()?);

    // what production does sooner or later
    let mut duplicates_injected = 0;
    for consumer in &consumers {
        duplicates_injected += bus.queue(consumer.name().as_str())?.inject_duplicates();
    }
    bus.queue("analytics")?.inject_raw(POISON);

    let mut outcomes = Vec::new();
    for consumer in &consumers {
        let queue = bus.queue(consumer.name().as_str())?;
        outcomes.push(work(consumer, &queue).await);
    }

    let key = "p-1".to_owned();
    let read = (key.clone(), proposals.get(&key).await?, acceptances.get(&key).await?);
    Ok(Outcome {
        published,
        duplicates_injected,
        consumers: outcomes,
        mails: outbox.mails(),
        totals: totals.by_currency(),
        read,
    })
}

async fn work(consumer: &Consumer, queue: &Queue) -> ConsumerOutcome {
    let stats = consumer.run_until_idle(queue).await;
    ConsumerOutcome {
        name: consumer.name().to_string(),
        reads: consumer.subscriptions().map(|s| s.detail_type.to_owned()).collect(),
        stats,
        dead_letters: queue.dead_letters(),
    }
}

/// Three proposals, as the service offers them now: in version 2.
fn offers() -> Vec<ProposalPublished> {
    let offer = |id: &str, title: &str, email: &str, name: Option<&str>, cents, currency| {
        ProposalPublished {
            proposal_id: id.to_owned(),
            title: title.to_owned(),
            customer: Customer { email: email.to_owned(), name: name.map(str::to_owned) },
            total: Money { cents, currency },
            tags: vec!["residential".to_owned()],
            valid_until: None,
            channel: Some(Channel::Email),
        }
    };
    vec![
        offer("p-1", "6 kWp on a barn", "ada@example.com", Some("Ada"), 1_249_900, Currency::Eur),
        offer("p-2", "Carport, 4 kWp", "bo@example.com", None, 899_000, Currency::Eur),
        offer("p-3", "Balcony kit", "cy@example.com", Some("Cy"), 64_900, Currency::Chf),
    ]
}

fn acceptance() -> Result<ProposalAccepted, Box<dyn Error>> {
    let accepted_at: Timestamp = "2026-03-01T09:30:00Z".parse()?;
    Ok(ProposalAccepted {
        proposal_id: "p-1".to_owned(),
        accepted_by: "Ada".to_owned(),
        accepted_at,
    })
}
