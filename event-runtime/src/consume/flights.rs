//! One event at a time within a process: copies wait until the first one is done.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::idempotency::Key;

/// The keys that are being handled in this process.
#[derive(Debug, Clone, Default)]
pub(super) struct Flights(Arc<Mutex<HashMap<Key, watch::Receiver<()>>>>);

/// The exclusive right to handle a key. Others wait until it is dropped.
#[derive(Debug)]
pub(super) struct Flight {
    flights: Flights,
    key: Key,
    /// Dropping it wakes the waiting tasks.
    _end: watch::Sender<()>,
}

/// The key is being handled.
#[derive(Debug)]
pub(super) struct Taken(watch::Receiver<()>);

impl Flights {
    pub(super) fn begin(&self, key: &Key) -> Result<Flight, Taken> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match keys.entry(key.clone()) {
            Entry::Occupied(taken) => Err(Taken(taken.get().clone())),
            Entry::Vacant(free) => {
                let (end, ended) = watch::channel(());
                free.insert(ended);
                Ok(Flight { flights: self.clone(), key: key.clone(), _end: end })
            }
        }
    }
}

impl Taken {
    /// Completes when the current flight has ended, whatever its result.
    pub(super) async fn ended(mut self) {
        // No value is ever sent: an error means that the sender was dropped.
        while self.0.changed().await.is_ok() {}
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut keys = self.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventId;
    use crate::name::ConsumerName;

    #[tokio::test]
    async fn second_flight_waits_for_first() {
        let flights = Flights::default();
        let name = ConsumerName::new("c").unwrap();
        let (key, other) =
            (Key::new(&name, EventId::generate()), Key::new(&name, EventId::generate()));
        let first = flights.begin(&key).unwrap();
        assert!(flights.begin(&other).is_ok());
        let taken = flights.begin(&key).unwrap_err();
        let waiting = tokio::spawn(taken.ended());
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        waiting.await.unwrap();
        assert!(flights.begin(&key).is_ok());
        assert!(flights.0.lock().unwrap().is_empty());
    }
}
