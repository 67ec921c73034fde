//! Delivery from a rule to its queue, with retries and EventBridge's attributes for undelivered
//! events.

use std::sync::Arc;

use super::{Queue, Rule};
use crate::trace::Trace;

/// An event that a rule could not deliver, as in the dead-letter queue of the target: the whole
/// event, with the attributes that EventBridge adds. Source: *Amazon EventBridge User Guide*,
/// "Using dead-letter queues to process undelivered events".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// The event.
    pub body: Arc<str>,
    /// `RULE_ARN`.
    pub rule_arn: String,
    /// `TARGET_ARN`.
    pub target_arn: String,
    /// `ERROR_CODE`.
    pub error_code: String,
    /// `ERROR_MESSAGE`.
    pub error_message: String,
    /// `RETRY_ATTEMPTS`: the retries after the first try.
    pub retry_attempts: u32,
    /// `EXHAUSTED_RETRY_CONDITION`.
    pub exhausted_retry_condition: String,
}

/// The connection between a rule and its queue.
#[derive(Debug, Default)]
pub(super) struct Delivering {
    /// How many of the next tries fail.
    pub(super) failing: u32,
    pub(super) undelivered: Vec<Undelivered>,
}

impl Delivering {
    /// Delivers with retries. Returns whether the queue received the event.
    pub(super) fn deliver(
        &mut self,
        rule: &Rule,
        bus: &str,
        queue: &Queue,
        body: &Arc<str>,
        trace: &Trace,
    ) -> bool {
        let allowed = rule.retry_policy().maximum_retry_attempts;
        let fails = self.failing.min(allowed.saturating_add(1));
        self.failing -= fails;
        if fails <= allowed {
            queue.arrive(Arc::clone(body), trace.clone());
            return true;
        }
        let (account, region) = (super::bus::ACCOUNT, super::bus::REGION);
        self.undelivered.push(Undelivered {
            body: Arc::clone(body),
            rule_arn: format!("arn:aws:events:{region}:{account}:rule/{bus}/{}", rule.name()),
            target_arn: format!("arn:aws:sqs:{region}:{account}:{}", rule.queue_name),
            error_code: "INTERRUPTED".to_owned(),
            error_message: "the test interrupted the delivery".to_owned(),
            retry_attempts: allowed,
            exhausted_retry_condition: "MaximumRetryAttempts".to_owned(),
        });
        false
    }
}
