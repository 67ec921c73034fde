//! Compares the table of changes with what the bus has accepted.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::Client;
use event_tests_aws::bus::WireEntry;
use serde_json::Value;

use super::BOOKED;

/// What the judge has found.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    pub(super) changes: usize,
    pub(super) published: usize,
    pub(super) copies: usize,
    /// Committed changes whose event was not published.
    pub(super) unpublished: usize,
    /// Events without a committed change.
    pub(super) unfounded: usize,
    /// Events whose ID is not that of their change.
    pub(super) changed_ids: usize,
    /// Events of a key that were published before an earlier one.
    pub(super) overtaken: usize,
}

/// Reads the changes with the plain SDK: the ID of the event, by number.
async fn changes(client: &Client, table: &str) -> BTreeMap<u64, String> {
    let mut changes = BTreeMap::new();
    let mut start = None;
    loop {
        let page = client.scan().table_name(table).consistent_read(true);
        let page = page.set_exclusive_start_key(start).send().await.unwrap();
        for item in page.items() {
            let number = item["id"].as_s().unwrap().parse().unwrap();
            changes.insert(number, item["event"].as_s().unwrap().clone());
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            return changes;
        }
    }
}

pub(super) async fn judge(
    client: &Client,
    table: &str,
    accepted: &[WireEntry],
    order: &BTreeMap<String, Vec<String>>,
) -> Judgement {
    let changes = changes(client, table).await;
    let mut judged = Judgement { changes: changes.len(), ..Judgement::default() };
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut numbers = BTreeSet::new();
    for (at, entry) in accepted.iter().filter(|entry| entry.detail_type == BOOKED).enumerate() {
        let detail: Value = serde_json::from_str(&entry.detail).unwrap();
        let (id, number) = (detail["id"].as_str().unwrap(), detail["data"]["number"].as_u64());
        let number = number.unwrap();
        judged.copies += 1;
        first.entry(id.to_owned()).or_insert(at);
        numbers.insert(number);
        match changes.get(&number) {
            None => judged.unfounded += 1,
            Some(own) => judged.changed_ids += usize::from(own != id),
        }
    }
    judged.published = numbers.len();
    judged.unpublished = changes.values().filter(|id| !first.contains_key(*id)).count();
    for ids in order.values() {
        let places = ids.iter().filter_map(|id| first.get(id));
        judged.overtaken += places.clone().zip(places.skip(1)).filter(|(a, b)| a > b).count();
    }
    judged
}
