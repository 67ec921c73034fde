//! Tags of registries, schemas and discoverers, by ARN.

use serde_json::json;

use super::{Reply, discoverer};
use crate::schemas::arn::{Place, Resource};
use crate::schemas::call::{Call, Tags};
use crate::schemas::error::ApiError;
use crate::schemas::limit;
use crate::schemas::store::Store;

pub(super) fn add(store: &mut Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let new = call.tags()?.ok_or_else(|| ApiError::bad_request("`tags` is missing"))?;
    let tags = of(store, place, call)?;
    let mut all = tags.clone();
    all.extend(new);
    limit::tags(&all)?;
    *tags = all;
    Ok(Reply::Empty)
}

pub(super) fn remove(store: &mut Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let keys: Vec<&str> = call.all_of_query("tagKeys").collect();
    if keys.is_empty() {
        return Err(ApiError::bad_request("`tagKeys` is missing"));
    }
    let tags = of(store, place, call)?;
    tags.retain(|key, _| !keys.contains(&key.as_str()));
    Ok(Reply::Empty)
}

pub(super) fn list(store: &mut Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let tags = of(store, place, call)?;
    Ok(Reply::Body(json!({ "tags": tags })))
}

fn of<'a>(store: &'a mut Store, place: &Place, call: &Call) -> Result<&'a mut Tags, ApiError> {
    match place.resource(call.path("resource-arn"))? {
        Resource::Registry(name) => Ok(&mut store.registry_mut(name)?.tags),
        Resource::Schema(registry, name) => Ok(&mut store.schema_mut(registry, name)?.tags),
        Resource::Discoverer(id) => Ok(&mut discoverer::find(store, id)?.tags),
    }
}
