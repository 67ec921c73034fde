//! Rows in DynamoDB: order, effects, the stream and deletes by the time to live.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::sync::Arc;
use std::time::Duration;

use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use event_aws::streams::{Change, StreamBatch, replicate};
use event_runtime::embedded::Database;
use event_runtime::projection::{
    Effect, MemoryProjections, ProjectionStore, ReadCache, RedbProjections, Revision, Row,
};
use event_runtime::{EventId, Timestamp};
use event_tests_dynamodb::{Dynamo, Fault};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const KEYS: [&str; 3] = ["a", "b", "c"];

/// Few keys, revisions and values, so that stale, duplicate and conflicting rows are common.
fn events() -> impl Strategy<Value = Vec<(usize, Row)>> {
    let revision = prop_oneof![
        (1_u64..12).prop_map(Revision::Sequence),
        (-2_i64..4, 0_u128..2).prop_map(|(second, id)| Revision::Moment(
            Timestamp::from_second(second).unwrap(),
            EventId::from(ulid::Ulid(id))
        )),
    ];
    let value = prop::option::of(prop::sample::select(vec!["1", "2", "\"é\"", "{}"]));
    let row = (revision, value)
        .prop_map(|(revision, value)| Row { revision, value: value.map(str::to_owned) });
    prop::collection::vec((0..KEYS.len(), row), 1..20)
}

/// Some events, and the same ones in another order with some of them twice.
fn histories() -> impl Strategy<Value = [Vec<(usize, Row)>; 2]> {
    events()
        .prop_flat_map(|events| {
            let twice = prop::sample::subsequence(events.clone(), 0..=events.len());
            (Just(events), twice)
        })
        .prop_flat_map(|(events, twice)| {
            let shuffled = Just([events.clone(), twice].concat()).prop_shuffle();
            (Just(events), shuffled).prop_map(|(events, shuffled)| [events, shuffled])
        })
}

#[test]
fn any_permutation_with_duplicates_ends_in_same_state_on_every_store() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dynamo = runtime.block_on(Dynamo::start());
    let (in_dynamo, _) = runtime.block_on(dynamo.projections());
    let in_dynamo: Arc<dyn ProjectionStore> = Arc::new(in_dynamo);
    let mut case = 0;
    let config =
        ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let law = |[first, second]: [Vec<(usize, Row)>; 2]| {
        // The expected state does not come from a store: it is the greatest row of each key.
        let greatest: Vec<_> = (0..KEYS.len())
            .map(|key| first.iter().filter(|(k, _)| *k == key).map(|(_, row)| row).max().cloned())
            .collect();
        for history in [&first, &second] {
            case += 1;
            let projection = format!("p#{case}");
            let stores: [Arc<dyn ProjectionStore>; 3] = [
                Arc::new(MemoryProjections::new()),
                Arc::new(RedbProjections::new(&Database::in_memory().unwrap())),
                Arc::clone(&in_dynamo),
            ];
            let mut all_effects = Vec::new();
            for store in stores {
                let (effects, state) = runtime.block_on(async {
                    let mut effects = Vec::new();
                    for (key, row) in history {
                        let put = store.put(&projection, KEYS[*key], row.clone());
                        effects.push(put.await.unwrap());
                    }
                    let mut state = Vec::new();
                    for key in KEYS {
                        state.push(store.get(&projection, key).await.unwrap());
                    }
                    (effects, state)
                });
                prop_assert_eq!(&state, &greatest);
                all_effects.push(effects);
            }
            prop_assert_eq!(&all_effects[0], &all_effects[1]);
            prop_assert_eq!(&all_effects[0], &all_effects[2]);
        }
        Ok(())
    };
    let law = std::cell::RefCell::new(law);
    runner.run(&histories(), |histories| law.borrow_mut()(histories)).unwrap();
}

fn row(number: u64, value: Option<&str>) -> Row {
    Row { revision: Revision::Sequence(number), value: value.map(ToOwned::to_owned) }
}

#[tokio::test]
async fn row_costs_one_call_and_cached_read_none() {
    let dynamo = Dynamo::start().await;
    let (store, _) = dynamo.projections().await;
    let cache = ReadCache::new(store, 100, Duration::from_mins(1));
    dynamo.calls();
    assert_eq!(cache.put("p", "k", row(1, Some("1"))).await.unwrap(), Effect::Written);
    assert_eq!(cache.get("p", "k").await.unwrap(), Some(row(1, Some("1"))));
    assert_eq!(dynamo.calls().into_iter().collect::<Vec<_>>(), [("PutItem".to_owned(), 1)]);
    assert_eq!(cache.get("p", "other").await.unwrap(), None);
    assert_eq!(cache.get("p", "other").await.unwrap(), None);
    assert_eq!(dynamo.calls().into_iter().collect::<Vec<_>>(), [("GetItem".to_owned(), 1)]);
}

#[tokio::test]
async fn row_with_lost_response_is_written_once() {
    let dynamo = Dynamo::start().await;
    let (store, _) = dynamo.projections().await;
    let mut next = Some(Fault::LostAnswer);
    dynamo.faults(move |_| next.take().unwrap_or(Fault::None));
    assert_eq!(store.put("p", "k", row(1, Some("1"))).await.unwrap(), Effect::Duplicate);
    assert_eq!(store.get("p", "k").await.unwrap(), Some(row(1, Some("1"))));
}

/// The records of a table's stream, as Lambda passes them.
fn stream(dynamo: &Dynamo, table: &str) -> StreamBatch {
    let database = &dynamo.database;
    let list = ListStreamsRequest { table_name: Some(table.to_owned()), ..Default::default() };
    let arn = database.list_streams(list).unwrap().streams.remove(0).stream_arn;
    let describe = DescribeStreamRequest { stream_arn: arn.clone(), ..Default::default() };
    let shard = database.describe_stream(describe).unwrap().stream_description.shards.remove(0);
    let from_start = GetShardIteratorRequest {
        stream_arn: arn,
        shard_id: shard.shard_id,
        shard_iterator_type: "TRIM_HORIZON".to_owned(),
        sequence_number: None,
    };
    let shard_iterator = database.get_shard_iterator(from_start).unwrap().shard_iterator.unwrap();
    let records = database.get_records(GetRecordsRequest { shard_iterator, limit: None }).unwrap();
    StreamBatch::read(&serde_json::to_vec(&records).unwrap()).unwrap()
}

#[tokio::test]
async fn stream_replicates_state_and_detects_expired_items() {
    let dynamo = Dynamo::start().await;
    let (store, table) = dynamo.projections().await;
    let store = store.tombstones_for(Duration::ZERO);
    for (key, row) in [
        ("a", row(1, Some("1"))),
        ("b", row(2, Some("2"))),
        ("a", row(3, Some("3"))),
        ("b", row(1, Some("late"))),
        ("b", row(3, None)),
    ] {
        let _ = store.put("totals", key, row).await.unwrap();
    }
    let replica = MemoryProjections::new();
    let copy = async |batch: &StreamBatch| {
        batch.apply(async |record| replicate(record, &replica).await.map(|_| ())).await
    };
    let batch = stream(&dynamo, &table);
    for _ in 0..2 {
        let report = copy(&batch).await;
        assert_eq!((report.applied, report.failed.is_none()), (4, true)); // the late one changed nothing
    }
    for key in ["a", "b"] {
        let there = store.get("totals", key).await.unwrap();
        assert_eq!(replica.get("totals", key).await.unwrap(), there);
    }

    tokio::time::sleep(Duration::from_millis(2500)).await; // two ticks of a clock of seconds
    assert_eq!(dynamo.database.sweep_ttl().unwrap(), 1);
    let batch = stream(&dynamo, &table);
    assert_eq!(batch.records().last().unwrap().change, Change::Expired);
    assert_eq!(copy(&batch).await.expired, 1);
    assert_eq!(replica.get("totals", "b").await.unwrap(), Some(row(3, None)));

    // A delete by hand is different.
    let pk = aws_sdk_dynamodb::types::AttributeValue::S("totals#a".to_owned());
    dynamo.client.delete_item().table_name(&table).key("pk", pk).send().await.unwrap();
    assert_eq!(stream(&dynamo, &table).records().last().unwrap().change, Change::Removed);
}
