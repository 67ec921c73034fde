//! The server: two protocols on one socket.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Response, StatusCode, header};
use ciborium::Value as Cbor;
use serde_json::{Value, json};

use super::Rule;
use super::answer::{Operation, Refusal, World};
use crate::schemas::socket::{Bounds, Running};

/// The most bytes of a request.
const BODY: usize = 1024 * 1024;

/// The path of CloudWatch's operations.
const CLOUDWATCH: &str = "/service/GraniteServiceVersion20100801/operation/";

/// The settings of a server.
#[derive(Debug)]
pub struct Builder {
    world: World,
    bounds: Bounds,
}

impl Default for Builder {
    fn default() -> Builder {
        let world = World {
            rules: Vec::new(),
            buses: BTreeSet::from(["default".to_owned()]),
            page: 100,
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
            denied: BTreeSet::new(),
        };
        Builder { world, bounds: Bounds::default() }
    }
}

impl Builder {
    /// Adds rules, and the buses that they are on.
    #[must_use]
    pub fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Builder {
        for rule in rules {
            self.world.buses.insert(rule.bus.clone());
            self.world.rules.push(rule);
        }
        self
    }

    /// Adds a bus without rules.
    #[must_use]
    pub fn bus(mut self, name: &str) -> Builder {
        self.world.buses.insert(name.to_owned());
        self
    }

    /// Sets the most items of one page (default: 100; 0 counts as 1).
    #[must_use]
    pub fn page(mut self, items: usize) -> Builder {
        self.world.page = items.max(1);
        self
    }

    /// Refuses this operation with `AccessDeniedException`.
    #[must_use]
    pub fn deny(mut self, operation: Operation) -> Builder {
        self.world.denied.insert(operation);
        self
    }

    /// Binds 127.0.0.1 and serves, in a task of the current runtime.
    ///
    /// # Errors
    ///
    /// If no port can be bound.
    pub async fn serve(self) -> io::Result<Server> {
        let app = Arc::new(App { world: self.world, calls: Default::default() });
        let served = Arc::clone(&app);
        let patience = self.bounds.body;
        let router = Router::new().fallback(move |request: Request| {
            let app = Arc::clone(&served);
            async move { app.serve(request, patience).await }
        });
        let running = Running::start(0, router, self.bounds).await?;
        Ok(Server { app, running })
    }
}

/// A running server. When dropped, it stops at once; [`Server::shutdown`] lets requests finish first.
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

    /// The endpoint, for `AWS_ENDPOINT_URL_EVENTBRIDGE` and `AWS_ENDPOINT_URL_CLOUDWATCH`.
    pub fn endpoint(&self) -> String {
        self.running.endpoint()
    }

    /// Returns how many requests an operation has received so far.
    pub fn calls(&self, operation: Operation) -> usize {
        self.app.calls[operation as usize].load(Ordering::Relaxed)
    }

    /// Accepts no more connections, lets requests in flight finish (for at most two seconds), and stops.
    pub async fn shutdown(self) {
        self.running.shutdown().await;
    }
}

#[derive(Debug)]
struct App {
    world: World,
    calls: [AtomicUsize; 3],
}

impl App {
    async fn serve(&self, request: Request, patience: Duration) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let cbor = parts.uri.path().strip_prefix(CLOUDWATCH).map(str::to_owned);
        let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        let target = target.and_then(|target| target.strip_prefix("AWSEvents."));
        let name = cbor.as_deref().or(target).unwrap_or_default();
        let answer = match Operation::find(name) {
            Some(operation) if (operation == Operation::GetMetricData) == cbor.is_some() => {
                self.calls[operation as usize].fetch_add(1, Ordering::Relaxed);
                match tokio::time::timeout(patience, to_bytes(body, BODY)).await {
                    Ok(Ok(bytes)) => decode(&bytes, cbor.is_some())
                        .and_then(|body| self.world.answer(operation, &body)),
                    _ => Err(Refusal::new("SerializationException", "the body cannot be read")),
                }
            }
            _ => Err(Refusal::new(
                "UnknownOperationException",
                format!("no operation `{name}` here"),
            )),
        };
        let (status, value) = match answer {
            Ok(value) => (StatusCode::OK, value),
            Err(Refusal { status, code, message }) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
                (status, json!({ "__type": code, "message": message }))
            }
        };
        encode(status, &value, cbor.is_some())
    }
}

fn decode(bytes: &[u8], cbor: bool) -> Result<Value, Refusal> {
    let wrong = |error: String| Refusal::new("SerializationException", error);
    if !cbor {
        return serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()));
    }
    let value: Cbor = ciborium::from_reader(bytes).map_err(|error| wrong(error.to_string()))?;
    Ok(of_cbor(&value))
}

fn of_cbor(value: &Cbor) -> Value {
    match value {
        Cbor::Integer(number) => i64::try_from(*number).map_or(Value::Null, Value::from),
        Cbor::Float(number) => Value::from(*number),
        Cbor::Text(text) => Value::from(text.as_str()),
        Cbor::Bool(value) => Value::from(*value),
        // a time is a tagged number of seconds
        Cbor::Tag(_, inner) => of_cbor(inner),
        Cbor::Array(items) => items.iter().map(of_cbor).collect(),
        Cbor::Map(members) => members
            .iter()
            .filter_map(|(name, value)| Some((name.as_text()?.to_owned(), of_cbor(value))))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        _ => Value::Null,
    }
}

/// As CBOR; `Timestamps` are times.
fn to_cbor(value: &Value, times: bool) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(value) => Cbor::Bool(*value),
        Value::Number(number) if times => {
            let seconds = number.as_f64().unwrap_or_default();
            Cbor::Tag(1, Box::new(Cbor::Float(seconds)))
        }
        Value::Number(number) => match number.as_i64() {
            Some(number) => Cbor::Integer(number.into()),
            None => Cbor::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Array(items) => Cbor::Array(items.iter().map(|item| to_cbor(item, times)).collect()),
        Value::Object(members) => Cbor::Map(
            members
                .iter()
                .map(|(name, value)| {
                    (Cbor::Text(name.clone()), to_cbor(value, name == "Timestamps"))
                })
                .collect(),
        ),
    }
}

fn encode(status: StatusCode, value: &Value, cbor: bool) -> Response<Body> {
    let (body, kind) = if cbor {
        let mut bytes = Vec::new();
        // writing into memory cannot fail
        let _ = ciborium::into_writer(&to_cbor(value, false), &mut bytes);
        (Body::from(bytes), "application/cbor")
    } else {
        (Body::from(value.to_string()), "application/x-amz-json-1.1")
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if cbor {
        let protocol = HeaderValue::from_static("rpc-v2-cbor");
        response.headers_mut().insert("smithy-protocol", protocol);
    }
    response
}
