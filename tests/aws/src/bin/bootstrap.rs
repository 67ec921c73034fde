//! A consumer as a Lambda function of the runtime `provided.al2023`, for an emulator to run.
//!
//! It tells of each order that it handled in a queue, so that a test sees what took effect, and at
//! which delivery. Order 3 fails at its first delivery, order 4 for good.

use std::env;
use std::sync::Arc;

use event_aws::DeadLetterQueue;
use event_aws::lambda::lambda_runtime::Error;
use event_aws::lambda::{self, Function};
use event_runtime::consume::{Consumer, HandlerError};
use event_runtime::idempotency::MemoryStore;
use event_tests_aws::events::PlacedV1;
use event_tests_aws::server::sqs_at;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let sqs = sqs_at(&env::var("ENDPOINT")?);
    let effects: Arc<str> = env::var("EFFECTS_URL")?.into();
    let letters = DeadLetterQueue::new(sqs.clone(), env::var("DEAD_LETTERS_URL")?);
    let consumer = Consumer::builder("shipper", MemoryStore::new())
        .on::<PlacedV1, _>(move |event, context| {
            let (sqs, effects) = (sqs.clone(), Arc::clone(&effects));
            async move {
                let order = event.data.number;
                match (order, context.receives()) {
                    (3, 1) => return Err(HandlerError::transient("not at the first sight")),
                    (4, _) => return Err(HandlerError::permanent("an unlucky number")),
                    _ => {}
                }
                let told = format!("{order} at {}", context.receives());
                let send = sqs.send_message().queue_url(&*effects).message_body(told);
                match send.send().await {
                    Ok(_) => Ok(()),
                    Err(error) => Err(HandlerError::transient(error.to_string())),
                }
            }
        })
        .build()?;
    lambda::run_sqs(Function::new(consumer).dead_letters(Arc::new(letters))).await
}
