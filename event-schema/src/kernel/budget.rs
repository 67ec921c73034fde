//! The cost bounds of a question: steps of the search, and the size of values that are written out.
//!
//! All bounds count work, not time, so that a verdict does not depend on the load of a machine.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::Value;

use crate::pattern::Matchers;

/// The maximum number of goals and alternatives of one question.
const MAX_STEPS: u32 = 60_000;

/// The maximum work of one question: literals, members and values that are examined or written.
const MAX_WORK: u64 = 130_000;

/// The maximum work of all questions of a comparison.
const MAX_TOTAL: u64 = 400_000;

/// The maximum number of nodes that instances of one question are compared with.
const MAX_LOOKS: u64 = 100_000;

/// The maximum number of nodes that instances of all questions of a comparison are compared with.
const MAX_ALL_LOOKS: u64 = 300_000;

/// A question gets at most this fraction of the rest, so that later questions are answered too.
const SHARE: u64 = 3;

/// The rest of a comparison's budget, in both directions.
#[derive(Debug)]
pub(super) struct Left(Cell<u64>);

impl Default for Left {
    fn default() -> Self {
        Left(Cell::new(MAX_TOTAL))
    }
}

/// The rest of a question's budget.
#[derive(Debug)]
pub(super) struct Budget<'c> {
    steps: u32,
    work: u64,
    left: &'c Left,
    over: bool,
}

impl<'c> Budget<'c> {
    pub(super) fn new(left: &'c Left) -> Budget<'c> {
        Budget { steps: MAX_STEPS, work: MAX_WORK, left, over: false }
    }

    /// Starts a question.
    pub(super) fn begin(&mut self) {
        self.steps = MAX_STEPS;
        self.work = MAX_WORK.min(self.left.0.get() / SHARE);
        self.over = false;
    }

    /// Takes a step of this cost.
    pub(super) fn step(&mut self, cost: usize) {
        self.over |= self.steps == 0;
        self.steps = self.steps.saturating_sub(1);
        self.spend(cost);
    }

    /// Spends work.
    pub(super) fn spend(&mut self, cost: usize) {
        let cost = cost as u64 + 1;
        self.over |= cost > self.work;
        self.work = self.work.saturating_sub(cost);
        self.left.0.set(self.left.0.get().saturating_sub(cost));
    }

    /// Whether this much work is left.
    pub(super) fn allows(&self, cost: usize) -> bool {
        cost as u64 <= self.work
    }

    /// Whether the budget is exhausted. From then on, every answer is unknown.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// The reason for an unknown answer.
    pub(super) fn why(&self) -> Rc<str> {
        if self.steps == 0 {
            format!("too large, because the search takes more than {MAX_STEPS} steps").into()
        } else {
            "too large, because the events to examine have too many values".into()
        }
    }
}

/// The reason for an unknown answer when instances were compared with too many nodes.
pub(super) fn looked_at_too_much() -> Rc<str> {
    "too large, because events would have to be compared with too many schemas".into()
}

/// The number of nodes that instances may still be compared with, in both directions.
#[derive(Debug)]
pub(super) struct Looks {
    granted: Cell<u64>,
    left: Cell<u64>,
}

impl Default for Looks {
    fn default() -> Self {
        Looks { granted: Cell::new(0), left: Cell::new(MAX_ALL_LOOKS) }
    }
}

impl Looks {
    /// The budget of the next question.
    pub(super) fn begin(&self, matchers: &Matchers) {
        let left = self.left.get();
        let granted = MAX_LOOKS.min(left / SHARE);
        let unused = matchers.allow(granted);
        let left = left.saturating_sub(self.granted.get().saturating_sub(unused));
        self.left.set(left);
        self.granted.set(granted);
    }
}

/// The number of values that a value contains.
pub(crate) fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(size).sum::<usize>(),
        _ => 1,
    }
}
