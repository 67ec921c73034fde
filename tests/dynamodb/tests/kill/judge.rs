//! The result, read from the tables and files that the workers left behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use aws_sdk_dynamodb::Client;

/// The contents of the ledger and the workers' files.
pub(super) struct Judgement {
    pub(super) lost: u64,
    pub(super) doubled: u64,
    pub(super) received: u64,
    pub(super) busy: u64,
    pub(super) lease_lost: u64,
}

/// Reads the whole ledger with the plain SDK.
pub(super) async fn judge(client: &Client, ledger: &str, folder: &Path, events: u64) -> Judgement {
    let mut times: BTreeMap<u64, u64> = BTreeMap::new();
    let mut start = None;
    loop {
        let page = client.scan().table_name(ledger).consistent_read(true);
        let page = page.set_exclusive_start_key(start).send().await.unwrap();
        for item in page.items() {
            let order = item["order-number"].as_s().unwrap().parse().unwrap();
            times.insert(order, item["times"].as_n().unwrap().parse().unwrap());
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    let mut sums = [0; 3];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("counts-") && path.extension().is_none() {
            let text = fs::read_to_string(&path).unwrap();
            for (sum, number) in sums.iter_mut().zip(text.split(' ')) {
                *sum += number.parse::<u64>().unwrap();
            }
        }
    }
    let [received, busy, lease_lost] = sums;
    Judgement {
        lost: (0..events).filter(|order| !times.contains_key(order)).count() as u64,
        doubled: times.values().filter(|times| **times > 1).count() as u64,
        received,
        busy,
        lease_lost,
    }
}
