//! Builds a store for a table with other attributes or a sort key.

use aws_sdk_dynamodb::Client;

use super::DynamoDbStore;
use super::layout::{AttributeNames, InvalidLayout, Layout, SortKey};

/// Collects the settings of a [`DynamoDbStore`].
///
/// # Example
///
/// ```no_run
/// use event_aws::dynamodb::{AttributeNames, DynamoDbStore};
///
/// # fn example(client: aws_sdk_dynamodb::Client) -> Result<(), event_aws::dynamodb::InvalidLayout> {
/// // The claims of one service in a table of many kinds of items.
/// let store = DynamoDbStore::builder(client, "everything")
///     .key_prefix("claim#shop#")
///     .attributes(AttributeNames::default().key("pk").expiry("ttl"))
///     .beside_sort_key("sk", "claim")
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct DynamoDbStoreBuilder {
    client: Client,
    table: String,
    layout: Layout,
}

impl DynamoDbStoreBuilder {
    pub(crate) fn new(client: Client, table: String) -> Self {
        Self { client, table, layout: Layout::default() }
    }

    /// Sets a text before the key of each claim (default: none): for a table that several stages or
    /// services share. Every worker of a consumer needs the same one.
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.layout.prefix = prefix.into();
        self
    }

    /// Sets the names of the attributes (default: those of Powertools).
    pub fn attributes(mut self, names: AttributeNames) -> Self {
        self.layout.names = names;
        self
    }

    /// For a table with a sort key: claims have their key in the sort key `name`, and all have the
    /// same partition key, as Powertools stores its records with `sort_key_attr`.
    ///
    /// All claims are then in one partition, which accepts 1,000 writes per second: an event needs
    /// two. [`beside_sort_key`](Self::beside_sort_key) has no such limit.
    pub fn in_sort_key(mut self, name: impl Into<String>, partition: impl Into<String>) -> Self {
        let (name, partition) = (name.into(), partition.into());
        self.layout.sort = Some(SortKey::HasKey { name, partition });
        self
    }

    /// For a table with a sort key: claims have their key in the partition key, and all have the
    /// same text in the sort key `name`.
    pub fn beside_sort_key(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        let (name, text) = (name.into(), text.into());
        self.layout.sort = Some(SortKey::HasText { name, text });
        self
    }

    /// Builds the store. [`DynamoDbStore::check`] compares it with the table.
    ///
    /// # Errors
    ///
    /// [`InvalidLayout`] with all settings that no table can have.
    pub fn build(self) -> Result<DynamoDbStore, InvalidLayout> {
        self.layout.check()?;
        Ok(DynamoDbStore::of(self.client, self.table, self.layout))
    }
}
