//! The context of a handler: what it can read besides the event, and what it can do.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::dead_letter::Message;
use super::guard::{Guard, Guarded, Held};
use super::stop::Phase;
use super::{HandlerError, Stop};
use crate::EventId;
use crate::idempotency::{Attempt, Completion, Key, Settled, TransactionalStore};
use crate::limits::MAX_RESULT_BYTES;
use crate::name::ConsumerName;
use crate::shown::misfit;
use crate::trace::Trace;

/// A longer time limit counts as this long.
const LONGEST_LIMIT: Duration = Duration::from_hours(24 * 365);

/// Passed to each handler with its event.
///
/// # Example
///
/// ```
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct OrderPlaced { order_id: String }
/// # impl event_runtime::Event for OrderPlaced {
/// #     const TYPE: &'static str = "order.placed";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const SOURCE: &'static str = "app.shop";
/// # }
/// use event_runtime::consume::{BuildError, Consumer};
/// use event_runtime::idempotency::MemoryStore;
///
/// # fn consumer(mailer: fn(&str), total: std::sync::Arc<std::sync::atomic::AtomicU64>) -> Result<Consumer, BuildError> {
/// let store = MemoryStore::new();
/// let claims = store.clone();
/// Consumer::builder("emailer", store)
///     .on::<OrderPlaced, _>(move |event, context| {
///         let (claims, total) = (claims.clone(), total.clone());
///         async move {
///             // This part is not repeated if a later step fails.
///             context.once("mail", async || Ok(mailer(&event.data.order_id))).await?;
///             // A write to the store of the claims is committed together with the mark: exactly once.
///             let effect = move || _ = total.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///             context.complete_with(&claims, Box::new(effect)).await
///         }
///     })
///     .build()
/// # }
/// ```
#[derive(Clone)]
pub struct Context {
    pub(super) consumer: ConsumerName,
    pub(super) key: Key,
    pub(super) event: Head,
    pub(super) replay: Option<String>,
    pub(super) message: Arc<Message>,
    pub(super) started: Instant,
    pub(super) guard: Guard,
    pub(super) held: Arc<Held>,
}

/// The event without its payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) id: EventId,
    pub(super) detail_type: &'static str,
    pub(super) occurred_at: Timestamp,
}

/// Whether an effect was applied by this call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Once {
    /// It was applied now.
    Applied,
    /// It was already applied.
    Before,
}

impl Context {
    /// Returns the consumer of this handler.
    pub fn consumer(&self) -> &ConsumerName {
        &self.consumer
    }

    /// Returns the key of the event's claim, also for other systems that recognise repeated calls.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Returns the ID of the event.
    pub fn id(&self) -> EventId {
        self.event.id
    }

    /// Returns type and version in which the event arrived: `order.placed:v1`.
    pub fn detail_type(&self) -> &'static str {
        self.event.detail_type
    }

    /// Returns when the event happened.
    pub fn occurred_at(&self) -> Timestamp {
        self.event.occurred_at
    }

    /// Returns the ID of the message in its queue: the `messageId` of SQS.
    pub fn message_id(&self) -> &str {
        &self.message.record.id
    }

    /// Returns the group of the message in a FIFO queue.
    pub fn group(&self) -> Option<&str> {
        self.message.group.as_deref()
    }

    /// Returns the trace that the message belongs to; empty without one.
    pub fn trace(&self) -> &Trace {
        &self.message.trace
    }

    /// Returns when this handler is dropped if it has not ended: its
    /// [time limit](super::ConsumerBuilder::time_limit), or an earlier stop if that is known: the
    /// deadline of a Lambda invocation, or the shutdown of a container.
    pub fn deadline(&self) -> Instant {
        let limit = self.started + self.guard.time_limit.min(LONGEST_LIMIT);
        self.guard.stop.drops_at().map_or(limit, |drops_at| limit.min(drops_at))
    }

    /// Returns how long this handler may still run.
    ///
    /// # Example
    ///
    /// ```
    /// # use event_runtime::consume::{Context, HandlerError};
    /// use std::time::Duration;
    ///
    /// fn has_time(context: &Context) -> Result<(), HandlerError> {
    ///     if context.remaining() < Duration::from_secs(5) {
    ///         return Err(HandlerError::transient("too little time for the export"));
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn remaining(&self) -> Duration {
        self.deadline().saturating_duration_since(Instant::now())
    }

    /// Returns when the worker stops, for a handler that ends by itself then.
    pub fn stop(&self) -> &Stop {
        &self.guard.stop
    }

    /// Returns how often this message has been delivered, including this time.
    pub fn receives(&self) -> u32 {
        self.message.record.receives
    }

    /// Returns an attribute that the sender set on the message, as in SQS.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.message.attributes.get(name).map(String::as_str)
    }

    /// Returns all attributes that the sender set on the message, by name.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.message.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the archive replay that delivered this event again, if any.
    pub fn replay(&self) -> Option<&str> {
        self.replay.as_deref()
    }

    /// Applies a part of the effect once, even if the rest fails and the event is delivered again:
    /// for example the mail to one of several recipients. `subkey` names the part within the event.
    ///
    /// # Errors
    ///
    /// The error of the part, and a transient one while another worker applies the same part.
    pub async fn once<F>(
        &self,
        subkey: &str,
        part: impl FnOnce() -> F + Send,
    ) -> Result<Once, HandlerError>
    where
        F: Future<Output = Result<(), HandlerError>> + Send,
    {
        let done = self.part(subkey, async { part().await.map(|()| None) }).await?;
        Ok(if done.is_none() { Once::Applied } else { Once::Before })
    }

    /// Like [`once`](Self::once), for a part that returns a value, such as the number of a payment.
    /// The value is stored as JSON with the mark, and returned again when the event is delivered
    /// again.
    ///
    /// # Errors
    ///
    /// Like [`once`](Self::once). A permanent error if the value cannot be serialized as JSON, has
    /// more than [`MAX_RESULT_BYTES`] as JSON, or if the stored value is not a `T` because the type
    /// has changed. A part whose result is too large is applied nevertheless, and fails the same
    /// way each time: return a reference to the result instead.
    pub async fn once_with<T, F>(
        &self,
        subkey: &str,
        part: impl FnOnce() -> F + Send,
    ) -> Result<T, HandlerError>
    where
        T: Serialize + DeserializeOwned + Send,
        F: Future<Output = Result<T, HandlerError>> + Send,
    {
        let (mut fresh, mut bytes) = (None, 0);
        let applied = async {
            let value = part().await?;
            let json = serde_json::to_string(&value).map_err(|error| {
                HandlerError::permanent(format!("the result of part `{subkey}`: {error}"))
            })?;
            bytes = json.len();
            fresh = Some(value);
            // The part is applied, and marked as applied in any case.
            Ok((bytes <= MAX_RESULT_BYTES).then_some(json))
        };
        let before = self.part(subkey, applied).await?;
        match (fresh, &before) {
            (Some(value), None) if bytes <= MAX_RESULT_BYTES => return Ok(value),
            (Some(_), None) => {
                return Err(HandlerError::permanent(format!(
                    "the result of part `{subkey}` has {bytes} bytes, expected at most \
                     {MAX_RESULT_BYTES}: return where it is kept instead; the part is applied, and \
                     is not applied again"
                )));
            }
            _ => {}
        }
        let kept = before.and_then(|completion| completion.result);
        let kept = kept.ok_or_else(|| {
            HandlerError::permanent(format!(
                "part `{subkey}` was applied before without a result: by `once`, or its result had \
                 more than {MAX_RESULT_BYTES} bytes"
            ))
        })?;
        serde_json::from_str(&kept).map_err(|error| {
            let misfit = misfit(&error);
            HandlerError::permanent(format!("the stored result of part `{subkey}`: {misfit}"))
        })
    }

    /// Applies an effect and marks the event as done **in one transaction**, if the effect is a
    /// write to the store of the claims: exactly once, wherever a process crashes. `store` is the
    /// one that the consumer was built with. Call it last and once: it marks the event as done,
    /// whatever the handler returns afterwards.
    ///
    /// # Errors
    ///
    /// Nothing is applied if it returns:
    ///
    /// - [`HandlerErrorKind::Refused`](super::HandlerErrorKind::Refused): a condition of the effect
    ///   is not met. [`HandlerError::find`] returns the
    ///   [`EffectRefused`](crate::store::EffectRefused); another effect may be applied instead.
    /// - [`HandlerErrorKind::Transient`](super::HandlerErrorKind::Transient): the store failed, or
    ///   the lease was lost. (A store that failed may have applied all of it; then the event is a
    ///   duplicate at its next delivery. Return the error, or try the same effect again: another
    ///   one would be reported as applied although the first one was.)
    /// - [`HandlerErrorKind::Permanent`](super::HandlerErrorKind::Permanent): another effect was
    ///   already applied or is being applied, or the handler has ended.
    pub async fn complete_with<S: TransactionalStore>(
        &self,
        store: &S,
        effect: S::Effect,
    ) -> Result<(), HandlerError> {
        const OVER: &str = "`complete_with` was called after the handler had ended, so its effect is not \
                            applied: call it within the handler";
        let marks = self.held.marks();
        let lease = self.held.lease().filter(|_| !marks.is_closed());
        let lease = lease.ok_or_else(|| HandlerError::permanent(OVER))?;
        // A lease is completed once: a second effect would have the same result as the first,
        // without being applied.
        let completing = marks.only_completing().filter(|_| !marks.is_completed());
        let completing = completing.ok_or_else(|| {
            HandlerError::permanent(
                "`complete_with` was called twice, and the second effect is not applied: pass all \
                 writes in one call",
            )
        })?;
        let now = (self.guard.clock)();
        let call = store.complete_with(lease, now, &self.guard.terms, None, effect);
        let settled = self.guard.answer("complete_with", Phase::Messages, call).await?;
        match settled {
            // The guard of an ended handler may have completed it, without the effect.
            Settled::Done if marks.is_closed() => Err(HandlerError::permanent(
                "`complete_with` was answered after the handler had ended, so its effect may not be \
                 applied: await it within the handler",
            )),
            Settled::Done => {
                marks.set_completed();
                drop(completing);
                Ok(())
            }
            Settled::LeaseLost => Err(HandlerError::transient("the lease of the event was lost")),
        }
    }

    /// `None` if the part was applied now.
    async fn part(
        &self,
        subkey: &str,
        part: impl Future<Output = Result<Option<String>, HandlerError>>,
    ) -> Result<Option<Completion>, HandlerError> {
        let attempt = Attempt::new(self.key.sub(subkey));
        match self.guard.run(&attempt, &Held::default(), part, Phase::Parts).await {
            Guarded::Done => Ok(None),
            Guarded::Duplicate(completion) => Ok(Some(completion)),
            Guarded::Failed(error) => Err(error),
            Guarded::LeaseLost => Err(HandlerError::transient("the lease of a part was lost")),
            Guarded::Mismatch { reason } | Guarded::Blocked { reason } => {
                Err(HandlerError::permanent(reason))
            }
            Guarded::Busy { until } => {
                let left = self.guard.left(until);
                Err(HandlerError::retry_after(
                    "another worker is applying a part of the event",
                    left,
                ))
            }
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("key", &self.key)
            .field("receives", &self.receives())
            .field("replay", &self.replay)
            .finish_non_exhaustive()
    }
}
