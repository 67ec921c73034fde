//! The item of an outbox: its attributes, and the events in it as JSON.
//!
//! This module has no client: it covers what a transaction writes and what the table's stream
//! returns.

use event_runtime::publish::Entry;
use event_runtime::{EventId, Timestamp, Version};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The partition key: `event#` and the ID of an event, or `key#` and an order key.
pub(super) const PK: &str = "pk";
/// The events of one transaction as JSON.
pub(super) const EVENTS: &str = "events";

/// The format of the JSON. A relay refuses others.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stored<T> {
    format: u32,
    entries: Vec<T>,
}

#[cfg(feature = "streams")]
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// An entry of a `PutEvents` call.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StoredEntry {
    id: EventId,
    version: Version,
    source: String,
    detail_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resources: Vec<String>,
    detail: Box<RawValue>,
}

/// The identity in the envelope of an entry, which must match the entry's own.
#[cfg(feature = "streams")]
#[derive(Deserialize)]
struct Identity {
    id: EventId,
    version: Version,
}

/// Returns the JSON of entries.
#[cfg(feature = "dynamodb")]
pub(super) fn write(entries: &[Entry]) -> Result<String, serde_json::Error> {
    let stored = entries.iter().map(|entry| {
        Ok(StoredEntry {
            id: entry.id,
            version: entry.version,
            source: entry.source.to_string(),
            detail_type: entry.detail_type.to_string(),
            time: entry.time,
            resources: entry.resources.clone(),
            detail: serde_json::from_str(&entry.detail)?,
        })
    });
    let entries = stored.collect::<Result<_, serde_json::Error>>()?;
    serde_json::to_string(&Stored::<StoredEntry> { format: FORMAT, entries })
}

/// Returns the entries of a JSON text, or why it is not what [`write`] has written.
#[cfg(feature = "streams")]
pub(super) fn read(json: &str) -> Result<Vec<Entry>, String> {
    use std::borrow::Cow;

    use event_runtime::__internal::misfit;

    let format: Format = serde_json::from_str(json).map_err(|error| misfit(&error))?;
    if format.format != FORMAT {
        let found = format.format;
        return Err(format!("its format is {found}, expected {FORMAT}: use a newer relay"));
    }
    let stored: Stored<StoredEntry> = serde_json::from_str(json).map_err(|error| misfit(&error))?;
    if stored.entries.is_empty() {
        return Err("it has no entries".to_owned());
    }
    let mut entries = Vec::with_capacity(stored.entries.len());
    for entry in stored.entries {
        let StoredEntry { id, version, source, detail_type, time, resources, detail } = entry;
        let own: Identity = serde_json::from_str(detail.get())
            .map_err(|error| format!("the detail of {id}: {}", misfit(&error)))?;
        if (own.id, own.version) != (id, version) {
            let (found, expected) = (own.id, id);
            return Err(format!("the envelope has the ID {found}, expected {expected}"));
        }
        entries.push(Entry {
            id,
            version,
            source: Cow::Owned(source),
            detail_type: Cow::Owned(detail_type),
            detail: String::from(Box::<str>::from(detail)),
            time,
            resources,
        });
    }
    Ok(entries)
}

#[cfg(all(test, feature = "dynamodb", feature = "streams"))]
mod tests {
    use super::*;

    fn entry(detail: &str) -> Entry {
        Entry {
            id: "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
            version: Version::new(2),
            source: "app.shop".into(),
            detail_type: "order.placed:v2".into(),
            detail: detail.into(),
            time: Some("2026-11-23T13:06:06.789Z".parse().unwrap()),
            resources: vec!["arn:x".into()],
        }
    }

    const DETAIL: &str = r#"{"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","version":"v2", "data":{"n":1.0}}"#;

    #[test]
    fn entries_round_trip_byte_by_byte() {
        let entries = vec![entry(DETAIL), Entry { time: None, resources: vec![], ..entry(DETAIL) }];
        assert_eq!(read(&write(&entries).unwrap()), Ok(entries));
    }

    #[test]
    fn text_of_another_origin_is_refused() {
        let good = write(&[entry(DETAIL)]).unwrap();
        for (text, said) in [
            ("{", "EOF"),
            ("[]", "invalid"),
            (r#"{"format":2,"more":[]}"#, "its format is 2, expected 1"),
            (r#"{"format":1,"entries":[]}"#, "it has no entries"),
            (&good.replace("order.placed:v2\"", "order.placed:v2\",\"extra\":1"), "extra"),
            (&good.replacen("5FAV", "5FAW", 1), "the envelope has the ID"),
            (&good.replacen("\"v2\"", "\"v1\"", 1), "the envelope has the ID"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(write(&[entry("{")]).is_err());
    }
}
