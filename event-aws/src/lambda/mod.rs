//! Consumers as Lambda functions.
//!
//! One function per source: [`sqs`] with a partial batch response, [`event_bridge`] for a rule that
//! invokes the function directly, [`stream`] and [`kinesis`] for the records of DynamoDB and
//! Kinesis streams in order. [`run_sqs`], [`run_event_bridge`], [`run_stream`] and [`run_kinesis`] run
//! them in Lambda's runtime loop; `examples/` has a program for each.
//!
//! An invocation ends before its deadline, with a [margin](Function::margin): messages that were not
//! begun are reported as failed, running handlers are dropped and their claims released. A claim is
//! held no longer than the invocation may last, so that a function that is frozen or killed at its
//! deadline does not keep an event from the next one.
//!
//! The event source mapping must be set to `ReportBatchItemFailures`: without it Lambda treats any
//! response as success of the whole batch.

mod deadline;
mod direct;
mod queue;
mod streams;

pub use deadline::{DEFAULT_MARGIN, stop_before};
pub use direct::{DirectError, event_bridge};
pub use queue::{BatchError, sqs};
pub use streams::{kinesis, run_kinesis, run_stream, stream};

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::sqs::SqsEvent;
use event_runtime::consume::{Consumer, DeadLetters};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;

/// Lambda's own types, in the versions that this crate uses.
pub use {aws_lambda_events, lambda_runtime};

/// A consumer and the settings of its function.
#[derive(Clone)]
#[must_use]
pub struct Function {
    pub(crate) consumer: Consumer,
    pub(crate) margin: Duration,
    pub(crate) dead_letters: Option<Arc<dyn DeadLetters>>,
    pub(crate) in_sequence: bool,
    pub(crate) fails_whole: bool,
    pub(crate) after_each: Option<AfterEach>,
}

/// What happens at the end of each invocation.
type AfterEach = Arc<dyn Fn() + Send + Sync>;

impl Function {
    /// Returns the function of a consumer: a margin of half a second, no dead letters.
    pub fn new(consumer: Consumer) -> Self {
        Self {
            consumer,
            margin: DEFAULT_MARGIN,
            dead_letters: None,
            in_sequence: false,
            fails_whole: false,
            after_each: None,
        }
    }

    /// Sets how long before its deadline the function stops (default: 500 milliseconds). Then no
    /// message is begun, and after half of the margin, running handlers are dropped. It must leave
    /// time to release claims and to respond, and must be shorter than the function's timeout:
    /// otherwise no message is ever begun, and each invocation logs an error.
    pub fn margin(self, margin: Duration) -> Self {
        Self { margin, ..self }
    }

    /// Sets where messages go that no retry will fix (default: they count as failures, and the
    /// redrive policy of their queue decides).
    pub fn dead_letters(self, place: Arc<dyn DeadLetters>) -> Self {
        Self { dead_letters: Some(place), ..self }
    }

    /// Sets whether the messages of an SQS batch are handled one after the other, whatever their
    /// groups, and none after the first one that must be delivered again (default: no; only the
    /// messages of a FIFO queue's group are).
    pub fn in_sequence(self, in_sequence: bool) -> Self {
        Self { in_sequence, ..self }
    }

    /// Sets what happens at the end of each invocation, before its response: Lambda freezes the
    /// function after it. To write metrics as lines of the log, or to flush spans. It must return at
    /// once.
    ///
    /// # Example
    ///
    /// ```
    /// # fn example(consumer: event_runtime::consume::Consumer) {
    /// use event_aws::lambda::Function;
    ///
    /// // With `metrics_cloudwatch_embedded`: `|| _ = metrics.flush(std::io::stdout())`
    /// let function = Function::new(consumer).after_each(|| tracing::debug!("invocation ends"));
    /// # }
    /// ```
    pub fn after_each(self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self { after_each: Some(Arc::new(hook)), ..self }
    }

    /// Sets whether an invocation fails if all messages of its SQS batch failed (default: no).
    /// Lambda delivers the same messages again either way; a failed invocation also counts in the
    /// function's `Errors` metric, and makes Lambda slow down its polling.
    pub fn fail_when_all_failed(self, fails: bool) -> Self {
        Self { fails_whole: fails, ..self }
    }
}

impl Function {
    /// The invocation ends.
    pub(crate) fn ended(&self) {
        if let Some(hook) = &self.after_each {
            hook();
        }
    }
}

/// Runs a function on batches of SQS messages, for as long as Lambda has any.
///
/// # Errors
///
/// The error of Lambda's runtime loop.
///
/// # Example
///
/// ```no_run
/// # async fn main_of(consumer: event_runtime::consume::Consumer) -> Result<(), event_aws::lambda::lambda_runtime::Error> {
/// use event_aws::lambda::{self, Function};
///
/// lambda::run_sqs(Function::new(consumer)).await
/// # }
/// ```
pub async fn run_sqs(function: Function) -> Result<(), lambda_runtime::Error> {
    let function = &function;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        sqs(function, event).await.map_err(lambda_runtime::Error::from)
    }))
    .await
}

/// Runs a function that a rule invokes directly, for as long as Lambda has any events.
///
/// # Errors
///
/// The error of Lambda's runtime loop.
///
/// # Example
///
/// ```no_run
/// # async fn main_of(consumer: event_runtime::consume::Consumer) -> Result<(), event_aws::lambda::lambda_runtime::Error> {
/// use event_aws::lambda::{self, Function};
///
/// lambda::run_event_bridge(Function::new(consumer)).await
/// # }
/// ```
pub async fn run_event_bridge(function: Function) -> Result<(), lambda_runtime::Error> {
    let function = &function;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        event_bridge(function, event).await.map_err(lambda_runtime::Error::from)
    }))
    .await
}
