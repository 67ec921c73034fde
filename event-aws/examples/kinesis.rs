//! A Lambda function on a Kinesis stream to which a rule sends whole events: the events of a shard in
//! order, and again from the first one that failed.

mod orders;

use event_aws::lambda::lambda_runtime::Error;
use event_aws::lambda::{self, aws_lambda_events::event::kinesis::KinesisEventRecord};
use event_runtime::consume::HandlerError;
use event_runtime::decode::Incoming;
use orders::OrderPlaced;

async fn placed(record: KinesisEventRecord) -> Result<(), HandlerError> {
    let incoming = Incoming::read(&record.kinesis.data).map_err(HandlerError::permanent)?;
    let event = incoming.decode_event::<OrderPlaced>().map_err(HandlerError::permanent)?;
    tracing::info!(order = event.data.order_id, "order placed");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().init();
    lambda::run_kinesis(lambda::DEFAULT_MARGIN, placed).await
}
