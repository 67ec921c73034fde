//! For how long an event may come again, and so for how long it has to be remembered.
//!
//! Pure arithmetic: it has neither a store nor a client. A copy of an event waits at each station of its
//! way: at the rule while it retries, in the queue until a consumer takes it, in the dead-letter
//! queue until it is redriven, and then in the queue once more. An event that is forgotten before the
//! last of its copies can arrive is handled twice.

use std::fmt;
use std::time::Duration;

use crate::limits::{
    MAX_INVOKE_AGE, MAX_QUEUE_RETENTION, MAX_RULE_RETRY, MIN_INVOKE_AGE, MIN_QUEUE_RETENTION,
    MIN_RULE_RETRY, QUEUE_RETENTION,
};

/// The way of an event to a consumer, as a list of the waits on it.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use event_topology::Window;
///
/// // A rule and a queue, both as AWS sets them up: 24 hours and 4 days.
/// let window = Window::of_queue();
/// assert_eq!(window.minimum(), Duration::from_hours(120));
///
/// let error = window.check(Duration::from_hours(24)).unwrap_err();
/// assert_eq!(error.to_string(), "\
/// an event is remembered for 24 h, but may come again after 120 h
///   24 h  the rule retries (`MaximumEventAgeInSeconds`)
/// + 96 h  the queue keeps it (`MessageRetentionPeriod`)
/// = 120 h
/// help: remember it for 120 h: `Duration::from_hours(120)`");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Window {
    retry: Duration,
    invoke: Option<Duration>,
    queue: Option<Duration>,
    fifo: bool,
    dead_letters: Duration,
    redrives: u32,
    replay: Duration,
}

/// One wait on the way of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowTerm {
    /// How long it may last.
    pub span: Duration,
    /// Where the event waits, and the setting that says how long.
    pub what: &'static str,
}

/// One thing that is wrong with a [`Window`], or with what is remembered of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WindowProblem {
    /// A setting is outside of what AWS takes.
    OutOfRange {
        /// The setting, by its name in AWS.
        setting: &'static str,
        /// What it is set to.
        is: Duration,
        /// The least that AWS takes.
        min: Duration,
        /// The most that AWS takes.
        max: Duration,
    },
    /// Events are forgotten before their last copy can arrive.
    TooShort {
        /// For how long they are remembered.
        keep: Duration,
        /// For how long they have to be: the sum.
        minimum: Duration,
        /// What is summed.
        terms: Vec<WindowTerm>,
    },
}

/// Everything that is wrong with a window. Prints each problem, and the sum of what is too short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowError {
    /// What is wrong; at least one.
    pub problems: Vec<WindowProblem>,
}

impl Window {
    /// A rule that puts events on a queue, both with the settings that AWS starts them with: the
    /// rule retries for 24 hours, the queue keeps a message for 4 days. No redrive.
    pub const fn of_queue() -> Self {
        Self {
            retry: MAX_RULE_RETRY,
            invoke: None,
            queue: Some(QUEUE_RETENTION),
            fifo: false,
            dead_letters: Duration::ZERO,
            redrives: 0,
            replay: Duration::ZERO,
        }
    }

    /// A rule that invokes a Lambda function: the rule retries for 24 hours, and Lambda keeps an
    /// event of an asynchronous invocation for 6 hours. No redrive.
    pub const fn of_function() -> Self {
        Self { invoke: Some(MAX_INVOKE_AGE), queue: None, ..Self::of_queue() }
    }

    /// How long the rule retries: the `MaximumEventAgeInSeconds` of its target's `RetryPolicy`.
    pub const fn retry_age(mut self, age: Duration) -> Self {
        self.retry = age;
        self
    }

    /// How long the queue keeps a message: its `MessageRetentionPeriod`.
    pub const fn queue_retention(mut self, retention: Duration) -> Self {
        self.queue = Some(retention);
        self
    }

    /// How long Lambda keeps an event of an asynchronous invocation: its `MaximumEventAgeInSeconds`.
    pub const fn invoke_age(mut self, age: Duration) -> Self {
        self.invoke = Some(age);
        self
    }

    /// The queue is a FIFO queue. The age of a message starts again when it moves to a FIFO
    /// dead-letter queue; on standard queues it counts from when the message was first sent. Source:
    /// *Amazon SQS Developer Guide*, "Using dead-letter queues in Amazon SQS".
    pub const fn fifo(mut self) -> Self {
        self.fifo = true;
        self
    }

    /// What fails is redriven from a dead-letter queue that keeps it for so long, up to so many
    /// times. A redriven message is a new one to its queue, which keeps it from the start. Source:
    /// *Amazon SQS Developer Guide*, "Learn how to configure a dead-letter queue redrive".
    pub const fn redriven(mut self, dead_letter_retention: Duration, times: u32) -> Self {
        self.dead_letters = dead_letter_retention;
        self.redrives = times;
        self
    }

    /// Events are replayed from an archive, this old at most. A replay of older ones is handled again.
    pub const fn replayed(mut self, age: Duration) -> Self {
        self.replay = age;
        self
    }

    /// The waits, in the order in which an event meets them.
    pub fn terms(&self) -> Vec<WindowTerm> {
        let mut terms = Vec::new();
        let mut add = |span: Duration, what| {
            if !span.is_zero() {
                terms.push(WindowTerm { span, what });
            }
        };
        add(self.replay, "the archive replays it");
        add(self.retry, "the rule retries (`MaximumEventAgeInSeconds`)");
        add(
            self.invoke.unwrap_or_default(),
            "the function's event queue keeps it (`MaximumEventAgeInSeconds`)",
        );
        let queue = self.queue.unwrap_or_default();
        if self.redrives > 0 {
            if self.fifo {
                add(
                    queue.saturating_mul(self.redrives),
                    "the FIFO queue keeps it before it is a dead letter",
                );
            }
            add(
                self.dead_letters.saturating_mul(self.redrives),
                "the dead-letter queue keeps it for a redrive (`MessageRetentionPeriod`)",
            );
            if self.redrives > 1 && !self.fifo {
                add(
                    queue.saturating_mul(self.redrives - 1),
                    "the queue keeps it between redrives (`MessageRetentionPeriod`)",
                );
            }
        }
        add(queue, "the queue keeps it (`MessageRetentionPeriod`)");
        terms
    }

    /// For how long an event has to be remembered at least: the sum of the waits.
    pub fn minimum(&self) -> Duration {
        self.terms().iter().fold(Duration::ZERO, |sum, term| sum.saturating_add(term.span))
    }

    /// Whether events that are remembered for `keep` are remembered for long enough, and whether AWS
    /// takes the settings.
    ///
    /// # Errors
    ///
    /// [`WindowError`] with everything that is wrong.
    pub fn check(&self, keep: Duration) -> Result<(), WindowError> {
        let mut problems = Vec::new();
        let mut within = |setting, is: Duration, min: Duration, max: Duration| {
            if !(min..=max).contains(&is) {
                problems.push(WindowProblem::OutOfRange { setting, is, min, max });
            }
        };
        within(
            "`MaximumEventAgeInSeconds` of the rule",
            self.retry,
            MIN_RULE_RETRY,
            MAX_RULE_RETRY,
        );
        if let Some(age) = self.invoke {
            let setting = "`MaximumEventAgeInSeconds` of the function";
            within(setting, age, MIN_INVOKE_AGE, MAX_INVOKE_AGE);
        }
        if let Some(retention) = self.queue {
            let setting = "`MessageRetentionPeriod` of the queue";
            within(setting, retention, MIN_QUEUE_RETENTION, MAX_QUEUE_RETENTION);
        }
        if self.redrives > 0 {
            let setting = "`MessageRetentionPeriod` of the dead-letter queue";
            within(setting, self.dead_letters, MIN_QUEUE_RETENTION, MAX_QUEUE_RETENTION);
        }
        let minimum = self.minimum();
        if keep < minimum {
            problems.push(WindowProblem::TooShort { keep, minimum, terms: self.terms() });
        }
        if problems.is_empty() { Ok(()) } else { Err(WindowError { problems }) }
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::of_queue()
    }
}

impl std::error::Error for WindowError {}

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for WindowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { setting, is, min, max } => {
                let (is, min, max) = (Span(*is), Span(*min), Span(*max));
                write!(f, "{setting} is {is}, and AWS takes {min} to {max}")
            }
            Self::TooShort { keep, minimum, terms } => {
                let (keep, least) = (Span(*keep), Span(*minimum));
                writeln!(f, "an event is remembered for {keep}, but may come again after {least}")?;
                for (at, term) in terms.iter().enumerate() {
                    let sign = if at == 0 { ' ' } else { '+' };
                    writeln!(f, "{sign} {}  {}", Span(term.span), term.what)?;
                }
                writeln!(f, "= {least}")?;
                write!(f, "help: remember it for {least}: `{}`", least.as_code())
            }
        }
    }
}

/// A duration in the largest unit of hours, minutes and seconds that is exact; rounded up below
/// seconds, so that what is printed is never too little.
struct Span(Duration);

impl Span {
    fn parts(&self) -> (u64, &'static str, &'static str) {
        let seconds = self.0.as_secs().saturating_add(u64::from(self.0.subsec_nanos() > 0));
        match seconds {
            0 => (0, "s", "secs"),
            _ if seconds % 3600 == 0 => (seconds / 3600, "h", "hours"),
            _ if seconds % 60 == 0 => (seconds / 60, "min", "mins"),
            _ => (seconds, "s", "secs"),
        }
    }

    fn as_code(&self) -> String {
        let (number, _, unit) = self.parts();
        format!("Duration::from_{unit}({number})")
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit, _) = self.parts();
        write!(f, "{number} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn days(days: u64) -> Duration {
        Duration::from_hours(24 * days)
    }

    #[test]
    fn the_sum_is_the_waits_of_the_longest_way() {
        let check = |window: Window, minimum| assert_eq!(window.minimum(), minimum);
        check(Window::of_queue(), days(5));
        check(
            Window::of_queue().retry_age(Duration::from_hours(1)),
            days(4) + Duration::from_hours(1),
        );
        check(Window::of_queue().queue_retention(days(14)), days(15));
        check(Window::of_function(), Duration::from_hours(30));
        // A standard queue's dead letter has its age from before: 1 + 14, and then the queue again.
        check(Window::of_queue().redriven(days(14), 1), days(1 + 14 + 4));
        check(Window::of_queue().redriven(days(14), 2), days(1 + 14 + 4 + 14 + 4));
        // A FIFO one starts again: the queue, the dead-letter queue, and the queue again.
        check(Window::of_queue().fifo().redriven(days(14), 1), days(1 + 4 + 14 + 4));
        check(Window::of_queue().fifo(), days(5));
        check(Window::of_queue().replayed(days(30)), days(35));
        check(Window::of_queue().redriven(days(14), 0), days(5));
    }

    #[test]
    fn the_minimum_itself_is_enough_and_a_moment_less_is_not() {
        let window = Window::of_queue().redriven(days(14), 1);
        assert_eq!(window.check(window.minimum()), Ok(()));
        let error = window.check(Duration::new(24 * 19 * 3600 - 1, 999_999_999)).unwrap_err();
        assert!(matches!(&error.problems[..], [WindowProblem::TooShort { .. }]));
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let window = Window::of_queue()
            .retry_age(Duration::from_secs(59))
            .queue_retention(days(15))
            .redriven(Duration::from_secs(90), 1);
        let error = window.check(days(1)).unwrap_err().to_string();
        assert_eq!(
            error,
            "\
`MaximumEventAgeInSeconds` of the rule is 59 s, and AWS takes 1 min to 24 h
`MessageRetentionPeriod` of the queue is 360 h, and AWS takes 1 min to 336 h
an event is remembered for 24 h, but may come again after 1296149 s
  59 s  the rule retries (`MaximumEventAgeInSeconds`)
+ 90 s  the dead-letter queue keeps it for a redrive (`MessageRetentionPeriod`)
+ 360 h  the queue keeps it (`MessageRetentionPeriod`)
= 1296149 s
help: remember it for 1296149 s: `Duration::from_secs(1296149)`"
        );
    }

    #[test]
    fn spans_beyond_all_bounds_do_not_overflow() {
        let window = Window::of_queue().redriven(Duration::MAX, u32::MAX).replayed(Duration::MAX);
        assert_eq!(window.minimum(), Duration::MAX);
        assert!(window.check(days(5)).unwrap_err().to_string().contains("help: remember it"));
    }
}
