//! `GetDiscoveredSchema`: infers a schema that all sample events match.

use event_schema::infer;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::error::ApiError;
use super::export::draft4;
use super::limit;
use super::store::Kind;

/// Carries the operation out.
pub(super) fn discover(call: &Call) -> Result<Value, ApiError> {
    let kind = Kind::parse(call.required("Type")?)?;
    let wrong = || ApiError::bad_request("`Events` is not a list of strings");
    let events = call.member("Events").and_then(Value::as_array).ok_or_else(wrong)?;
    if events.is_empty() || events.len() > limit::EVENTS {
        let message =
            format!("`Events` has {} events; 1 to {} are allowed", events.len(), limit::EVENTS);
        return Err(ApiError::bad_request(message));
    }
    let mut samples = Vec::new();
    for (i, event) in events.iter().enumerate() {
        let text = event.as_str().ok_or_else(wrong)?;
        limit::at_most("Events", text, limit::CONTENT)?;
        let sample: Map<String, Value> = serde_json::from_str(text).map_err(|e| {
            ApiError::bad_request(format!("`Events[{i}]` is not a JSON object: {e}"))
        })?;
        samples.push(sample);
    }
    let mixed = |_| {
        let message =
            "the `source` and `detail-type` of `Events` must be strings and the same in all events";
        ApiError::bad_request(message)
    };
    let document = infer::document(&samples, "Event", false).map_err(mixed)?.to_string();
    let content = match kind {
        Kind::OpenApi3 => document,
        Kind::JsonSchemaDraft4 => draft4(&document)?,
    };
    limit::at_most("Content", &content, limit::CONTENT)?;
    Ok(json!({ "Content": content }))
}
