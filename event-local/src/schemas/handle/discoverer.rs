//! Discoverers: created, started, stopped, described. No bus sends events to them here; use
//! `GetDiscoveredSchema` to infer a schema from given events.

use std::ops::Bound;

use serde_json::{Value, json};

use super::Reply;
use crate::schemas::arn::Place;
use crate::schemas::call::Call;
use crate::schemas::error::{ApiError, Kind};
use crate::schemas::limit;
use crate::schemas::page::page;
use crate::schemas::store::{Discoverer, Store};

pub(super) fn create(store: &mut Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let source_arn = call.required("SourceArn")?.to_owned();
    limit::at_most("SourceArn", &source_arn, 1600)?;
    if source_arn.chars().count() < 20 || !source_arn.starts_with("arn:") {
        return Err(ApiError::bad_request("`SourceArn` is not the ARN of an event bus"));
    }
    let (description, tags) = (call.description()?, call.tags()?.unwrap_or_default());
    let cross_account = call.flag("CrossAccount")?.unwrap_or(true);
    if store.discoverers.values().any(|d| d.source_arn == source_arn) {
        let message = format!("`{}` already has a discoverer", source_arn.escape_default());
        return Err(ApiError::new(Kind::Conflict, message));
    }
    let id = format!("local-discoverer-{:04}", store.next());
    let new = Discoverer { description, source_arn, started: true, cross_account, tags };
    let body = shown(place, &id, &new);
    store.discoverers.insert(id, new);
    store.registries.entry("discovered-schemas".to_owned()).or_default();
    Ok(Reply::Body(body))
}

pub(super) fn describe(store: &mut Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let id = call.path("discovererId");
    Ok(Reply::Body(shown(place, id, find(store, id)?)))
}

pub(super) fn update(store: &mut Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let id = call.path("discovererId");
    let (description, cross_account) = (call.description()?, call.flag("CrossAccount")?);
    let discoverer = find(store, id)?;
    if description.is_some() {
        discoverer.description = description;
    }
    discoverer.cross_account = cross_account.unwrap_or(discoverer.cross_account);
    Ok(Reply::Body(shown(place, id, discoverer)))
}

pub(super) fn delete(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let id = call.path("discovererId");
    find(store, id)?;
    store.discoverers.remove(id);
    Ok(Reply::Empty)
}

pub(super) fn list(store: &Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let by_id = call.query("discovererIdPrefix").unwrap_or_default();
    let by_source = call.query("sourceArnPrefix").unwrap_or_default();
    let page = page(call, |after| {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        store
            .discoverers
            .range::<str, _>((from, Bound::Unbounded))
            .filter(|(id, d)| id.starts_with(by_id) && d.source_arn.starts_with(by_source))
            .map(|(id, d)| {
                let mut item = shown(place, id, d);
                if let Some(item) = item.as_object_mut() {
                    item.remove("Description");
                }
                (id.clone(), item)
            })
    })?;
    Ok(Reply::Body(json!({ "Discoverers": page.items, "NextToken": page.next })))
}

pub(super) fn switch(store: &mut Store, call: &Call, on: bool) -> Result<Reply, ApiError> {
    let id = call.path("discovererId");
    let discoverer = find(store, id)?;
    discoverer.started = on;
    Ok(Reply::Body(json!({ "DiscovererId": id, "State": state(discoverer) })))
}

pub(super) fn find<'a>(store: &'a mut Store, id: &str) -> Result<&'a mut Discoverer, ApiError> {
    let missing =
        || ApiError::not_found(format!("discoverer `{}` does not exist", id.escape_default()));
    store.discoverers.get_mut(id).ok_or_else(missing)
}

fn state(discoverer: &Discoverer) -> &'static str {
    if discoverer.started { "STARTED" } else { "STOPPED" }
}

fn shown(place: &Place, id: &str, discoverer: &Discoverer) -> Value {
    json!({
        "Description": discoverer.description,
        "DiscovererArn": place.discoverer(id),
        "DiscovererId": id,
        "SourceArn": discoverer.source_arn,
        "State": state(discoverer),
        "CrossAccount": discoverer.cross_account,
        "tags": discoverer.tags,
    })
}
