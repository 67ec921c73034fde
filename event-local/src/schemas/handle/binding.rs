//! Code bindings: not supported by this server. For Rust, use `event-codegen`.

use super::Reply;
use crate::schemas::call::Call;
use crate::schemas::error::ApiError;
use crate::schemas::store::Store;

pub(super) fn put(store: &Store, call: &Call) -> Result<Reply, ApiError> {
    known(store, call)?;
    Err(ApiError::bad_request(
        "code bindings are not supported by this server: it generates no code",
    ))
}

/// Reports that the binding does not exist, because none can be created.
pub(super) fn get(store: &Store, call: &Call) -> Result<Reply, ApiError> {
    known(store, call)?;
    let language = call.path("language").escape_default();
    let message = format!("no code binding for `{language}`: this server does not generate code");
    Err(ApiError::not_found(message))
}

fn known(store: &Store, call: &Call) -> Result<(), ApiError> {
    let schema = store.schema(call.registry(), call.schema())?;
    schema.version(call.query("schemaVersion")).map(|_| ())
}
