//! One true time, one draw, and workers that die and freeze by it.

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
/// How far the clock of a worker is off, either way.
pub const SKEW_MS: i64 = 1_500;
/// For so long after its worker looked at the clock a lease keeps all others out, whichever clocks
/// they go by: a clock that is late made it, and one that is early asks.
pub const EXCLUSIVE_MS: i64 = LEASE_MS - 2 * SKEW_MS;

/// How an effect is applied, and what becomes of lost workers' events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// In one write with its mark.
    WithItsMark,
    /// Apart from it, and again after a worker was lost.
    Retries,
    /// Apart from it, and never again.
    Blocks,
}

impl Mode {
    pub fn terms(self) -> Terms {
        let on_timeout = if self == Self::Blocks { OnTimeout::Block } else { OnTimeout::Retry };
        Terms { lease: LEASE, keep: Duration::from_hours(24), on_timeout }
    }
}

/// What becomes of a call to a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Served,
    /// Throttled, say: nothing is done.
    Refused,
    /// It is done, and its answer is lost.
    Unanswered,
    /// It arrives so much later, also where nobody waits for it any more.
    Late(Duration),
}

/// No call is under way for longer.
pub const LATEST: Duration = Duration::from_secs(30);

/// What all workers share.
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

    /// Whether something happens that happens so often out of a thousand times.
    pub fn hits(&self, of_thousand: u32) -> bool {
        self.draw(|draw| draw.random_range(0..1000) < of_thousand)
    }

    pub fn millis(&self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.draw(|draw| draw.random_range(from..to)))
    }
}

/// The life of a worker, with a clock that is off.
#[derive(Debug)]
pub struct Living {
    pub id: Life,
    pub world: World,
    skew_ms: i64,
    dead: AtomicBool,
    frozen_until: AtomicI64,
    /// Told when the worker is to be dropped where it stands.
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

    /// What its clock says.
    pub fn clock(&self) -> Timestamp {
        Timestamp::from_millisecond(self.world.now() + self.skew_ms).unwrap()
    }

    /// The true time of what its clock said.
    pub fn true_time(&self, said: Timestamp) -> i64 {
        said.as_millisecond() - self.skew_ms
    }

    /// Between two steps. The worker goes on, or dies, or stands still for longer than a lease may
    /// last: all of it, its renewals too.
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

    /// What becomes of the next call that completes or releases.
    pub fn last_call(&self) -> Call {
        match self.call() {
            Call::Served if self.world.hits(20) => {
                self.world.ledger.tally(|tally| tally.late += 1);
                Call::Late(self.world.millis(1_000, 30_000))
            }
            call => call,
        }
    }

    /// What becomes of the next call.
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
