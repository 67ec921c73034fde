//! A Lambda function that a rule invokes directly, without a queue: Lambda retries an event twice, and
//! then sends it to the failure destination of the function.

mod orders;

use event_aws::dynamodb::{DynamoDbStore, aws_sdk_dynamodb};
use event_aws::lambda::{self, Function, lambda_runtime::Error};
use event_runtime::consume::Consumer;
use orders::{Mailer, mail};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().init();
    let config = aws_config::load_from_env().await;
    let claims = DynamoDbStore::new(aws_sdk_dynamodb::Client::new(&config), "claims");
    let emailer = Consumer::builder("emailer", claims).state(Mailer::new()).handle(mail).build()?;
    lambda::run_event_bridge(Function::new(emailer)).await
}
