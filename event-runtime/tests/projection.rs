//! The law of projections: the order of arrival does not matter, and neither do duplicates.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]
#![cfg(feature = "embedded")]

use std::sync::Arc;

use event_runtime::embedded::Database;
use event_runtime::projection::{
    Effect, MemoryProjections, Projection, ProjectionCounts, ProjectionError, ProjectionStore,
    RedbProjections, Revision, Row,
};
use event_runtime::{EventId, Timestamp};
use proptest::prelude::*;

fn stores() -> Vec<Arc<dyn ProjectionStore>> {
    let database = Database::in_memory().unwrap();
    vec![Arc::new(MemoryProjections::new()), Arc::new(RedbProjections::new(&database))]
}

const KEYS: [&str; 3] = ["a", "b", "c"];

async fn state_after(store: &dyn ProjectionStore, events: &[(usize, Row)]) -> Vec<Option<Row>> {
    for (key, row) in events {
        let _ = store.put("p", KEYS[*key], row.clone()).await.unwrap();
    }
    let mut state = Vec::new();
    for key in KEYS {
        state.push(store.get("p", key).await.unwrap());
    }
    state
}

/// Few keys, revisions and values, so that stale, duplicate and conflicting rows are common.
fn events() -> impl Strategy<Value = Vec<(usize, Row)>> {
    let revision = prop_oneof![
        (1_u64..6).prop_map(Revision::Sequence),
        (0_i64..4, 0_u128..2).prop_map(|(second, id)| Revision::Moment(
            Timestamp::from_second(second).unwrap(),
            EventId::from(ulid::Ulid(id))
        )),
    ];
    let value = prop::option::of(prop::sample::select(vec!["1", "2", "{}"]));
    let row = (revision, value)
        .prop_map(|(revision, value)| Row { revision, value: value.map(str::to_owned) });
    prop::collection::vec((0..KEYS.len(), row), 1..24)
}

/// Some events, and the same in another order with some of them twice.
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn any_permutation_with_duplicates_ends_in_the_same_state([first, second] in histories()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let states: Vec<_> = runtime.block_on(async {
            let mut states = Vec::new();
            for history in [&first, &second] {
                for store in stores() {
                    states.push(state_after(&*store, history).await);
                }
            }
            states
        });
        // The judge knows no store: the greatest row of each key.
        let greatest: Vec<_> = (0..KEYS.len())
            .map(|key| first.iter().filter(|(k, _)| *k == key).map(|(_, row)| row).max().cloned())
            .collect();
        for state in states {
            prop_assert_eq!(&state, &greatest);
        }
    }
}

#[tokio::test]
async fn each_effect_is_counted_apart_and_a_tombstone_holds() {
    use Revision::Sequence;
    for store in stores() {
        let totals = Projection::<u32>::new("totals", store);
        assert_eq!(totals.get("k").await.unwrap(), None);
        assert_eq!(totals.upsert("k", Sequence(1), &1).await.unwrap(), Effect::Written);
        let gap = Effect::WrittenAfterGap { missing: 2 };
        assert_eq!(totals.upsert("k", Sequence(4), &4).await.unwrap(), gap);
        assert_eq!(totals.upsert("k", Sequence(4), &4).await.unwrap(), Effect::Duplicate);
        let kept = Effect::Conflict { replaced: false };
        assert_eq!(totals.upsert("k", Sequence(4), &3).await.unwrap(), kept);
        assert_eq!(totals.get("k").await.unwrap(), Some(4));
        assert_eq!(totals.delete("k", Sequence(5)).await.unwrap(), Effect::Written);
        assert_eq!(totals.upsert("k", Sequence(3), &3).await.unwrap(), Effect::Stale);
        assert_eq!(totals.get("k").await.unwrap(), None);
        let counts =
            ProjectionCounts { written: 3, missing: 2, stale: 1, duplicates: 1, conflicts: 1 };
        assert_eq!(totals.counts(), counts);
    }
}

#[tokio::test]
async fn a_row_of_another_type_is_an_error_with_its_key() {
    let store = MemoryProjections::new();
    let names = Projection::<String>::new("p", store.clone());
    assert_eq!(
        names.upsert("k", Revision::Sequence(1), &"x".into()).await.unwrap(),
        Effect::Written
    );
    let error = Projection::<u32>::new("p", store).get("k").await.unwrap_err();
    assert!(matches!(error, ProjectionError::Read { .. }));
    assert!(error.to_string().starts_with("row `k` of projection `p` is not valid for its type: "));
}

#[tokio::test]
async fn rows_in_a_file_outlive_the_process_and_projections_are_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.redb");
    {
        let database = Database::open(&path).unwrap();
        for name in ["one", "two"] {
            let rows = Projection::<String>::new(name, RedbProjections::new(&database));
            let value = name.to_owned();
            assert!(rows.upsert("k", Revision::Sequence(1), &value).await.unwrap().is_written());
        }
    }
    let database = Database::open(&path).unwrap();
    let rows = Projection::<String>::new("two", RedbProjections::new(&database));
    assert_eq!(rows.get("k").await.unwrap().as_deref(), Some("two"));
}
