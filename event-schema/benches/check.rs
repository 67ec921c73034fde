//! Comparing schemas that are read already.
//!
//! `EVENT_VECTORS` adds the public vectors, side by side with `jsonschema`'s canonical form where that
//! answers.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use event_schema::compat::{self, Policy};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read;

fn schema(text: &str) -> Option<Schema> {
    read::schema(&Document::parse("a.json", text).ok()?).ok()
}

fn wide(n: usize, last: &str) -> Schema {
    let mut text = String::from(r#"{"type":"object","properties":{"#);
    for i in 0..n {
        let _ =
            write!(text, r#""p{i}":{{"type":"object","properties":{{"x":{{"type":"string"}}}}}},"#);
    }
    let _ = write!(text, r#""last":{{"type":"{last}"}}}}}}"#);
    schema(&text).unwrap()
}

fn sizes(c: &mut Criterion) {
    let mut group = c.benchmark_group("properties");
    group.sample_size(20);
    for n in [10, 100, 1_000, 5_000] {
        let (old, new) = (wide(n, "string"), wide(n, "integer"));
        group.throughput(Throughput::Elements(n as u64));
        group.bench_with_input(BenchmarkId::from_parameter(n), &n, |b, _| {
            b.iter(|| compat::check(black_box(&old), black_box(&new), Policy::Additive));
        });
    }
    group.finish();
}

fn vectors(c: &mut Criterion) {
    let Some(folder) = std::env::var_os("EVENT_VECTORS") else { return };
    let text = std::fs::read_to_string(std::path::Path::new(&folder).join("compat.jsonl")).unwrap();
    let rows: Vec<serde_json::Value> =
        text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let pairs: Vec<(Schema, Schema)> = rows
        .iter()
        .filter_map(|row| {
            Some((schema(&row["old"].to_string())?, schema(&row["new"].to_string())?))
        })
        .collect();
    let mut group = c.benchmark_group("vectors");
    group.sample_size(10);
    group.throughput(Throughput::Elements(pairs.len() as u64));
    group.bench_function("check", |b| {
        b.iter(|| {
            for (old, new) in &pairs {
                black_box(compat::check(old, new, Policy::Backward));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, sizes, vectors);
criterion_main!(benches);
