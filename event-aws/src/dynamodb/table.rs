//! Tables for tests and trials. In production a template creates them.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    StreamSpecification, StreamViewType, TableStatus, TimeToLiveSpecification,
};
use event_runtime::store::StoreError;

use super::DynamoDbStore;
use super::attributes::EXPIRY;
use super::error::call_failed;
use crate::image::PK;

/// How often a new table is polled until it is active.
const TRIES: u32 = 60;
const PAUSE: Duration = Duration::from_secs(1);

/// Creates a table for claims: on demand, with TTL.
///
/// # Errors
///
/// [`StoreError`]: DynamoDB refused, or the table was not active within a minute.
pub async fn create_claims(client: &Client, table: &str) -> Result<(), StoreError> {
    DynamoDbStore::new(client.clone(), table).create().await
}

/// Creates a table for projections: on demand, with TTL, and with a stream of old and new images.
///
/// # Errors
///
/// Like [`create_claims`].
pub async fn create_projections(client: &Client, table: &str) -> Result<(), StoreError> {
    let view = StreamViewType::NewAndOldImages;
    create(client, table, &[PK], EXPIRY, Some(view)).await
}

/// Creates a table with this key, the partition key first, with this TTL attribute and stream.
pub(crate) async fn create(
    client: &Client,
    table: &str,
    key: &[&str],
    expiry: &str,
    stream: Option<StreamViewType>,
) -> Result<(), StoreError> {
    let mut request = client.create_table().table_name(table);
    for (name, kind) in key.iter().zip([KeyType::Hash, KeyType::Range]) {
        let definition = AttributeDefinition::builder()
            .attribute_name(*name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .map_err(StoreError::new)?;
        let schema = KeySchemaElement::builder()
            .attribute_name(*name)
            .key_type(kind)
            .build()
            .map_err(StoreError::new)?;
        request = request.attribute_definitions(definition).key_schema(schema);
    }
    let stream = stream.map(|view| {
        StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build()
    });
    request
        .billing_mode(BillingMode::PayPerRequest)
        .set_stream_specification(stream.transpose().map_err(StoreError::new)?)
        .send()
        .await
        .map_err(|error| call_failed("CreateTable", table, &error))?;
    ready(client, table).await?;
    let ttl = TimeToLiveSpecification::builder()
        .attribute_name(expiry)
        .enabled(true)
        .build()
        .map_err(StoreError::new)?;
    client
        .update_time_to_live()
        .table_name(table)
        .time_to_live_specification(ttl)
        .send()
        .await
        .map_err(|error| call_failed("UpdateTimeToLive", table, &error))?;
    Ok(())
}

async fn ready(client: &Client, table: &str) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        let described = client.describe_table().table_name(table).send().await;
        let described = described.map_err(|error| call_failed("DescribeTable", table, &error))?;
        let status = described.table().and_then(|table| table.table_status());
        if status == Some(&TableStatus::Active) {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(StoreError::new(format!("table `{table}` is not active after {TRIES} s")))
}
