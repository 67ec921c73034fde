//! The ledger: which effects were applied, by whom, and which of them are violations.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The life of one worker. A crash ends it.
pub type Life = u64;

/// Every effect and every mark, as they happen. Clones are the same ledger.
///
/// An effect and its mark cannot be one step unless the effect goes into the store itself. So a
/// worker that dies between the two, or pauses until its lease expires, leaves an effect that is
/// applied again. Only that is allowed. It is counted, and a receiver that recognises the event's
/// key sees one effect.
#[derive(Debug, Clone)]
pub struct Ledger {
    pages: Arc<Mutex<Pages>>,
    /// How long a lease keeps all others out after it was claimed or renewed, whatever their
    /// clocks.
    exclusive: Duration,
}

#[derive(Debug, Default)]
struct Pages {
    effects: HashMap<u64, Effect>,
    faults: Vec<String>,
    dead: HashSet<Life>,
}

#[derive(Debug, Default)]
struct Effect {
    applied: u64,
    marked: bool,
    /// The worker that handles it, and when its lease began.
    at_it: Option<(Life, Instant)>,
}

impl Ledger {
    /// Returns an empty ledger, for leases that keep all others out for this time.
    pub fn new(exclusive: Duration) -> Self {
        Self { pages: Arc::default(), exclusive }
    }

    /// A worker applies the effect of an order, under a lease that began then.
    pub fn apply(&self, order: u64, life: Life, from: Instant) {
        let mut pages = self.pages();
        let Pages { effects, faults, dead } = &mut *pages;
        let effect = effects.entry(order).or_default();
        if effect.marked && from.elapsed() < self.exclusive {
            faults.push(format!("order {order} was marked as done, and {life} applied it again"));
        }
        let held = |(other, from): &(Life, Instant)| {
            !dead.contains(other) && from.elapsed() < self.exclusive
        };
        if let Some((other, _)) = effect.at_it.filter(held) {
            faults
                .push(format!("order {order} was in the hands of {other}, and {life} applied it"));
        }
        effect.applied += 1;
        effect.at_it = Some((life, from));
    }

    /// The store has marked the order as done.
    pub fn mark(&self, order: u64) {
        let mut pages = self.pages();
        let effect = pages.effects.entry(order).or_default();
        effect.marked = true;
        effect.at_it = None;
    }

    /// A worker is dead and handles nothing any more.
    pub fn bury(&self, life: Life) {
        self.pages().dead.insert(life);
    }

    /// How many orders are marked as done.
    pub fn marked(&self) -> usize {
        self.pages().effects.values().filter(|effect| effect.marked).count()
    }

    /// How many effects were applied more than once, by a worker that died or paused before the
    /// mark.
    pub fn repeated(&self) -> u64 {
        self.pages().effects.values().map(|effect| effect.applied.saturating_sub(1)).sum()
    }

    /// The violations.
    pub fn faults(&self) -> Vec<String> {
        self.pages().faults.clone()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
