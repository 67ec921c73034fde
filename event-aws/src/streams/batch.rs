//! Parses the JSON of an invocation into records in the order of their numbers.

use std::future::Future;

use event_runtime::__internal::misfit;
use event_runtime::consume::{HandlerError, Stop};
use serde::Deserialize;
use serde_json::value::RawValue;
use tracing::warn;

use super::{Attributes, Change, SequenceNumber, StreamRecord, StreamReport};
use crate::shard::first_failed;

/// The principal of DynamoDB's own deletes. Source: *Amazon DynamoDB Developer Guide*, "DynamoDB
/// Streams and Time to Live".
const TTL_PRINCIPAL: &str = "dynamodb.amazonaws.com";

/// The records of one invocation. For a record that failed to parse, it has the error.
#[derive(Debug, Clone)]
pub struct StreamBatch {
    records: Vec<(SequenceNumber, Result<StreamRecord, InvalidRecord>)>,
}

/// Why an invocation is not a batch of stream records. It has no record that could be reported as
/// failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// It is not JSON, or has no list of `Records`.
    #[error("the invocation is not a batch of stream records: {}", misfit(.0))]
    Malformed(serde_json::Error),
    /// A record has no `dynamodb.SequenceNumber`, so the batch can only fail as a whole.
    #[error("record {at} has no `dynamodb.SequenceNumber`: {}", misfit(.error))]
    NoSequenceNumber {
        /// The index of the record, from 0.
        at: usize,
        /// The error of the JSON parser. It may quote the value, so it is shown without it, and is
        /// not a source.
        error: serde_json::Error,
    },
}

/// Why a record of a batch failed to parse. It is in the error of a [`StreamReport`].
#[derive(Debug, Clone, thiserror::Error)]
#[error("failed to parse the record")]
pub struct InvalidRecord(#[source] InvalidRecordReason, std::sync::Arc<str>);

impl InvalidRecord {
    /// The record as Lambda passed it.
    pub(crate) fn text(&self) -> &str {
        &self.1
    }
}

/// The error of a record.
#[derive(Debug, Clone, thiserror::Error)]
enum InvalidRecordReason {
    /// The error of the JSON parser, without the value.
    #[error("{0}")]
    Json(String),
    #[error("`eventName` is `{0}`")]
    UnknownChange(String),
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
    fn into_record(self) -> Result<StreamRecord, InvalidRecordReason> {
        let by_ttl = self.identity.is_some_and(|identity| {
            identity.kind.as_deref() == Some("Service")
                && identity.principal.as_deref() == Some(TTL_PRINCIPAL)
        });
        let change = match self.name.as_str() {
            "INSERT" => Change::Inserted,
            "MODIFY" => Change::Modified,
            "REMOVE" if by_ttl => Change::Expired,
            "REMOVE" => Change::Removed,
            other => return Err(InvalidRecordReason::UnknownChange(other.to_owned())),
        };
        let WireChange { sequence, keys, old, new } = self.dynamodb;
        Ok(StreamRecord { sequence: SequenceNumber(sequence), change, keys, old, new })
    }
}

impl StreamBatch {
    /// Parses the JSON of an invocation, and sorts its records by sequence number.
    ///
    /// # Errors
    ///
    /// [`StreamError`]. A record that has a sequence number but fails to parse is not an error
    /// here: it fails when its turn comes.
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
                .map_err(|error| StreamError::NoSequenceNumber { at, error })?;
            let record = serde_json::from_str(raw.get())
                .map_err(|error| InvalidRecordReason::Json(misfit(&error)))
                .and_then(WireRecord::into_record)
                .map_err(|reason| InvalidRecord(reason, raw.get().into()));
            records.push((SequenceNumber(place.dynamodb.sequence), record));
        }
        records.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Self { records })
    }

    /// The records that were parsed, in order.
    pub fn records(&self) -> impl Iterator<Item = &StreamRecord> {
        self.records.iter().filter_map(|(_, record)| record.as_ref().ok())
    }

    /// All records in order, with the error of those that failed to parse.
    pub(crate) fn contents(
        &self,
    ) -> impl Iterator<Item = (&SequenceNumber, Result<&StreamRecord, &InvalidRecord>)> {
        self.records.iter().map(|(sequence, record)| (sequence, record.as_ref()))
    }

    /// Handles the records in order, up to the first that fails or panics.
    ///
    /// A record may be delivered more than once, so the handler must be idempotent: rows with
    /// revisions are, and so is an effect that is claimed by the sequence number.
    pub async fn apply<'a, F>(&'a self, handler: impl FnMut(&'a StreamRecord) -> F) -> StreamReport
    where
        F: Future<Output = Result<(), HandlerError>>,
    {
        self.apply_until(&Stop::never(), handler).await
    }

    /// Like [`apply`](Self::apply), up to a deadline: records that are not begun or are dropped
    /// because of it are delivered again.
    pub async fn apply_until<'a, F>(
        &'a self,
        stop: &Stop,
        mut handler: impl FnMut(&'a StreamRecord) -> F,
    ) -> StreamReport
    where
        F: Future<Output = Result<(), HandlerError>>,
    {
        let sequence = |(sequence, _): &&(SequenceNumber, _)| sequence.clone();
        let done = first_failed(self.records.iter().collect(), sequence, stop, |(_, record)| {
            let work = record.as_ref().map(&mut handler);
            async {
                match work {
                    Ok(work) => work.await,
                    Err(invalid) => Err(HandlerError::permanent(invalid.clone())),
                }
            }
        })
        .await;
        let handled = self.records[..done.applied].iter();
        let expired = handled.filter(|(_, record)| {
            record.as_ref().is_ok_and(|record| record.change == Change::Expired)
        });
        let mut report = StreamReport {
            applied: done.applied,
            expired: expired.count(),
            untried: done.untried,
            failed: None,
        };
        if let Some((sequence, error)) = done.failed {
            warn!(%sequence, %error, "stream record failed");
            report.failed = Some((sequence, error));
        }
        report
    }
}
