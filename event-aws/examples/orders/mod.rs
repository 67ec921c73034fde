//! The event of the examples, and what happens when an order was placed.
#![allow(dead_code, reason = "each example uses a part of it")]

use std::env;
use std::sync::Arc;

use event_runtime::consume::{Context, HandlerError, State};
use event_runtime::{Envelope, Event};
use serde::{Deserialize, Serialize};

/// By hand, for these examples only: `#[derive(Event)]` writes the impl if a schema exists.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OrderPlaced {
    pub(crate) order_id: String,
}

impl Event for OrderPlaced {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const SOURCE: &'static str = "app.shop";
}

/// What the handlers share: here a setting, in a service its clients.
#[derive(Debug)]
pub(crate) struct Mailer {
    pub(crate) from: String,
}

impl Mailer {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { from: env::var("MAIL_FROM").unwrap_or_else(|_| "shop@localhost".into()) })
    }
}

/// Handles an event.
#[allow(clippy::unused_async, reason = "a handler that sends mail awaits it")]
pub(crate) async fn mail(
    event: Envelope<OrderPlaced>,
    State(mailer): State<Arc<Mailer>>,
    context: Context,
) -> Result<(), HandlerError> {
    let trace = context.trace().traceparent().unwrap_or_default().into_owned();
    let (order, from) = (&event.data.order_id, &mailer.from);
    if order.starts_with("bad") {
        return Err(HandlerError::permanent("not an order"));
    }
    tracing::info!(order, from, trace, receives = context.receives(), "mail sent");
    Ok(())
}
