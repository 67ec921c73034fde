//! Time-outs for clients that have none: a call without an answer must have an end.

use std::time::Duration;

use aws_smithy_types::timeout::TimeoutConfig;

/// How long one attempt may take, and all attempts of a call together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    pub(crate) attempt: Duration,
    pub(crate) operation: Duration,
}

/// Calls that are answered at once: a few milliseconds, where all is well.
pub(crate) const QUICK: Timeouts =
    Timeouts { attempt: Duration::from_secs(3), operation: Duration::from_secs(10) };

impl Timeouts {
    /// The client's own settings, and these where it has none.
    pub(crate) fn unless_set(self, client: Option<&TimeoutConfig>) -> TimeoutConfig {
        let builder = client.map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
        let operation = client.and_then(TimeoutConfig::operation_timeout);
        let attempt = client.and_then(TimeoutConfig::operation_attempt_timeout);
        let operation = operation.unwrap_or(self.operation.max(attempt.unwrap_or_default()));
        builder
            .operation_timeout(operation)
            .operation_attempt_timeout(attempt.unwrap_or(self.attempt))
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_has_stays_and_what_it_lacks_is_set() {
        let none = QUICK.unless_set(None);
        assert_eq!(none.operation_attempt_timeout(), Some(QUICK.attempt));
        assert_eq!(none.operation_timeout(), Some(QUICK.operation));
        let (long, minute) = (Duration::from_secs(20), Duration::from_mins(1));
        let own = TimeoutConfig::builder().operation_attempt_timeout(long).connect_timeout(minute);
        let both = QUICK.unless_set(Some(&own.build()));
        assert_eq!(both.operation_attempt_timeout(), Some(long));
        assert_eq!((both.operation_timeout(), both.connect_timeout()), (Some(long), Some(minute)));
        let off = QUICK.unless_set(Some(&TimeoutConfig::disabled()));
        assert_eq!(off.operation_timeout(), Some(QUICK.operation));
    }
}
