//! The server: a socket on 127.0.0.1, a route per operation, and the shutdown.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::routing::{MethodFilter, on};

use super::arn::Place;
use super::call::Call;
use super::error::{ApiError, Kind};
use super::handle::{self, Reply};
use super::limit;
use super::operation::Operation;
use super::socket::{Bounds, Running};
use super::store::{Preset, Store};
use crate::faults::Faults;

/// The settings of a server.
#[derive(Debug)]
pub struct Builder {
    port: u16,
    place: Place,
    presets: Vec<Preset>,
    read_only: Option<String>,
    not_modified: bool,
    faults: Faults,
    bounds: Bounds,
}

impl Default for Builder {
    fn default() -> Builder {
        Builder {
            port: 0,
            place: Place { region: "us-east-1".to_owned(), account: "123456789012".to_owned() },
            presets: Vec::new(),
            read_only: None,
            not_modified: false,
            faults: Faults::none(),
            bounds: Bounds::default(),
        }
    }
}

impl Builder {
    /// Sets the port (default: 0, a free one).
    #[must_use]
    pub fn port(mut self, port: u16) -> Builder {
        self.port = port;
        self
    }

    /// Sets the region in ARNs (default: `us-east-1`).
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Builder {
        self.place.region = region.into();
        self
    }

    /// Sets the account in ARNs (default: `123456789012`).
    #[must_use]
    pub fn account(mut self, account: impl Into<String>) -> Builder {
        self.place.account = account.into();
        self
    }

    /// Adds schemas that exist from the start.
    #[must_use]
    pub fn presets(mut self, presets: impl IntoIterator<Item = Preset>) -> Builder {
        self.presets.extend(presets);
        self
    }

    /// Refuses every operation that changes something, with a `ForbiddenException` that gives this
    /// reason.
    #[must_use]
    pub fn read_only(mut self, why: impl Into<String>) -> Builder {
        self.read_only = Some(why.into());
        self
    }

    /// Answers an `UpdateSchema` that changes nothing with 304 and no body instead of with 200. The
    /// API reference lists both, and SDKs report a 304 as an error without a type, so a client must
    /// handle both.
    #[must_use]
    pub fn not_modified(mut self) -> Builder {
        self.not_modified = true;
        self
    }

    /// Sets the faults.
    #[must_use]
    pub fn faults(mut self, faults: &Faults) -> Builder {
        self.faults = faults.clone();
        self
    }

    /// Sets the maximum number of connections at once (default: 256; 0 counts as 1). Further ones
    /// wait.
    #[must_use]
    pub fn connections(mut self, connections: usize) -> Builder {
        self.bounds.connections = connections;
        self
    }

    /// Sets how long a client may take for the head of a request (default: 15 seconds) and for its
    /// body (default: 30 seconds). After that the server closes the connection or refuses the
    /// request.
    #[must_use]
    pub fn patience(mut self, head: Duration, body: Duration) -> Builder {
        self.bounds.head = head;
        self.bounds.body = body;
        self
    }

    /// Binds 127.0.0.1 and serves, in a task of the current runtime.
    ///
    /// # Errors
    ///
    /// If the port is taken or cannot be bound.
    pub async fn serve(self) -> io::Result<Server> {
        let mut store = Store::default();
        for preset in self.presets {
            store.preset(preset);
        }
        let app = Arc::new(App {
            store: Mutex::new(store),
            place: self.place,
            read_only: self.read_only,
            not_modified: self.not_modified,
            faults: self.faults,
            bounds: self.bounds,
            seen: Seen::default(),
        });
        let running = Running::start(self.port, router(&app), self.bounds).await?;
        Ok(Server { app, running })
    }
}

/// A running server. When dropped, it stops at once; [`Server::shutdown`] lets requests finish
/// first.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    running: Running,
}

impl Server {
    /// Returns a builder with the default settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The endpoint, for `AWS_ENDPOINT_URL_SCHEMAS`: `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> String {
        self.running.endpoint()
    }

    /// The address.
    pub fn address(&self) -> SocketAddr {
        self.running.address()
    }

    /// Returns the number of schemas.
    pub fn schemas(&self) -> usize {
        self.app.store().registries.values().map(|r| r.schemas.len()).sum()
    }

    /// Returns the number of registries.
    pub fn registries(&self) -> usize {
        self.app.store().registries.len()
    }

    /// Returns how many requests an operation has received so far, including requests with faults.
    pub fn calls(&self, operation: Operation) -> usize {
        self.app.seen.calls[operation as usize].load(Ordering::Relaxed)
    }

    /// Returns the highest number of requests that were in flight at the same time.
    pub fn most_at_once(&self) -> usize {
        self.app.seen.most.load(Ordering::Relaxed)
    }

    /// Accepts no more connections, lets requests in flight finish (for at most two seconds), and
    /// stops.
    pub async fn shutdown(self) {
        self.running.shutdown().await;
    }

    /// Serves until the future completes, then shuts down.
    ///
    /// # Errors
    ///
    /// If serving failed before.
    pub async fn run_until(self, end: impl Future<Output = ()>) -> io::Result<()> {
        self.running.run_until(end).await
    }
}

/// Counts of the requests so far.
#[derive(Debug, Default)]
struct Seen {
    calls: [AtomicUsize; 31],
    now: AtomicUsize,
    most: AtomicUsize,
}

/// One request in flight.
struct UnderWay<'a>(&'a Seen);

impl Seen {
    fn enter(&self, operation: Operation) -> UnderWay<'_> {
        self.calls[operation as usize].fetch_add(1, Ordering::Relaxed);
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        UnderWay(self)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct App {
    store: Mutex<Store>,
    place: Place,
    read_only: Option<String>,
    not_modified: bool,
    faults: Faults,
    bounds: Bounds,
    seen: Seen,
}

impl App {
    /// If a handler panicked, the store keeps what the handler had done: a server that stops is
    /// worse.
    fn store(&self) -> std::sync::MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, operation: Operation, request: Request) -> Response<Body> {
        let _under_way = self.seen.enter(operation);
        self.faults.around(operation, self.answer(operation, request)).await
    }

    async fn answer(&self, operation: Operation, request: Request) -> Response<Body> {
        let answer = match read(operation, request, self.bounds.body).await {
            Ok(call) => self.carry_out(&call),
            Err(e) => Err(e),
        };
        let reply = match answer {
            Ok(reply) => reply,
            Err(e) if operation.lists(e.kind) => return e.into_response(),
            Err(e) => return e.coarser().into_response(),
        };
        let (status, body) = match reply {
            Reply::Unchanged(_) if self.not_modified => (StatusCode::NOT_MODIFIED, None),
            Reply::Body(value) | Reply::Unchanged(value) => (operation.status(), Some(value)),
            Reply::Empty => (operation.status(), None),
        };
        let body = body.map(|mut value| {
            if let Some(members) = value.as_object_mut() {
                members.retain(|_, member| !member.is_null());
            }
            value.to_string()
        });
        let mut response = Response::new(body.map_or_else(Body::empty, Body::from));
        *response.status_mut() = status;
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }

    fn carry_out(&self, call: &Call) -> Result<Reply, ApiError> {
        if let Some(why) = self.read_only.as_ref().filter(|_| !call.operation.reads_only()) {
            return Err(ApiError::new(Kind::Forbidden, why.clone()));
        }
        handle::answer(&mut self.store(), &self.place, call)
    }
}

/// Adds a route per operation. The router matches the path before it decodes parameters, so a `%2F`
/// in a name never becomes a separator.
fn router(app: &Arc<App>) -> Router {
    let mut router = Router::new();
    for &operation in Operation::ALL {
        let Ok(method) = MethodFilter::try_from(operation.method()) else { continue };
        let app = Arc::clone(app);
        let answer = move |request: Request| {
            let app = Arc::clone(&app);
            async move { app.serve(operation, request).await }
        };
        // the `/` of an ARN may arrive unencoded
        let path = operation.path().replace("{resource-arn}", "{*resource-arn}");
        router = router.route(&path, on(method, answer));
    }
    router.fallback(unknown).method_not_allowed_fallback(unknown)
}

async fn unknown(request: Request) -> Response<Body> {
    let (method, path) = (request.method(), request.uri().path());
    let message = format!("the Schemas API has no operation `{method} {path}`");
    ApiError::not_found(message).into_response()
}

async fn read(
    operation: Operation,
    request: Request,
    patience: Duration,
) -> Result<Call, ApiError> {
    let (mut parts, body) = request.into_parts();
    let path = RawPathParams::from_request_parts(&mut parts, &())
        .await
        .map_err(|_| ApiError::bad_request("the path is not UTF-8"))?;
    let path = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let max = match operation {
        Operation::GetDiscoveredSchema => limit::BODY_OF_EVENTS,
        _ => limit::BODY,
    };
    let body = tokio::time::timeout(patience, to_bytes(body, max)).await.map_err(|_| {
        ApiError::bad_request(format!("the body did not arrive within {patience:?}"))
    })?;
    let body = body.map_err(|_| {
        ApiError::bad_request(format!("the body cannot be read or is longer than {max} bytes"))
    })?;
    Call::new(operation, path, parts.uri.query(), &body)
}
