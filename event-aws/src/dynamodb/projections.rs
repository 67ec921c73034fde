//! Projections in a table.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{
    ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure as OnFailure,
};
use jiff::Timestamp;

use super::attributes::{Attributes, EXPIRY, is_of, number, text, text_of};
use super::error::{ForeignItem, answered, call_failed};
use super::timeouts::with_timeouts;
use crate::image::{self, PK, REVISION, VALUE};
use event_runtime::__internal::state::seconds_after;
use event_runtime::projection::{Effect, ProjectionStore, Row};
use event_runtime::store::{BoxFuture, StoreError};

/// A row is written where there is none, over an older one, and over the lesser value of the same
/// revision. A tombstone is less than any value.
const NEWER: &str = "attribute_not_exists(#pk) OR #revision < :revision \
                     OR (#revision = :revision AND (attribute_not_exists(#value) OR #value < :value))";
const NEWER_TOMBSTONE: &str = "attribute_not_exists(#pk) OR #revision < :revision";

/// A [`ProjectionStore`] in a DynamoDB table, which may hold many projections. Cheap to clone.
///
/// Each write is one call. Where an answer was lost and the SDK sent the row again, that counts as
/// a duplicate.
///
/// A value has its place in an item of 400 KB at most, the key in one of 2,048 bytes; DynamoDB
/// refuses more.
///
/// # Example
///
/// ```no_run
/// use std::time::Duration;
/// use event_aws::dynamodb::DynamoDbProjections;
///
/// # fn example(client: aws_sdk_dynamodb::Client) {
/// let store = DynamoDbProjections::new(client, "views").tombstones_for(Duration::from_hours(30 * 24));
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DynamoDbProjections {
    client: Client,
    table: String,
    consistent: bool,
    tombstones: Option<Duration>,
}

impl DynamoDbProjections {
    /// The projections in this table. Its partition key is the string `pk`. A call without an answer
    /// is given up after 10 seconds, if the client does not say otherwise.
    #[expect(clippy::needless_pass_by_value, reason = "clients are handed over everywhere")]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client: with_timeouts(&client),
            table: table.into(),
            consistent: true,
            tombstones: None,
        }
    }

    /// Reads at half the price what may be some moments old.
    #[must_use]
    pub fn eventually_consistent(mut self) -> Self {
        self.consistent = false;
        self
    }

    /// Lets DynamoDB delete tombstones so long after they were written: the table's TTL attribute is
    /// `expiration`. After that an older event that comes late brings its row back, so this must be
    /// longer than any event can be late: see [`Window`](event_runtime::idempotency::Window). If not said,
    /// they stay.
    #[must_use]
    pub fn tombstones_for(mut self, keep: Duration) -> Self {
        self.tombstones = Some(keep);
        self
    }

    fn read(&self, pk: &str, attributes: &Attributes) -> Result<Row, StoreError> {
        let row = || {
            is_of(attributes, PK, pk)?;
            let value = attributes.get(VALUE).map(|value| {
                value.as_s().map(String::as_str).map_err(|_| format!("`{VALUE}` is no string"))
            });
            image::row(text_of(attributes, REVISION)?, value.transpose()?)
                .map_err(|error| error.to_string())
        };
        row().map_err(|reason| {
            let table = self.table.clone();
            StoreError::new(ForeignItem { table, what: "row of a projection", reason })
        })
    }

    async fn write(&self, pk: String, row: Row) -> Result<Effect, StoreError> {
        let mut request = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(PK, text(&pk))
            .item(REVISION, text(row.revision.to_string()))
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#revision", REVISION)
            .expression_attribute_values(":revision", text(row.revision.to_string()))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        request = match (&row.value, self.tombstones) {
            (Some(value), _) => request
                .condition_expression(NEWER)
                .item(VALUE, text(value))
                .expression_attribute_names("#value", VALUE)
                .expression_attribute_values(":value", text(value)),
            (None, keep) => {
                let expiry = keep.map(|keep| number(seconds_after(Timestamp::now(), keep)));
                let request = request.condition_expression(NEWER_TOMBSTONE);
                match expiry {
                    Some(expiry) => request.item(EXPIRY, expiry),
                    None => request,
                }
            }
        };
        match request.send().await {
            Ok(written) => {
                answered("PutItem", &self.table, written.consumed_capacity())?;
                let before = written.attributes().filter(|old| !old.is_empty());
                let before = before.map(|old| self.read(&pk, old)).transpose()?;
                Ok(row.over(before.as_ref()))
            }
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                    let stored = refused.item().map(|item| self.read(&pk, item)).transpose()?;
                    Ok(row.over(stored.as_ref()))
                }
                _ => Err(call_failed("PutItem", &self.table, &error)),
            },
        }
    }
}

impl ProjectionStore for DynamoDbProjections {
    fn put<'a>(
        &'a self,
        projection: &'a str,
        key: &'a str,
        row: Row,
    ) -> BoxFuture<'a, Result<Effect, StoreError>> {
        Box::pin(self.write(image::pk(projection, key), row))
    }

    fn get<'a>(
        &'a self,
        projection: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Option<Row>, StoreError>> {
        Box::pin(async move {
            let pk = image::pk(projection, key);
            let sent = self
                .client
                .get_item()
                .table_name(&self.table)
                .key(PK, text(&pk))
                .consistent_read(self.consistent)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| call_failed("GetItem", &self.table, &error))?;
            answered("GetItem", &self.table, sent.consumed_capacity())?;
            sent.item().map(|item| self.read(&pk, item)).transpose()
        })
    }
}
