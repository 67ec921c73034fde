//! A database file that another program has changed: an error, and never a panic.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]
#![cfg(feature = "embedded")]

use std::path::Path;
use std::time::Duration;

use event_runtime::embedded::Database;
use event_runtime::embedded::redb::TableDefinition;
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, RedbStore, Settled, Terms, TransactionalStore,
};
use event_runtime::name::ConsumerName;
use event_runtime::{EventId, Timestamp};

const STOCK: TableDefinition<'_, &str, u64> = TableDefinition::new("stock");

async fn filled(path: &Path) {
    let store = RedbStore::new(&Database::open(path).unwrap());
    let name = ConsumerName::new("c").unwrap();
    let (now, terms) = (Timestamp::now(), Terms::default());
    for _ in 0..40 {
        let attempt = Attempt::new(Key::new(&name, EventId::generate()));
        let Claim::Granted(lease) = store.claim(&attempt, now, &terms).await.unwrap() else {
            unreachable!("nobody has it")
        };
        let result = "r".repeat(2000);
        let done = store.complete(&lease, now, &terms, Some(&result)).await.unwrap();
        assert_eq!(done, Settled::Done);
    }
}

/// Opens the file and uses it. `Ok` if nothing is wrong with it.
async fn used(path: &Path) -> Result<(), String> {
    let database = Database::open(path).map_err(|error| error.to_string())?;
    let store = RedbStore::new(&database);
    let key = Key::new(&ConsumerName::new("c").unwrap(), EventId::generate());
    let claim = store.claim(&Attempt::new(key), Timestamp::now(), &Terms::default()).await;
    let swept = store.sweep(Timestamp::now() + Duration::from_hours(2400)).await;
    claim.map(drop).map_err(|error| error.to_string())?;
    swept.map_err(|error| error.to_string())
}

#[tokio::test]
async fn damaged_file_is_error_and_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, path) = (folder.path().join("whole.redb"), folder.path().join("damaged.redb"));
    filled(&whole).await;
    assert_eq!(used(&whole).await, Ok(()));
    let bytes = std::fs::read(&whole).unwrap();

    let mut hurt: Vec<(String, Vec<u8>)> = vec![
        ("text".to_owned(), b"not a database at all".to_vec()),
        ("zeros".to_owned(), vec![0; bytes.len()]),
    ];
    for part in [9, 100, 320, 4096, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
        hurt.push((format!("cut to {part}"), bytes[..part].to_vec()));
        let mut zeroed = bytes.clone();
        zeroed[part..].fill(0);
        hurt.push((format!("zeros from {part}"), zeroed));
        let mut noise = bytes.clone();
        for (at, byte) in noise.iter_mut().enumerate().skip(part) {
            *byte = u8::try_from(at * 31 % 251).unwrap();
        }
        hurt.push((format!("noise from {part}"), noise));
    }
    let mut found = 0;
    for (what, bytes) in hurt {
        std::fs::write(&path, bytes).unwrap();
        let copy = path.clone();
        // In a task of its own: a panic is an error of the task.
        let used = tokio::spawn(async move { used(&copy).await }).await;
        let used = used.unwrap_or_else(|error| panic!("{what}: {error}"));
        found += u32::from(used.is_err());
    }
    // An unused tail may be cut without harm; most of these cuts do harm.
    assert!(found >= 15, "{found} damaged files were found to be so");
}

#[tokio::test]
async fn flipped_byte_is_detected_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, path) = (folder.path().join("whole.redb"), folder.path().join("damaged.redb"));
    filled(&whole).await;
    let bytes = std::fs::read(&whole).unwrap();
    // The values of the claims are plain text in the file: one of them has changed then.
    let value = bytes.windows(64).rposition(|part| part.iter().all(|byte| *byte == b'r')).unwrap();
    let mut flipped = bytes.clone();
    flipped[value] ^= 0xff;
    std::fs::write(&path, &flipped).unwrap();
    let step = bytes.len() / 60;
    for at in (0..bytes.len()).step_by(step) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0xff;
        std::fs::write(&path, &flipped).unwrap();
        let copy = path.clone();
        let used = tokio::spawn(async move { used(&copy).await }).await;
        assert!(used.is_ok(), "a flipped byte at {at} panics: {used:?}");
    }
}

#[tokio::test]
async fn effect_is_readable_and_panicking_effect_is_error() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(folder.path().join("a.redb")).unwrap();
    let store = RedbStore::new(&database);
    let (now, terms) = (Timestamp::now(), Terms::default());
    let key = Key::new(&ConsumerName::new("c").unwrap(), EventId::generate());
    let Claim::Granted(lease) = store.claim(&Attempt::new(key), now, &terms).await.unwrap() else {
        unreachable!("nobody has it")
    };
    let panics = Box::new(|_: &event_runtime::embedded::redb::WriteTransaction| panic!("no"));
    let error = store.complete_with(&lease, now, &terms, None, panics).await.unwrap_err();
    assert!(error.to_string().contains("panicked: no"), "{error}");
    let effect = Box::new(|transaction: &event_runtime::embedded::redb::WriteTransaction| {
        transaction.open_table(STOCK)?.insert("A-1", 3)?;
        Ok(())
    });
    let done = store.complete_with(&lease, now, &terms, None, effect).await.unwrap();
    assert_eq!(done, Settled::Done);
    let left = database.read(|transaction| {
        Ok(transaction.open_table(STOCK)?.get("A-1")?.map(|left| left.value()))
    });
    assert_eq!(left.await.unwrap(), Some(3));
}
