//! Search: finds schemas that have one of the keywords in their name or in the text of a version.
//! It ignores case.

use std::ops::Bound;

use serde_json::{Value, json};

use super::{Reply, time};
use crate::schemas::arn::Place;
use crate::schemas::call::Call;
use crate::schemas::error::ApiError;
use crate::schemas::page::page;
use crate::schemas::store::{Schema, Store};

pub(super) fn search(store: &Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    let registry = call.registry();
    let words: Vec<String> = call
        .query("keywords")
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() {
        return Err(ApiError::bad_request("`keywords` is missing"));
    }
    let schemas = &store.registry(registry)?.schemas;
    let page = page(call, |after| {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        schemas.range::<str, _>((from, Bound::Unbounded)).filter_map(|(name, schema)| {
            let versions = found(name, schema, &words);
            let item = json!({
                "RegistryName": registry,
                "SchemaArn": place.schema(registry, name),
                "SchemaName": name,
                "SchemaVersions": versions,
            });
            (!versions.is_empty()).then(|| (name.clone(), item))
        })
    })?;
    Ok(Reply::Body(json!({ "Schemas": page.items, "NextToken": page.next })))
}

/// The versions that a search finds, newest first: all of them if the name matches.
fn found(name: &str, schema: &Schema, words: &[String]) -> Vec<Value> {
    let has = |text: &str| {
        let text = text.to_lowercase();
        words.iter().any(|word| text.contains(word))
    };
    let by_name = has(name);
    schema
        .versions
        .iter()
        .rev()
        .filter(|(_, version)| by_name || has(&version.content))
        .map(|(n, version)| {
            json!({
                "CreatedDate": time(version.created),
                "SchemaVersion": n.to_string(),
                "Type": version.kind.name(),
            })
        })
        .collect()
}
