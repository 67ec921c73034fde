//! Numbers of a plan that comes from a file: each within what AWS takes, as `build` checks them in a declaration.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::limits::{
    FUNCTION_MEMORY_MEGABYTES, MAX_BATCH_SIZE, MAX_FUNCTION_TIMEOUT, MAX_QUEUE_RETENTION,
    MAX_RECEIVE_COUNT, MAX_RULE_ATTEMPTS, MAX_RULE_RETRY, MAX_VISIBILITY, MIN_QUEUE_RETENTION,
    MIN_RULE_RETRY,
};
use crate::plan::{Consumer, Holds, Host, Plan, Queue, Rule};

/// What is wrong, each with the consumer that it is about.
pub(crate) fn problems(plan: &Plan) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    for consumer in &plan.consumers {
        let mut all = Vec::new();
        of_consumer(plan, consumer, &mut all);
        found.extend(all.into_iter().map(|what| (consumer.name.as_str(), what)));
    }
    for rule in &plan.rules {
        found.extend(of_rule(rule).into_iter().map(|what| (rule.consumer.as_str(), what)));
    }
    for queue in &plan.queues {
        found.extend(of_queue(plan, queue).into_iter().map(|what| (queue.consumer.as_str(), what)));
    }
    found
}

fn of_consumer(plan: &Plan, consumer: &Consumer, found: &mut Vec<String>) {
    found.extend(outside("the concurrency", consumer.concurrency, 1..=u32::MAX));
    let Host::Function(function) = &consumer.host else { return };
    let timeout = function.timeout_seconds;
    found.extend(outside(
        "the time-out of the function",
        timeout,
        1..=seconds(MAX_FUNCTION_TIMEOUT),
    ));
    let memory = function.memory_megabytes;
    found.extend(outside("the memory of the function", memory, FUNCTION_MEMORY_MEGABYTES));
    found.extend(outside("the batch of the function", function.batch_size, 1..=MAX_BATCH_SIZE));
    if let Some(queue) = plan.queue(&consumer.queue)
        && queue.visibility_timeout_seconds < timeout.saturating_mul(6)
    {
        let hidden = queue.visibility_timeout_seconds;
        found.push(format!(
            "its queue hides messages for {hidden} s, and its function takes up to {timeout} s: expected six times that"
        ));
    }
}

fn of_rule(rule: &Rule) -> Vec<String> {
    let of_target = |target: &crate::plan::Target| {
        let policy = target.retry_policy;
        let attempts = outside(
            &format!("the attempts of rule `{}`", rule.name),
            policy.maximum_retry_attempts,
            0..=MAX_RULE_ATTEMPTS,
        );
        let age = outside(
            &format!("the age up to which rule `{}` tries", rule.name),
            policy.maximum_event_age_in_seconds,
            seconds(MIN_RULE_RETRY)..=seconds(MAX_RULE_RETRY),
        );
        attempts.into_iter().chain(age)
    };
    rule.targets.iter().flat_map(of_target).collect()
}

fn of_queue(plan: &Plan, queue: &Queue) -> Vec<String> {
    let mut found = Vec::new();
    let what = |part: &str| format!("{part} of queue `{}`", queue.name);
    let hidden = queue.visibility_timeout_seconds;
    found.extend(outside(&what("the visibility time-out"), hidden, 1..=seconds(MAX_VISIBILITY)));
    let kept = queue.message_retention_period_seconds;
    let range = seconds(MIN_QUEUE_RETENTION)..=seconds(MAX_QUEUE_RETENTION);
    found.extend(outside(&what("the retention"), kept, range));
    if let Some(redrive) = &queue.redrive_policy {
        let receives = redrive.max_receive_count;
        found.extend(outside(&what("the receives"), receives, 1..=MAX_RECEIVE_COUNT));
        let letters = plan.queue(&redrive.dead_letter_queue);
        let shorter = letters.is_some_and(|it| it.message_retention_period_seconds < kept);
        if queue.holds == Holds::Events && !queue.fifo && shorter {
            found.push(format!(
                "`{}` keeps dead letters for less time than `{}` keeps messages",
                redrive.dead_letter_queue, queue.name
            ));
        }
    }
    found
}

fn outside<T: PartialOrd + Display + Copy>(
    what: &str,
    is: T,
    range: RangeInclusive<T>,
) -> Option<String> {
    (!range.contains(&is))
        .then(|| format!("{what} is {is}: expected {} to {}", range.start(), range.end()))
}

fn seconds(duration: Duration) -> u64 {
    duration.as_secs()
}
