//! One true time, one source of random numbers, and workers that die and pause at random.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use event_runtime::Timestamp;
use event_runtime::idempotency::{OnTimeout, Terms};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::ledger::{Ledger, Life};

pub const LEASE: Duration = Duration::from_secs(10);
pub const LEASE_MS: i64 = 10_000;
/// The maximum error of a worker's clock, in either direction.
pub const SKEW_MS: i64 = 1_500;
/// How long a lease keeps all others out after its worker read the clock, whatever their clocks: a
/// slow clock set its end, and a fast one checks it.
pub const EXCLUSIVE_MS: i64 = LEASE_MS - 2 * SKEW_MS;

/// How an effect is applied, and what happens to the events of lost workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// In one write with its mark.
    WithItsMark,
    /// Separately, and again after a worker was lost.
    Retries,
    /// Separately, and never again.
    Blocks,
}

impl Mode {
    pub fn terms(self) -> Terms {
        let on_timeout = if self == Self::Blocks { OnTimeout::Block } else { OnTimeout::Retry };
        Terms { lease: LEASE, keep: Duration::from_hours(24), on_timeout }
    }
}

/// What happens to a call to a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Served,
    /// It fails without an effect, for example because of throttling.
    Refused,
    /// It takes effect, and its response is lost.
    Unanswered,
    /// It arrives after this delay, even if its worker no longer waits for it.
    Late(Duration),
}

/// The maximum duration of a call.
pub const LATEST: Duration = Duration::from_secs(30);

/// The state that all workers share.
#[derive(Debug, Clone)]
pub struct World {
    draw: Arc<Mutex<StdRng>>,
    begun: Instant,
    pub ledger: Ledger,
}

impl World {
    pub fn new(seed: u64, mode: Mode) -> Self {
        let draw = Arc::new(Mutex::new(StdRng::seed_from_u64(seed)));
        Self { draw, begun: Instant::now(), ledger: Ledger::new(mode) }
    }

    /// The true time, in milliseconds since the epoch.
    pub fn now(&self) -> i64 {
        let passed = i64::try_from(self.begun.elapsed().as_millis()).unwrap();
        1_800_000_000_000 + passed
    }

    pub fn draw<T>(&self, from: impl FnOnce(&mut StdRng) -> T) -> T {
        from(&mut self.draw.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether an event with this rate per thousand happens now.
    pub fn hits(&self, of_thousand: u32) -> bool {
        self.draw(|draw| draw.random_range(0..1000) < of_thousand)
    }

    pub fn millis(&self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.draw(|draw| draw.random_range(from..to)))
    }
}

/// The life of a worker, with an inaccurate clock.
#[derive(Debug)]
pub struct Living {
    pub id: Life,
    pub world: World,
    skew_ms: i64,
    dead: AtomicBool,
    frozen_until: AtomicI64,
    /// Notified when the worker must be dropped.
    pub died: Notify,
}

impl Living {
    pub fn new(world: &World, id: Life, skew_ms: i64) -> Arc<Self> {
        let (dead, frozen_until) = (AtomicBool::new(false), AtomicI64::new(0));
        Arc::new(Self {
            id,
            world: world.clone(),
            skew_ms,
            dead,
            frozen_until,
            died: Notify::new(),
        })
    }

    /// The time of its clock.
    pub fn clock(&self) -> Timestamp {
        Timestamp::from_millisecond(self.world.now() + self.skew_ms).unwrap()
    }

    /// Converts a time of its clock to the true time.
    pub fn true_time(&self, said: Timestamp) -> i64 {
        said.as_millisecond() - self.skew_ms
    }

    /// Called between two steps. The worker continues, dies, or pauses for longer than a lease,
    /// including its renewals.
    pub async fn step(&self) {
        self.thawed().await;
        let world = &self.world;
        if world.hits(4) {
            self.dead.store(true, Ordering::Relaxed);
            world.ledger.tally(|tally| tally.crashes += 1);
            world.ledger.bury(self.id);
            self.died.notify_one();
        } else if world.hits(3) {
            world.ledger.tally(|tally| tally.freezes += 1);
            let until = world.now() + world.draw(|draw| draw.random_range(5_000..30_000));
            self.frozen_until.store(until, Ordering::Relaxed);
        }
        self.thawed().await;
    }

    async fn thawed(&self) {
        loop {
            if self.dead.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            let left = self.frozen_until.load(Ordering::Relaxed) - self.world.now();
            let Ok(left @ 1..) = u64::try_from(left) else { return };
            tokio::time::sleep(Duration::from_millis(left)).await;
        }
    }

    /// What happens to the next call that completes or releases.
    pub fn last_call(&self) -> Call {
        match self.call() {
            Call::Served if self.world.hits(20) => {
                self.world.ledger.tally(|tally| tally.late += 1);
                Call::Late(self.world.millis(1_000, 30_000))
            }
            call => call,
        }
    }

    /// What happens to the next call.
    pub fn call(&self) -> Call {
        let call = match self.world.draw(|draw| draw.random_range(0..100)) {
            0..5 => Call::Refused,
            5..10 => Call::Unanswered,
            _ => return Call::Served,
        };
        self.world.ledger.tally(|tally| tally.failed_calls += 1);
        call
    }
}
