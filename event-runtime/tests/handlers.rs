//! Functions, methods and layers as handlers, and what a handler can read beside its event.

#![allow(
    clippy::unwrap_used,
    clippy::unused_async,
    reason = "a test that meets an error has failed and should say where"
)]

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use event_runtime::consume::{
    Call, CallError, Consumer, Context, DeadLetterKind, Delivered, FromContext, FromState,
    HandlerError, Outcome, Record, State, Stop,
};
use event_runtime::embedded::{EmbeddedBus, Rule};
use event_runtime::idempotency::MemoryStore;
use event_runtime::publish::Publisher;
use event_runtime::trace::{self, TRACEPARENT, Trace};
use event_runtime::{Envelope, Event, EventId, Timestamp};
use tokio::time::Instant;
use tower::Service;

use self::common::{PublishedV1, v1, v2};

type Seen = Arc<Mutex<Vec<String>>>;

/// What the handlers of a service share.
#[derive(Clone, Default)]
struct App {
    seen: Seen,
}

impl FromState<App> for Seen {
    fn from_state(app: &App) -> Self {
        app.seen.clone()
    }
}

/// An argument of our own.
struct Tenant(String);

impl<S> FromContext<S> for Tenant {
    fn from_context(context: &Context, _: &S) -> Result<Self, HandlerError> {
        let tenant = context.attribute("tenant");
        let tenant = tenant.ok_or_else(|| HandlerError::permanent("missing attribute `tenant`"))?;
        Ok(Self(tenant.to_owned()))
    }
}

async fn function(
    event: Envelope<PublishedV1>,
    Tenant(tenant): Tenant,
    State(seen): State<Seen>,
    State(whole): State<App>,
    context: Context,
) -> Result<(), HandlerError> {
    assert!(Arc::ptr_eq(&seen, &whole.seen));
    let text = format!("{tenant} {} {}", event.data.proposal_id, context.receives());
    seen.lock().unwrap().push(text);
    Ok(())
}

impl App {
    async fn method(
        self: Arc<Self>,
        event: Envelope<PublishedV1>,
        context: Context,
    ) -> Result<(), HandlerError> {
        let text = format!("{} by {}", event.data.proposal_id, context.consumer());
        self.seen.lock().unwrap().push(text);
        Ok(())
    }
}

fn message(proposal: &str) -> Delivered {
    let envelope = Envelope {
        id: EventId::generate(),
        source: PublishedV1::SOURCE.to_owned(),
        event_type: PublishedV1::TYPE.to_owned(),
        version: PublishedV1::VERSION.parse().unwrap(),
        occurred_at: Timestamp::now(),
        data: v1(proposal),
    };
    Record::new("m-1", serde_json::to_string(&envelope).unwrap()).receives(3).into()
}

async fn outcomes(consumer: &Consumer, batch: Vec<Delivered>, stop: &Stop) -> Vec<Outcome> {
    let mut outcomes = vec![None; batch.len()];
    consumer.deliver(batch, stop, None, |at, outcome, _| outcomes[at] = Some(outcome)).await;
    outcomes.into_iter().map(Option::unwrap).collect()
}

#[tokio::test]
async fn function_takes_what_it_names() {
    let app = App::default();
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .state(app.clone())
        .handle(function)
        .build()
        .unwrap();
    let attributes = BTreeMap::from([("tenant".to_owned(), "blue".to_owned())]);
    let batch = vec![message("p-1").attributes(attributes), message("p-2")];
    let outcomes = outcomes(&consumer, batch, &Stop::never()).await;
    let reason = "missing attribute `tenant`".to_owned();
    let refused = Outcome::DeadLetter { kind: DeadLetterKind::Permanent, reason };
    assert_eq!(outcomes, [Outcome::Handled, refused]);
    assert_eq!(*app.seen.lock().unwrap(), ["blue p-1 3"]);
}

/// An argument whose code panics.
struct Broken;

impl<S> FromContext<S> for Broken {
    fn from_context(_: &Context, _: &S) -> Result<Self, HandlerError> {
        panic!("told to")
    }
}

#[tokio::test]
async fn panic_of_an_argument_is_a_failed_delivery() {
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .handle(async |_: Envelope<PublishedV1>, _: Broken| Ok(()))
        .build()
        .unwrap();
    let outcomes = outcomes(&consumer, vec![message("p-1")], &Stop::never()).await;
    let Outcome::Retry { reason, .. } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(reason, "the handler panicked: told to");
}

#[tokio::test]
async fn method_runs_on_shared_state() {
    let app = Arc::new(App::default());
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .state(app.clone())
        .method(App::method)
        .build()
        .unwrap();
    assert_eq!(outcomes(&consumer, vec![message("p-1")], &Stop::never()).await, [Outcome::Handled]);
    assert_eq!(*app.seen.lock().unwrap(), ["p-1 by emailer"]);
}

#[tokio::test(start_paused = true)]
async fn context_has_message_and_deadline() {
    let seen = Seen::default();
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .time_limit(Duration::from_mins(1))
        .state(seen.clone())
        .handle(async |_: Envelope<PublishedV1>, State(seen): State<Seen>, context: Context| {
            let group = context.group().unwrap_or("-");
            let (id, left) = (context.message_id(), context.remaining().as_secs());
            let trace = context.trace().traceparent().map(std::borrow::Cow::into_owned);
            let detail_type = context.detail_type();
            assert!(context.key().as_str().contains(&context.id().to_string()));
            assert!(context.stop().may_begin() && context.occurred_at() <= Timestamp::now());
            seen.lock().unwrap().push(format!("{id} {group} {detail_type} {left} {trace:?}"));
            Ok(())
        })
        .build()
        .unwrap();
    let w3c = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let traced = message("p-1").group("g".to_owned()).trace(Trace::of_w3c(w3c, None));
    let now = Instant::now();
    let soon = Stop::at(now + Duration::from_secs(10), now + Duration::from_secs(20));
    outcomes(&consumer, vec![traced], &soon).await;
    outcomes(&consumer, vec![message("p-2")], &Stop::never()).await;
    let expected = [
        format!("m-1 g proposal.published:v1 20 Some(\"{w3c}\")"),
        "m-1 - proposal.published:v1 60 None".to_owned(),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
}

/// Records when a call enters and leaves, and refuses the proposal `refuse`.
#[derive(Clone)]
struct Tracing<N>(N, &'static str, Seen);

impl<N> Service<Call> for Tracing<N>
where
    N: Service<Call, Response = ()>,
    N::Future: Send + 'static,
{
    type Response = ();
    type Error = N::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<(), N::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut std::task::Context<'_>) -> Poll<Result<(), N::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let (name, seen) = (self.1, self.2.clone());
        seen.lock().unwrap().push(format!("{name} in {}", call.context().receives()));
        let inner = self.0.call(call);
        Box::pin(async move {
            let result = inner.await;
            seen.lock().unwrap().push(format!("{name} out {}", result.is_ok()));
            result
        })
    }
}

#[tokio::test]
async fn last_layer_is_outermost_and_keeps_the_error_of_the_handler() {
    let seen = Seen::default();
    let (outer, inner) = (seen.clone(), seen.clone());
    let consumer = Consumer::builder("emailer", MemoryStore::new())
        .layer(tower::layer::layer_fn(move |next| Tracing(next, "inner", inner.clone())))
        .state(seen.clone())
        .handle(async |event: Envelope<PublishedV1>, State(seen): State<Seen>| {
            seen.lock().unwrap().push(event.data.proposal_id.clone());
            match event.data.proposal_id.as_str() {
                "never" => Err(HandlerError::permanent("never")),
                "wait" => Err(HandlerError::retry_after("wait", Duration::from_secs(7))),
                _ => Ok(()),
            }
        })
        .layer(tower::limit::ConcurrencyLimitLayer::new(1))
        .layer(tower::layer::layer_fn(move |next| Tracing(next, "outer", outer.clone())))
        .build()
        .unwrap();
    let batch = vec![message("p-1"), message("never"), message("wait")];
    let outcomes = outcomes(&consumer, batch, &Stop::never()).await;
    let never = Outcome::DeadLetter { kind: DeadLetterKind::Permanent, reason: "never".into() };
    let wait = Outcome::Retry { reason: "wait".into(), after: Some(Duration::from_secs(7)) };
    assert_eq!(outcomes, [Outcome::Handled, never, wait]);
    let expected = ["outer in 3", "inner in 3", "p-1", "inner out true", "outer out true"];
    assert_eq!(seen.lock().unwrap()[..5], expected);
    assert_eq!(seen.lock().unwrap().len(), 15);
}

/// Fails itself, one way or another.
#[derive(Clone)]
struct Failing<N>(#[allow(dead_code, reason = "it is never called")] N);

impl<N> Service<Call> for Failing<N> {
    type Response = ();
    type Error = CallError;
    type Future = std::future::Ready<Result<(), CallError>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<Result<(), CallError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Call) -> Self::Future {
        assert!(call.context().group().is_none(), "a layer may panic too");
        std::future::ready(Err(HandlerError::permanent("quota").into()))
    }
}

#[tokio::test(start_paused = true)]
async fn layer_fails_as_a_handler_does() {
    let build = || {
        Consumer::builder("emailer", MemoryStore::new())
            .on::<PublishedV1, _>(|_, _| std::future::pending())
    };
    let slow = build().layer(tower::timeout::TimeoutLayer::new(Duration::from_secs(5)));
    let outcome = outcomes(&slow.build().unwrap(), vec![message("p-1")], &Stop::never()).await;
    let Outcome::Retry { reason, .. } = &outcome[0] else { panic!("{outcome:?}") };
    assert_eq!(reason, "request timed out");

    let failing = build().layer(tower::layer::layer_fn(Failing)).build().unwrap();
    let batch = vec![message("p-1"), message("p-2").group("g".to_owned())];
    let outcome = outcomes(&failing, batch, &Stop::never()).await;
    let quota = Outcome::DeadLetter { kind: DeadLetterKind::Permanent, reason: "quota".into() };
    assert_eq!(outcome[0], quota);
    let Outcome::Retry { reason, .. } = &outcome[1] else { panic!("{outcome:?}") };
    assert!(reason.starts_with("the handler panicked: a layer may panic too"), "{reason}");
}

#[tokio::test]
async fn trace_is_carried_from_event_to_event() {
    let bus = EmbeddedBus::builder()
        .rule(Rule::to("first").on::<common::PublishedV2>())
        .rule(Rule::to("second").on::<PublishedV1>())
        .build()
        .unwrap();
    let publisher = Publisher::new(bus.clone());
    let seen = Seen::default();
    let first = Consumer::builder("first", MemoryStore::new())
        .state(publisher.clone())
        .handle(
            async |_: Envelope<common::PublishedV2>, State(bus): State<Publisher<EmbeddedBus>>| {
                bus.publish(v1("p-2")).await.into_result()?;
                Ok(())
            },
        )
        .build()
        .unwrap();
    let second = Consumer::builder("second", MemoryStore::new())
        .state(seen.clone())
        .handle(async |event: Envelope<PublishedV1>, State(seen): State<Seen>, context: Context| {
            let trace = context.trace().traceparent().unwrap_or_default().into_owned();
            seen.lock().unwrap().push(format!("{} {trace}", event.data.proposal_id));
            Ok(())
        })
        .build()
        .unwrap();
    let w3c = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let odd = common::PublishedV2 { amount_cents: 1, ..v2("p-1") };
    let report = trace::within(Trace::of_w3c(w3c, None), publisher.publish(odd)).await;
    assert_eq!(report.accepted.len(), 1);
    first.run_until_idle(&bus.queue("first").unwrap()).await;
    // A second copy belongs to the same trace.
    bus.queue("second").unwrap().inject_duplicates();
    second.run_until_idle(&bus.queue("second").unwrap()).await;
    assert_eq!(*seen.lock().unwrap(), [format!("p-2 {w3c}")]);
}

#[tokio::test]
async fn attribute_traceparent_is_the_trace_of_the_message() {
    let w3c = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let attributes = BTreeMap::from([(TRACEPARENT.to_owned(), w3c.to_owned())]);
    let trace = Trace::of_message(Some(String::new()), &attributes);
    assert_eq!(trace.traceparent().as_deref(), Some(w3c));
    assert_eq!(trace, Trace::of_w3c(w3c, None));
}
