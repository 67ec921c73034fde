//! Code bindings: this server generates none, and says so. (For Rust, `event-codegen` does.)

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

/// As none was ever put, there is none to be had.
pub(super) fn get(store: &Store, call: &Call) -> Result<Reply, ApiError> {
    known(store, call)?;
    let language = call.path("language").escape_default();
    let message = format!("there is no code binding for `{language}`: this server generates none");
    Err(ApiError::not_found(message))
}

fn known(store: &Store, call: &Call) -> Result<(), ApiError> {
    let schema = store.schema(call.registry(), call.schema())?;
    schema.version(call.query("schemaVersion")).map(|_| ())
}
