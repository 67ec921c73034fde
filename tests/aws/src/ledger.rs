//! The judge: which effects were applied, by whom, and whether one was applied that must not be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The life of one worker. A crash ends it.
pub type Life = u64;

/// Every effect and every mark, as they happen. Clones are the same ledger.
///
/// An effect and its mark cannot be one step unless the effect goes into the store itself. So a worker
/// that dies between the two leaves an effect that is applied once more; that, and nothing else, is
/// allowed. It is counted, and whoever recognises the event's key sees one effect.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    effects: HashMap<u64, Effect>,
    faults: Vec<String>,
    dead: Vec<Life>,
}

#[derive(Debug, Default)]
struct Effect {
    applied: u64,
    marked: bool,
    /// Who is at it.
    at_it: Option<Life>,
}

impl Ledger {
    /// A worker applies the effect of an order.
    pub fn apply(&self, order: u64, life: Life) {
        let mut pages = self.pages();
        let Pages { effects, faults, dead } = &mut *pages;
        let effect = effects.entry(order).or_default();
        if effect.marked {
            faults.push(format!("order {order} was marked as done, and {life} applied it again"));
        }
        if let Some(other) = effect.at_it.filter(|other| !dead.contains(other)) {
            faults
                .push(format!("order {order} was in the hands of {other}, and {life} applied it"));
        }
        effect.applied += 1;
        effect.at_it = Some(life);
    }

    /// The store has marked the order as done.
    pub fn mark(&self, order: u64) {
        let mut pages = self.pages();
        let effect = pages.effects.entry(order).or_default();
        effect.marked = true;
        effect.at_it = None;
    }

    /// A worker is dead, and is at nothing any more.
    pub fn bury(&self, life: Life) {
        self.pages().dead.push(life);
    }

    /// How many orders are marked as done.
    pub fn marked(&self) -> usize {
        self.pages().effects.values().filter(|effect| effect.marked).count()
    }

    /// How many effects were applied more than once, by a worker that died before the mark.
    pub fn repeated(&self) -> u64 {
        self.pages().effects.values().map(|effect| effect.applied.saturating_sub(1)).sum()
    }

    /// What must not have happened.
    pub fn faults(&self) -> Vec<String> {
        self.pages().faults.clone()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
