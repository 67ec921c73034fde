//! Checks at start-up that a table is what a store needs.

use std::fmt;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    KeyType, ScalarAttributeType, StreamViewType, TableDescription, TableStatus, TimeToLiveStatus,
};
use event_runtime::__internal::shown;

/// What a store needs.
pub(crate) struct Expected<'a> {
    /// The key attributes, the partition key first. All are strings.
    pub(crate) key: Vec<&'a str>,
    /// The attribute by which DynamoDB deletes items.
    pub(crate) expiry: Option<&'a str>,
    /// Whether changes are read from the table's stream.
    pub(crate) stream: bool,
}

/// Why a table cannot be used: all problems, one per line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCheckError {
    /// The table.
    pub table: String,
    /// The problems; at least one.
    pub problems: Vec<TableProblem>,
}

impl std::error::Error for TableCheckError {}

impl fmt::Display for TableCheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            let line = if at == 0 { "" } else { "\n" };
            write!(f, "{line}table `{}` {problem}", shown(&self.table))?;
        }
        Ok(())
    }
}

/// One problem of a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableProblem {
    /// The table does not exist.
    #[error("does not exist in this account and region")]
    NoTable,
    /// The table is not ready.
    #[error("has the status `{status}`: expected `ACTIVE`")]
    NotActive {
        /// Its status.
        status: String,
    },
    /// The key has other attributes.
    #[error("has the key {found}: expected {expected}")]
    Key {
        /// The names of its attributes.
        found: String,
        /// The expected names.
        expected: String,
    },
    /// A key attribute is not a string.
    #[error("has the key attribute `{name}` of the type `{found}`: expected `S`")]
    KeyType {
        /// The attribute.
        name: String,
        /// Its type.
        found: String,
    },
    /// Expired items are not deleted.
    #[error("has no time to live: expected it on `{expected}`, or expired items stay forever")]
    NoTimeToLive {
        /// The attribute.
        expected: String,
    },
    /// Items are deleted by another attribute.
    #[error("has its time to live on `{found}`: expected `{expected}`")]
    TimeToLive {
        /// The attribute of the table.
        found: String,
        /// The expected attribute.
        expected: String,
    },
    /// The stream has no new images, or the table has no stream.
    #[error("has {found}: expected a stream with `NEW_IMAGE` or `NEW_AND_OLD_IMAGES`")]
    Stream {
        /// What the table has.
        found: String,
    },
    /// DynamoDB did not describe the table.
    #[error("cannot be checked (`dynamodb:{operation}`): {}", shown(.said))]
    Call {
        /// The operation, which is also the name of the permission.
        operation: &'static str,
        /// The error of the call.
        said: String,
    },
}

/// Checks a table.
pub(crate) async fn check(
    client: &Client,
    table: &str,
    expected: &Expected<'_>,
) -> Result<(), TableCheckError> {
    let mut problems = Vec::new();
    match client.describe_table().table_name(table).send().await {
        Ok(described) => match described.table() {
            Some(described) => problems.extend(of_description(described, expected)),
            None => problems.push(no_answer("DescribeTable")),
        },
        Err(error) => {
            let missing = error.as_service_error().is_some_and(
                aws_sdk_dynamodb::operation::describe_table::DescribeTableError::is_resource_not_found_exception,
            );
            problems.push(if missing {
                TableProblem::NoTable
            } else {
                failed("DescribeTable", &error)
            });
        }
    }
    // Of a table that does not exist, this would be the same problem.
    if let Some(expiry) = expected.expiry
        && problems != [TableProblem::NoTable]
    {
        problems.extend(time_to_live(client, table, expiry).await);
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(TableCheckError { table: table.to_owned(), problems })
    }
}

fn of_description(table: &TableDescription, expected: &Expected<'_>) -> Vec<TableProblem> {
    let mut problems = Vec::new();
    let status = table.table_status();
    if !matches!(status, Some(TableStatus::Active | TableStatus::Updating)) {
        let status = status.map_or("", TableStatus::as_str).to_owned();
        problems.push(TableProblem::NotActive { status });
    }
    let mut keys: Vec<_> = table.key_schema().iter().collect();
    keys.sort_by_key(|key| *key.key_type() != KeyType::Hash);
    let names: Vec<&str> = keys.iter().map(|key| key.attribute_name()).collect();
    if names != expected.key {
        let (found, expected) = (listed(&names), listed(&expected.key));
        problems.push(TableProblem::Key { found, expected });
    }
    for definition in table.attribute_definitions() {
        let (name, found) = (definition.attribute_name(), definition.attribute_type());
        if expected.key.contains(&name) && *found != ScalarAttributeType::S {
            let (name, found) = (name.to_owned(), found.as_str().to_owned());
            problems.push(TableProblem::KeyType { name, found });
        }
    }
    if expected.stream {
        let stream = table.stream_specification().filter(|stream| stream.stream_enabled());
        let view = stream.and_then(|stream| stream.stream_view_type());
        if !matches!(view, Some(StreamViewType::NewImage | StreamViewType::NewAndOldImages)) {
            let found = match (stream, view) {
                (None, _) => "no stream".to_owned(),
                (Some(_), view) => {
                    format!("a stream with `{}`", view.map_or("", StreamViewType::as_str))
                }
            };
            problems.push(TableProblem::Stream { found });
        }
    }
    problems
}

async fn time_to_live(client: &Client, table: &str, expiry: &str) -> Option<TableProblem> {
    let described = match client.describe_time_to_live().table_name(table).send().await {
        Ok(described) => described,
        Err(error) => return Some(failed("DescribeTimeToLive", &error)),
    };
    let Some(described) = described.time_to_live_description() else {
        return Some(no_answer("DescribeTimeToLive"));
    };
    let on = matches!(
        described.time_to_live_status(),
        Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
    );
    let expected = expiry.to_owned();
    match described.attribute_name().filter(|_| on) {
        Some(found) if found == expiry => None,
        Some(found) => Some(TableProblem::TimeToLive { found: found.to_owned(), expected }),
        None => Some(TableProblem::NoTimeToLive { expected }),
    }
}

fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", shown(name))).collect();
    if names.is_empty() { "``".to_owned() } else { names.join(" and ") }
}

fn no_answer(operation: &'static str) -> TableProblem {
    TableProblem::Call { operation, said: "the response has no description".to_owned() }
}

fn failed<E, R>(operation: &'static str, error: &SdkError<E, R>) -> TableProblem
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: fmt::Debug,
{
    let said = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => DisplayErrorContext(error).to_string(),
    };
    TableProblem::Call { operation, said }
}
