//! Collects the events of one transaction.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use event_runtime::__internal::sha256;
use event_runtime::__internal::state::seconds_after;
use event_runtime::limits::{Limits, MAX_KEY_BYTES};
use event_runtime::publish::{Entry, EntryError, Stamp};
use event_runtime::{Event, EventId, Renditions, Timestamp};

use super::item::{self, EVENTS, PK};
use crate::dynamodb::EXPIRY;

/// Bytes of an item. Source: *Amazon DynamoDB Developer Guide*, "Constraints in Amazon DynamoDB".
/// No model has it.
const MAX_ITEM_BYTES: usize = 400 * 1024;

/// Bytes of an item besides its key and its events: the names, and the number of the expiry.
const BESIDE: usize = PK.len() + EVENTS.len() + EXPIRY.len() + 21;

/// Why an event cannot be put into an outbox. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// The bus would not accept the event in one of its majors, or it does not exist in it.
    #[error("event `{detail_type}` cannot be published: {error}")]
    Entry {
        /// Type and version of the event.
        detail_type: &'static str,
        /// The reason.
        #[source]
        error: EntryError,
    },
    /// The events of a key, or one event in all of its majors, are larger than an item may be.
    #[error("the events of `{key}` have {bytes} bytes: the maximum of an item is {MAX_ITEM_BYTES}")]
    TooLarge {
        /// The partition key.
        key: String,
        /// The size of the item.
        bytes: usize,
    },
    /// The entry is not JSON, or the SDK did not accept the item.
    #[error("failed to write the item of `{key}`: {reason}")]
    Item {
        /// The partition key.
        key: String,
        /// The reason.
        reason: String,
    },
}

/// The events of one transaction, in the order in which they are published.
///
/// # Example
///
/// ```no_run
/// use event_aws::dynamodb::DynamoDbStore;
/// use event_aws::outbox::DynamoDbOutbox;
/// use event_runtime::consume::{Consumer, HandlerError};
/// # use event_aws::dynamodb::aws_sdk_dynamodb::types::TransactWriteItem;
/// # use event_runtime::Event;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct OrderPlaced { order_id: String }
/// # impl Event for OrderPlaced {
/// #     const TYPE: &'static str = "order.placed";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const SOURCE: &'static str = "app.shop";
/// # }
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct OrderBooked { order_id: String }
/// # impl Event for OrderBooked {
/// #     const TYPE: &'static str = "order.booked";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const SOURCE: &'static str = "app.books";
/// # }
/// # fn booking(_: &str) -> TransactWriteItem { TransactWriteItem::builder().build() }
///
/// # fn consumer(claims: DynamoDbStore, outbox: DynamoDbOutbox) -> Result<Consumer, event_runtime::consume::BuildError> {
/// let store = claims.clone();
/// Consumer::builder("books", store)
///     .on::<OrderPlaced, _>(move |event, context| {
///         let (claims, outbox) = (claims.clone(), outbox.clone());
///         async move {
///             let order_id = event.data.order_id;
///             let mut effect = vec![booking(&order_id)];
///             let mut events = outbox.events();
///             events.push_in_order(&order_id, OrderBooked { order_id: order_id.clone() })
///                 .map_err(HandlerError::permanent)?;
///             effect.extend(events.into_actions().map_err(HandlerError::permanent)?);
///             context.complete_with(&claims, effect).await
///         }
///     })
///     .build()
/// # }
/// ```
#[derive(Debug)]
#[must_use = "events that are not part of a transaction are not published"]
pub struct OutboxEvents {
    table: String,
    keep: Duration,
    limits: Limits,
    /// By partition key: the entries of one item.
    items: Vec<(String, Vec<Entry>)>,
}

impl OutboxEvents {
    pub(super) fn new(table: String, keep: Duration, limits: Limits) -> Self {
        Self { table, keep, limits, items: Vec::new() }
    }

    /// Adds an event in each of its live majors, without an order to others. Returns its ID.
    ///
    /// # Errors
    ///
    /// [`OutboxError::Entry`]: one of its majors cannot be published. Nothing was added.
    pub fn push<E: Event>(&mut self, event: E) -> Result<EventId, OutboxError> {
        let stamp = Stamp::now();
        let entries = self.entries(stamp, event)?;
        self.items.push((format!("event#{}", stamp.id), entries));
        Ok(stamp.id)
    }

    /// Adds an event that is published after those that earlier transactions have added with the
    /// same order key, and after those of this one. Returns its ID.
    ///
    /// # Errors
    ///
    /// Like [`push`](Self::push).
    pub fn push_in_order<E: Event>(&mut self, key: &str, event: E) -> Result<EventId, OutboxError> {
        let stamp = Stamp::now();
        let mut entries = self.entries(stamp, event)?;
        let own = if "key#".len() + key.len() <= MAX_KEY_BYTES {
            format!("key#{key}")
        } else {
            format!("hash#{}", sha256(key))
        };
        match self.items.iter_mut().find(|(key, _)| *key == own) {
            Some((_, before)) => before.append(&mut entries),
            None => self.items.push((own, entries)),
        }
        Ok(stamp.id)
    }

    /// Returns how many actions of a transaction the events are: one for each event without an
    /// order, and one for each order key.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns the actions that write the events, to be part of the transaction of their effect.
    ///
    /// # Errors
    ///
    /// [`OutboxError`]: an item would be too large.
    pub fn into_actions(self) -> Result<Vec<TransactWriteItem>, OutboxError> {
        let expiry = seconds_after(Timestamp::now(), self.keep).to_string();
        let mut actions = Vec::with_capacity(self.items.len());
        for (key, entries) in self.items {
            let item = |reason: String| OutboxError::Item { key: key.clone(), reason };
            let json = item::write(&entries).map_err(|error| item(error.to_string()))?;
            let bytes = BESIDE + key.len() + json.len();
            if bytes > MAX_ITEM_BYTES {
                return Err(OutboxError::TooLarge { key, bytes });
            }
            let put = Put::builder()
                .table_name(&self.table)
                .item(PK, AttributeValue::S(key.clone()))
                .item(EVENTS, AttributeValue::S(json))
                .item(EXPIRY, AttributeValue::N(expiry.clone()))
                .build()
                .map_err(|error| item(error.to_string()))?;
            actions.push(TransactWriteItem::builder().put(put).build());
        }
        Ok(actions)
    }

    fn entries<E: Event>(&self, stamp: Stamp, event: E) -> Result<Vec<Entry>, OutboxError> {
        let renditions = Renditions::of(event).into_iter();
        let entries = renditions.map(|rendition| {
            let detail_type = rendition.detail_type;
            Entry::new(stamp, rendition, &self.limits)
                .map_err(|error| OutboxError::Entry { detail_type, error })
        });
        entries.collect()
    }
}
