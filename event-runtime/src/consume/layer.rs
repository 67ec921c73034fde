//! Layers of tower around the handlers of a consumer.

use super::Context;
use super::route::Work;

#[cfg(not(feature = "tower"))]
pub(super) use off::Layers;
#[cfg(feature = "tower")]
pub(super) use on::Layers;
#[cfg(feature = "tower")]
pub use on::{Call, CallError, Run};

#[cfg(not(feature = "tower"))]
#[allow(clippy::unused_self, reason = "the same signatures as with the feature")]
mod off {
    use super::{Context, Work};

    /// No layers: the feature is off.
    #[derive(Default)]
    pub(in super::super) struct Layers;

    impl Layers {
        pub(in super::super) fn context(&self, _: &Context) {}

        pub(in super::super) fn around(&self, work: Work, (): ()) -> Work {
            work
        }
    }
}

#[cfg(feature = "tower")]
mod on {
    use std::error::Error;
    use std::fmt;
    use std::future::{Future, poll_fn};
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::{Poll, ready};

    use tower_layer::Layer;
    use tower_service::Service;

    use super::{Context, Work};
    use crate::consume::HandlerError;

    type BoxError = Box<dyn Error + Send + Sync>;

    /// The request of a layer: one delivery of an event to its handler.
    ///
    /// The event is decoded, and its handler is chosen. A layer sees the [`Context`], and passes the
    /// call on to run the handler.
    ///
    /// # Example
    ///
    /// ```
    /// use std::task::{Context, Poll};
    /// use event_runtime::consume::{Call, CallError, Run};
    /// use tower::{Layer, Service};
    ///
    /// /// Logs each delivery.
    /// #[derive(Clone)]
    /// struct Log<N>(N);
    ///
    /// impl<N: Service<Call>> Service<Call> for Log<N> {
    ///     type Response = N::Response;
    ///     type Error = N::Error;
    ///     type Future = N::Future;
    ///
    ///     fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), N::Error>> {
    ///         self.0.poll_ready(cx)
    ///     }
    ///
    ///     fn call(&mut self, call: Call) -> N::Future {
    ///         tracing::info!(id = %call.context().id(), "{}", call.context().detail_type());
    ///         self.0.call(call)
    ///     }
    /// }
    /// ```
    pub struct Call {
        context: Context,
        work: Work,
    }

    impl Call {
        /// Returns what the handler can read besides the event.
        pub fn context(&self) -> &Context {
            &self.context
        }
    }

    impl fmt::Debug for Call {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Call").field("context", &self.context).finish_non_exhaustive()
        }
    }

    /// The error of a handler, as layers pass it on.
    #[derive(Debug)]
    pub struct CallError(HandlerError);

    impl CallError {
        /// Returns the handler's error.
        pub fn handler_error(&self) -> &HandlerError {
            &self.0
        }
    }

    impl From<HandlerError> for CallError {
        /// The error of a layer that decides about retries itself.
        fn from(error: HandlerError) -> Self {
            Self(error)
        }
    }

    impl fmt::Display for CallError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(f)
        }
    }

    impl Error for CallError {}

    /// The innermost service: runs the handler.
    #[derive(Debug, Clone, Copy, Default)]
    #[non_exhaustive]
    pub struct Run;

    impl Service<Call> for Run {
        type Response = ();
        type Error = CallError;
        type Future = Running;

        fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<Result<(), CallError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, call: Call) -> Running {
            Running(call.work)
        }
    }

    /// A handler that runs.
    pub struct Running(Work);

    impl fmt::Debug for Running {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Running").finish_non_exhaustive()
        }
    }

    impl Future for Running {
        type Output = Result<(), CallError>;

        fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Self::Output> {
            Poll::Ready(ready!(self.0.as_mut().poll(cx)).map_err(CallError))
        }
    }

    /// A service of unknown type.
    type Layered = Arc<dyn Fn(Call) -> Work + Send + Sync>;

    /// What runs the handler, if there are layers.
    #[derive(Default)]
    pub(in super::super) struct Layers(Option<Layered>);

    impl Layers {
        pub(in super::super) fn push<L>(&mut self, layer: L)
        where
            L: Layer<Run>,
            L::Service: Service<Call, Response = ()> + Clone + Send + Sync + 'static,
            <L::Service as Service<Call>>::Error: Into<BoxError>,
            <L::Service as Service<Call>>::Future: Send,
        {
            let service = Arc::new(layer.layer(Run));
            let inner = self.0.take();
            self.0 = Some(Arc::new(move |call: Call| {
                // The innermost service of this layer runs the layers that were added before.
                let call = match &inner {
                    Some(inner) => {
                        let context = call.context.clone();
                        Call { context, work: inner(call) }
                    }
                    None => call,
                };
                let service = Arc::clone(&service);
                Box::pin(async move {
                    let mut service = L::Service::clone(&service);
                    poll_fn(|cx| service.poll_ready(cx)).await.map_err(failed)?;
                    service.call(call).await.map_err(failed)
                })
            }));
        }

        /// The context for the layers, if there are any.
        pub(in super::super) fn context(&self, context: &Context) -> Option<Context> {
            self.0.as_ref().map(|_| context.clone())
        }

        pub(in super::super) fn around(&self, work: Work, context: Option<Context>) -> Work {
            match (&self.0, context) {
                (Some(layered), Some(context)) => layered(Call { context, work }),
                _ => work,
            }
        }
    }

    /// The error of the outermost layer: the handler's own, or one of a layer, which may pass.
    fn failed(error: impl Into<BoxError>) -> HandlerError {
        match error.into().downcast::<CallError>() {
            Ok(error) => error.0,
            Err(error) => HandlerError::from(error),
        }
    }
}
