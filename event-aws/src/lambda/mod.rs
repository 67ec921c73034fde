//! Consumers as Lambda functions.
//!
//! One function for each source: [`sqs`] with a partial batch response, [`event_bridge`] for a
//! rule that invokes the function itself, [`stream`] and [`kinesis`] for the records of DynamoDB and
//! Kinesis streams in their order.
//! [`run_sqs`] and [`run_event_bridge`] put the first two into Lambda's runtime loop.
//!
//! Of each source the event source mapping must be set to `ReportBatchItemFailures`: without it
//! Lambda takes any answer for success of the whole batch.

mod deadline;
mod direct;
mod queue;
mod streams;

pub use deadline::{DEFAULT_MARGIN, stop_before};
pub use direct::{DirectError, event_bridge};
pub use queue::sqs;
pub use streams::{kinesis, stream};

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;

use event_runtime::consume::{Consumer, DeadLetters};

/// The crates of Lambda's own types, in the versions that this room was built with.
pub use {aws_lambda_events, lambda_runtime};

/// A consumer and what its function is set to.
#[derive(Clone)]
#[must_use]
pub struct Function {
    pub(crate) consumer: Consumer,
    pub(crate) margin: Duration,
    pub(crate) dead_letters: Option<Arc<dyn DeadLetters>>,
}

impl Function {
    /// The function of a consumer: half a second of margin, no dead letters.
    pub fn new(consumer: Consumer) -> Self {
        Self { consumer, margin: DEFAULT_MARGIN, dead_letters: None }
    }

    /// Sets how long before its deadline the function stops (default: 500 milliseconds): then no
    /// message is begun, and half of that later what still runs is dropped. It has to last for
    /// releasing claims and for the answer, and must be shorter than the function's time-out: with a
    /// longer one nothing is ever begun, which the log says as an error.
    pub fn margin(self, margin: Duration) -> Self {
        Self { margin, ..self }
    }

    /// Where messages go that no try will mend. Without it they are failures like others, and the
    /// redrive policy of their queue decides.
    pub fn dead_letters(self, place: Arc<dyn DeadLetters>) -> Self {
        Self { dead_letters: Some(place), ..self }
    }
}

/// Runs a function on batches of SQS, for as long as Lambda has any.
///
/// # Errors
///
/// What Lambda's runtime loop ends with.
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
        Ok::<_, lambda_runtime::Error>(sqs(function, event).await)
    }))
    .await
}

/// Runs a function that a rule invokes itself, for as long as Lambda has any events.
///
/// # Errors
///
/// What Lambda's runtime loop ends with.
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
