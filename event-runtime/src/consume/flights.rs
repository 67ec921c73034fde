//! One event at a time within a process: copies wait for the first one's end.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::idempotency::Key;

/// The keys that this process is at.
#[derive(Debug, Clone, Default)]
pub(super) struct Flights(Arc<Mutex<HashMap<Key, watch::Receiver<()>>>>);

/// The right to be at a key. Others wait until it is dropped.
#[derive(Debug)]
pub(super) struct Flight {
    flights: Flights,
    key: Key,
    /// Its end wakes those who wait.
    _end: watch::Sender<()>,
}

/// Someone is at the key.
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
    /// Ready when the one who is at the key has ended, however that went.
    pub(super) async fn ended(mut self) {
        // Nothing is ever sent: an error says that the sender is gone.
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
    async fn a_second_flight_waits_for_the_first() {
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
