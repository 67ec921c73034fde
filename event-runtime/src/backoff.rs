//! How long to wait before trying again, and how often.

use std::time::Duration;

pub use event_topology::Redelivery;

/// Exponential back-off with full jitter: before try `n + 1` a random time up to `base · 2ⁿ⁻¹`, at
/// most `cap`.
///
/// Full jitter spreads the callers that one throttling hit at once. Tests that want no waiting set
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
    /// The longest wait before the second try.
    pub base: Duration,
    /// The longest wait before any try.
    pub cap: Duration,
    /// How often something is tried in all; a 0 is taken for 1.
    pub attempts: u32,
}

impl Default for Backoff {
    /// Five tries within some three seconds.
    fn default() -> Self {
        Self { base: Duration::from_millis(100), cap: Duration::from_secs(2), attempts: 5 }
    }
}

impl Backoff {
    /// The wait after the `tried`-th try, the first being 1.
    pub fn delay(&self, tried: u32) -> Duration {
        let longest = self.longest(tried);
        if longest.is_zero() { longest } else { rand::random_range(Duration::ZERO..=longest) }
    }

    /// Whether there is no try left after the `tried`-th.
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
    fn the_longest_wait_doubles_up_to_the_cap() {
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
    fn waits_are_spread_below_the_longest() {
        let backoff = Backoff { base: Duration::from_millis(64), ..Backoff::default() };
        let waits: Vec<_> = (0..64).map(|_| backoff.delay(1)).collect();
        assert!(waits.iter().all(|wait| *wait <= backoff.base));
        assert!(waits.iter().any(|wait| *wait != waits[0]), "no jitter");
    }

    #[test]
    fn the_last_try_is_counted() {
        let backoff = Backoff { attempts: 3, ..Backoff::default() };
        assert!(!backoff.is_exhausted(2));
        assert!(backoff.is_exhausted(3));
    }
}
