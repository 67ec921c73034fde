//! The operations: each takes a call and the store and returns the JSON of the response. This
//! module does not depend on HTTP.

mod binding;
mod discoverer;
mod policy;
mod registry;
mod schema;
mod search;
mod tags;
mod version;

use jiff::Timestamp;
use serde_json::Value;

use super::arn::Place;
use super::call::Call;
use super::error::ApiError;
use super::infer;
use super::operation::Operation;
use super::store::Store;

/// What an operation answers.
#[derive(Debug)]
pub(super) enum Reply {
    /// A body, with the operation's status.
    Body(Value),
    /// No body, with the operation's status.
    Empty,
    /// The content is what it was.
    Unchanged(Value),
}

/// Carries an operation out.
pub(super) fn answer(store: &mut Store, place: &Place, call: &Call) -> Result<Reply, ApiError> {
    use Operation as O;
    match call.operation {
        O::CreateRegistry => registry::create(store, place, call),
        O::DescribeRegistry => registry::describe(store, place, call),
        O::UpdateRegistry => registry::update(store, place, call),
        O::DeleteRegistry => registry::delete(store, call),
        O::ListRegistries => registry::list(store, place, call),
        O::CreateSchema => schema::create(store, place, call),
        O::DescribeSchema => schema::describe(store, place, call),
        O::UpdateSchema => schema::update(store, place, call),
        O::DeleteSchema => schema::delete(store, call),
        O::ListSchemas => schema::list(store, place, call),
        O::ListSchemaVersions => version::list(store, place, call),
        O::DeleteSchemaVersion => version::delete(store, call),
        O::ExportSchema => version::export(store, place, call),
        O::SearchSchemas => search::search(store, place, call),
        O::TagResource => tags::add(store, place, call),
        O::UntagResource => tags::remove(store, place, call),
        O::ListTagsForResource => tags::list(store, place, call),
        O::CreateDiscoverer => discoverer::create(store, place, call),
        O::DescribeDiscoverer => discoverer::describe(store, place, call),
        O::UpdateDiscoverer => discoverer::update(store, place, call),
        O::DeleteDiscoverer => discoverer::delete(store, call),
        O::ListDiscoverers => discoverer::list(store, place, call),
        O::StartDiscoverer => discoverer::switch(store, call, true),
        O::StopDiscoverer => discoverer::switch(store, call, false),
        O::GetResourcePolicy => policy::get(store, call),
        O::PutResourcePolicy => policy::put(store, call),
        O::DeleteResourcePolicy => policy::delete(store, call),
        O::GetDiscoveredSchema => infer::discover(call).map(Reply::Body),
        O::PutCodeBinding => binding::put(store, call),
        O::DescribeCodeBinding | O::GetCodeBindingSource => binding::get(store, call),
    }
}

/// ISO 8601, to the second.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
