//! The outbox table.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, StreamViewType, TransactWriteItem};
use event_runtime::limits::{Limits, MAX_TRANSACT_ITEMS};
use event_runtime::store::{EffectRefused, StoreError};

use super::OutboxEvents;
use super::item::PK;
use crate::dynamodb::{
    EXPIRY, Expected, TableCheckError, TooManyActions, answered, call_failed, check_table,
    create_table, with_timeouts,
};

/// How long items stay in the table by default.
const KEEP: Duration = Duration::from_hours(7 * 24);

/// A table for events that are published when their transaction is committed. Cheap to clone.
///
/// Its partition key is the string `pk`, its TTL attribute `expiration`, and its stream has new
/// images. The relay of its stream is an [`OutboxRelay`](super::OutboxRelay).
///
/// # Example
///
/// ```no_run
/// # use event_aws::dynamodb::aws_sdk_dynamodb::types::TransactWriteItem;
/// # use event_runtime::Event;
/// # #[derive(serde::Serialize)]
/// # struct OrderPlaced { order_id: String }
/// # impl Event for OrderPlaced {
/// #     const TYPE: &'static str = "order.placed";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const SOURCE: &'static str = "app.shop";
/// # }
/// # fn new_order(_: &str) -> TransactWriteItem { TransactWriteItem::builder().build() }
/// # async fn handle(client: aws_sdk_dynamodb::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use event_aws::outbox::DynamoDbOutbox;
///
/// let outbox = DynamoDbOutbox::new(client, "outbox");
/// outbox.check().await?; // when the service starts
///
/// // In a request handler, outside of a consumer:
/// let mut events = outbox.events();
/// events.push(OrderPlaced { order_id: "A-1".into() })?;
/// outbox.commit(vec![new_order("A-1")], events).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DynamoDbOutbox {
    client: Client,
    table: String,
    keep: Duration,
    limits: Limits,
}

impl DynamoDbOutbox {
    /// Returns the outbox in this table. A call times out after 10 seconds, unless the client has
    /// its own timeout.
    #[expect(clippy::needless_pass_by_value, reason = "clients are handed over everywhere")]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client: with_timeouts(&client),
            table: table.into(),
            keep: KEEP,
            limits: Limits::default(),
        }
    }

    /// Sets how long items stay in the table (default: 7 days). It does not affect publishing.
    #[must_use]
    pub fn keep(self, keep: Duration) -> Self {
        Self { keep, ..self }
    }

    /// Sets other limits of an entry.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The name of the table.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Returns a list of events for one transaction, which is empty.
    pub fn events(&self) -> OutboxEvents {
        OutboxEvents::new(self.table.clone(), self.keep, self.limits)
    }

    /// Writes an effect and its events in one transaction, for a change outside of a consumer: both
    /// or neither. The SDK repeats the call with the same token, which DynamoDB recognises, so a
    /// lost response does not apply it twice.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: nothing was written, or all of it and the response was lost. An
    /// [`EffectRefused`] in its sources is a condition that is not met; an
    /// [`OutboxError`](super::OutboxError) is an event that is too large.
    pub async fn commit(
        &self,
        effect: Vec<TransactWriteItem>,
        events: OutboxEvents,
    ) -> Result<(), StoreError> {
        let mut actions = effect;
        actions.extend(events.into_actions().map_err(StoreError::new)?);
        if actions.len() > MAX_TRANSACT_ITEMS {
            return Err(StoreError::new(TooManyActions { actions: actions.len() }));
        }
        let call = self.client.transact_write_items().set_transact_items(Some(actions));
        let sent = call.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let error = match sent {
            Ok(answer) => {
                return answered("TransactWriteItems", &self.table, answer.consumed_capacity());
            }
            Err(error) => error,
        };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.as_service_error()
        {
            let reasons = cancelled.cancellation_reasons();
            let failed = |code: Option<&str>| code == Some("ConditionalCheckFailed");
            if let Some(at) = reasons.iter().position(|reason| failed(reason.code())) {
                let code = "ConditionalCheckFailed".to_owned();
                let message = reasons[at].message().unwrap_or_default().to_owned();
                return Err(StoreError::new(EffectRefused { at, code, message }));
            }
        }
        Err(call_failed("TransactWriteItems", &self.table, &error))
    }

    /// Checks that the table exists, has its key, its time to live, and a stream with new images.
    /// Call it once, when the service starts; it needs `dynamodb:DescribeTable` and
    /// `dynamodb:DescribeTimeToLive`.
    ///
    /// # Errors
    ///
    /// [`TableCheckError`] with all problems.
    pub async fn check(&self) -> Result<(), TableCheckError> {
        let expected = Expected { key: vec![PK], expiry: Some(EXPIRY), stream: true };
        check_table(&self.client, &self.table, &expected).await
    }

    /// Creates the table: on demand, with time to live and a stream. For tests and trials; in
    /// production a template creates tables.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: DynamoDB refused, or the table was not active within a minute.
    pub async fn create(&self) -> Result<(), StoreError> {
        let view = Some(StreamViewType::NewImage);
        create_table(&self.client, &self.table, &[PK], EXPIRY, view).await
    }
}
