//! The service's consumers in the process, as its own tests run them.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test may fail loudly")]

use std::sync::Arc;

use event_runtime::idempotency::MemoryStore;
use event_runtime::projection::{MemoryProjections, Projection};
use event_runtime::topology::Attach;
use event_testing::service::{TestBus, TestService};
use example_service::events::{Currency, Customer, Money, ProposalPublished, ProposalPublishedV1};
use example_service::{analytics, emailer, projector, topology::topology};

fn proposal(id: &str) -> ProposalPublished {
    ProposalPublished {
        proposal_id: id.to_owned(),
        title: "6 kWp on a barn".to_owned(),
        customer: Customer { email: "ada@example.com".to_owned(), name: None },
        total: Money { cents: 1_249_900, currency: Currency::Eur },
        tags: vec![],
        valid_until: None,
        channel: None,
    }
}

#[tokio::test(start_paused = true)]
async fn proposal_is_mailed_and_counted_once_although_it_is_delivered_twice() {
    let topology = topology().unwrap();
    let (mails, totals) = (emailer::Outbox::default(), analytics::Totals::default());
    let handlers = |name| topology.handlers(name, MemoryStore::new()).unwrap();
    let rows = Arc::new(Projection::new("proposals", MemoryProjections::new()));
    let names = Arc::new(Projection::new("acceptances", MemoryProjections::new()));
    let consumers = [
        emailer::consumer(handlers("emailer"), mails.clone()).unwrap(),
        analytics::consumer(handlers("analytics"), totals.clone()).unwrap(),
        projector::consumer(handlers("projector"), rows, names).unwrap(),
    ];
    let service = TestService::new(&topology, &TestBus::of(&topology), consumers);
    service.publish(proposal("p-1")).await;
    service.deliver_twice();
    let run = service.run_until_idle().await;

    // The mail server of the example refuses the first mail.
    assert_eq!((run["emailer"].handled, run["emailer"].retried), (1, 1));
    assert_eq!(mails.mails().len(), 1);
    assert_eq!(totals.by_currency()["EUR"], 1_249_900);
    // One publish is two events: version 1 for the emailer.
    assert_eq!(service.bus().published::<ProposalPublishedV1>().len(), 1);
    assert_eq!(service.bus().published::<ProposalPublished>().len(), 1);
    service.assert_no_dead_letters();
}
