//! Batches, their order, their failures, and rows that are copied.

use event_runtime::consume::HandlerError;
use event_runtime::projection::{MemoryProjections, ProjectionStore, Revision, Row};

use super::*;

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
    assert_eq!(report.response().to_string(), r#"{"batchItemFailures":[{"itemIdentifier":"99"}]}"#);
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
    assert_eq!(reason.to_string(), "failed to parse the record: `eventName` is `DROP`");
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
    for image in [secret.clone(), format!(r"{{{secret}:1}}"), format!(r#"{{"S":[{secret}]}}"#)] {
        let record = format!(
            r#"[{{"eventName":"INSERT","dynamodb":{{"SequenceNumber":"1",
               "NewImage":{{"a":{image}}}}}}}]"#
        );
        let report = of(&record).unwrap().apply(async |_| Ok(())).await;
        let (_, reason) = report.failed.unwrap();
        assert!(!reason.to_string().contains("s3cr3t"), "{reason}");
        let mut cause: Option<&dyn std::error::Error> = Some(reason.source());
        while let Some(error) = cause {
            assert!(!error.to_string().contains("s3cr3t"), "{error}");
            cause = error.source();
        }
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
