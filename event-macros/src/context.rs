//! Errors accumulate here, so that one run shows all of them.

use std::cell::{Cell, RefCell};
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};

/// Collects errors while the input is read. [`Context::finish`] must be called: dropping errors unseen
/// would accept what is wrong.
#[derive(Default)]
pub(crate) struct Context {
    errors: RefCell<Vec<syn::Error>>,
    /// What is an error only where serde takes it.
    doubts: RefCell<Vec<(Span, String)>>,
    /// Whether nothing further is known of the type.
    lost: Cell<bool>,
}

impl Context {
    pub(crate) fn error(&self, span: Span, text: impl Display) {
        self.errors.borrow_mut().push(syn::Error::new(span, text));
    }

    /// An error after which nothing more can be said of the type.
    pub(crate) fn fatal(&self, span: Span, text: impl Display) {
        self.lost.set(true);
        self.error(span, text);
    }

    /// Something of serde's that is not known here: an error where serde takes it, and serde's alone where it
    /// does not.
    pub(crate) fn doubt(&self, span: Span, text: String) {
        self.lost.set(true);
        self.doubts.borrow_mut().push((span, text));
    }

    /// Whether serde probably does not take the type.
    pub(crate) fn has_doubts(&self) -> bool {
        !self.doubts.borrow().is_empty()
    }

    /// What [`doubt`](Context::doubt) has recorded.
    pub(crate) fn doubts(&self) -> Vec<(Span, String)> {
        self.doubts.take()
    }

    /// Whether nothing further can be said of the type: what else would be found follows from that.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.get()
    }

    pub(crate) fn push(&self, error: syn::Error) {
        self.errors.borrow_mut().push(error);
    }

    pub(crate) fn len(&self) -> usize {
        self.errors.borrow().len()
    }

    /// The errors as tokens; none where all is well.
    pub(crate) fn finish(&self) -> TokenStream {
        self.errors.take().into_iter().map(syn::Error::into_compile_error).collect()
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        debug_assert!(
            self.errors.borrow().is_empty() || std::thread::panicking(),
            "errors were not shown"
        );
    }
}
