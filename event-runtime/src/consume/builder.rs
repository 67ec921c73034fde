//! How a consumer is put together, and what does not go together.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::guard::{BUSY_WAIT, Guard, Unanswered};
use super::route::{self, Route, Routes, TypedHandler};
use super::{Consumer, Context, HandlerError, Stop, Unhandled};
use crate::decode::Wrapping;
use crate::idempotency::{IdempotencyStore, OnTimeout, Terms, Window, WindowError};
use crate::limits::MAX_VISIBILITY;
use crate::name::{ConsumerName, InvalidName};
use crate::{Envelope, Event};

/// Collects the handlers and settings of a [`Consumer`].
#[must_use]
pub struct ConsumerBuilder {
    name: String,
    guard: Guard,
    /// For how long an event is remembered, if that is said.
    keep: Option<Duration>,
    /// The way of its events, if that is declared.
    window: Option<Window>,
    concurrency: usize,
    unhandled: Unhandled,
    wrapping: Wrapping,
    routes: Routes,
    /// The typed handlers, for upcasts to find.
    typed: HashMap<TypeId, Box<dyn Any>>,
    /// Upcasts wait for their handlers, which may be registered after them.
    upcasts: Vec<Upcast>,
    /// What was wrong so far; told by `build`.
    problems: Vec<BuildProblem>,
}

/// Makes the route of an upcast from the typed handlers.
type Upcast = Box<dyn FnOnce(&HashMap<TypeId, Box<dyn Any>>) -> Result<Addition, BuildProblem>>;

/// A route, and where it belongs.
struct Addition {
    event_type: &'static str,
    major: u32,
    route: Route,
}

/// Why a consumer cannot be built: everything that is wrong with it, one problem a line.
///
/// # Example
///
/// ```
/// use event_runtime::consume::Consumer;
/// use event_runtime::idempotency::MemoryStore;
///
/// let error = Consumer::builder("order.placed:v1", MemoryStore::new()).build().unwrap_err();
/// assert_eq!(error.problems.len(), 2, "a name that no rule can have, and nothing to do");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError {
    /// What is wrong; at least one.
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

/// One thing that is wrong with a consumer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildProblem {
    /// No rule could have the name.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// There is nothing to do.
    #[error("consumer `{consumer}` has no handler")]
    NoHandler {
        /// The consumer.
        consumer: String,
    },
    /// One event has two handlers.
    #[error("`{detail_type}` has two handlers")]
    TwoHandlers {
        /// Type and version of the event.
        detail_type: &'static str,
    },
    /// Both majors of a dual publish would be handled, with whichever comes first winning the claim.
    #[error(
        "`{event_type}` has handlers for v{older} and v{newer}: both majors are one event; handle \
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
    /// An upcast leads to an event that has no handler.
    #[error("`{from}` is upcast to `{to}`, which has no handler")]
    UpcastToNothing {
        /// The older event.
        from: &'static str,
        /// The newer event.
        to: &'static str,
    },
    /// Events are forgotten before their last copy can arrive, or AWS takes no such window.
    #[error("consumer `{consumer}`: {error}")]
    Window {
        /// The consumer.
        consumer: String,
        /// Everything that is wrong with it, with the sum.
        error: WindowError,
    },
}

impl ConsumerBuilder {
    pub(super) fn new(name: &str, store: impl IdempotencyStore + 'static) -> Self {
        Self {
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
            problems: Vec::new(),
        }
    }

    /// Handles an event: this type, this major, any minor of it.
    ///
    /// The event is marked as done after the handler returned `Ok`. A handler that fails or panics is
    /// run again when the message comes again, so what it did before that happens again, unless it
    /// went through [`Context::once`]. The same goes for a worker that dies before the mark:
    /// [what is guaranteed](crate::idempotency#what-is-guaranteed).
    pub fn on<E, F>(
        mut self,
        handler: impl Fn(Envelope<E>, Context) -> F + Send + Sync + 'static,
    ) -> Self
    where
        E: Event + DeserializeOwned + Send + 'static,
        F: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let handler: TypedHandler<E> =
            Arc::new(move |event, context| Box::pin(handler(event, context)));
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
            },
        });
        self
    }

    /// Handles an older major of an event by converting it for the handler of a newer one. The
    /// envelope keeps the version in which the event arrived.
    ///
    /// Where both majors arrive, they are one event: the first one is handled, the other is a
    /// duplicate. A failure for good leaves no mark: the other major is tried, and where it fails too
    /// both are dead letters. Of those, redriven, one takes effect.
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
                },
            })
        }));
        self
    }

    /// What becomes of an event without a handler. To the dead-letter queue, if not said otherwise.
    pub fn unhandled(mut self, unhandled: Unhandled) -> Self {
        self.unhandled = unhandled;
        self
    }

    /// In which layers its messages bring an event, whole events or bare envelopes if not said
    /// otherwise. A message in another layer is poison.
    pub fn wrapping(mut self, wrapping: Wrapping) -> Self {
        self.wrapping = wrapping;
        self
    }

    /// How many messages of a batch are handled at once. 1, if not said otherwise.
    pub fn concurrency(mut self, messages: usize) -> Self {
        self.concurrency = messages.max(1);
        self
    }

    /// For how long an event is claimed at a time, 30 seconds if not said otherwise. While the
    /// handler runs the claim is renewed; this is how long an event waits after its worker died.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.guard.terms.lease = lease;
        self
    }

    /// Sets how long a handler may take (default: 12 hours, the longest that SQS hides a message). One
    /// that takes longer is dropped and has failed: a handler that waits for ever would keep its place
    /// for ever, and every copy of its event waiting. With
    /// [`OnTimeout::Block`](crate::idempotency::OnTimeout::Block) its event becomes a dead letter.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.guard.time_limit = limit;
        self
    }

    /// For how long an event is remembered as done: 5 days if not said otherwise, which is the
    /// longest that a rule retries (24 hours) plus the retention that a queue starts with (4 days).
    /// [`window`](Self::window) has the sum for other settings, and checks this against it.
    pub fn keep(mut self, keep: Duration) -> Self {
        self.keep = Some(keep);
        self
    }

    /// The way of its events: how long the rule retries, how long the queue keeps them, whether dead
    /// letters are redriven. An event is remembered for the sum of that, if [`keep`](Self::keep) does
    /// not say otherwise; what it says is checked by [`build`](Self::build).
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
    /// #     const VERSION: &'static str = "v1";
    /// #     const SOURCE: &'static str = "app.shop";
    /// #     const DETAIL_TYPE: &'static str = "order.placed:v1";
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

    /// What becomes of an event whose worker was not heard of again: it is handled again, if not said
    /// otherwise.
    pub fn on_timeout(mut self, on_timeout: OnTimeout) -> Self {
        self.guard.terms.on_timeout = on_timeout;
        self
    }

    /// Sets how long a copy waits for the worker that handles its event, in another process, before
    /// it is given back to the queue (default: 2 seconds). Each time that it is given back counts
    /// towards the queue's dead-letter queue, so each later delivery waits twice as long, up to 30
    /// seconds. Copies within a process wait for as long as it takes.
    pub fn busy_wait(mut self, wait: Duration) -> Self {
        self.guard.busy_wait = wait;
        self
    }

    /// Where the time of claims comes from, if not from the system: for tests.
    pub fn clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.guard.clock = Arc::new(clock);
        self
    }

    /// The consumer.
    ///
    /// # Errors
    ///
    /// [`BuildError`], with everything that is wrong.
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
