//! An axum service with a publisher, tested without AWS: its state holds any transport.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Json, Router};
use event_runtime::Event;
use event_runtime::backoff::Backoff;
use event_runtime::publish::{Publisher, Transport};
use event_testing::service::{BusFault, TestBus};
use serde::{Deserialize, Serialize};
use tower::ServiceExt;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Placed {
    order: String,
}

impl Event for Placed {
    const TYPE: &'static str = "order.placed";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 0;
    const SOURCE: &'static str = "app.shop";
}

/// The state of the service: the bus is `EventBridge` in production.
#[derive(Clone)]
struct App {
    publisher: Publisher<Arc<dyn Transport>>,
}

async fn place(State(app): State<App>, Json(order): Json<Placed>) -> impl IntoResponse {
    match app.publisher.publish(order).await.into_result() {
        Ok(_) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn service(bus: Arc<dyn Transport>) -> Router {
    let publisher = Publisher::new(bus).with_backoff(Backoff { attempts: 3, ..Backoff::default() });
    Router::new().route("/orders", post(place)).with_state(App { publisher })
}

async fn order(app: &Router, order: &str) -> StatusCode {
    let body = serde_json::json!({ "order": order }).to_string();
    let request = Request::post("/orders").header("content-type", "application/json");
    app.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap().status()
}

#[tokio::test(start_paused = true)]
async fn request_publishes_its_event() {
    let bus = TestBus::alone();
    let app = service(Arc::new(bus.clone()));
    assert_eq!(order(&app, "A-1").await, StatusCode::ACCEPTED);
    let published = bus.published::<Placed>();
    assert_eq!(published.len(), 1);
    assert_eq!((&*published[0].data.order, &*published[0].source), ("A-1", "app.shop"));
}

#[tokio::test(start_paused = true)]
async fn request_survives_throttling_and_reports_an_outage() {
    let bus = TestBus::alone();
    let app = service(Arc::new(bus.clone()));
    bus.fail_next(2, BusFault::Throttled);
    assert_eq!(order(&app, "A-1").await, StatusCode::ACCEPTED);
    bus.fail_next(3, BusFault::Throttled);
    assert_eq!(order(&app, "A-2").await, StatusCode::SERVICE_UNAVAILABLE);
    bus.fail_next(1, BusFault::Refused);
    assert_eq!(order(&app, "A-3").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(bus.published::<Placed>().len(), 1);
    assert_eq!(bus.calls(), 3 + 3 + 1);
}
