//! Claims in Redis.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use event_runtime::__internal::state::{self, Item, Write};
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, Lease, OnTimeout, Settled, Terms,
};
use event_runtime::limits::MAX_RESULT_BYTES;
use event_runtime::store::{BoxFuture, StoreError};
use jiff::Timestamp;
use redis::Script;
use redis::aio::ConnectionLike;
use tracing::warn;

use crate::check::{self, CheckError};
use crate::item::{self, Foreign, Reply};
use crate::scripts::{CLAIM, COMPLETE, FORGET, RELEASE, RENEW};

/// How long a call may take by default.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How much longer than an item is valid the server keeps it, because clocks differ.
const SLACK_MS: i64 = 60_000;

/// The longest time that the server is asked to keep a key: 100 years.
const LONGEST_MS: i64 = 100 * 366 * 24 * 3_600_000;

/// An [`IdempotencyStore`] in Redis or Valkey, over any asynchronous connection of the client
/// `redis` that can be cloned: a `ConnectionManager` (which connects again), a
/// `MultiplexedConnection`, or one to a cluster. Cheap to clone.
///
/// A result of more than 350 KiB is not stored: the event is marked as done, and its duplicates are
/// answered without the result.
///
/// # Example
///
/// ```no_run
/// # async fn example(connection: redis::aio::MultiplexedConnection) -> Result<(), event_redis::CheckError> {
/// use event_redis::RedisStore;
///
/// let store = RedisStore::new(connection).key_prefix("shop:");
/// store.check().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore<C> {
    connection: C,
    prefix: String,
    timeout: Duration,
    scripts: Arc<Scripts>,
}

/// The scripts with their hashes.
struct Scripts {
    claim: Script,
    renew: Script,
    complete: Script,
    release: Script,
    forget: Script,
}

/// A call without a response.
#[derive(Debug, thiserror::Error)]
#[error("no response to `{call}` from Redis within {timeout:?}")]
struct NoAnswer {
    call: &'static str,
    timeout: Duration,
}

/// A call that failed.
#[derive(Debug, thiserror::Error)]
#[error("`{call}` in Redis: {error}")]
struct CallFailed {
    call: &'static str,
    error: redis::RedisError,
}

/// A write that was refused for an item that does not prevent it.
#[derive(Debug, thiserror::Error)]
#[error("Redis refused `{call}` without a reason")]
struct NoReason {
    call: &'static str,
}

impl<C> RedisStore<C> {
    /// Returns the store on this connection: keys begin with `idempotency:`, and a call times out
    /// after 10 seconds.
    pub fn new(connection: C) -> Self {
        let scripts = Scripts {
            claim: Script::new(CLAIM),
            renew: Script::new(RENEW),
            complete: Script::new(COMPLETE),
            release: Script::new(RELEASE),
            forget: Script::new(FORGET),
        };
        Self {
            connection,
            prefix: "idempotency:".to_owned(),
            timeout: TIMEOUT,
            scripts: Arc::new(scripts),
        }
    }

    /// Sets a text before each key (default: `idempotency:`), for a server that several stages or
    /// services share. Every worker of a consumer needs the same one.
    #[must_use]
    pub fn key_prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// Sets how long a call may take (default: 10 seconds).
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    fn name_of(&self, key: &Key) -> String {
        format!("{}{key}", self.prefix)
    }
}

impl<C: ConnectionLike + Clone + Send + Sync> RedisStore<C> {
    /// Checks that the server responds, runs scripts, accepts writes and does not evict keys. Call
    /// it once, when the service starts.
    ///
    /// # Errors
    ///
    /// [`CheckError`] with all problems.
    pub async fn check(&self) -> Result<(), CheckError> {
        let key = format!("{}check", self.prefix);
        check::check(self.connection.clone(), &key, self.timeout).await
    }

    /// Runs a script on the key of a claim. `None` if it has written, else the item that prevented
    /// it.
    async fn run(
        &self,
        call: &'static str,
        script: &Script,
        key: &Key,
        arguments: Vec<String>,
    ) -> Result<Option<Option<Item>>, StoreError> {
        let name = self.name_of(key);
        let mut invocation = script.key(&name);
        for argument in arguments {
            invocation.arg(argument);
        }
        let mut connection = self.connection.clone();
        let answer = invocation.invoke_async::<Reply>(&mut connection);
        let reply = match tokio::time::timeout(self.timeout, answer).await {
            Ok(reply) => reply.map_err(|error| StoreError::new(CallFailed { call, error }))?,
            Err(_) => return Err(StoreError::new(NoAnswer { call, timeout: self.timeout })),
        };
        if reply.is_empty() {
            return Ok(None);
        }
        let item = item::read(&reply);
        item.map(Some).map_err(|reason| StoreError::new(Foreign { key: name, reason }))
    }
}

/// The milliseconds after which the server may delete an item.
fn lifetime(expiry: i64, now: Timestamp) -> String {
    let end = expiry.saturating_add(1).saturating_mul(1000).saturating_add(SLACK_MS);
    end.saturating_sub(now.as_millisecond()).clamp(1, LONGEST_MS).to_string()
}

fn blocks(on_timeout: OnTimeout) -> String {
    if on_timeout == OnTimeout::Block { "1" } else { "0" }.to_owned()
}

impl<C: ConnectionLike + Clone + Send + Sync> IdempotencyStore for RedisStore<C> {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        Box::pin(async move {
            let (millis, expiry) = (now.as_millisecond(), state::expiry_of_lease(now, terms));
            let arguments = vec![
                millis.div_euclid(1000).to_string(),
                millis.to_string(),
                item::text_of(attempt.owner),
                expiry.to_string(),
                state::millis_after(now, terms.lease).to_string(),
                blocks(terms.on_timeout),
                attempt.payload.as_ref().map(ToString::to_string).unwrap_or_default(),
                lifetime(expiry, now),
            ];
            match self.run("claim", &self.scripts.claim, &attempt.key, arguments).await? {
                None => Ok(state::claim(None, attempt, now, terms).1),
                Some(held) => match (&held, state::claim(held.as_ref(), attempt, now, terms)) {
                    (Some(_), (Write::Keep, claim)) => Ok(claim),
                    _ => Err(StoreError::new(NoReason { call: "claim" })),
                },
            }
        })
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            let expiry = state::expiry_of_lease(now, terms);
            let arguments = vec![
                item::text_of(lease.owner),
                expiry.to_string(),
                state::millis_after(now, terms.lease).to_string(),
                blocks(terms.on_timeout),
                lifetime(expiry, now),
            ];
            match self.run("renew", &self.scripts.renew, &lease.key, arguments).await? {
                None => Ok(Settled::Done),
                Some(held) => match state::renew(held.as_ref(), lease, now, terms) {
                    (Write::Keep, settled) => Ok(settled),
                    _ => Err(StoreError::new(NoReason { call: "renew" })),
                },
            }
        })
    }

    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            let expiry = state::seconds_after(now, terms.keep);
            let mut arguments =
                vec![item::text_of(lease.owner), expiry.to_string(), lifetime(expiry, now)];
            match result {
                Some(result) if result.len() > MAX_RESULT_BYTES => {
                    warn!(key = %lease.key, bytes = result.len(), "result too long to be stored");
                }
                Some(result) => arguments.push(result.to_owned()),
                None => {}
            }
            match self.run("complete", &self.scripts.complete, &lease.key, arguments).await? {
                None => Ok(Settled::Done),
                // Only the result is needed here: an earlier completion is not changed.
                Some(held) => match state::complete(held.as_ref(), lease, now, terms, None) {
                    (Write::Keep, settled) => Ok(settled),
                    _ => Err(StoreError::new(NoReason { call: "complete" })),
                },
            }
        })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            let arguments = vec![item::text_of(lease.owner)];
            let held = self.run("release", &self.scripts.release, &lease.key, arguments).await?;
            Ok(if held.is_none() { Settled::Done } else { Settled::LeaseLost })
        })
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.run("forget", &self.scripts.forget, key, Vec::new()).await.map(drop)
        })
    }
}

impl<C> fmt::Debug for RedisStore<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
