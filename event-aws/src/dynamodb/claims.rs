//! Claims in a table.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure as OnFailure,
    TransactWriteItem, Update,
};
use jiff::Timestamp;
use tracing::warn;

use super::attributes::{
    self as at, Attributes, BLOCKED_AFTER, COMPLETED, EXPIRY, ID, IN_PROGRESS, IN_PROGRESS_EXPIRY,
    OWNER, RESULT, STATUS,
};
use super::error::{ActionFailed, ForeignItem, NoReason, TooManyActions, answered, call_failed};
use super::timeouts::with_timeouts;
use event_runtime::__internal::shown;
use event_runtime::__internal::state::{self, Item};
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, Lease, OnTimeout, Settled, Terms, TransactionalStore,
};
use event_runtime::limits::{MAX_RESULT_BYTES, MAX_TRANSACT_ITEMS};
use event_runtime::store::{BoxFuture, EffectRefused, StoreError};

/// A key may be claimed where it is not known, where what is known of it has expired (the item may
/// still be there), and where its lease is over and may be taken.
const FREE: &str = "attribute_not_exists(#id) OR #expiry < :now OR (#status = :inprogress \
                    AND attribute_exists(#in_progress_expiry) AND #in_progress_expiry < :now_ms)";

/// Completing, renewing and releasing is for who holds the lease.
const HELD: &str = "#owner = :owner AND #status = :inprogress";

/// An [`IdempotencyStore`] in a DynamoDB table. Cheap to clone.
///
/// A result of more than 350 KiB is not kept: the event is done all the same, and its duplicates are
/// answered without the result.
///
/// # Example
///
/// ```no_run
/// use event_aws::dynamodb::DynamoDbStore;
/// use event_runtime::idempotency::LocalCache;
///
/// # fn example(config: aws_sdk_dynamodb::Config) {
/// let client = aws_sdk_dynamodb::Client::from_conf(config);
/// let store = LocalCache::new(DynamoDbStore::new(client, "claims"), 10_000);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DynamoDbStore {
    client: Client,
    table: String,
}

impl DynamoDbStore {
    /// The claims in this table. Its partition key is the string `id`, its TTL attribute
    /// `expiration`. A call without an answer is given up after 10 seconds, if the client does not say
    /// otherwise.
    #[expect(clippy::needless_pass_by_value, reason = "clients are handed over everywhere")]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client: with_timeouts(&client), table: table.into() }
    }

    /// Checks that the table is there and has the keys that claims are stored under. Ask once, when
    /// the service starts; it needs `dynamodb:DescribeTable`.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the table cannot be described, or has another partition key than the string
    /// `id`, or a sort key: a table of Powertools with a `sort_key_attr` cannot be shared.
    pub async fn check(&self) -> Result<(), StoreError> {
        let described = self.client.describe_table().table_name(&self.table).send().await;
        let described =
            described.map_err(|error| call_failed("DescribeTable", &self.table, &error))?;
        let keys = described
            .table()
            .map(aws_sdk_dynamodb::types::TableDescription::key_schema)
            .unwrap_or_default();
        let names: Vec<&str> =
            keys.iter().map(aws_sdk_dynamodb::types::KeySchemaElement::attribute_name).collect();
        if names == [ID] {
            return Ok(());
        }
        let found = names.join("`, `");
        let (table, expected) = (&self.table, ID);
        let text = format!("table `{table}` has the key `{found}`: expected `{expected}` alone");
        Err(StoreError::new(text))
    }

    /// The name of the table.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The item that a write of this key was refused for. One of another key is not an answer.
    fn read(&self, key: &Key, attributes: Option<&Attributes>) -> Result<Option<Item>, StoreError> {
        let read = |attributes| {
            at::is_of(attributes, ID, key.as_str())?;
            at::from_attributes(attributes)
        };
        attributes.map(read).transpose().map_err(|reason| {
            StoreError::new(ForeignItem { table: self.table.clone(), what: "claim", reason })
        })
    }

    async fn put(
        &self,
        attempt: &Attempt,
        now: Timestamp,
        terms: &Terms,
    ) -> Result<Claim, StoreError> {
        let item = Item::leased(attempt, now, terms);
        let sent = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(at::to_attributes(&attempt.key, &item)))
            .condition_expression(FREE)
            .set_expression_attribute_names(Some(names(&[
                ("#id", ID),
                ("#status", STATUS),
                ("#expiry", EXPIRY),
                ("#in_progress_expiry", IN_PROGRESS_EXPIRY),
            ])))
            .expression_attribute_values(":now", at::number(now.as_millisecond().div_euclid(1000)))
            .expression_attribute_values(":now_ms", at::number(now.as_millisecond()))
            .expression_attribute_values(":inprogress", at::text(IN_PROGRESS))
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let error = match sent {
            Ok(answer) => {
                answered("PutItem", &self.table, answer.consumed_capacity())?;
                // There was nothing, or nothing that holds: the answer is that to an unknown key.
                return Ok(state::claim(None, attempt, now, terms).1);
            }
            Err(error) => error,
        };
        let Some(PutItemError::ConditionalCheckFailedException(refused)) = error.as_service_error()
        else {
            return Err(call_failed("PutItem", &self.table, &error));
        };
        let held = self.read(&attempt.key, refused.item())?;
        match (&held, state::claim(held.as_ref(), attempt, now, terms)) {
            (Some(_), (state::Write::Keep, claim)) => Ok(claim),
            _ => Err(StoreError::new(NoReason { table: self.table.clone() })),
        }
    }

    async fn update(&self, key: &Key, change: Change) -> Result<Written, StoreError> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(ID, at::text(key.as_str()))
            .update_expression(change.expression)
            .condition_expression(HELD)
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values))
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let error = match sent {
            Ok(answer) => {
                answered("UpdateItem", &self.table, answer.consumed_capacity())?;
                return Ok(Written::Done);
            }
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                self.read(key, refused.item()).map(Written::Refused)
            }
            _ => Err(call_failed("UpdateItem", &self.table, &error)),
        }
    }

    async fn transact(
        &self,
        lease: &Lease,
        change: Change,
        effect: Vec<TransactWriteItem>,
    ) -> Result<Written, StoreError> {
        if effect.len() >= MAX_TRANSACT_ITEMS {
            return Err(StoreError::new(TooManyActions { actions: effect.len() }));
        }
        let mark = Update::builder()
            .table_name(&self.table)
            .key(ID, at::text(lease.key.as_str()))
            .update_expression(change.expression)
            .condition_expression(HELD)
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values))
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .build()
            .map_err(StoreError::new)?;
        let mark = TransactWriteItem::builder().update(mark).build();
        let actions = std::iter::once(mark).chain(effect).collect();
        let call = self.client.transact_write_items().set_transact_items(Some(actions));
        let sent = call.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let error = match sent {
            Ok(answer) => {
                answered("TransactWriteItems", &self.table, answer.consumed_capacity())?;
                return Ok(Written::Done);
            }
            Err(error) => error,
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.as_service_error()
        else {
            return Err(call_failed("TransactWriteItems", &self.table, &error));
        };
        let reasons = cancelled.cancellation_reasons();
        if let Some(mark) = reasons.first()
            && mark.code() == Some("ConditionalCheckFailed")
        {
            return self.read(&lease.key, mark.item()).map(Written::Refused);
        }
        let refused =
            |reason: &CancellationReason| reason.code().is_some_and(|code| code != "None");
        match reasons.iter().enumerate().find(|(_, reason)| refused(reason)) {
            Some((at, reason)) if at > 0 => {
                let at = at - 1;
                let code = reason.code().unwrap_or_default().to_owned();
                let message = reason.message().unwrap_or_default().to_owned();
                // A conflict or throttling passes; only a condition is the effect's own answer.
                Err(if code == "ConditionalCheckFailed" {
                    StoreError::new(EffectRefused { at, code, message })
                } else {
                    let table = self.table.clone();
                    StoreError::new(ActionFailed { table, at, code, message })
                })
            }
            _ => Err(call_failed("TransactWriteItems", &self.table, &error)),
        }
    }
}

/// What came of a conditional write: it took place, or this stood against it.
enum Written {
    Done,
    Refused(Option<Item>),
}

/// An update of a claim.
struct Change {
    expression: String,
    names: HashMap<String, String>,
    values: Attributes,
}

/// The update that marks a key as done, for a call of its own and for a transaction.
fn completion(lease: &Lease, now: Timestamp, terms: &Terms, result: Option<&str>) -> Change {
    let mut change = Change {
        expression: "SET #status = :completed, #expiry = :expiry \
                     REMOVE #in_progress_expiry, #blocked_after"
            .to_owned(),
        names: names(&[
            ("#owner", OWNER),
            ("#status", STATUS),
            ("#expiry", EXPIRY),
            ("#in_progress_expiry", IN_PROGRESS_EXPIRY),
            ("#blocked_after", BLOCKED_AFTER),
        ]),
        values: HashMap::from([
            (":owner".to_owned(), at::owner(lease.owner)),
            (":inprogress".to_owned(), at::text(IN_PROGRESS)),
            (":completed".to_owned(), at::text(COMPLETED)),
            (":expiry".to_owned(), at::number(state::seconds_after(now, terms.keep))),
        ]),
    };
    match result {
        Some(result) if result.len() > MAX_RESULT_BYTES => {
            warn!(key = %shown(lease.key.as_str()), bytes = result.len(), "result too long to be kept");
        }
        Some(result) => {
            change.expression =
                change.expression.replace(":expiry ", ":expiry, #result = :result ");
            change.names.insert("#result".to_owned(), RESULT.to_owned());
            change.values.insert(":result".to_owned(), at::text(result));
        }
        None => {}
    }
    change
}

fn names(names: &[(&str, &str)]) -> HashMap<String, String> {
    names.iter().map(|(short, name)| ((*short).to_owned(), (*name).to_owned())).collect()
}

/// What a completion is answered.
fn completed(written: Written, lease: &Lease, now: Timestamp, terms: &Terms) -> Settled {
    match written {
        Written::Done => Settled::Done,
        // Only the answer is asked for: what was completed before stays as it is.
        Written::Refused(held) => match state::complete(held.as_ref(), lease, now, terms, None) {
            (state::Write::Keep, settled) => settled,
            _ => Settled::LeaseLost,
        },
    }
}

impl IdempotencyStore for DynamoDbStore {
    fn claim<'a>(
        &'a self,
        attempt: &'a Attempt,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        Box::pin(self.put(attempt, now, terms))
    }

    fn renew<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        let (end, other) = match terms.on_timeout {
            OnTimeout::Retry => (IN_PROGRESS_EXPIRY, BLOCKED_AFTER),
            OnTimeout::Block => (BLOCKED_AFTER, IN_PROGRESS_EXPIRY),
        };
        let change = Change {
            expression: "SET #end = :end, #expiry = :expiry REMOVE #other".to_owned(),
            names: names(&[
                ("#owner", OWNER),
                ("#status", STATUS),
                ("#expiry", EXPIRY),
                ("#end", end),
                ("#other", other),
            ]),
            values: HashMap::from([
                (":owner".to_owned(), at::owner(lease.owner)),
                (":inprogress".to_owned(), at::text(IN_PROGRESS)),
                (":end".to_owned(), at::number(state::millis_after(now, terms.lease))),
                (":expiry".to_owned(), at::number(state::expiry_of_lease(now, terms))),
            ]),
        };
        Box::pin(async move {
            Ok(match self.update(&lease.key, change).await? {
                Written::Done => Settled::Done,
                Written::Refused(held) => match state::renew(held.as_ref(), lease, now, terms) {
                    (state::Write::Keep, settled) => settled,
                    _ => return Err(StoreError::new(NoReason { table: self.table.clone() })),
                },
            })
        })
    }

    fn complete<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            let change = completion(lease, now, terms, result);
            let written = self.update(&lease.key, change).await?;
            Ok(completed(written, lease, now, terms))
        })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            let sent = self
                .client
                .delete_item()
                .table_name(&self.table)
                .key(ID, at::text(lease.key.as_str()))
                .condition_expression(HELD)
                .set_expression_attribute_names(Some(names(&[
                    ("#owner", OWNER),
                    ("#status", STATUS),
                ])))
                .expression_attribute_values(":owner", at::owner(lease.owner))
                .expression_attribute_values(":inprogress", at::text(IN_PROGRESS))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await;
            match sent {
                Ok(answer) => {
                    answered("DeleteItem", &self.table, answer.consumed_capacity())?;
                    Ok(Settled::Done)
                }
                Err(error) => match error.as_service_error() {
                    Some(DeleteItemError::ConditionalCheckFailedException(_)) => {
                        Ok(Settled::LeaseLost)
                    }
                    _ => Err(call_failed("DeleteItem", &self.table, &error)),
                },
            }
        })
    }

    fn forget<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let request = self.client.delete_item().table_name(&self.table);
            let request = request.return_consumed_capacity(ReturnConsumedCapacity::Total);
            let sent = request.key(ID, at::text(key.as_str())).send().await;
            let answer = sent.map_err(|error| call_failed("DeleteItem", &self.table, &error))?;
            answered("DeleteItem", &self.table, answer.consumed_capacity())
        })
    }
}

impl TransactionalStore for DynamoDbStore {
    /// Up to 99 actions of one `TransactWriteItems` call, on any tables, no two on one item. Where a
    /// condition of theirs is not met nothing is applied, and the error is an [`EffectRefused`].
    type Effect = Vec<TransactWriteItem>;

    fn complete_with<'a>(
        &'a self,
        lease: &'a Lease,
        now: Timestamp,
        terms: &'a Terms,
        result: Option<&'a str>,
        effect: Self::Effect,
    ) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            let change = completion(lease, now, terms, result);
            let written = self.transact(lease, change, effect).await?;
            Ok(completed(written, lease, now, terms))
        })
    }
}
