//! The metrics of a publisher and a consumer, read back from a Prometheus scrape and from EMF lines.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::Duration;

use event_runtime::consume::{Consumer, HandlerError, Record, Stop, Unhandled};
use event_runtime::idempotency::{Attempt, IdempotencyStore, Key, MemoryStore, Terms};
use event_runtime::name::ConsumerName;
use event_runtime::publish::Publisher;
use event_runtime::{Envelope, Event, EventId, Timestamp};
use metrics_exporter_prometheus::PrometheusBuilder;

use self::common::{Answer, Faulty, PublishedV1, PublishedV2, at_once, v1, v2};

/// Runs a future with an exporter of its own, and returns the series of a scrape.
fn scraped<F: Future<Output = ()>>(work: F) -> BTreeMap<String, String> {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&recorder, || {
        event_runtime::metrics::describe();
        runtime.block_on(work);
    });
    let text = handle.render();
    let series = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let series = series.map(|line| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.to_owned())
    });
    series.collect()
}

/// The value of a series, or 0 without one.
fn count_of(series: &BTreeMap<String, String>, name: &str) -> u64 {
    series.get(name).map_or(0, |value| value.parse().unwrap())
}

/// An event of this ID that happened `age` ago.
fn message(id: EventId, data: &PublishedV1, age: Duration) -> Record {
    let envelope = Envelope {
        id,
        source: PublishedV1::SOURCE.to_owned(),
        event_type: PublishedV1::TYPE.to_owned(),
        version: PublishedV1::VERSION.parse().unwrap(),
        occurred_at: Timestamp::now() - age,
        data: data.clone(),
    };
    Record::new("m-1", serde_json::to_string(&envelope).unwrap())
}

/// An event that nobody handles.
fn other() -> Record {
    let envelope = Envelope {
        id: EventId::generate(),
        source: "app.books".to_owned(),
        event_type: "invoice.issued".to_owned(),
        version: PublishedV1::VERSION.parse().unwrap(),
        occurred_at: Timestamp::now(),
        data: v1("p-1"),
    };
    Record::new("m-3", serde_json::to_string(&envelope).unwrap())
}

fn fresh(data: &PublishedV1) -> Record {
    message(EventId::generate(), data, Duration::ZERO)
}

/// Handles by the ID of the proposal.
fn consumer(store: MemoryStore) -> Consumer {
    Consumer::builder("emailer", store)
        .on::<PublishedV1, _>(|event, _| async move {
            match event.data.proposal_id.as_str() {
                "later" => Err(HandlerError::transient("later")),
                "never" => Err(HandlerError::permanent("never")),
                "panic" => panic!("told to"),
                _ => Ok(()),
            }
        })
        .busy_wait(Duration::ZERO)
        .build()
        .unwrap()
}

/// Each kind of outcome once, and two events that were handled.
async fn consume() {
    let store = MemoryStore::new();
    let consumer = consumer(store.clone());
    let (one, busy) = (EventId::generate(), EventId::generate());
    let key = Key::new(&ConsumerName::new("emailer").unwrap(), busy);
    let _ = store.claim(&Attempt::new(key), Timestamp::now(), &Terms::default()).await.unwrap();
    let old = message(one, &v1("p-1"), Duration::from_secs(90));
    let batch = vec![
        old.clone(),
        old,
        fresh(&v1("p-2")),
        fresh(&v1("later")),
        fresh(&v1("panic")),
        fresh(&v1("never")),
        message(busy, &v1("p-3"), Duration::ZERO),
        message(one, &v1("another payload"), Duration::ZERO),
        Record::new("m-2", "{"),
        other(),
    ];
    let stats = consumer.handle_batch(batch).await.stats();
    assert_eq!((stats.received, stats.handled), (10, 2));
}

#[test]
fn consumer_metrics_are_scraped() {
    let series = scraped(consume());
    let count = |name: &str| count_of(&series, name);
    let of = |name: &str| count(&format!("event_{name}_total{{consumer=\"emailer\"}}"));
    assert_eq!((of("handled"), of("duplicates"), of("busy"), of("retried")), (2, 1, 1, 2));
    assert_eq!((of("skipped"), of("lease_lost")), (0, 0));
    let letters = |reason: &str| {
        count(&format!("event_dead_letters_total{{consumer=\"emailer\",reason=\"{reason}\"}}"))
    };
    let reasons = ["poison", "unhandled", "permanent", "mismatch", "blocked"];
    assert_eq!(reasons.map(letters), [1, 1, 1, 1, 0]);

    let labels = r#"consumer="emailer",detail_type="proposal.published:v1""#;
    let ran = |result: &str| {
        count(&format!("event_handler_seconds_count{{{labels},result=\"{result}\"}}"))
    };
    assert_eq!((ran("ok"), ran("error")), (2, 3), "a panic is an error too");
    assert_eq!(count(&format!("event_age_seconds_count{{{labels}}}")), 5);
    let age: f64 = series[&format!("event_age_seconds_sum{{{labels}}}")].parse().unwrap();
    assert!((90.0..100.0).contains(&age), "{age}");
    assert_eq!(count("event_batch_size_count{consumer=\"emailer\"}"), 1);
    assert_eq!(count("event_batch_size_sum{consumer=\"emailer\"}"), 10);
}

#[test]
fn skipped_events_are_counted() {
    let series = scraped(async {
        let consumer = Consumer::builder("auditor", MemoryStore::new())
            .on::<PublishedV1, _>(|_, _| async { Ok(()) })
            .unhandled(Unhandled::Skip)
            .build()
            .unwrap();
        let _ = consumer.handle_batch(vec![other()]).await;
        consumer.deliver(vec![], &Stop::never(), None, |_, _, _| {}).await;
    });
    assert_eq!(series["event_skipped_total{consumer=\"auditor\"}"], "1");
    assert_eq!(series["event_batch_size_count{consumer=\"auditor\"}"], "1", "not the empty one");
}

#[test]
fn publisher_metrics_are_scraped() {
    let series = scraped(async {
        let bus = Faulty::answering([
            Answer::Entries(vec![(0, "ThrottlingException"), (1, "MalformedDetail")]),
            Answer::Entries(vec![(0, "ThrottlingException")]),
            Answer::Lost,
        ]);
        let publisher = Publisher::new(bus).with_backoff(at_once(2));
        // Both majors: the newer one is throttled twice, the older one is refused.
        let report = publisher.publish(v2("p-1")).await;
        assert_eq!((report.exhausted.len(), report.rejected.len()), (1, 1));
        // The answer is lost, and comes the second time.
        assert!(publisher.publish(v1("p-2")).await.is_complete());
        // The older major cannot be written.
        let report = publisher.publish(PublishedV2 { amount_cents: 1, ..v2("p-3") }).await;
        assert_eq!((report.accepted.len(), report.rejected.len()), (1, 1));
    });
    let (old, new) = ("proposal.published:v1", "proposal.published:v2");
    let count = |name: String| count_of(&series, &name);
    let of = |name: &str, it: &str| count(format!("event_{name}_total{{detail_type=\"{it}\"}}"));
    let rejected = |it: &str, reason: &str| {
        let labels = format!("detail_type=\"{it}\",reason=\"{reason}\"");
        count(format!("event_publish_rejected_total{{{labels}}}"))
    };
    assert_eq!((of("published", old), of("published", new)), (1, 1));
    assert_eq!((of("publish_retried", old), of("publish_retried", new)), (1, 1));
    assert_eq!((rejected(new, "exhausted"), rejected(old, "refused")), (1, 1));
    assert_eq!((rejected(old, "invalid"), rejected(new, "refused")), (1, 0));
    let calls = |result: &str| count(format!("event_publish_calls_total{{result=\"{result}\"}}"));
    assert_eq!((calls("ok"), calls("error")), (4, 1));
    assert_eq!(count("event_publish_call_seconds_count".to_owned()), 5);
    assert_eq!(count("event_publish_batch_size_sum".to_owned()), 2 + 1 + 1 + 1 + 1);
}

#[test]
fn detail_types_of_a_publisher_are_bounded() {
    let series = scraped(async {
        let publisher = Publisher::new(Faulty::default());
        publisher.publish(v1("p-1")).await.into_result().unwrap();
        let sample = {
            let failing = Publisher::new(Faulty::answering([Answer::Entries(vec![(0, "No")])]));
            failing.publish(v1("p-1")).await.into_unsent().remove(0)
        };
        // Entries by hand, each with another detail-type.
        let entries = (0..400).map(|number| {
            let mut entry = sample.clone();
            entry.detail_type = format!("made.up:v{number}").into();
            entry
        });
        assert!(publisher.resend(entries).await.is_complete());
    });
    let published = series.iter().filter(|(name, _)| name.starts_with("event_published_total"));
    let published: Vec<_> = published.collect();
    assert!(published.len() <= 260, "{}", published.len());
    let others = count_of(&series, "event_published_total{detail_type=\"other\"}");
    assert_eq!(others, 401 - 256);
}

#[test]
fn labels_are_names_and_words_alone() {
    let series = scraped(consume());
    let keys: BTreeSet<&str> = series
        .keys()
        .filter_map(|name| name.split_once('{'))
        .flat_map(|(_, labels)| labels.trim_end_matches('}').split(','))
        .filter_map(|label| label.split_once('=').map(|(key, _)| key))
        .collect();
    let known = ["consumer", "detail_type", "quantile", "reason", "result"];
    assert_eq!(keys, BTreeSet::from(known));
    // No text of a message: its ID, its type, its payload.
    let all: String = series.keys().map(String::as_str).collect();
    for text in ["invoice", "p-1", "m-1", "told to", "never\""] {
        assert!(!all.contains(text), "{text}");
    }
}

#[test]
fn emf_lines_hold_the_same_counts() {
    let collector = metrics_cloudwatch_embedded::Builder::new()
        .cloudwatch_namespace("proposals")
        .init()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(consume());
    let mut lines = Vec::new();
    collector.flush(&mut lines).unwrap();
    let lines = String::from_utf8(lines).unwrap();
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let found = |labels: &[(&str, &str)], metric: &str| {
        let mut lines = lines.iter().filter(|line| {
            line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "proposals"
                && labels.iter().all(|(key, value)| line[key] == *value)
                && line.get(metric).is_some()
        });
        lines.next().unwrap_or_else(|| panic!("{metric}"))[metric].clone()
    };
    assert_eq!(found(&[("consumer", "emailer")], "event_handled_total"), 2);
    let poison = [("consumer", "emailer"), ("reason", "poison")];
    assert_eq!(found(&poison, "event_dead_letters_total"), 1);
    let ok = [("detail_type", "proposal.published:v1"), ("result", "ok")];
    let seconds = found(&ok, "event_handler_seconds");
    let values = seconds.as_array().map(Vec::len);
    assert!(values == Some(2) || seconds["Counts"].is_array(), "{seconds}");
}
