//! Which call has which fault.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// The fault of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is throttled as a whole, with AWS's error code, and has no effect.
    Throttle,
    /// It is refused with this error code and status, and has no effect.
    Refuse(&'static str, u16),
    /// These entries of its batch fail with these error codes; the others succeed.
    Entries(Vec<(usize, &'static str)>),
    /// It takes effect, and the connection is closed before the response.
    LoseAnswer,
    /// It takes effect, and the response is delayed by this time.
    Stall(Duration),
    /// It has no effect, and the response is a success with this body.
    Body(&'static str),
    /// No fault.
    None,
}

/// How many of a thousand calls or entries have a random fault.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chaos {
    /// Calls that are throttled.
    pub throttle: u64,
    /// Calls that fail with status 500.
    pub fail: u64,
    /// Calls that take effect and whose response is lost.
    pub lose: u64,
    /// Entries of a batch that fail with a transient error.
    pub entry: u64,
    /// Messages that arrive in a queue twice.
    pub duplicate: u64,
    /// Receive calls that return messages in another order.
    pub reorder: u64,
}

/// The script, the random numbers, and how often each operation was called.
#[derive(Debug)]
pub struct Plan {
    script: HashMap<String, VecDeque<Fault>>,
    chaos: Chaos,
    draw: Draw,
    /// How often each operation was called.
    pub calls: HashMap<String, u64>,
}

impl Plan {
    /// No faults, and random numbers from this seed.
    pub fn new(seed: u64) -> Self {
        let (script, calls) = (HashMap::new(), HashMap::new());
        Self { script, chaos: Chaos::default(), draw: Draw::new(seed), calls }
    }

    /// Sets how often a random fault occurs.
    pub fn set_chaos(&mut self, chaos: Chaos) {
        self.chaos = chaos;
    }

    /// Adds faults for the next calls of an operation, in order.
    pub fn script(&mut self, operation: &str, faults: impl IntoIterator<Item = Fault>) {
        self.script.entry(operation.to_owned()).or_default().extend(faults);
    }

    /// The random numbers.
    pub fn draw(&mut self) -> &mut Draw {
        &mut self.draw
    }

    /// Whether a message arrives twice.
    pub fn duplicates(&mut self) -> bool {
        let rate = self.chaos.duplicate;
        self.draw.hits(rate)
    }

    /// Whether a receive call returns messages in another order.
    pub fn reorders(&mut self) -> bool {
        let rate = self.chaos.reorder;
        self.draw.hits(rate)
    }

    /// Returns the fault of this call, which has this many entries.
    pub fn next(&mut self, operation: &str, entries: usize) -> Fault {
        *self.calls.entry(operation.to_owned()).or_default() += 1;
        if let Some(fault) = self.script.get_mut(operation).and_then(VecDeque::pop_front) {
            return fault;
        }
        let Chaos { throttle, fail, lose, entry, .. } = self.chaos;
        if self.draw.hits(throttle) {
            return Fault::Throttle;
        }
        if self.draw.hits(fail) {
            return Fault::Refuse("InternalFailure", 500);
        }
        if self.draw.hits(lose) {
            return Fault::LoseAnswer;
        }
        let failing: Vec<_> = (0..entries)
            .filter(|_| self.draw.hits(entry))
            .map(|at| (at, if at % 2 == 0 { "ThrottlingException" } else { "InternalFailure" }))
            .collect();
        if failing.is_empty() { Fault::None } else { Fault::Entries(failing) }
    }
}

/// Random numbers that are the same for the same seed (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// The numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end
    }

    /// Whether an event with this rate per thousand happens now.
    pub fn hits(&mut self, of_thousand: u64) -> bool {
        of_thousand > 0 && self.below(1000) < of_thousand
    }
}
