//! Registries.

use std::ops::Bound;

use serde_json::{Value, json};

use super::Reply;
use crate::schemas::arn::Place;
use crate::schemas::call::Call;
use crate::schemas::error::{ApiError, Kind};
use crate::schemas::limit;
use crate::schemas::page::page;
use crate::schemas::store::{Registry, Store};

pub(super) fn create(store: &mut Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let name = call.registry();
    limit::registry_name(name)?;
    let (description, tags) = (call.description()?, call.tags()?.unwrap_or_default());
    if store.registries.contains_key(name) {
        let message = format!("registry `{name}` already exists");
        return Err(ApiError::new(Kind::Conflict, message));
    }
    let registry = Registry { description, tags, ..Registry::default() };
    let body = shown(place, name, &registry);
    store.registries.insert(name.to_owned(), registry);
    Ok(Reply::Body(body))
}

pub(super) fn describe(store: &Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let name = call.registry();
    Ok(Reply::Body(shown(place, name, store.registry(name)?)))
}

pub(super) fn update(store: &mut Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let name = call.registry();
    let description = call.description()?;
    let registry = store.registry_mut(name)?;
    if description.is_some() {
        registry.description = description;
    }
    Ok(Reply::Body(shown(place, name, registry)))
}

/// Deletes a registry. A registry with schemas is not deleted, so that one call does not lose data.
pub(super) fn delete(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let name = call.registry();
    let n = store.registry(name)?.schemas.len();
    if n > 0 {
        let message = format!("the registry contains {n} schemas: delete them first");
        return Err(ApiError::bad_request(message));
    }
    store.registries.remove(name);
    Ok(Reply::Empty)
}

pub(super) fn list(store: &Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let prefix = call.query("registryNamePrefix").unwrap_or_default();
    let aws = match call.query("scope").map(str::to_ascii_lowercase).as_deref() {
        None => None,
        Some("aws") => Some(true),
        Some("local") => Some(false),
        Some(_) => return Err(ApiError::bad_request("`scope` must be `LOCAL` or `AWS`")),
    };
    let page = page(call, |after| {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        store
            .registries
            .range::<str, _>((from, Bound::Unbounded))
            .filter(|(name, _)| name.starts_with(prefix))
            .filter(move |(name, _)| aws.is_none_or(|aws| name.starts_with("aws.") == aws))
            .map(|(name, registry)| {
                let item = json!({
                    "RegistryArn": place.registry(name),
                    "RegistryName": name,
                    "tags": registry.tags,
                });
                (name.clone(), item)
            })
    })?;
    Ok(Reply::Body(json!({ "Registries": page.items, "NextToken": page.next })))
}

fn shown(place: &Place, name: &str, registry: &Registry) -> Value {
    json!({
        "Description": registry.description,
        "RegistryArn": place.registry(name),
        "RegistryName": name,
        "tags": registry.tags,
    })
}
