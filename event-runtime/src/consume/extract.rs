//! Functions and methods as handlers: what they take besides the event is taken out of the context
//! and the shared state.

use std::future::Future;

use super::route::Work;
use super::{Context, HandlerError};
use crate::Envelope;

/// An argument of a handler.
///
/// [`Context`] and [`State`] are arguments. One of your own reads what your messages have in common:
///
/// # Example
///
/// ```
/// use event_runtime::consume::{Context, FromContext, HandlerError};
///
/// struct Tenant(String);
///
/// impl<S> FromContext<S> for Tenant {
///     fn from_context(context: &Context, _state: &S) -> Result<Self, HandlerError> {
///         let tenant = context.attribute("tenant");
///         let tenant = tenant.ok_or_else(|| HandlerError::permanent("missing attribute `tenant`"))?;
///         Ok(Self(tenant.to_owned()))
///     }
/// }
/// ```
pub trait FromContext<S>: Sized + Send + 'static {
    /// Returns the argument. The handler does not run if this fails.
    ///
    /// # Errors
    ///
    /// The result of the delivery: it is delivered again, or becomes a dead letter.
    fn from_context(context: &Context, state: &S) -> Result<Self, HandlerError>;
}

/// The shared state of a consumer, or a part of it, as an argument of a handler.
///
/// [`ConsumerBuilder::handle`](super::ConsumerBuilder::handle) has an example.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State<T>(pub T);

/// A part of the shared state, for [`State`]. The whole state is one.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use event_runtime::consume::FromState;
///
/// # struct Mailer;
/// #[derive(Clone)]
/// struct App {
///     mailer: Arc<Mailer>,
/// }
///
/// // `State<Arc<Mailer>>` is an argument of the handlers of a consumer with the state `App`.
/// impl FromState<App> for Arc<Mailer> {
///     fn from_state(app: &App) -> Self {
///         app.mailer.clone()
///     }
/// }
/// ```
pub trait FromState<S> {
    /// Returns the part.
    fn from_state(state: &S) -> Self;
}

impl<T: Clone> FromState<T> for T {
    fn from_state(state: &T) -> Self {
        state.clone()
    }
}

impl<S> FromContext<S> for Context {
    fn from_context(context: &Context, _state: &S) -> Result<Self, HandlerError> {
        Ok(context.clone())
    }
}

impl<S, T: FromState<S> + Send + 'static> FromContext<S> for State<T> {
    fn from_context(_context: &Context, state: &S) -> Result<Self, HandlerError> {
        Ok(Self(T::from_state(state)))
    }
}

/// A function that can be a [handler](super::ConsumerBuilder::handle): `async fn(Envelope<E>, ..) ->
/// Result<(), HandlerError>` with up to six more arguments that are [`FromContext`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler of an event",
    label = "expected an `async fn(Envelope<E>, ..) -> Result<(), HandlerError>`",
    note = "the other arguments must be `Context`, `State<_>` of the builder's state, or implement `FromContext`"
)]
pub trait EventHandler<E, A, S>: Send + Sync + 'static {
    /// Runs the handler.
    #[doc(hidden)]
    fn call(&self, event: Envelope<E>, context: Context, state: &S) -> Work;
}

/// A method that can be a [handler](super::ConsumerBuilder::method): like [`EventHandler`], with the
/// shared state as its first argument, `self`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler of an event",
    label = "expected an `async fn(self, Envelope<E>, ..) -> Result<(), HandlerError>` of the builder's state",
    note = "for a state of `Arc<T>`, the method takes `self: Arc<Self>`"
)]
pub trait EventMethod<E, A, S>: Send + Sync + 'static {
    /// Runs the method.
    #[doc(hidden)]
    fn call(&self, event: Envelope<E>, context: Context, state: &S) -> Work;
}

/// The work of a handler whose argument failed.
fn refused(error: HandlerError) -> Work {
    Box::pin(std::future::ready(Err(error)))
}

macro_rules! handlers {
    ($(($($argument:ident),*))*) => {$(
        impl<E, S, F, Fut, $($argument),*> EventHandler<E, ($($argument,)*), S> for F
        where
            F: Fn(Envelope<E>, $($argument),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
            $($argument: FromContext<S>,)*
        {
            #[allow(non_snake_case, unused_variables, reason = "each argument is named by its type")]
            fn call(&self, event: Envelope<E>, context: Context, state: &S) -> Work {
                $(let $argument = match $argument::from_context(&context, state) {
                    Ok(argument) => argument,
                    Err(error) => return refused(error),
                };)*
                Box::pin(self(event, $($argument),*))
            }
        }

        impl<E, S, F, Fut, $($argument),*> EventMethod<E, ($($argument,)*), S> for F
        where
            S: Clone,
            F: Fn(S, Envelope<E>, $($argument),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
            $($argument: FromContext<S>,)*
        {
            #[allow(non_snake_case, unused_variables, reason = "each argument is named by its type")]
            fn call(&self, event: Envelope<E>, context: Context, state: &S) -> Work {
                $(let $argument = match $argument::from_context(&context, state) {
                    Ok(argument) => argument,
                    Err(error) => return refused(error),
                };)*
                Box::pin(self(state.clone(), event, $($argument),*))
            }
        }
    )*};
}

handlers! {
    ()
    (A1)
    (A1, A2)
    (A1, A2, A3)
    (A1, A2, A3, A4)
    (A1, A2, A3, A4, A5)
    (A1, A2, A3, A4, A5, A6)
}
