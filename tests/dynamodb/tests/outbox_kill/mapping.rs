//! The event source mapping: reads the stream, and invokes the relay as Lambda does.

use std::collections::{BTreeMap, VecDeque};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Records of one invocation.
const BATCH: usize = 50;

/// How long a relay may take for a batch.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the mapping has seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Records that were read.
    pub(super) records: u64,
    /// Records that are settled.
    pub(super) settled: u64,
    /// Batches whose relay died.
    pub(super) interrupted: u64,
    /// By order key: the IDs of its events, in the order of their transactions.
    pub(super) order: BTreeMap<String, Vec<String>>,
}

/// The running relay, for the code that kills it.
pub(super) type Running = Arc<Mutex<Option<u32>>>;

struct Relay {
    _process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Relay {
    fn start(command: &dyn Fn() -> std::process::Command, running: &Running) -> Self {
        let mut command = Command::from(command());
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        *running.lock().unwrap() = process.id();
        let (input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { _process: process, input, output: BufReader::new(output).lines() }
    }

    /// The response, or `None` if the relay died.
    async fn invoke(&mut self, invocation: &str) -> Option<Value> {
        let call = async {
            self.input.write_all(format!("{invocation}\n").as_bytes()).await.ok()?;
            self.input.flush().await.ok()?;
            let line = self.output.next_line().await.ok()??;
            Some(serde_json::from_str(&line).unwrap())
        };
        tokio::time::timeout(PATIENCE, call).await.expect("a relay hangs")
    }
}

/// Reads the stream of a table until the task is aborted.
pub(super) async fn run(
    database: dynoxide::Database,
    table: String,
    command: impl Fn() -> std::process::Command,
    running: Running,
    seen: Arc<Mutex<Seen>>,
) {
    let list = ListStreamsRequest { table_name: Some(table), ..Default::default() };
    let arn = database.list_streams(list).unwrap().streams.remove(0).stream_arn;
    let describe = DescribeStreamRequest { stream_arn: arn.clone(), ..Default::default() };
    let shard = database.describe_stream(describe).unwrap().stream_description.shards.remove(0);
    let from_start = GetShardIteratorRequest {
        stream_arn: arn,
        shard_id: shard.shard_id,
        shard_iterator_type: "TRIM_HORIZON".to_owned(),
        sequence_number: None,
    };
    let mut iterator = database.get_shard_iterator(from_start).unwrap().shard_iterator.unwrap();
    let mut relay = Relay::start(&command, &running);
    let mut waiting: VecDeque<Value> = VecDeque::new();
    loop {
        if waiting.len() < BATCH {
            let limit = Some(BATCH);
            let request = GetRecordsRequest { shard_iterator: iterator.clone(), limit };
            let page = database.get_records(request).unwrap();
            iterator = page.next_shard_iterator.clone().unwrap_or(iterator);
            let page = serde_json::to_value(&page).unwrap();
            let records = page["Records"].as_array().unwrap();
            let mut seen = seen.lock().unwrap();
            for record in records {
                seen.note(record);
                waiting.push_back(record.clone());
            }
        }
        if waiting.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        }
        let batch: Vec<&Value> = waiting.iter().take(BATCH).collect();
        let invocation = serde_json::json!({ "Records": batch }).to_string();
        let count = batch.len();
        let Some(response) = relay.invoke(&invocation).await else {
            seen.lock().unwrap().interrupted += 1;
            relay = Relay::start(&command, &running);
            continue;
        };
        let failed = response["batchItemFailures"][0]["itemIdentifier"].as_str();
        let at = |number: &str| {
            waiting.iter().position(|record| record["dynamodb"]["SequenceNumber"] == number)
        };
        let settled = failed.map_or(count, |number| at(number).expect("a record of the batch"));
        waiting.drain(..settled);
        seen.lock().unwrap().settled += settled as u64;
        if failed.is_some() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Seen {
    /// Reads the record with the plain JSON parser, as an outsider.
    fn note(&mut self, record: &Value) {
        self.records += 1;
        let image = &record["dynamodb"]["NewImage"];
        let Some(key) = image["pk"]["S"].as_str().filter(|key| key.starts_with("key#")) else {
            return;
        };
        let events: Value = serde_json::from_str(image["events"]["S"].as_str().unwrap()).unwrap();
        for entry in events["entries"].as_array().unwrap() {
            let id = entry["id"].as_str().unwrap().to_owned();
            self.order.entry(key.to_owned()).or_default().push(id);
        }
    }
}
