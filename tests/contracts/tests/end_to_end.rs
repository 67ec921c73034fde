//! The whole path, with the example's own contracts: one publish becomes two versions on the bus,
//! duplicates take effect once, and a message that matches no contract becomes a dead letter with
//! its reason.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test may fail loudly")]

use std::collections::BTreeSet;

use event_runtime::embedded::{EmbeddedBus, Rule};
use event_runtime::publish::Publisher;
use example_service::events::{Channel, Currency, Customer, Money, ProposalPublished};
use example_service::service;
use serde_json::{Value, json};

fn proposal() -> ProposalPublished {
    ProposalPublished {
        proposal_id: "p-9".into(),
        title: "Roof".into(),
        customer: Customer { email: "di@example.com".into(), name: None },
        total: Money { cents: 123_456, currency: Currency::Usd },
        tags: vec!["new".into()],
        valid_until: Some("2026-12-31T00:00:00Z".parse().unwrap()),
        channel: Some(Channel::Post),
    }
}

/// The messages that a queue of both majors receives for one publish.
async fn published() -> Vec<Value> {
    let rule = Rule::to("everything")
        .source("app.solargenix")
        .detail_type("proposal.published:v1")
        .detail_type("proposal.published:v2");
    let bus = EmbeddedBus::builder().rule(rule).build().unwrap();
    let publisher = Publisher::new(bus.clone());
    publisher.publish(proposal()).await.into_result().unwrap();
    let bodies = bus.queue("everything").unwrap().receive(10);
    bodies.iter().map(|d| serde_json::from_str(&d.body).unwrap()).collect()
}

fn by_detail_type<'a>(events: &'a [Value], detail_type: &str) -> &'a Value {
    events.iter().find(|e| e["detail-type"] == detail_type).unwrap()
}

#[tokio::test]
async fn one_publish_sends_two_versions_of_one_event() {
    let events = published().await;
    assert_eq!(events.len(), 2);
    let v1 = &by_detail_type(&events, "proposal.published:v1")["detail"];
    let v2 = &by_detail_type(&events, "proposal.published:v2")["detail"];
    assert_eq!((&v1["id"], &v1["occurredAt"]), (&v2["id"], &v2["occurredAt"]));
    assert_eq!((&v1["version"], &v2["version"]), (&json!("v1"), &json!("v2")));
    assert_eq!(v1["type"], "proposal.published");
    let keys: BTreeSet<&str> = v1.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, BTreeSet::from(["id", "source", "type", "version", "occurredAt", "data"]));
    assert_eq!(
        v1["data"],
        json!({
            "proposalId": "p-9",
            "title": "Roof",
            "customerEmail": "di@example.com",
            "amount": 1234.56,
            "validUntil": "2026-12-31T00:00:00Z",
        })
    );
}

/// The judge is the `jsonschema` crate with the locked schemas.
#[tokio::test]
async fn both_versions_are_valid_for_their_schemas() {
    let events = published().await;

    let v1: Value =
        serde_json::from_str(include_str!("../../../schemas/app-core/proposal.published/1.1.json"))
            .unwrap();
    let payload = &by_detail_type(&events, "proposal.published:v1")["detail"]["data"];
    let judge = jsonschema::draft4::options().should_validate_formats(true).build(&v1).unwrap();
    assert!(judge.is_valid(payload), "{payload}");
    assert!(!judge.is_valid(&json!({ "proposalId": "p-9" })));

    let mut v2: Value =
        serde_json::from_str(include_str!("../../../schemas/app-core/proposal.published/2.1.json"))
            .unwrap();
    v2["$ref"] = json!("#/components/schemas/AWSEvent");
    let event = by_detail_type(&events, "proposal.published:v2");
    let judge = jsonschema::draft4::options().should_validate_formats(true).build(&v2).unwrap();
    let problems: Vec<String> = judge.iter_errors(event).map(|e| e.to_string()).collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[tokio::test]
async fn service_handles_duplicates_failures_and_poison() {
    let outcome = service::run().await.unwrap();

    // three proposals in two versions each, and one acceptance
    assert_eq!(outcome.published.len(), 7);
    let ids: BTreeSet<String> = outcome.published.iter().map(|a| a.id.to_string()).collect();
    assert_eq!(ids.len(), 4);

    let consumer = |name: &str| outcome.consumers.iter().find(|c| c.name == name).unwrap();
    let emailer = consumer("emailer").stats;
    assert_eq!((emailer.handled, emailer.duplicates, emailer.retried), (3, 3, 1));
    let projector = consumer("projector").stats;
    assert_eq!((projector.handled, projector.duplicates), (4, 4));
    let analytics = consumer("analytics");
    assert_eq!(
        (analytics.stats.handled, analytics.stats.duplicates, analytics.stats.poison),
        (3, 3, 1)
    );

    // each effect once, though everything was delivered twice
    let mut mailed: Vec<&str> = outcome.mails.iter().map(|m| m.to.as_str()).collect();
    mailed.sort_unstable();
    assert_eq!(mailed, ["ada@example.com", "bo@example.com", "cy@example.com"]);
    assert_eq!(outcome.totals["EUR"], 2_148_900);
    assert_eq!(outcome.totals["CHF"], 64_900);

    let [letter] = analytics.dead_letters.as_slice() else {
        panic!("{:?}", analytics.dead_letters)
    };
    assert_eq!(&*letter.body, service::POISON);
    assert!(letter.reason.contains("envelope"), "{}", letter.reason);

    let (_, view, accepted_by) = outcome.read;
    assert_eq!(view.unwrap().cents, 1_249_900);
    assert_eq!(accepted_by.as_deref(), Some("Ada"));
}
