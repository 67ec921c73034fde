//! Versions of a schema: listed newest first, deleted, exported.

use serde_json::json;

use super::Reply;
use crate::schemas::arn::Place;
use crate::schemas::call::Call;
use crate::schemas::error::ApiError;
use crate::schemas::export::draft4;
use crate::schemas::page::page;
use crate::schemas::store::{Kind, Store, number};

pub(super) fn list(store: &Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let (registry, name) = (call.registry(), call.schema());
    let versions = &store.schema(registry, name)?.versions;
    let page = page(call, |after| {
        let before = after.and_then(number).unwrap_or(u64::MAX);
        versions.range(..before).rev().map(|(n, version)| {
            let item = json!({
                "SchemaArn": place.schema(registry, name),
                "SchemaName": name,
                "SchemaVersion": n.to_string(),
                "Type": version.kind.name(),
            });
            (n.to_string(), item)
        })
    })?;
    Ok(Reply::Body(json!({ "SchemaVersions": page.items, "NextToken": page.next })))
}

/// Deletes a version. Its number is not assigned again, and the only version cannot be deleted.
pub(super) fn delete(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let schema = store.schema_mut(call.registry(), call.schema())?;
    let (number, _) = schema.version(Some(call.path("schemaVersion")))?;
    if schema.versions.len() == 1 {
        let message = "this is the schema's only version; delete the schema instead";
        return Err(ApiError::bad_request(message));
    }
    schema.versions.remove(&number);
    Ok(Reply::Empty)
}

/// Exports like AWS: schemas of a custom registry only in their own format, schemas of AWS and
/// discovered ones also as Draft 4.
pub(super) fn export(store: &Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let (registry, name) = (call.registry(), call.schema());
    let wanted = call.query("type").ok_or_else(|| ApiError::bad_request("`type` is missing"))?;
    let wanted = Kind::parse(wanted)?;
    let (n, version) = store.schema(registry, name)?.version(call.query("schemaVersion"))?;
    let content = match (version.kind, wanted) {
        (Kind::OpenApi3, Kind::JsonSchemaDraft4) => {
            if !(registry.starts_with("aws.") || registry == "discovered-schemas") {
                let message = format!(
                    "registry `{registry}` is a custom registry: only schemas of `aws.events` and `discovered-schemas` are exported as JSONSchemaDraft4"
                );
                return Err(ApiError::bad_request(message));
            }
            draft4(&version.content)?
        }
        (has, wanted) if has == wanted => version.content.to_string(),
        (has, wanted) => {
            let message =
                format!("a schema of type {} cannot be exported as {}", has.name(), wanted.name());
            return Err(ApiError::bad_request(message));
        }
    };
    Ok(Reply::Body(json!({
        "Content": content,
        "SchemaArn": place.schema(registry, name),
        "SchemaName": name,
        "SchemaVersion": n.to_string(),
        "Type": wanted.name(),
    })))
}
