//! The delay before a retry, and the number of tries.

use std::time::Duration;

pub use event_topology::Redelivery;

/// Exponential back-off with full jitter: before try `n + 1` a random delay up to `base · 2ⁿ⁻¹`, at
/// most `cap`.
///
/// Full jitter spreads callers that were throttled at the same time. Tests that should not wait set
/// `base` to zero.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use event_runtime::backoff::Backoff;
///
/// let backoff = Backoff { base: Duration::from_millis(100), ..Backoff::default() };
/// assert!(backoff.delay(1) <= Duration::from_millis(100));
/// assert!(backoff.delay(3) <= Duration::from_millis(400));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest delay before the second try.
    pub base: Duration,
    /// The longest delay before any try.
    pub cap: Duration,
    /// The total number of tries; 0 counts as 1.
    pub attempts: u32,
}

impl Default for Backoff {
    /// Five tries within about three seconds.
    fn default() -> Self {
        Self { base: Duration::from_millis(100), cap: Duration::from_secs(2), attempts: 5 }
    }
}

impl Backoff {
    /// Returns the delay after the `tried`-th try; the first try is 1.
    pub fn delay(&self, tried: u32) -> Duration {
        let longest = self.longest(tried);
        if longest.is_zero() { longest } else { rand::random_range(Duration::ZERO..=longest) }
    }

    /// Whether no try is left after the `tried`-th.
    pub fn is_exhausted(&self, tried: u32) -> bool {
        tried >= self.attempts
    }

    fn longest(&self, tried: u32) -> Duration {
        let factor = 2_u32.checked_pow(tried.saturating_sub(1)).unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maximum_delay_doubles_up_to_cap() {
        let backoff = Backoff {
            base: Duration::from_millis(10),
            cap: Duration::from_millis(70),
            attempts: 9,
        };
        let longest: Vec<_> = (0..6).map(|tried| backoff.longest(tried).as_millis()).collect();
        assert_eq!(longest, [10, 10, 20, 40, 70, 70]);
        assert_eq!(backoff.longest(u32::MAX), backoff.cap);
    }

    #[test]
    fn delays_are_spread_below_maximum() {
        let backoff = Backoff { base: Duration::from_millis(64), ..Backoff::default() };
        let waits: Vec<_> = (0..64).map(|_| backoff.delay(1)).collect();
        assert!(waits.iter().all(|wait| *wait <= backoff.base));
        assert!(waits.iter().any(|wait| *wait != waits[0]), "no jitter");
    }

    #[test]
    fn last_try_is_counted() {
        let backoff = Backoff { attempts: 3, ..Backoff::default() };
        assert!(!backoff.is_exhausted(2));
        assert!(backoff.is_exhausted(3));
    }
}
