//! What the alarms of a consumer go by.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The settings of a consumer's alarms. Without a setting, a threshold is derived from the plan: from the outage that
/// the consumer survives, the retention of its queues, the maximum age of its rule, and the time-out of its function.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use event_topology::plan::Read;
/// use event_topology::{Alarms, Declaration};
///
/// let placed = Read::new("order.placed", 1, 0, "app.shop");
/// let alarms = Alarms::new().dead_letters(4, 3).stalled(Duration::from_mins(10));
/// let emailer = Declaration::new("emailer", [placed]).alarms(alarms);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Alarms {
    /// Whether the consumer has alarms.
    pub on: bool,
    /// When messages that the consumer could not handle raise an alarm.
    pub dead_letters: Messages,
    /// When events that did not reach the queue raise an alarm.
    pub undelivered: Messages,
    /// The percentage of failed deliveries above which a rule raises an alarm, 0 to 99.
    pub failing_percent: u32,
    /// The percentage of retries among deliveries above which a rule warns, 0 to 99.
    pub retrying_percent: u32,
    /// The age in seconds of the oldest message above which a consumer that handles nothing is stalled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stalled_seconds: Option<u64>,
    /// The percentage of the retention after which a waiting message is a warning, 1 to 98.
    pub near_loss_percent: u32,
    /// The percentage of the retention after which a waiting message is urgent, more than that and up to 99.
    pub urgent_loss_percent: u32,
    /// The time in milliseconds from the bus to the queue (p99) above which a rule warns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_milliseconds: Option<u64>,
    /// The percentage of a function's time-out above which its duration (p99) is a warning, 1 to 99.
    pub duration_percent: u32,
}

/// More than so many messages, for so many minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Messages {
    /// The number of messages that is still accepted.
    pub above: u32,
    /// Consecutive minutes, 1 to 1,440.
    pub minutes: u32,
}

impl Alarms {
    /// Every alarm, with derived thresholds: one dead letter for one minute raises one.
    pub fn new() -> Self {
        Self::default()
    }

    /// No alarm for this consumer.
    pub fn off() -> Self {
        Self { on: false, ..Self::default() }
    }

    /// Sets that messages which could not be handled raise an alarm when there are more than so many for so many
    /// consecutive minutes (default: more than 0 for 1 minute).
    #[must_use]
    pub fn dead_letters(self, above: u32, minutes: u32) -> Self {
        Self { dead_letters: Messages { above, minutes }, ..self }
    }

    /// The same for events that did not reach the queue.
    #[must_use]
    pub fn undelivered(self, above: u32, minutes: u32) -> Self {
        Self { undelivered: Messages { above, minutes }, ..self }
    }

    /// Sets the percentage of failed deliveries above which a rule raises an alarm (default: 0).
    #[must_use]
    pub fn failing(self, percent: u32) -> Self {
        Self { failing_percent: percent, ..self }
    }

    /// Sets the percentage of retries among deliveries above which a rule warns (default: 10).
    #[must_use]
    pub fn retrying(self, percent: u32) -> Self {
        Self { retrying_percent: percent, ..self }
    }

    /// Sets how old the oldest message may be while nothing is handled (default: half of the outage that the consumer
    /// survives, at least 5 minutes).
    #[must_use]
    pub fn stalled(self, age: Duration) -> Self {
        Self { stalled_seconds: Some(age.as_secs()), ..self }
    }

    /// Sets the percentages of the retention after which a waiting message is a warning, and urgent (default: 50, 80).
    #[must_use]
    pub fn near_loss(self, warning: u32, urgent: u32) -> Self {
        Self { near_loss_percent: warning, urgent_loss_percent: urgent, ..self }
    }

    /// Sets the time from the bus to the queue (p99) above which a rule warns (default: a tenth of the age up to which
    /// the rule tries, at most a minute).
    #[must_use]
    pub fn latency(self, p99: Duration) -> Self {
        let milliseconds = u64::try_from(p99.as_millis()).unwrap_or(u64::MAX);
        Self { latency_milliseconds: Some(milliseconds), ..self }
    }

    /// Sets the percentage of a function's time-out above which its duration (p99) is a warning (default: 80).
    #[must_use]
    pub fn duration(self, percent: u32) -> Self {
        Self { duration_percent: percent, ..self }
    }

    /// Whether these are the settings of a consumer that has none.
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with the settings: each time what is set, and what was expected.
    pub(crate) fn mistakes(&self, retention_seconds: u64) -> Vec<(String, String)> {
        const DAY: u64 = 1440;
        let mut found = Vec::new();
        let mut within = |what: &str, is: u64, least: u64, most: u64| {
            if !(least..=most).contains(&is) {
                found.push((format!("{what} is {is}"), format!("expected {least} to {most}")));
            }
        };
        within("the minutes of dead letters", self.dead_letters.minutes.into(), 1, DAY);
        within("the minutes of undelivered events", self.undelivered.minutes.into(), 1, DAY);
        within("the percentage of failed deliveries", self.failing_percent.into(), 0, 99);
        within("the percentage of retries", self.retrying_percent.into(), 0, 99);
        within("the first percentage of the retention", self.near_loss_percent.into(), 1, 98);
        let least = u64::from(self.near_loss_percent).saturating_add(1);
        let second = "the second percentage of the retention";
        within(second, self.urgent_loss_percent.into(), least.min(99), 99);
        within("the percentage of the time-out", self.duration_percent.into(), 1, 99);
        if let Some(age) = self.stalled_seconds {
            within("the age of a stalled consumer in seconds", age, 60, retention_seconds);
        }
        if let Some(latency) = self.latency_milliseconds {
            within("the latency in milliseconds", latency, 1, 86_400_000);
        }
        found
    }
}

impl Default for Alarms {
    fn default() -> Self {
        let one = Messages { above: 0, minutes: 1 };
        Self {
            on: true,
            dead_letters: one,
            undelivered: one,
            failing_percent: 0,
            retrying_percent: 10,
            stalled_seconds: None,
            near_loss_percent: 50,
            urgent_loss_percent: 80,
            latency_milliseconds: None,
            duration_percent: 80,
        }
    }
}
