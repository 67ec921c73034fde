//! The state of a queue and the fate of its messages: settled, hidden, dead or expired.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{DeadLetter, QueueSettings};
use crate::trace::Trace;

#[derive(Debug, Default)]
pub(super) struct State {
    /// By order of arrival.
    pub(super) messages: BTreeMap<u64, Message>,
    pub(super) dead: Vec<Dead>,
    pub(super) arrivals: u64,
    pub(super) deliveries: u64,
    pub(super) expired: u64,
}

/// A dead letter, and when it expires.
#[derive(Debug)]
pub(super) struct Dead {
    pub(super) letter: DeadLetter,
    pub(super) trace: Trace,
    pub(super) gone_at: Instant,
}

#[derive(Debug)]
pub(super) struct Message {
    pub(super) body: Arc<str>,
    pub(super) trace: Trace,
    pub(super) receives: u32,
    pub(super) sent_at: Instant,
    pub(super) visible_at: Instant,
    /// The delivery that may settle it.
    pub(super) delivery: Option<u64>,
    pub(super) last_failure: Option<String>,
}

pub(super) enum Fate {
    Waits,
    Gone,
    Dead,
}

impl Message {
    pub(super) fn hide_for(&mut self, wait: Duration) {
        self.visible_at = later(Instant::now(), wait);
    }
}

impl State {
    pub(super) fn arrive(&mut self, body: Arc<str>, trace: Trace) {
        self.arrivals += 1;
        let now = Instant::now();
        let message = Message {
            body,
            trace,
            receives: 0,
            sent_at: now,
            visible_at: now,
            delivery: None,
            last_failure: None,
        };
        self.messages.insert(self.arrivals, message);
    }

    /// Removes expired messages, even those in flight. The first messages are the oldest ones.
    pub(super) fn expire(&mut self, now: Instant, retention: Duration) {
        while let Some(oldest) = self.messages.first_entry()
            && later(oldest.get().sent_at, retention) <= now
        {
            oldest.remove();
            self.expired += 1;
        }
        let dead = self.dead.len();
        self.dead.retain(|dead| dead.gone_at > now);
        self.expired += (dead - self.dead.len()) as u64;
    }

    /// Moves messages whose last delivery was never settled to the dead letters.
    pub(super) fn bury_exhausted(&mut self, now: Instant, settings: &QueueSettings) {
        let exhausted: Vec<u64> = self
            .messages
            .iter()
            .filter(|(_, m)| m.visible_at <= now && m.receives > 0)
            .filter(|(_, m)| settings.backoff.is_exhausted(m.receives))
            .map(|(&id, _)| id)
            .collect();
        for id in exhausted {
            self.bury(id, settings);
        }
    }

    pub(super) fn bury(&mut self, id: u64, settings: &QueueSettings) {
        let Some(Message { body, trace, receives, sent_at, delivery, last_failure, .. }) =
            self.messages.remove(&id)
        else {
            return;
        };
        let reason = match (delivery, last_failure) {
            (Some(_), _) => "the receiver did not settle it in time".to_owned(),
            (None, Some(failure)) => failure,
            (None, None) => "no reason was given".to_owned(),
        };
        let from = if settings.fifo { Instant::now() } else { sent_at };
        self.dead.push(Dead {
            letter: DeadLetter { body, reason, receives },
            trace,
            gone_at: later(from, settings.dead_letter_retention),
        });
    }
}

/// A delay beyond the range of the clock counts as endless.
pub(super) fn later(now: Instant, wait: Duration) -> Instant {
    const YEAR: Duration = Duration::from_hours(365 * 24);
    now + wait.min(YEAR)
}
