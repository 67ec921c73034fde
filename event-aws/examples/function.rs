//! The same consumer as a Lambda function on batches of SQS: shared state, metrics as EMF lines in the
//! log, tracing, a time-out as middleware. It stops before the deadline of each invocation.

mod orders;

use std::time::Duration;

use event_aws::dynamodb::{DynamoDbStore, aws_sdk_dynamodb};
use event_aws::lambda::{self, Function, lambda_runtime::Error};
use event_runtime::consume::Consumer;
use metrics_cloudwatch_embedded::Builder;
use orders::{Mailer, mail};
use tower::timeout::TimeoutLayer;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().init();
    let metrics = Builder::new().cloudwatch_namespace("orders").init()?;
    let config = aws_config::load_from_env().await;
    let claims = DynamoDbStore::new(aws_sdk_dynamodb::Client::new(&config), "claims");
    let emailer = Consumer::builder("emailer", claims)
        .state(Mailer::new())
        .handle(mail)
        .layer(TimeoutLayer::new(Duration::from_secs(20)))
        .build()?;
    let function = Function::new(emailer).after_each(|| _ = metrics.flush(std::io::stdout()));
    lambda::run_sqs(function).await
}
