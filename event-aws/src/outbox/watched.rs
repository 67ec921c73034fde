//! A transport that remembers whether the bus refused a whole call.

use std::sync::{Arc, Mutex, PoisonError};

use event_runtime::publish::{Entry, EntryOutcome, Refusal, Transport, TransportError};
use event_runtime::store::BoxFuture;

/// A bus that refuses a call as a whole (no permission, no such bus) says nothing about the entries
/// in it: they are not poison.
#[derive(Debug, Clone)]
pub(super) struct Watched<T> {
    bus: T,
    refused: Arc<Mutex<Option<Refusal>>>,
}

impl<T> Watched<T> {
    pub(super) fn new(bus: T) -> Self {
        Self { bus, refused: Arc::default() }
    }

    /// Returns why a call was refused as a whole since the last request.
    pub(super) fn take_refusal(&self) -> Option<Refusal> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T: Transport> Transport for Watched<T> {
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
        Box::pin(async move {
            let answer = self.bus.put(entries).await;
            if let Err(TransportError::Failed(refusal)) = &answer
                && !refusal.retryable
            {
                let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
                *refused = Some(refusal.clone());
            }
            answer
        })
    }
}
