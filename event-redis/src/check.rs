//! Checks at start-up that a server can be used.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{RedisError, Script};

/// Writes and reads a key that lives for a second.
const PROBE: &str = r"
redis.call('SET', KEYS[1], '1', 'PX', 1000)
return redis.call('GET', KEYS[1])
";

/// Why a server cannot be used: all problems, one per line.
#[derive(Debug)]
pub struct CheckError {
    /// The problems; at least one.
    pub problems: Vec<CheckProblem>,
}

impl std::error::Error for CheckError {}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        f.write_str(&texts.join("\n"))
    }
}

/// One problem of a server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckProblem {
    /// A call failed: the server cannot be reached, is a replica, or does not run scripts.
    #[error("Redis cannot be checked (`{call}`): {error}")]
    Call {
        /// The command.
        call: &'static str,
        /// The error of the client.
        error: RedisError,
    },
    /// A call had no response.
    #[error("Redis did not respond to `{call}` within {timeout:?}")]
    NoAnswer {
        /// The command.
        call: &'static str,
        /// The limit.
        timeout: Duration,
    },
    /// The server deletes keys that are still needed when its memory is full.
    #[error(
        "Redis evicts keys (`maxmemory-policy` is `{policy}`): expected `noeviction`, or completed \
         events are forgotten and handled again"
    )]
    Evicts {
        /// The policy of the server.
        policy: String,
    },
}

pub(crate) async fn check(
    mut connection: impl ConnectionLike + Clone + Send,
    key: &str,
    timeout: Duration,
) -> Result<(), CheckError> {
    let mut problems = Vec::new();
    let (script, mut other) = (Script::new(PROBE), connection.clone());
    let probe = script.key(key);
    let written = probe.invoke_async::<String>(&mut other);
    problems.extend(in_time("EVALSHA", timeout, written).await.err());
    let command = redis::cmd("INFO").arg("memory").to_owned();
    let info = command.query_async::<String>(&mut connection);
    match in_time("INFO", timeout, info).await {
        Ok(info) => problems.extend(eviction(&info)),
        Err(problem) => problems.push(problem),
    }
    if problems.is_empty() { Ok(()) } else { Err(CheckError { problems }) }
}

/// A server that does not tell its policy is not a problem: some services hide it.
fn eviction(info: &str) -> Option<CheckProblem> {
    let policy = info.lines().find_map(|line| line.trim().strip_prefix("maxmemory_policy:"))?;
    (policy != "noeviction").then(|| CheckProblem::Evicts { policy: policy.to_owned() })
}

async fn in_time<T>(
    call: &'static str,
    timeout: Duration,
    answer: impl Future<Output = Result<T, RedisError>>,
) -> Result<T, CheckProblem> {
    match tokio::time::timeout(timeout, answer).await {
        Ok(answer) => answer.map_err(|error| CheckProblem::Call { call, error }),
        Err(_) => Err(CheckProblem::NoAnswer { call, timeout }),
    }
}
