//! A Lambda function on the stream of a DynamoDB table: the changes of a shard in order, and again from
//! the first one that failed.

use event_aws::lambda::{self, aws_lambda_events::event::dynamodb::EventRecord, lambda_runtime};
use event_runtime::consume::HandlerError;

async fn changed(record: EventRecord) -> Result<(), HandlerError> {
    let number = record.change.sequence_number.unwrap_or_default();
    if record.event_name == "REMOVE" {
        return Err(HandlerError::permanent("orders are never removed"));
    }
    tracing::info!(change = record.event_name, number, "order changed");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    tracing_subscriber::fmt().init();
    lambda::run_stream(lambda::DEFAULT_MARGIN, changed).await
}
