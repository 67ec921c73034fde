//! Builds a consumer and checks its settings.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::guard::{BUSY_WAIT, Guard, Unanswered};
use super::layer::Layers;
use super::route::{self, Route, Routes, TypedHandler};
use super::{Consumer, Context, EventHandler, EventMethod, HandlerError, Stop, Unhandled};
use crate::decode::Wrapping;
use crate::idempotency::{IdempotencyStore, OnTimeout, Terms, Window, WindowError};
use crate::limits::MAX_VISIBILITY;
use crate::metrics::HandlerMetrics;
use crate::name::{ConsumerName, InvalidName};
use crate::{Envelope, Event};

/// Collects the handlers and settings of a [`Consumer`]. `S` is the [state](Self::state) that its
/// handlers share.
#[must_use]
pub struct ConsumerBuilder<S = ()> {
    state: S,
    name: String,
    guard: Guard,
    /// How long an event is remembered, if set.
    keep: Option<Duration>,
    /// The delivery path of the events, if declared.
    window: Option<Window>,
    concurrency: usize,
    unhandled: Unhandled,
    wrapping: Wrapping,
    routes: Routes,
    /// The typed handlers, for upcasts.
    typed: HashMap<TypeId, Box<dyn Any>>,
    /// Upcasts are resolved in `build`: their handlers may be registered after them.
    upcasts: Vec<Upcast>,
    /// The layers around all handlers, the last one outermost.
    layers: Layers,
    /// The problems so far, reported by `build`.
    problems: Vec<BuildProblem>,
}

/// Creates the route of an upcast from the typed handlers.
type Upcast = Box<dyn FnOnce(&HashMap<TypeId, Box<dyn Any>>) -> Result<Addition, BuildProblem>>;

/// A route and its event.
struct Addition {
    event_type: &'static str,
    major: u32,
    route: Route,
}

/// Why a consumer cannot be built: all problems, one per line.
///
/// # Example
///
/// ```
/// use event_runtime::consume::Consumer;
/// use event_runtime::idempotency::MemoryStore;
///
/// let error = Consumer::builder("order.placed:v1", MemoryStore::new()).build().unwrap_err();
/// assert_eq!(error.problems.len(), 2, "an invalid name, and no handler");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError {
    /// The problems; at least one.
    pub problems: Vec<BuildProblem>,
}

impl std::error::Error for BuildError {}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

/// One problem of a consumer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildProblem {
    /// The name is not valid for a rule.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// The consumer has no handler.
    #[error("consumer `{consumer}` has no handler")]
    NoHandler {
        /// The consumer.
        consumer: String,
    },
    /// An event has two handlers.
    #[error("`{detail_type}` has two handlers")]
    TwoHandlers {
        /// Type and version of the event.
        detail_type: &'static str,
    },
    /// Both majors of a dual publish would be handled: the one that arrives first would win the
    /// claim.
    #[error(
        "`{event_type}` has handlers for v{older} and v{newer}, which are the same event: handle \
         v{newer} and `upcast` v{older} to it"
    )]
    TwoMajors {
        /// The type of the event.
        event_type: &'static str,
        /// One major.
        older: u32,
        /// The other.
        newer: u32,
    },
    /// The target of an upcast has no handler.
    #[error("`{from}` is upcast to `{to}`, which has no handler")]
    UpcastToNothing {
        /// The older event.
        from: &'static str,
        /// The newer event.
        to: &'static str,
    },
    /// Events are forgotten before their last copy can arrive, or AWS does not allow the settings.
    #[error("consumer `{consumer}`: {error}")]
    Window {
        /// The consumer.
        consumer: String,
        /// All problems of the window, with the sum.
        error: WindowError,
    },
}

impl ConsumerBuilder {
    pub(super) fn new(name: &str, store: impl IdempotencyStore + 'static) -> Self {
        Self {
            state: (),
            name: name.to_owned(),
            guard: Guard {
                store: Arc::new(store),
                clock: Arc::new(Timestamp::now),
                terms: Terms::default(),
                stop: Stop::never(),
                time_limit: MAX_VISIBILITY,
                busy_wait: BUSY_WAIT,
                unanswered: Unanswered::default(),
            },
            keep: None,
            window: None,
            concurrency: 1,
            unhandled: Unhandled::default(),
            wrapping: Wrapping::default(),
            routes: Routes::new(),
            typed: HashMap::new(),
            upcasts: Vec::new(),
            layers: Layers::default(),
            problems: Vec::new(),
        }
    }
}

impl<S> ConsumerBuilder<S> {
    /// Sets what the handlers share that are added after it: clients, settings, a connection pool.
    /// They receive it as [`State`](super::State), or as `self` of a [`method`](Self::method).
    pub fn state<T: Clone + Send + Sync + 'static>(self, state: T) -> ConsumerBuilder<T> {
        let Self {
            state: _,
            name,
            guard,
            keep,
            window,
            concurrency,
            unhandled,
            wrapping,
            routes,
            typed,
            upcasts,
            layers,
            problems,
        } = self;
        ConsumerBuilder {
            state,
            name,
            guard,
            keep,
            window,
            concurrency,
            unhandled,
            wrapping,
            routes,
            typed,
            upcasts,
            layers,
            problems,
        }
    }

    /// Adds a function as a handler: an `async fn` that takes the [`Envelope`] of an event, and then
    /// what it needs: the shared [`State`](super::State), the [`Context`], or a
    /// [`FromContext`](super::FromContext) of your own. The event is that of the envelope.
    ///
    /// # Example
    ///
    /// ```
    /// # use event_runtime::{Envelope, Event};
    /// use std::sync::Arc;
    /// use event_runtime::consume::{Consumer, Context, HandlerError, State};
    /// use event_runtime::idempotency::MemoryStore;
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct OrderPlaced { order_id: String }
    /// # impl Event for OrderPlaced {
    /// #     const TYPE: &'static str = "order.placed";
    /// #     const MAJOR: u32 = 1;
    /// #     const MINOR: u32 = 0;
    /// #     const SOURCE: &'static str = "app.shop";
    /// # }
    ///
    /// struct Mailer;
    /// impl Mailer {
    ///     async fn send(&self, _key: &str, _order: &str) -> std::io::Result<()> { Ok(()) }
    /// }
    ///
    /// async fn mail(
    ///     event: Envelope<OrderPlaced>,
    ///     State(mailer): State<Arc<Mailer>>,
    ///     context: Context,
    /// ) -> Result<(), HandlerError> {
    ///     Ok(mailer.send(context.key().as_str(), &event.data.order_id).await?)
    /// }
    ///
    /// let consumer = Consumer::builder("emailer", MemoryStore::new())
    ///     .state(Arc::new(Mailer))
    ///     .handle(mail)
    ///     .build()?;
    /// # Ok::<(), event_runtime::consume::BuildError>(())
    /// ```
    pub fn handle<E, A, H>(self, handler: H) -> Self
    where
        E: Event + DeserializeOwned + Send + 'static,
        H: EventHandler<E, A, S>,
        S: Clone + Send + Sync + 'static,
    {
        let state = self.state.clone();
        self.route(Arc::new(move |event, context| handler.call(event, context, &state)))
    }

    /// Adds a method of the shared state as a handler. It takes `self`, which is the state, then the
    /// [`Envelope`], and then what a function of [`handle`](Self::handle) may take.
    ///
    /// # Example
    ///
    /// ```
    /// # use event_runtime::{Envelope, Event};
    /// use std::sync::Arc;
    /// use event_runtime::consume::{Consumer, HandlerError};
    /// use event_runtime::idempotency::MemoryStore;
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct OrderPlaced { order_id: String }
    /// # impl Event for OrderPlaced {
    /// #     const TYPE: &'static str = "order.placed";
    /// #     const MAJOR: u32 = 1;
    /// #     const MINOR: u32 = 0;
    /// #     const SOURCE: &'static str = "app.shop";
    /// # }
    ///
    /// struct Emailer { from: String }
    ///
    /// impl Emailer {
    ///     async fn placed(self: Arc<Self>, event: Envelope<OrderPlaced>) -> Result<(), HandlerError> {
    ///         tracing::info!("mail from {} for {}", self.from, event.data.order_id);
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let consumer = Consumer::builder("emailer", MemoryStore::new())
    ///     .state(Arc::new(Emailer { from: "shop@example.com".into() }))
    ///     .method(Emailer::placed)
    ///     .build()?;
    /// # Ok::<(), event_runtime::consume::BuildError>(())
    /// ```
    pub fn method<E, A, M>(self, method: M) -> Self
    where
        E: Event + DeserializeOwned + Send + 'static,
        M: EventMethod<E, A, S>,
        S: Clone + Send + Sync + 'static,
    {
        let state = self.state.clone();
        self.route(Arc::new(move |event, context| method.call(event, context, &state)))
    }

    /// Puts a layer of tower around all handlers of the consumer, also those that are added later
    /// (feature `tower`). The last layer is the outermost. A layer runs under the claim of the event
    /// and within the handler's time limit, once per delivery; the request is a
    /// [`Call`](super::Call). What a layer fails with is a transient error, unless it passes on the
    /// [`CallError`](super::CallError) of the handler.
    ///
    /// # Example
    ///
    /// ```
    /// # use event_runtime::{Envelope, Event};
    /// use std::time::Duration;
    /// use event_runtime::consume::Consumer;
    /// use event_runtime::idempotency::MemoryStore;
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct OrderPlaced { order_id: String }
    /// # impl Event for OrderPlaced {
    /// #     const TYPE: &'static str = "order.placed";
    /// #     const MAJOR: u32 = 1;
    /// #     const MINOR: u32 = 0;
    /// #     const SOURCE: &'static str = "app.shop";
    /// # }
    ///
    /// let consumer = Consumer::builder("emailer", MemoryStore::new())
    ///     .on::<OrderPlaced, _>(|_event, _context| async { Ok(()) })
    ///     .layer(tower::timeout::TimeoutLayer::new(Duration::from_secs(5)))
    ///     .layer(tower::limit::ConcurrencyLimitLayer::new(2))
    ///     .build()?;
    /// # Ok::<(), event_runtime::consume::BuildError>(())
    /// ```
    #[cfg(feature = "tower")]
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: tower_layer::Layer<super::Run>,
        L::Service:
            tower_service::Service<super::Call, Response = ()> + Clone + Send + Sync + 'static,
        <L::Service as tower_service::Service<super::Call>>::Error:
            Into<Box<dyn std::error::Error + Send + Sync>>,
        <L::Service as tower_service::Service<super::Call>>::Future: Send,
    {
        self.layers.push(layer);
        self
    }

    /// Adds a handler for an event: this type, this major, any minor.
    ///
    /// The event is marked as done after the handler returned `Ok`. If a handler fails or panics,
    /// it runs again when the message is delivered again, and its effects so far happen again,
    /// unless they went through [`Context::once`]. The same is true for a worker that dies before
    /// the mark: see [what is guaranteed](crate::idempotency#what-is-guaranteed).
    pub fn on<E, F>(
        self,
        handler: impl Fn(Envelope<E>, Context) -> F + Send + Sync + 'static,
    ) -> Self
    where
        E: Event + DeserializeOwned + Send + 'static,
        F: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.route(Arc::new(move |event, context| Box::pin(handler(event, context))))
    }

    fn route<E>(mut self, handler: TypedHandler<E>) -> Self
    where
        E: Event + DeserializeOwned + Send + 'static,
    {
        let majors = self.routes.get(E::TYPE);
        if let Some(&other) = majors.and_then(|m| m.keys().find(|major| **major != E::MAJOR)) {
            self.problems.push(BuildProblem::TwoMajors {
                event_type: E::TYPE,
                older: other.min(E::MAJOR),
                newer: other.max(E::MAJOR),
            });
            return self;
        }
        self.typed.insert(TypeId::of::<E>(), Box::new(Arc::clone(&handler)));
        self.add(Addition {
            event_type: E::TYPE,
            major: E::MAJOR,
            route: Route {
                source: E::SOURCE,
                detail_type: E::DETAIL_TYPE,
                handler: route::direct(handler),
                metrics: HandlerMetrics::default(),
            },
        });
        self
    }

    /// Handles an older major of an event by converting it for the handler of a newer one. The
    /// envelope keeps the version in which the event arrived.
    ///
    /// If both majors arrive, they are one event: the first one is handled, the other is a
    /// duplicate. A permanent failure leaves no mark: the other major is tried, and if it fails
    /// too, both are dead letters. If these are redriven, one takes effect.
    pub fn upcast<Old, New>(
        mut self,
        convert: impl Fn(Old) -> Result<New, HandlerError> + Send + Sync + 'static,
    ) -> Self
    where
        Old: Event + DeserializeOwned + Send + 'static,
        New: Event + Send + 'static,
    {
        self.upcasts.push(Box::new(move |typed| {
            let handler = typed.get(&TypeId::of::<New>());
            let handler = handler.and_then(|any| any.downcast_ref::<TypedHandler<New>>());
            let handler = handler.ok_or(BuildProblem::UpcastToNothing {
                from: Old::DETAIL_TYPE,
                to: New::DETAIL_TYPE,
            })?;
            Ok(Addition {
                event_type: Old::TYPE,
                major: Old::MAJOR,
                route: Route {
                    source: Old::SOURCE,
                    detail_type: Old::DETAIL_TYPE,
                    handler: route::upcast(convert, Arc::clone(handler)),
                    metrics: HandlerMetrics::default(),
                },
            })
        }));
        self
    }

    /// Sets what happens to events without a handler (default: dead-letter queue).
    pub fn unhandled(mut self, unhandled: Unhandled) -> Self {
        self.unhandled = unhandled;
        self
    }

    /// Sets the layers around the events in the messages (default: whole events or bare envelopes).
    /// A message in another layer is poison.
    pub fn wrapping(mut self, wrapping: Wrapping) -> Self {
        self.wrapping = wrapping;
        self
    }

    /// Sets how many messages of a batch are handled at once (default: 1).
    pub fn concurrency(mut self, messages: usize) -> Self {
        self.concurrency = messages.max(1);
        self
    }

    /// Sets how long an event is claimed at a time (default: 30 seconds). While the handler runs,
    /// the claim is renewed; after a worker died, an event waits this long.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.guard.terms.lease = lease;
        self
    }

    /// Sets how long a handler may take (default: 12 hours, the maximum time for which SQS hides a
    /// message). A handler that takes longer is dropped and has failed: otherwise it would block
    /// its worker and every copy of its event forever. With
    /// [`OnTimeout::Block`](crate::idempotency::OnTimeout::Block) its event becomes a dead letter.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.guard.time_limit = limit;
        self
    }

    /// Sets how long an event is remembered as done (default: 5 days, which is the maximum age of a
    /// rule's retries (24 hours) plus the default retention of a queue (4 days)).
    /// [`window`](Self::window) calculates the sum for other settings, and checks this value
    /// against it.
    pub fn keep(mut self, keep: Duration) -> Self {
        self.keep = Some(keep);
        self
    }

    /// Sets the delivery path of the events: how long the rule retries, how long the queue keeps
    /// them, whether dead letters are redriven. An event is remembered for the sum of these, unless
    /// [`keep`](Self::keep) sets another time, which [`build`](Self::build) checks against the sum.
    ///
    /// # Example
    ///
    /// ```
    /// # use event_runtime::{Envelope, Event};
    /// use std::time::Duration;
    /// use event_runtime::consume::Consumer;
    /// use event_runtime::idempotency::{MemoryStore, Window};
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct OrderPlaced { order_id: String }
    /// # impl Event for OrderPlaced {
    /// #     const TYPE: &'static str = "order.placed";
    /// #     const MAJOR: u32 = 1;
    /// #     const MINOR: u32 = 0;
    /// #     const SOURCE: &'static str = "app.shop";
    /// # }
    ///
    /// let error = Consumer::builder("emailer", MemoryStore::new())
    ///     .on::<OrderPlaced, _>(|_event, _context| async { Ok(()) })
    ///     .window(Window::of_queue())
    ///     .keep(Duration::from_hours(24))
    ///     .build()
    ///     .unwrap_err();
    /// assert_eq!(error.to_string(), "\
    /// consumer `emailer`: an event is remembered for 24 h, but may come again after 120 h
    ///   24 h  the rule retries (`MaximumEventAgeInSeconds`)
    /// + 96 h  the queue keeps it (`MessageRetentionPeriod`)
    /// = 120 h
    /// help: remember it for 120 h: `Duration::from_hours(120)`");
    /// ```
    pub fn window(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }

    /// Sets what happens to an event whose worker disappeared (default: it is handled again).
    pub fn on_timeout(mut self, on_timeout: OnTimeout) -> Self {
        self.guard.terms.on_timeout = on_timeout;
        self
    }

    /// Sets how long a copy waits for the worker in another process that handles its event, before
    /// it is returned to the queue (default: 2 seconds). Every return counts towards the queue's
    /// dead-letter queue, so each later delivery waits twice as long, up to 30 seconds. Copies
    /// within a process wait as long as necessary.
    pub fn busy_wait(mut self, wait: Duration) -> Self {
        self.guard.busy_wait = wait;
        self
    }

    /// Sets the clock of claims (default: the system's), for tests.
    pub fn clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.guard.clock = Arc::new(clock);
        self
    }

    /// Builds the consumer.
    ///
    /// # Errors
    ///
    /// [`BuildError`] with all problems.
    pub fn build(mut self) -> Result<Consumer, BuildError> {
        let mut problems = Vec::new();
        let name = ConsumerName::new(&self.name).map_err(|error| problems.push(error.into()));
        if self.routes.is_empty() && self.upcasts.is_empty() && self.problems.is_empty() {
            self.problems.push(BuildProblem::NoHandler { consumer: self.name.clone() });
        }
        for upcast in std::mem::take(&mut self.upcasts) {
            match upcast(&self.typed) {
                Ok(addition) => self.add(addition),
                Err(problem) => self.problems.push(problem),
            }
        }
        problems.append(&mut self.problems);
        let terms = &mut self.guard.terms;
        let sum = || self.window.map(|window| window.minimum());
        terms.keep = self.keep.or_else(sum).unwrap_or(terms.keep);
        if let Some(window) = self.window
            && let Err(error) = terms.check(&window)
        {
            problems.push(BuildProblem::Window { consumer: self.name, error });
        }
        match name {
            Ok(name) if problems.is_empty() => Ok(Consumer::new(
                name,
                self.routes,
                self.guard,
                self.concurrency,
                self.unhandled,
                self.wrapping,
                self.layers,
            )),
            _ => Err(BuildError { problems }),
        }
    }

    fn add(&mut self, Addition { event_type, major, route }: Addition) {
        let detail_type = route.detail_type;
        if self.routes.entry(event_type).or_default().insert(major, route).is_some() {
            self.problems.push(BuildProblem::TwoHandlers { detail_type });
        }
    }
}
