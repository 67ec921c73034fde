//! A function that runs once for each key, outside of an event.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::guard::{BUSY_WAIT, Guard, Guarded, Held, Unanswered};
use super::stop::Phase;
use super::{HandlerError, Stop};
use crate::idempotency::{
    Attempt, Completion, Fingerprint, IdempotencyStore, Key, OnTimeout, Terms,
};
use crate::limits::MAX_RESULT_BYTES;
use crate::name::{ConsumerName, InvalidName};
use crate::shown::misfit;
use crate::{DetailType, Version};

/// How long a function may take by default.
const TIME_LIMIT: Duration = Duration::from_mins(15);

/// How long a result is remembered by default.
const KEEP: Duration = Duration::from_hours(24);

/// A function that runs once for each key: a request handler, a scheduled task, a step of a
/// handler that several events may trigger. Cheap to clone.
///
/// It has the guarantees of a [consumer](crate::idempotency#what-is-guaranteed): a claim before the
/// function runs, a result that is stored after it, and a lease that is renewed while it runs. A
/// function that fails can be called again.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use event_runtime::idempotency::{Idempotent, MemoryStore};
///
/// #[derive(serde::Deserialize)]
/// struct Payment { request_id: String, cents: u64, sent_at: String }
///
/// let payment: Payment = serde_json::from_str(
///     r#"{"request_id": "r-1", "cents": 1200, "sent_at": "2026-11-28T12:00:00Z"}"#,
/// )?;
/// let charge = Idempotent::new("charge-card", MemoryStore::new())?;
/// for call in 0..2 {
///     let done = charge
///         .by(&payment.request_id) // the same request, whenever it was sent
///         .checking(&payment.cents) // a repetition must be about the same amount
///         .run(async || Ok::<_, std::io::Error>(format!("receipt for {}", payment.cents)))
///         .await?;
///     assert_eq!(done.value, "receipt for 1200");
///     assert_eq!(done.before.is_some(), call == 1, "the second call returns the stored result");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Idempotent {
    name: ConsumerName,
    guard: Guard,
}

/// The result of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done<T> {
    /// Its return value.
    pub value: T,
    /// If the function had already run: what the store remembers of it. `value` is the result of
    /// that run.
    pub before: Option<Completion>,
}

/// Why a function has no result. `E` is the error of the function.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdempotentError<E> {
    /// The function returned an error. It can be called again.
    #[error("{0}")]
    Function(E),
    /// The key is null, empty, or has only such values: all calls without a key would be one.
    #[error("the idempotency key of `{function}` is empty")]
    NoKey {
        /// The function.
        function: String,
    },
    /// The key, the checked part or the result cannot be serialized as JSON.
    #[error("failed to serialize {what} of `{function}`: {reason}")]
    Serialise {
        /// Which value.
        what: &'static str,
        /// The function.
        function: String,
        /// The reason.
        reason: String,
    },
    /// Another worker is running it.
    #[error("`{function}` is being run by another worker until {until}")]
    InProgress {
        /// The function.
        function: String,
        /// When the lease of that worker ends.
        until: Timestamp,
    },
    /// It ran with another value of the [checked](Call::checking) part.
    #[error("{0}")]
    Mismatch(String),
    /// A worker began it and disappeared, and [`OnTimeout::Block`] blocks it.
    #[error("{0}")]
    Blocked(String),
    /// It ran, and its result is not available.
    #[error("the result of `{function}`: {reason}")]
    Result {
        /// The function.
        function: String,
        /// The reason.
        reason: String,
    },
    /// The store failed, the lease was lost, or the function panicked or took too long.
    #[error("{0}")]
    Failed(HandlerError),
}

/// A call of an [`Idempotent`] function with its key.
#[must_use]
pub struct Call<'a> {
    function: &'a Idempotent,
    key: Result<Key, Refused>,
    payload: Option<Result<Fingerprint, Refused>>,
}

/// A part that cannot be used.
#[derive(Debug, Clone)]
enum Refused {
    NoKey,
    Serialise { what: &'static str, reason: String },
}

impl Idempotent {
    /// Returns the function with this name, with a lease of 30 seconds, and results that are
    /// remembered for 24 hours. The name is the first part of its keys: no consumer or other
    /// function with the same store may have it.
    ///
    /// # Errors
    ///
    /// [`InvalidName`]: the name is not one that a consumer may have.
    pub fn new(name: &str, store: impl IdempotencyStore + 'static) -> Result<Self, InvalidName> {
        let guard = Guard {
            store: Arc::new(store),
            clock: Arc::new(Timestamp::now),
            terms: Terms { keep: KEEP, ..Terms::default() },
            stop: Stop::never(),
            time_limit: TIME_LIMIT,
            busy_wait: BUSY_WAIT,
            unanswered: Unanswered::default(),
        };
        Ok(Self { name: ConsumerName::new(name)?, guard })
    }

    /// Sets how long a result is remembered (default: 24 hours).
    #[must_use]
    pub fn keep(mut self, keep: Duration) -> Self {
        self.guard.terms.keep = keep;
        self
    }

    /// Sets how long the function is claimed at a time (default: 30 seconds). While it runs, the
    /// claim is renewed.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.guard.terms.lease = lease;
        self
    }

    /// Sets what happens after a worker disappeared (default: the function may run again).
    #[must_use]
    pub fn on_timeout(mut self, on_timeout: OnTimeout) -> Self {
        self.guard.terms.on_timeout = on_timeout;
        self
    }

    /// Sets how long the function may take (default: 15 minutes, as a Lambda function). After that
    /// it is dropped and has failed.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.guard.time_limit = limit;
        self
    }

    /// Sets how long a call waits for another one with the same key (default: 2 seconds).
    #[must_use]
    pub fn busy_wait(mut self, wait: Duration) -> Self {
        self.guard.busy_wait = wait;
        self
    }

    /// Sets the clock of claims (default: the system's), for tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.guard.clock = Arc::new(clock);
        self
    }

    /// Begins a call with this key: a part of the input, or several as a tuple. Values that are
    /// equal as JSON are one key.
    pub fn by(&self, part: &(impl Serialize + ?Sized)) -> Call<'_> {
        Call { function: self, key: self.key_of(part), payload: None }
    }

    /// Returns the key of a call, for [`forget`](IdempotencyStore::forget).
    ///
    /// # Errors
    ///
    /// The part is empty or cannot be serialized as JSON.
    pub fn key(&self, part: &(impl Serialize + ?Sized)) -> Result<Key, IdempotentError<()>> {
        self.key_of(part).map_err(|refused| self.refused(refused))
    }

    fn key_of(&self, part: &(impl Serialize + ?Sized)) -> Result<Key, Refused> {
        let part = serde_json::to_string(part)
            .map_err(|error| Refused::Serialise { what: "the key", reason: error.to_string() })?;
        if is_empty(&part) {
            return Err(Refused::NoKey);
        }
        Ok(Key::of_part(&self.name, &part))
    }

    fn refused<E>(&self, refused: Refused) -> IdempotentError<E> {
        let function = self.name.to_string();
        match refused {
            Refused::NoKey => IdempotentError::NoKey { function },
            Refused::Serialise { what, reason } => {
                IdempotentError::Serialise { what, function, reason }
            }
        }
    }
}

/// Whether a value identifies nothing: null, an empty text, or a list or object of such values.
pub(super) fn is_empty(json: &str) -> bool {
    fn of(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.iter().all(of),
            Value::Object(members) => members.values().all(of),
            Value::Bool(_) | Value::Number(_) => false,
        }
    }
    serde_json::from_str(json).is_ok_and(|value| of(&value))
}

impl Call<'_> {
    /// Sets a part of the input that must be the same in each call with this key, such as an
    /// amount. A call with another value is a [`Mismatch`](IdempotentError::Mismatch) and gets no
    /// result.
    pub fn checking(mut self, part: &(impl Serialize + ?Sized)) -> Self {
        let name = self.function.name.as_str();
        let fingerprint = serde_json::to_string(part).map(|json| {
            Fingerprint::of(DetailType { event_type: name, version: Version::new(1) }, &json)
        });
        self.payload = Some(fingerprint.map_err(|error| Refused::Serialise {
            what: "the checked part",
            reason: error.to_string(),
        }));
        self
    }

    /// Runs the function, or returns the stored result of an earlier call. The result is stored as
    /// JSON.
    ///
    /// # Errors
    ///
    /// [`IdempotentError`]. After [`Function`](IdempotentError::Function) the call can be repeated;
    /// after [`Result`](IdempotentError::Result) it has taken effect.
    pub async fn run<T, E, F>(
        self,
        function: impl FnOnce() -> F + Send,
    ) -> Result<Done<T>, IdempotentError<E>>
    where
        T: Serialize + DeserializeOwned + Send,
        E: Send,
        F: Future<Output = Result<T, E>> + Send,
    {
        let own = self.function;
        let name = own.name.as_str();
        let lacking =
            |reason: String| IdempotentError::Result { function: name.to_owned(), reason };
        let key = self.key.map_err(|refused| own.refused(refused))?;
        let payload = self.payload.transpose().map_err(|refused| own.refused(refused))?;
        let attempt = Attempt { payload, ..Attempt::new(key) };
        let (mut fresh, mut error, mut unstored) = (None, None, None);
        let effect = async {
            match function().await {
                Ok(value) => {
                    // It has run, and is marked as done in any case.
                    let json = match serde_json::to_string(&value) {
                        Ok(json) if json.len() <= MAX_RESULT_BYTES => Some(json),
                        Ok(json) => {
                            unstored = Some(format!(
                                "it has {} bytes, expected at most {MAX_RESULT_BYTES}",
                                json.len()
                            ));
                            None
                        }
                        Err(error) => {
                            unstored = Some(error.to_string());
                            None
                        }
                    };
                    fresh = Some(value);
                    Ok(json)
                }
                Err(failed) => {
                    error = Some(failed);
                    Err(HandlerError::transient("the function failed"))
                }
            }
        };
        let guarded = own.guard.run(&attempt, &Held::default(), effect, Phase::Effect).await;
        match guarded {
            Guarded::Done => match (fresh, unstored) {
                (Some(value), None) => Ok(Done { value, before: None }),
                (_, Some(reason)) => Err(lacking(reason)),
                (None, None) => Err(lacking("the function has not returned".to_owned())),
            },
            Guarded::Duplicate(completion) => {
                let stored = completion.result.as_deref();
                let stored = stored.ok_or_else(|| lacking("it was not stored".to_owned()))?;
                let value = serde_json::from_str(stored)
                    .map_err(|error| lacking(format!("the stored one: {}", misfit(&error))))?;
                Ok(Done { value, before: Some(completion) })
            }
            Guarded::Busy { until } => {
                Err(IdempotentError::InProgress { function: name.to_owned(), until })
            }
            Guarded::Mismatch { .. } => Err(IdempotentError::Mismatch(format!(
                "`{name}` ran with another value under this key (`{}`)",
                attempt.key
            ))),
            Guarded::Blocked { reason } => Err(IdempotentError::Blocked(reason)),
            Guarded::LeaseLost => {
                Err(IdempotentError::Failed(HandlerError::transient("the lease was lost")))
            }
            Guarded::Failed(failed) => match error {
                Some(error) => Err(IdempotentError::Function(error)),
                None => Err(IdempotentError::Failed(failed)),
            },
        }
    }
}

impl fmt::Debug for Idempotent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idempotent").field("name", &self.name).finish_non_exhaustive()
    }
}
