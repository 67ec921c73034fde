//! Checks at the start: the tables of the consumers, with their key and time to live.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{KeyType, ScalarAttributeType, TimeToLiveStatus};
use event_runtime::topology::plan::{Plan, Table};

use super::check::StartProblem;
use crate::failure::{self, CallError};

/// How long the calls for one table may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// Checks the tables in which these consumers keep their claims.
pub(super) async fn check(
    client: &Client,
    plan: &Plan,
    consumers: &BTreeSet<&str>,
) -> Vec<StartProblem> {
    let mut problems = Vec::new();
    let is_used = |table: &&Table| table.consumers.iter().any(|it| consumers.contains(it.as_str()));
    for table in plan.tables.iter().filter(is_used) {
        let checked = tokio::time::timeout(PATIENCE, one(client, table)).await;
        problems.extend(checked.unwrap_or_else(|_| {
            let error = CallError::new("TimedOut", "no response in time", true);
            vec![unchecked(table, "dynamodb:DescribeTable", error)]
        }));
    }
    problems
}

fn unchecked(table: &Table, permission: &'static str, error: CallError) -> StartProblem {
    if error.code.ends_with("ResourceNotFoundException") {
        StartProblem::NoSuchTable { table: table.name.clone() }
    } else {
        StartProblem::Unchecked { name: table.name.clone(), permission, error }
    }
}

async fn one(client: &Client, table: &Table) -> Vec<StartProblem> {
    let differs = |setting, found: String, expected: String| StartProblem::TableSetting {
        table: table.name.clone(),
        setting,
        found,
        expected,
    };
    let not_an_answer = || {
        let text = "the response has no table: expected a response from DynamoDB";
        CallError::new("NotAnAnswer", text, true)
    };
    let mut problems = Vec::new();
    let answer = client.describe_table().table_name(&table.name).send().await;
    let answer = answer.map_err(|error| failure::of(&error));
    match answer.and_then(|answer| answer.table.ok_or_else(not_an_answer)) {
        Err(error) => return vec![unchecked(table, "dynamodb:DescribeTable", error)],
        Ok(described) => {
            let keys: Vec<String> = described
                .key_schema()
                .iter()
                .map(|key| {
                    let kind = if key.key_type() == &KeyType::Hash { "" } else { " (sort key)" };
                    let text = described.attribute_definitions().iter().any(|it| {
                        it.attribute_name() == key.attribute_name()
                            && it.attribute_type() == &ScalarAttributeType::S
                    });
                    let of = if text { "" } else { ", not a string" };
                    format!("`{}`{kind}{of}", key.attribute_name())
                })
                .collect();
            let (found, expected) = (keys.join(" and "), format!("`{}`", table.partition_key));
            if found != expected {
                problems.push(differs("key", found, expected));
            }
        }
    }
    let answer = client.describe_time_to_live().table_name(&table.name).send().await;
    match answer.map_err(|error| failure::of(&error)) {
        Err(error) => problems.push(unchecked(table, "dynamodb:DescribeTimeToLive", error)),
        Ok(answer) => {
            let ttl = answer.time_to_live_description();
            let on = ttl.filter(|ttl| {
                let status = ttl.time_to_live_status();
                matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling))
            });
            let found = on.and_then(|ttl| ttl.attribute_name()).map(|name| format!("`{name}`"));
            let found = found.unwrap_or_else(|| "not set".to_owned());
            let expected = format!("`{}`", table.time_to_live);
            if found != expected {
                problems.push(differs("time to live", found, expected));
            }
        }
    }
    problems
}
