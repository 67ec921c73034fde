//! A map with a maximum number of entries. When it is full, it drops the oldest one.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// The oldest entry goes first, even if it was read lately: keys that are requested again here
/// (redeliveries, hot keys with a time to live) are requested soon or never.
#[derive(Debug)]
pub(crate) struct Bounded<K, V> {
    capacity: usize,
    by_key: HashMap<K, (u64, V)>,
    /// In the order of insertion. An entry that was inserted again or removed is skipped by its
    /// number.
    order: VecDeque<(u64, K)>,
    next: u64,
}

impl<K: Hash + Eq + Clone, V> Bounded<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, by_key: HashMap::new(), order: VecDeque::new(), next: 0 }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.by_key.get(key).map(|(_, value)| value)
    }

    pub(crate) fn put(&mut self, key: K, value: V) {
        if self.capacity == 0 {
            return;
        }
        self.by_key.insert(key.clone(), (self.next, value));
        self.order.push_back((self.next, key));
        self.next += 1;
        // Each round takes one from `order`, which lists every entry of the map.
        while self.by_key.len() > self.capacity || self.order.len() > 2 * self.capacity {
            let Some((number, key)) = self.order.pop_front() else { break };
            if self.by_key.get(&key).is_some_and(|(current, _)| *current == number) {
                self.by_key.remove(&key);
            }
        }
    }

    pub(crate) fn remove(&mut self, key: &K) {
        self.by_key.remove(key);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_entry_is_dropped_first_and_reinsertion_renews() {
        let mut map = Bounded::new(2);
        map.put("a", 1);
        map.put("b", 2);
        map.put("a", 3);
        map.put("c", 4);
        assert_eq!((map.get(&"a"), map.get(&"b"), map.get(&"c")), (Some(&3), None, Some(&4)));
        map.remove(&"a");
        assert_eq!(map.len(), 1);
    }

    #[test]
    fn map_stays_within_capacity() {
        let mut map = Bounded::new(8);
        for n in 0..10_000_u32 {
            map.put(n % 11, n);
            if n % 3 == 0 {
                map.remove(&(n % 7));
            }
            assert!(map.len() <= 8 && map.order.len() <= 16);
        }
        // One key over and over.
        for n in 0..100 {
            map.put(0, n);
        }
        assert_eq!(map.get(&0), Some(&99));
        let mut none = Bounded::new(0);
        none.put(1, 1);
        assert_eq!(none.len(), 0);
    }
}
