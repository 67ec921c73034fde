//! When a message that failed is delivered again, derived from its queue.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::limits::{MAX_RECEIVE_COUNT, MAX_VISIBILITY, QUEUE_RETENTION};

/// The outage that a queue is to survive, if it keeps messages for that long.
const OUTAGE: Duration = Duration::from_mins(15);

/// The deliveries of a queue whose redrive policy is not known, or that has none.
const DELIVERIES: u32 = 5;

/// The waits of a message between its deliveries, so that an outage does not use them all up.
///
/// A message that has been received `maxReceiveCount` times is a dead letter. Between the first and
/// the last delivery lie the waits: the first one is short, for what passes at once, and each one is
/// longer than the one before, so that together they last for an outage of 15 minutes, or a quarter of
/// the queue's retention where that is less. Each wait is up to a quarter longer at random, for
/// messages that failed together not to come back together.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use event_topology::Redelivery;
///
/// // The queue as SQS creates it, with five deliveries.
/// let waits = Redelivery::of_queue(5, Duration::from_secs(30), Duration::from_hours(96));
/// assert_eq!(waits.survives(), Duration::from_mins(15));
/// assert!(*waits.wait(1).end() < Duration::from_secs(15));
/// // A single delivery survives nothing.
/// assert!(Redelivery::of_queue(1, Duration::from_secs(30), Duration::from_hours(96)).survives().is_zero());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redelivery {
    deliveries: u32,
    first: Duration,
    total: Duration,
}

impl Redelivery {
    /// The waits for a queue that delivers a message so many times, hides a message that was received
    /// for so long, and keeps it for so long.
    pub fn of_queue(max_receives: u32, visibility: Duration, retention: Duration) -> Self {
        let deliveries = max_receives.clamp(1, MAX_RECEIVE_COUNT);
        let total = OUTAGE.min(retention / 4);
        let first = (visibility / 3).clamp(Duration::from_secs(1), Duration::from_secs(30));
        let waits = deliveries - 1;
        let first = match waits {
            0 | 1 => total,
            // Waits that cannot grow are the same, and may last for longer than the outage.
            _ => first.min((retention / 4) / waits),
        };
        let total =
            if waits == 0 { Duration::ZERO } else { total.max(first.saturating_mul(waits)) };
        Self { deliveries, first, total }
    }

    /// The outage that no message becomes a dead letter by: the shortest time between its first and
    /// its last delivery.
    pub fn survives(&self) -> Duration {
        self.total
    }

    /// How long a message waits that was received so many times: the shortest wait and the longest, for the
    /// caller to draw one from. After the last delivery that is planned for, each wait is as long as the
    /// one before.
    pub fn wait(&self, receives: u32) -> RangeInclusive<Duration> {
        let shortest = self.shortest(receives);
        let longest = shortest.saturating_add(shortest / 4);
        shortest.min(MAX_VISIBILITY)..=longest.min(MAX_VISIBILITY)
    }

    /// The shortest wait after so many deliveries: `first · qⁿ⁻¹`, whose sum is the total.
    fn shortest(&self, receives: u32) -> Duration {
        let waits = self.deliveries.saturating_sub(1).max(1);
        let at = receives.clamp(1, waits);
        let (first, total) = (self.first.as_secs_f64(), self.total.as_secs_f64());
        if first <= 0.0 {
            return Duration::ZERO;
        }
        let power = |ratio: f64, n: u32| ratio.powi(i32::try_from(n).unwrap_or(i32::MAX));
        let sum = |ratio: f64| match ratio - 1.0 {
            above if above < 1e-9 => f64::from(waits) * first,
            above => (power(ratio, waits) - 1.0) / above * first,
        };
        let (mut low, mut high) = (1.0_f64, 1.0_f64.max(total / first));
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if sum(middle) < total { low = middle } else { high = middle }
        }
        Duration::try_from_secs_f64(first * power(high, at - 1)).unwrap_or(MAX_VISIBILITY)
    }
}

impl Default for Redelivery {
    /// The waits for a queue as SQS creates it, with five deliveries.
    fn default() -> Self {
        Self::of_queue(DELIVERIES, Duration::from_secs(30), QUEUE_RETENTION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    /// Over all deliveries, with the least luck and with the most.
    fn sum_of_waits(waits: &Redelivery, deliveries: u32) -> (Duration, Duration) {
        let shortest = (1..deliveries).map(|n| waits.shortest(n)).sum();
        let longest = (1..deliveries).map(|n| *waits.wait(n).end()).sum();
        (shortest, longest)
    }

    #[test]
    fn the_waits_last_for_the_outage_that_is_promised() {
        for deliveries in [2, 3, 5, 10, 20, 91, 92, 1000] {
            for visibility in [1, 30, 900, 43_200] {
                for retention in [MINUTE, 10 * MINUTE, QUEUE_RETENTION, 14 * 24 * 60 * MINUTE] {
                    let visibility = Duration::from_secs(visibility);
                    let waits = Redelivery::of_queue(deliveries, visibility, retention);
                    let (shortest, longest) = sum_of_waits(&waits, deliveries);
                    let what = format!("{deliveries} {visibility:?} {retention:?}: {waits:?}");
                    assert!(shortest + Duration::from_millis(1) >= waits.survives(), "{what}");
                    assert!(longest >= shortest, "{what}");
                    assert!(longest <= shortest * 5 / 4 + MINUTE / 60, "{what}");
                    assert!(
                        waits.survives() >= (15 * MINUTE).min(retention / 4) * 99 / 100,
                        "{what}"
                    );
                    // Nothing outlives its queue while it waits.
                    assert!(longest < retention / 2, "{what}: {longest:?}");
                }
            }
        }
    }

    #[test]
    fn the_default_queue_tries_soon_and_waits_longer_each_time() {
        let waits = Redelivery::default();
        let shortest: Vec<u64> = (1..=6).map(|n| waits.shortest(n).as_secs()).collect();
        assert_eq!(shortest[0], 10);
        assert!(shortest.windows(2).take(3).all(|two| two[0] < two[1]), "{shortest:?}");
        assert_eq!(shortest[3..], [shortest[3]; 3]);
    }

    #[test]
    fn odd_queues_do_not_panic() {
        for deliveries in [0, 1, u32::MAX] {
            for span in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
                let waits = Redelivery::of_queue(deliveries, span, span);
                for receives in [0, 1, 7, u32::MAX] {
                    let wait = waits.wait(receives);
                    assert!(wait.start() <= wait.end() && *wait.end() <= MAX_VISIBILITY);
                }
            }
        }
    }
}
