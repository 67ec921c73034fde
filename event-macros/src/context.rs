//! Errors accumulate here, so that one run shows all of them.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};

/// Collects errors while the input is read. [`Context::finish`] must be called: dropping errors unseen
/// would accept what is wrong.
#[derive(Default)]
pub(crate) struct Context {
    errors: RefCell<Vec<syn::Error>>,
}

impl Context {
    pub(crate) fn error(&self, span: Span, text: impl Display) {
        self.errors.borrow_mut().push(syn::Error::new(span, text));
    }

    pub(crate) fn push(&self, error: syn::Error) {
        self.errors.borrow_mut().push(error);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.borrow().is_empty()
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
