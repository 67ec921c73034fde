//! Tables for tests and trials. In production a template creates them.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    StreamSpecification, StreamViewType, TableStatus, TimeToLiveSpecification,
};
use event_runtime::store::StoreError;

use super::attributes::{EXPIRY, ID};
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
    create(client, table, ID, None).await
}

/// Creates a table for projections: on demand, with TTL, and with a stream of old and new images.
///
/// # Errors
///
/// Like [`create_claims`].
pub async fn create_projections(client: &Client, table: &str) -> Result<(), StoreError> {
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewAndOldImages)
        .build()
        .map_err(StoreError::new)?;
    create(client, table, PK, Some(stream)).await
}

async fn create(
    client: &Client,
    table: &str,
    key: &str,
    stream: Option<StreamSpecification>,
) -> Result<(), StoreError> {
    let definition = AttributeDefinition::builder()
        .attribute_name(key)
        .attribute_type(ScalarAttributeType::S)
        .build()
        .map_err(StoreError::new)?;
    let schema = KeySchemaElement::builder()
        .attribute_name(key)
        .key_type(KeyType::Hash)
        .build()
        .map_err(StoreError::new)?;
    client
        .create_table()
        .table_name(table)
        .attribute_definitions(definition)
        .key_schema(schema)
        .billing_mode(BillingMode::PayPerRequest)
        .set_stream_specification(stream)
        .send()
        .await
        .map_err(|error| call_failed("CreateTable", table, &error))?;
    ready(client, table).await?;
    let ttl = TimeToLiveSpecification::builder()
        .attribute_name(EXPIRY)
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
