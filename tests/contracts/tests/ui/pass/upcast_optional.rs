//! Fields that are optional on one side of the way forward, and those that only the newer one has.

use event_runtime::{Event, EventData};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

mod v1 {
    use super::*;

    #[derive(Event, Serialize, Deserialize)]
    #[event(type = "proposal.published", version = "1.1")]
    pub struct ProposalPublished {
        pub id: String,
        pub account_id: Uuid,
        pub headline: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub amount_cents: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub note: Option<String>,
        pub region: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub locale: Option<String>,
    }
}

#[derive(Event, Serialize, Deserialize)]
#[event(
    type = "proposal.published",
    version = "2.1",
    supersedes = v1::ProposalPublished,
    down(region = "eu".to_owned()),
    upcast(tags = vec![old.region.clone()])
)]
struct ProposalPublished {
    #[event(from = "id")]
    proposal_id: String,
    account_id: Uuid,
    #[event(from = "headline")]
    title: String,
    #[event(from = "amount_cents", down = cents, up = money)]
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    tags: Vec<String>,
    #[event(up_default = Status::Published)]
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewer: Option<String>,
    #[serde(skip)]
    seen: u32,
}

#[derive(EventData, Serialize, Deserialize)]
struct Money {
    amount: i64,
    currency: String,
}

#[derive(EventData, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Draft,
    Published,
    Withdrawn,
}

fn cents(money: Option<Money>) -> Option<i64> {
    money.map(|m| m.amount)
}

fn money(cents: Option<i64>) -> Option<Money> {
    cents.map(|amount| Money { amount, currency: "EUR".to_owned() })
}

fn main() {
    let old = v1::ProposalPublished {
        id: "p-1".to_owned(),
        account_id: Uuid::nil(),
        headline: "Roof".to_owned(),
        amount_cents: Some(5),
        note: None,
        region: "ch".to_owned(),
        locale: Some("de".to_owned()),
    };
    let new = ProposalPublished::from(old);
    assert_eq!((new.proposal_id.as_str(), new.title.as_str(), new.seen), ("p-1", "Roof", 0));
    assert_eq!(new.amount.map(|m| m.amount), Some(5));
    assert_eq!((new.tags, new.status), (vec!["ch".to_owned()], Status::Published));
    assert!(new.note.is_none() && new.reviewer.is_none());
}
