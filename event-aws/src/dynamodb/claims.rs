//! Claims in a table.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure as OnFailure,
    TransactWriteItem, Update,
};
use event_runtime::__internal::shown;
use event_runtime::__internal::state::{self, Item};
use event_runtime::idempotency::{
    Attempt, Claim, IdempotencyStore, Key, Lease, OnTimeout, Settled, Terms, TransactionalStore,
};
use event_runtime::limits::{MAX_RESULT_BYTES, MAX_TRANSACT_ITEMS};
use event_runtime::store::{BoxFuture, EffectRefused, StoreError};
use jiff::Timestamp;
use tracing::warn;

use super::attributes::{self as at, Attributes, COMPLETED, IN_PROGRESS};
use super::builder::DynamoDbStoreBuilder;
use super::check::{self, Expected, TableCheckError};
use super::error::{ActionFailed, ForeignItem, NoReason, TooManyActions, answered, call_failed};
use super::layout::Layout;
use super::table;
use super::timeouts::with_timeouts;

/// A key may be claimed if it is unknown, if its item has expired (but is not deleted yet), or if
/// its lease has expired and may be taken.
const FREE: &str = "attribute_not_exists(#id) OR #expiry < :now OR (#status = :inprogress \
                    AND attribute_exists(#in_progress_expiry) AND #in_progress_expiry < :now_ms)";

/// Only the owner of the lease may complete, renew and release it.
const HELD: &str = "#owner = :owner AND #status = :inprogress";

/// An [`IdempotencyStore`] in a DynamoDB table. Cheap to clone.
///
/// A result of more than 350 KiB is not stored: the event is marked as done, and its duplicates are
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
    layout: Arc<Layout>,
}

impl DynamoDbStore {
    /// Returns the store for this table. Its partition key is the string `id`, its TTL attribute
    /// `expiration`. A call times out after 10 seconds, unless the client has its own timeout.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self::of(client, table.into(), Layout::default())
    }

    /// Returns a builder for a table with other attributes, with a sort key, or for keys with a
    /// prefix.
    pub fn builder(client: Client, table: impl Into<String>) -> DynamoDbStoreBuilder {
        DynamoDbStoreBuilder::new(client, table.into())
    }

    #[expect(clippy::needless_pass_by_value, reason = "clients are handed over everywhere")]
    pub(crate) fn of(client: Client, table: String, layout: Layout) -> Self {
        Self { client: with_timeouts(&client), table, layout: Arc::new(layout) }
    }

    /// Checks that the table exists, has the key that claims need, and deletes expired items. Call
    /// it once, when the service starts; it needs `dynamodb:DescribeTable` and
    /// `dynamodb:DescribeTimeToLive`.
    ///
    /// # Errors
    ///
    /// [`TableCheckError`] with all problems.
    pub async fn check(&self) -> Result<(), TableCheckError> {
        let key = self.key_names();
        let expiry = Some(&*self.layout.names.expiry);
        check::check(&self.client, &self.table, &Expected { key, expiry, stream: false }).await
    }

    /// Creates the table: on demand, with time to live. For tests and trials; in production a
    /// template creates tables.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: DynamoDB refused, or the table was not active within a minute.
    pub async fn create(&self) -> Result<(), StoreError> {
        let expiry = &*self.layout.names.expiry;
        table::create(&self.client, &self.table, &self.key_names(), expiry, None).await
    }

    /// The name of the table.
    pub fn table(&self) -> &str {
        &self.table
    }

    fn key_names(&self) -> Vec<&str> {
        let sort = self.layout.sort.as_ref();
        std::iter::once(&*self.layout.names.key)
            .chain(sort.map(super::layout::SortKey::name))
            .collect()
    }

    /// The item that a write of this key was refused for. One of another key is not an answer.
    fn read(&self, key: &Key, attributes: Option<&Attributes>) -> Result<Option<Item>, StoreError> {
        let read = |attributes| {
            at::has_key(attributes, &self.layout.key_of(key))?;
            at::from_attributes(&self.layout, attributes)
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
        let (item, names) = (Item::leased(attempt, now, terms), &self.layout.names);
        let sent = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(at::to_attributes(&self.layout, &attempt.key, &item)))
            .condition_expression(FREE)
            .set_expression_attribute_names(Some(short(&[
                ("#id", &names.key),
                ("#status", &names.status),
                ("#expiry", &names.expiry),
                ("#in_progress_expiry", &names.in_progress_expiry),
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
                // No item, or only an expired one: the result is that of an unknown key.
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
            .set_key(Some(self.layout.key_of(key)))
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
            .set_key(Some(self.layout.key_of(&lease.key)))
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
                // A conflict or throttling is transient; only a failed condition is a result of the
                // effect itself.
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

/// The result of a conditional write: it succeeded, or this item prevented it.
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
fn completion(
    layout: &Layout,
    lease: &Lease,
    now: Timestamp,
    terms: &Terms,
    result: Option<&str>,
) -> Change {
    let names = &layout.names;
    let mut change = Change {
        expression: "SET #status = :completed, #expiry = :expiry \
                     REMOVE #in_progress_expiry, #blocked_after"
            .to_owned(),
        names: short(&[
            ("#owner", &names.owner),
            ("#status", &names.status),
            ("#expiry", &names.expiry),
            ("#in_progress_expiry", &names.in_progress_expiry),
            ("#blocked_after", &names.blocked_after),
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
            warn!(key = %shown(lease.key.as_str()), bytes = result.len(), "result too long to be stored");
        }
        Some(result) => {
            change.expression =
                change.expression.replace(":expiry ", ":expiry, #result = :result ");
            change.names.insert("#result".to_owned(), names.result.clone());
            change.values.insert(":result".to_owned(), at::text(result));
        }
        None => {}
    }
    change
}

fn short(names: &[(&str, &str)]) -> HashMap<String, String> {
    names.iter().map(|(short, name)| ((*short).to_owned(), (*name).to_owned())).collect()
}

/// The result of a completion.
fn completed(written: Written, lease: &Lease, now: Timestamp, terms: &Terms) -> Settled {
    match written {
        Written::Done => Settled::Done,
        // Only the result is needed here: an earlier completion is not changed.
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
        let names = &self.layout.names;
        let other = match terms.on_timeout {
            OnTimeout::Retry => OnTimeout::Block,
            OnTimeout::Block => OnTimeout::Retry,
        };
        let change = Change {
            expression: "SET #end = :end, #expiry = :expiry REMOVE #other".to_owned(),
            names: short(&[
                ("#owner", &names.owner),
                ("#status", &names.status),
                ("#expiry", &names.expiry),
                ("#end", names.lease_end(terms.on_timeout)),
                ("#other", names.lease_end(other)),
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
            let change = completion(&self.layout, lease, now, terms, result);
            let written = self.update(&lease.key, change).await?;
            Ok(completed(written, lease, now, terms))
        })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Settled, StoreError>> {
        Box::pin(async move {
            let names = &self.layout.names;
            let sent = self
                .client
                .delete_item()
                .table_name(&self.table)
                .set_key(Some(self.layout.key_of(&lease.key)))
                .condition_expression(HELD)
                .set_expression_attribute_names(Some(short(&[
                    ("#owner", &names.owner),
                    ("#status", &names.status),
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
            let sent = request.set_key(Some(self.layout.key_of(key))).send().await;
            let answer = sent.map_err(|error| call_failed("DeleteItem", &self.table, &error))?;
            answered("DeleteItem", &self.table, answer.consumed_capacity())
        })
    }
}

impl TransactionalStore for DynamoDbStore {
    /// Up to 99 actions of one `TransactWriteItems` call, on any tables, no two on the same item.
    /// If one of their conditions fails, nothing is applied, and the error is an [`EffectRefused`].
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
            let change = completion(&self.layout, lease, now, terms, result);
            let written = self.transact(lease, change, effect).await?;
            Ok(completed(written, lease, now, terms))
        })
    }
}
