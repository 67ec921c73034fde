//! From the change records of a DynamoDB stream to what came of them.
//!
//! Pure: it knows the JSON in which Lambda hands over a stream's records, and no client. Whoever
//! receives them calls [`StreamBatch::read`] and [`StreamBatch::apply`], and answers with
//! [`StreamReport::response`].
//!
//! The records of a shard are in order, and Lambda goes on from the lowest sequence number that is
//! reported as failed: what comes after it comes again, whatever became of it. So records are handled
//! one after the other, and none after the first that fails.
//!
//! DynamoDB deletes expired items itself. Such a record is an [`Expired`](Change::Expired), no
//! [`Removed`](Change::Removed): nobody decided it.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tracing::{debug, warn};

use event_runtime::projection::{Effect, ProjectionStore, Row};

use crate::image;
use event_runtime::__internal::{misfit, shown};
use event_runtime::consume::in_order;
use event_runtime::consume::{HandlerError, Stop};

/// The principal by which DynamoDB's own deletes are known. Source: *Amazon DynamoDB Developer
/// Guide*, "DynamoDB Streams and Time to Live".
const TTL_PRINCIPAL: &str = "dynamodb.amazonaws.com";

/// An attribute of an item, in the JSON of DynamoDB.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Attribute {
    /// A string.
    S(String),
    /// A number, with all of its up to 38 digits.
    N(String),
    /// Bytes, in Base64.
    B(String),
    /// True or false.
    #[serde(rename = "BOOL")]
    Bool(bool),
    /// Null; always `true`.
    #[serde(rename = "NULL")]
    Null(bool),
    /// A map.
    M(Attributes),
    /// A list.
    L(Vec<Attribute>),
    /// A set of strings.
    #[serde(rename = "SS")]
    StringSet(Vec<String>),
    /// A set of numbers.
    #[serde(rename = "NS")]
    NumberSet(Vec<String>),
    /// A set of bytes, in Base64.
    #[serde(rename = "BS")]
    BinarySet(Vec<String>),
}

/// The attributes of an item, by name.
pub type Attributes = BTreeMap<String, Attribute>;

/// A place in a stream. Numbers of up to 40 digits; greater is later, within a shard.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SequenceNumber(String);

impl SequenceNumber {
    /// The number as DynamoDB writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn digits(&self) -> (usize, &str) {
        let digits = self.0.trim_start_matches('0');
        (digits.len(), digits)
    }
}

impl Ord for SequenceNumber {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.digits().cmp(&other.digits()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for SequenceNumber {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Inserted,
    /// It was there, and has other attributes now.
    Modified,
    /// Someone deleted it.
    Removed,
    /// DynamoDB deleted it, because its time to live was over.
    Expired,
}

/// One record of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamRecord {
    /// Where it is in its shard.
    pub sequence: SequenceNumber,
    /// What happened.
    pub change: Change,
    /// The key of the item.
    pub keys: Attributes,
    /// The item before, if the stream has old images and there was one.
    pub old: Option<Attributes>,
    /// The item after, if the stream has new images and there is one.
    pub new: Option<Attributes>,
}

/// The records of one invocation. One that does not read is kept as what is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamBatch {
    records: Vec<(SequenceNumber, Result<StreamRecord, String>)>,
}

/// Why an invocation is no batch of stream records: there is nothing in it to report as failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// It is no JSON, or has no list of `Records`.
    #[error("the invocation is not a batch of stream records: {}", misfit(.0))]
    Malformed(serde_json::Error),
    /// A record has no `dynamodb.SequenceNumber`, so that the batch can only fail as a whole.
    #[error("record {at} has no `dynamodb.SequenceNumber`: {reason}")]
    NoSequenceNumber {
        /// Which record, counted from 0.
        at: usize,
        /// What the JSON reader says, without the value.
        reason: String,
    },
}

/// What came of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "records that failed must be reported"]
pub struct StreamReport {
    /// Records that were handled.
    pub applied: usize,
    /// Those of them that DynamoDB's time to live brought about.
    pub expired: usize,
    /// The lowest sequence number that failed, and why.
    pub failed: Option<(SequenceNumber, String)>,
    /// Records after that one, which were not tried.
    pub untried: usize,
}

#[derive(Deserialize)]
struct WireBatch<'a> {
    #[serde(borrow, rename = "Records")]
    records: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct WirePlace {
    dynamodb: WireSequence,
}

#[derive(Deserialize)]
struct WireSequence {
    #[serde(rename = "SequenceNumber")]
    sequence: String,
}

#[derive(Deserialize)]
struct WireRecord {
    #[serde(rename = "eventName")]
    name: String,
    #[serde(rename = "userIdentity")]
    identity: Option<WireIdentity>,
    dynamodb: WireChange,
}

/// Lambda writes these names in lower case, the Streams API in upper case.
#[derive(Deserialize)]
struct WireIdentity {
    #[serde(rename = "type", alias = "Type")]
    kind: Option<String>,
    #[serde(rename = "principalId", alias = "PrincipalId")]
    principal: Option<String>,
}

#[derive(Deserialize)]
struct WireChange {
    #[serde(rename = "SequenceNumber")]
    sequence: String,
    #[serde(rename = "Keys", default)]
    keys: Attributes,
    #[serde(rename = "OldImage")]
    old: Option<Attributes>,
    #[serde(rename = "NewImage")]
    new: Option<Attributes>,
}

impl WireRecord {
    fn into_record(self) -> Result<StreamRecord, String> {
        let by_ttl = self.identity.is_some_and(|identity| {
            identity.kind.as_deref() == Some("Service")
                && identity.principal.as_deref() == Some(TTL_PRINCIPAL)
        });
        let change = match self.name.as_str() {
            "INSERT" => Change::Inserted,
            "MODIFY" => Change::Modified,
            "REMOVE" if by_ttl => Change::Expired,
            "REMOVE" => Change::Removed,
            other => return Err(format!("`eventName` is `{other}`")),
        };
        let WireChange { sequence, keys, old, new } = self.dynamodb;
        Ok(StreamRecord { sequence: SequenceNumber(sequence), change, keys, old, new })
    }
}

impl StreamBatch {
    /// Reads the JSON of an invocation, and puts its records in the order of their numbers.
    ///
    /// # Errors
    ///
    /// [`StreamError`]. A record that has a sequence number and does not read otherwise is no error
    /// here but fails when its turn comes.
    ///
    /// # Example
    ///
    /// ```
    /// use event_aws::streams::{Change, StreamBatch};
    ///
    /// let batch = StreamBatch::read(br#"{"Records": [{
    ///     "eventName": "REMOVE",
    ///     "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
    ///     "dynamodb": {"Keys": {"pk": {"S": "totals#A-1"}}, "SequenceNumber": "111"}
    /// }]}"#)?;
    /// let changes: Vec<_> = batch.records().map(|record| record.change).collect();
    /// assert_eq!(changes, [Change::Expired]);
    /// # Ok::<(), event_aws::streams::StreamError>(())
    /// ```
    pub fn read(json: &[u8]) -> Result<Self, StreamError> {
        let batch: WireBatch<'_> = serde_json::from_slice(json).map_err(StreamError::Malformed)?;
        let mut records = Vec::with_capacity(batch.records.len());
        for (at, raw) in batch.records.into_iter().enumerate() {
            let place: WirePlace = serde_json::from_str(raw.get())
                .map_err(|error| StreamError::NoSequenceNumber { at, reason: misfit(&error) })?;
            let record = serde_json::from_str(raw.get())
                .map_err(|error| misfit(&error))
                .and_then(WireRecord::into_record);
            records.push((SequenceNumber(place.dynamodb.sequence), record));
        }
        records.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Self { records })
    }

    /// The records that read, in order.
    pub fn records(&self) -> impl Iterator<Item = &StreamRecord> {
        self.records.iter().filter_map(|(_, record)| record.as_ref().ok())
    }

    /// Handles the records in order, up to the first that fails or panics.
    ///
    /// A record may come more than once, so the handler has to bear it: rows with revisions do, and
    /// so does what is claimed by the sequence number.
    pub async fn apply<'a, F>(&'a self, handler: impl FnMut(&'a StreamRecord) -> F) -> StreamReport
    where
        F: Future<Output = Result<(), HandlerError>>,
    {
        self.apply_until(&Stop::never(), handler).await
    }

    /// As [`apply`](Self::apply), up to a deadline: what it keeps from being begun, and what it drops,
    /// comes again.
    pub async fn apply_until<'a, F>(
        &'a self,
        stop: &Stop,
        mut handler: impl FnMut(&'a StreamRecord) -> F,
    ) -> StreamReport
    where
        F: Future<Output = Result<(), HandlerError>>,
    {
        let done = in_order(&self.records, stop, |(_, record)| {
            let work = record.as_ref().map(&mut handler);
            async {
                match work {
                    Ok(work) => work.await,
                    Err(reason) => {
                        let reason = format!("failed to parse the record: {}", shown(reason));
                        Err(HandlerError::permanent(reason))
                    }
                }
            }
        })
        .await;
        let (handled, rest) = self.records.split_at(done.applied);
        let expired = handled.iter().filter(|(_, record)| {
            record.as_ref().is_ok_and(|record| record.change == Change::Expired)
        });
        let mut report =
            StreamReport { applied: done.applied, expired: expired.count(), ..Default::default() };
        if let (Some(error), Some(((sequence, _), untried))) = (done.failed, rest.split_first()) {
            warn!(%sequence, %error, "stream record failed");
            report.failed = Some((sequence.clone(), error.to_string()));
            report.untried = untried.len();
        }
        report
    }
}

impl StreamReport {
    /// The answer of a function with `ReportBatchItemFailures`: the lowest sequence number that
    /// failed, or none.
    pub fn response(&self) -> serde_json::Value {
        let failed = self.failed.iter();
        let failed = failed.map(|(sequence, _)| serde_json::json!({"itemIdentifier": sequence.0}));
        serde_json::json!({"batchItemFailures": failed.collect::<Vec<_>>()})
    }
}

/// Writes a record of the stream of a projections table to another store: a replica that ends in the
/// same state, whatever the order and however often the records come.
///
/// `None` where the record brings no row: an item that was deleted, by DynamoDB or by hand. Rows are
/// deleted by tombstones, which do bring one.
///
/// # Errors
///
/// Permanent where the item is no row of a projection or the stream has no new images; transient
/// where the store failed.
pub async fn replicate(
    record: &StreamRecord,
    store: &(impl ProjectionStore + ?Sized),
) -> Result<Option<Effect>, HandlerError> {
    match record.change {
        Change::Removed | Change::Expired => {
            debug!(sequence = %record.sequence, change = ?record.change, "no row");
            Ok(None)
        }
        Change::Inserted | Change::Modified => {
            let (projection, key, row) = row_of(record).map_err(|reason| {
                let sequence = &record.sequence;
                HandlerError::permanent(format!("record {sequence} is no row: {reason}"))
            })?;
            Ok(Some(store.put(&projection, &key, row).await?))
        }
    }
}

fn row_of(record: &StreamRecord) -> Result<(String, String, Row), String> {
    let new = record.new.as_ref().ok_or("the stream has no new images")?;
    let text = |attributes: &Attributes, name: &str| match attributes.get(name) {
        Some(Attribute::S(text)) => Ok(text.clone()),
        Some(_) => Err(format!("`{name}` is no string")),
        None => Err(format!("it has no `{name}`")),
    };
    let pk = text(&record.keys, image::PK)?;
    let (projection, key) =
        image::from_pk(&pk).ok_or_else(|| format!("`{pk}` names no projection"))?;
    let value = new.contains_key(image::VALUE).then(|| text(new, image::VALUE)).transpose()?;
    let row = image::row(&text(new, image::REVISION)?, value.as_deref());
    Ok((projection, key, row.map_err(|error| error.to_string())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use event_runtime::projection::{MemoryProjections, Revision};

    fn record(sequence: &str, name: &str, revision: u64, value: Option<&str>) -> String {
        let revision = Revision::Sequence(revision);
        let value = value.map(|value| format!(r#","value":{{"S":"{value}"}}"#)).unwrap_or_default();
        format!(
            r#"{{"eventName":"{name}","dynamodb":{{"SequenceNumber":"{sequence}",
               "Keys":{{"pk":{{"S":"p#k"}}}},
               "NewImage":{{"pk":{{"S":"p#k"}},"revision":{{"S":"{revision}"}}{value}}}}}}}"#
        )
    }

    fn batch(records: &[String]) -> StreamBatch {
        StreamBatch::read(format!(r#"{{"Records":[{}]}}"#, records.join(",")).as_bytes()).unwrap()
    }

    #[tokio::test]
    async fn nothing_is_handled_after_the_first_failure_and_that_one_is_reported() {
        let batch = batch(&[
            record("100", "MODIFY", 3, None), // the last: numbers go by value, not by text
            record("9", "INSERT", 1, Some("1")),
            record("99", "MODIFY", 2, Some("2")),
        ]);
        let order: Vec<_> = batch.records().map(|record| record.sequence.as_str()).collect();
        assert_eq!(order, ["9", "99", "100"]);
        let report = batch
            .apply(async |record| match record.sequence.as_str() {
                "9" => Ok(()),
                _ => Err(HandlerError::transient("the database is away")),
            })
            .await;
        assert_eq!((report.applied, report.untried), (1, 1));
        assert_eq!(
            report.response().to_string(),
            r#"{"batchItemFailures":[{"itemIdentifier":"99"}]}"#
        );
    }

    #[tokio::test]
    async fn a_record_that_does_not_read_is_its_own_failure() {
        let batch = batch(&[
            record("1", "INSERT", 1, Some("1")),
            r#"{"eventName":"DROP","dynamodb":{"SequenceNumber":"2"}}"#.to_owned(),
        ]);
        let report = batch.apply(async |_| Ok(())).await;
        let (sequence, reason) = report.failed.unwrap();
        assert_eq!((report.applied, sequence.as_str()), (1, "2"));
        assert_eq!(reason, "failed to parse the record: `eventName` is `DROP`");
    }

    #[test]
    fn what_cannot_be_reported_fails_the_batch() {
        for (json, part) in [
            ("{", "is not a batch of stream records"),
            (r#"{"Records":[{"dynamodb":{}}]}"#, "record 0 has no `dynamodb.SequenceNumber`"),
        ] {
            let error = StreamBatch::read(json.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[tokio::test]
    async fn what_does_not_read_is_not_quoted() {
        const SECRET: &str = "s3cr3t, expected \"a\" at `b`";
        let of = |record: &str| StreamBatch::read(format!(r#"{{"Records":{record}}}"#).as_bytes());
        let secret = serde_json::json!(SECRET).to_string();
        for records in [
            secret.clone(),
            format!(r#"[{{"eventName":"INSERT","dynamodb":{secret}}}]"#),
            format!(r#"[{{"eventName":"INSERT","dynamodb":{{"SequenceNumber":[{secret}]}}}}]"#),
        ] {
            let error = of(&records).unwrap_err();
            assert!(!error.to_string().contains("s3cr3t"), "{error}");
            assert!(std::error::Error::source(&error).is_none(), "a source that quotes");
        }
        for image in [secret.clone(), format!(r"{{{secret}:1}}"), format!(r#"{{"S":[{secret}]}}"#)]
        {
            let record = format!(
                r#"[{{"eventName":"INSERT","dynamodb":{{"SequenceNumber":"1",
                   "NewImage":{{"a":{image}}}}}}}]"#
            );
            let report = of(&record).unwrap().apply(async |_| Ok(())).await;
            let (_, reason) = report.failed.unwrap();
            assert!(!reason.contains("s3cr3t"), "{reason}");
        }
    }

    #[tokio::test]
    async fn rows_are_replicated_and_deletes_bring_none() {
        let removed = r#"{"eventName":"REMOVE","dynamodb":{"SequenceNumber":"3","Keys":{}}}"#;
        let batch = batch(&[
            record("1", "INSERT", 1, Some("1")),
            record("2", "MODIFY", 2, None),
            removed.to_owned(),
        ]);
        let store = MemoryProjections::new();
        for record in batch.records() {
            let _ = replicate(record, &store).await.unwrap();
        }
        let row = store.get("p", "k").await.unwrap().unwrap();
        assert_eq!(row, Row { revision: Revision::Sequence(2), value: None });
    }
}
