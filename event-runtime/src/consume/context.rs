//! What a handler learns besides the event, and what it can do.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use super::HandlerError;
use super::guard::{Guard, Guarded};
use crate::idempotency::Key;
use crate::name::ConsumerName;

/// Handed to each handler with its event.
#[derive(Clone)]
pub struct Context {
    pub(super) consumer: ConsumerName,
    pub(super) key: Key,
    pub(super) receives: u32,
    pub(super) replay: Option<String>,
    pub(super) guard: Guard,
}

/// Whether an effect was applied now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Once {
    /// It was applied now.
    Applied,
    /// It had been applied before.
    Before,
}

impl Context {
    /// The consumer whose handler this is.
    pub fn consumer(&self) -> &ConsumerName {
        &self.consumer
    }

    /// What the event is claimed by: a key for other systems that recognise repeated calls.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// How often this message has been delivered, this time included.
    pub fn receives(&self) -> u32 {
        self.receives
    }

    /// The archive replay that delivered this event again, if one did.
    pub fn replay(&self) -> Option<&str> {
        self.replay.as_deref()
    }

    /// Applies a part of the effect once, also when the rest fails and the event comes again: the
    /// mail to one recipient of several. The part is named by `subkey` within the event.
    ///
    /// # Errors
    ///
    /// That of the part, and a transient one while another worker is at the same part.
    pub async fn once<F>(
        &self,
        subkey: &str,
        part: impl FnOnce() -> F + Send,
    ) -> Result<Once, HandlerError>
    where
        F: Future<Output = Result<(), HandlerError>> + Send,
    {
        match self.guard.run(&self.key.sub(subkey), async { part().await }, Duration::ZERO).await {
            Guarded::Done => Ok(Once::Applied),
            Guarded::Duplicate => Ok(Once::Before),
            Guarded::Failed(error) => Err(error),
            Guarded::LeaseLost => Err(HandlerError::transient("the lease of a part was lost")),
            Guarded::Busy { until } => {
                let left = until.duration_since((self.guard.clock)());
                let left = Duration::try_from(left).unwrap_or_default();
                Err(HandlerError::retry_after("another worker is at a part of it", left))
            }
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("key", &self.key)
            .field("receives", &self.receives)
            .field("replay", &self.replay)
            .finish_non_exhaustive()
    }
}
