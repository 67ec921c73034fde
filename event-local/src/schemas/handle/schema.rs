//! Schemas: created, read, updated, listed. Changed content becomes a new version; the same content
//! does not.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Reply, time};
use crate::schemas::arn::Place;
use crate::schemas::call::Call;
use crate::schemas::error::{ApiError, Kind as ErrorKind};
use crate::schemas::limit;
use crate::schemas::page::page;
use crate::schemas::store::{Kind, Schema, Store, Version, no_schema};

pub(super) fn create(store: &mut Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let (registry, name) = (call.registry(), call.schema());
    limit::schema_name(name)?;
    let kind = Kind::parse(call.required("Type")?)?;
    let content = content(call.required("Content")?, kind)?;
    let (description, tags) = (call.description()?, call.tags()?.unwrap_or_default());
    let schemas = &mut store.registry_mut(registry)?.schemas;
    if schemas.contains_key(name) {
        let message = format!("registry `{registry}` already has a schema `{name}`");
        return Err(ApiError::new(ErrorKind::Conflict, message));
    }
    let now = Timestamp::now();
    let versions = BTreeMap::from([(1, Version { kind, content, created: now })]);
    let schema = Schema { description, tags, versions, last: 1, modified: now };
    let body = shown(place, call, &schema, None)?;
    schemas.insert(name.to_owned(), schema);
    Ok(Reply::Body(body))
}

pub(super) fn describe(store: &Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let schema = store.schema(call.registry(), call.schema())?;
    let named = call.query("schemaVersion");
    let mut body = shown(place, call, schema, named)?;
    body["Content"] = Value::from(&*schema.version(named)?.1.content);
    Ok(Reply::Body(body))
}

pub(super) fn update(store: &mut Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let description = call.description()?;
    if let Some(token) = call.text("ClientTokenId")? {
        limit::at_most("ClientTokenId", token, 36)?;
    }
    let kind = call.text("Type")?.map(Kind::parse).transpose()?;
    let text = call.text("Content")?;
    let schema = store.schema_mut(call.registry(), call.schema())?;
    let (_, newest) = schema.newest()?;
    let kind = kind.unwrap_or(newest.kind);
    let content = match text {
        Some(text) => content(text, kind)?,
        None => self::content(&newest.content, kind)?,
    };
    let now = Timestamp::now();
    let new_version = newest.content != content || newest.kind != kind;
    let new_description = description.is_some() && description != schema.description;
    if new_version {
        schema.last += 1;
        schema.versions.insert(schema.last, Version { kind, content, created: now });
    }
    if new_description {
        schema.description = description;
    }
    let changed = new_version || new_description;
    if changed {
        schema.modified = now;
    }
    let body = shown(place, call, schema, None)?;
    Ok(if changed { Reply::Body(body) } else { Reply::Unchanged(body) })
}

pub(super) fn delete(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let (registry, name) = (call.registry(), call.schema());
    let removed = store.registry_mut(registry)?.schemas.remove(name);
    removed.map(|_| Reply::Empty).ok_or_else(|| no_schema(registry, name))
}

pub(super) fn list(store: &Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let registry = call.registry();
    let schemas = &store.registry(registry)?.schemas;
    let prefix = call.query("schemaNamePrefix").unwrap_or_default();
    let page = page(call, |after| {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        schemas
            .range::<str, _>((from, Bound::Unbounded))
            .filter(|(name, _)| name.starts_with(prefix))
            .map(|(name, schema)| {
                let item = json!({
                    "LastModified": time(schema.modified),
                    "SchemaArn": place.schema(registry, name),
                    "SchemaName": name,
                    "VersionCount": schema.versions.len(),
                    "tags": schema.tags,
                });
                (name.clone(), item)
            })
    })?;
    Ok(Reply::Body(json!({ "Schemas": page.items, "NextToken": page.next })))
}

/// A schema without its content, at the given version or the newest.
fn shown(
    place: &Place,
    call: &Call,
    schema: &Schema,
    named: Option<&str>,
) -> Result<Value, ApiError> {
    let (number, version) = schema.version(named)?;
    Ok(json!({
        "Description": schema.description,
        "LastModified": time(schema.modified),
        "SchemaArn": place.schema(call.registry(), call.schema()),
        "SchemaName": call.schema(),
        "SchemaVersion": number.to_string(),
        "Type": version.kind.name(),
        "VersionCreatedDate": time(version.created),
        "tags": schema.tags,
    }))
}

/// Checks the length of the content and the form of its format. The text itself is stored
/// unchanged.
fn content(text: &str, kind: Kind) -> Result<Arc<str>, ApiError> {
    if text.is_empty() {
        return Err(ApiError::bad_request("`Content` is empty"));
    }
    limit::at_most("Content", text, limit::CONTENT)?;
    let value: Value = serde_json::from_str(text)
        .map_err(|e| ApiError::bad_request(format!("`Content` is not JSON: {e}")))?;
    let object = value.as_object();
    let object = object.ok_or_else(|| ApiError::bad_request("`Content` is not a JSON object"))?;
    if kind == Kind::OpenApi3 {
        let version = object.get("openapi").and_then(Value::as_str);
        if !version.is_some_and(|v| v.starts_with("3.")) {
            let message = "`Content` is not an OpenAPI 3 document: `openapi` must be `3.…`";
            return Err(ApiError::bad_request(message));
        }
        for part in ["info", "paths"] {
            if !object.get(part).is_some_and(Value::is_object) {
                let message =
                    format!("`Content` is not an OpenAPI 3 document: `{part}` is missing");
                return Err(ApiError::bad_request(message));
            }
        }
    }
    Ok(text.into())
}
