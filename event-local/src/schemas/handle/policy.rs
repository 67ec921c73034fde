//! Resource-based policies of registries: stored with a revision, not enforced.

use serde_json::{Value, json};

use super::Reply;
use crate::schemas::call::Call;
use crate::schemas::error::{ApiError, Kind};
use crate::schemas::store::{Policy, Registry, Store};

pub(super) fn get(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let registry = of(store, call)?;
    registry.policy.as_ref().map(shown).ok_or_else(none)
}

pub(super) fn put(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let text = call.required("Policy")?.to_owned();
    if !serde_json::from_str::<Value>(&text).is_ok_and(|v| v.is_object()) {
        return Err(ApiError::bad_request("`Policy` is not a JSON object"));
    }
    let revision = format!("{:08}", store.next());
    let expected = call.text("RevisionId")?;
    let registry = of(store, call)?;
    let now = registry.policy.as_ref().map(|p| p.revision.as_str());
    if expected.is_some() && expected != now {
        let message = "`RevisionId` is not the policy's current revision: read the policy again";
        return Err(ApiError::new(Kind::PreconditionFailed, message));
    }
    Ok(shown(registry.policy.insert(Policy { text, revision })))
}

pub(super) fn delete(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    of(store, call)?.policy.take().map(|_| Reply::Empty).ok_or_else(none)
}

fn of<'a>(store: &'a mut Store, call: &Call) -> Result<&'a mut Registry, ApiError> {
    let name = call.query("registryName");
    store.registry_mut(name.ok_or_else(|| ApiError::bad_request("`registryName` is missing"))?)
}

fn none() -> ApiError {
    ApiError::not_found("the registry has no policy")
}

fn shown(policy: &Policy) -> Reply {
    Reply::Body(json!({ "Policy": policy.text, "RevisionId": policy.revision }))
}
