//! Routes an event to its handler, by type and major.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::{Context, HandlerError};
use crate::decode::{DecodeError, Incoming};
use crate::metrics::HandlerMetrics;
use crate::{DetailType, Envelope, Event};

/// The work on one event. It starts when it is polled.
pub(super) type Work = Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send>>;

/// A handler with its type.
pub(super) type TypedHandler<E> = Arc<dyn Fn(Envelope<E>, Context) -> Work + Send + Sync>;

/// A handler without a type: decodes the payload and returns the work.
pub(super) type Handler =
    Box<dyn Fn(&Incoming<'_>, Context) -> Result<Work, DecodeError> + Send + Sync>;

/// What happens to an event that a consumer receives but has no handler for.
///
/// # Example
///
/// ```
/// use event_runtime::consume::{Consumer, Unhandled};
/// use event_runtime::idempotency::MemoryStore;
///
/// // For a rule that matches all events of a source.
/// let auditor = Consumer::builder("auditor", MemoryStore::new()).unhandled(Unhandled::Skip);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unhandled {
    /// It goes to the dead-letter queue: the rule does not match the handlers, and an event that is
    /// acknowledged unread is lost. The default.
    #[default]
    DeadLetter,
    /// It is acknowledged and counted: for a rule that is wide on purpose.
    Skip,
}

/// One route: the event's source and detail-type, and the handler.
pub(super) struct Route {
    pub(super) source: &'static str,
    pub(super) detail_type: &'static str,
    pub(super) handler: Handler,
    pub(super) metrics: HandlerMetrics,
}

/// By type, then by major.
pub(super) type Routes = BTreeMap<&'static str, BTreeMap<u32, Route>>;

pub(super) fn find<'a>(routes: &'a Routes, detail_type: DetailType<'_>) -> Option<&'a Route> {
    routes.get(detail_type.event_type)?.get(&detail_type.version.major())
}

/// A handler of the event itself.
pub(super) fn direct<E: Event + DeserializeOwned + Send + 'static>(
    handler: TypedHandler<E>,
) -> Handler {
    Box::new(move |incoming, context| {
        let envelope = incoming.decode_event::<E>()?;
        let handler = Arc::clone(&handler);
        Ok(Box::pin(async move { handler(envelope, context).await }))
    })
}

/// A handler of an older event, by conversion to the newer one.
pub(super) fn upcast<Old, New>(
    convert: impl Fn(Old) -> Result<New, HandlerError> + Send + Sync + 'static,
    handler: TypedHandler<New>,
) -> Handler
where
    Old: Event + DeserializeOwned + Send + 'static,
    New: Event + Send + 'static,
{
    let convert = Arc::new(convert);
    Box::new(move |incoming, context| {
        let envelope = incoming.decode_event::<Old>()?;
        let (convert, handler) = (Arc::clone(&convert), Arc::clone(&handler));
        Ok(Box::pin(async move {
            let Envelope { id, source, event_type, version, occurred_at, data } = envelope;
            let data = convert(data)?;
            let newer = Envelope { id, source, event_type, version, occurred_at, data };
            handler(newer, context).await
        }))
    })
}
