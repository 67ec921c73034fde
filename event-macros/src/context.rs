//! Collects errors, so that one run shows all of them.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::path::PathBuf;

use proc_macro2::{Group, Literal, Span, TokenStream, TokenTree};

use crate::rules::{self, Rule};

/// Collects errors while the input is read. [`Context::finish`] must be called, because dropping unreported
/// errors would accept an invalid input.
#[derive(Default)]
pub(crate) struct Context {
    /// The folder that the build script of the user's crate wrote to.
    pub(crate) out_dir: Option<PathBuf>,
    errors: RefCell<Vec<(Rule, syn::Error)>>,
    /// Errors that only apply if serde accepts the attribute.
    doubts: RefCell<Vec<(Span, String)>>,
    /// Whether nothing more is known about the type.
    lost: Cell<bool>,
}

impl Context {
    pub(crate) fn new(out_dir: Option<PathBuf>) -> Context {
        let mut cx = Context::default();
        cx.out_dir = out_dir;
        cx
    }

    pub(crate) fn error(&self, rule: Rule, span: Span, text: impl Display) {
        self.push(rule, syn::Error::new(span, text.to_string()));
    }

    /// Records an error after which nothing more can be checked.
    pub(crate) fn fatal(&self, rule: Rule, span: Span, text: impl Display) {
        self.lost.set(true);
        self.error(rule, span, text);
    }

    /// Records something unknown in a serde attribute: an error if serde accepts it; otherwise only serde
    /// reports it.
    pub(crate) fn doubt(&self, span: Span, text: &str) {
        self.lost.set(true);
        self.doubts.borrow_mut().push((span, rules::named(rules::UNKNOWN_SERDE_ATTRIBUTE, text)));
    }

    /// Whether serde probably rejects the type.
    pub(crate) fn has_doubts(&self) -> bool {
        !self.doubts.borrow().is_empty()
    }

    /// The errors of [`doubt`](Context::doubt). For a type with parameters, the compiler cannot be asked
    /// what serde accepts: then they become plain errors, and none is left.
    pub(crate) fn doubts(&self, generic: bool) -> Vec<(Span, String)> {
        let doubts = self.doubts.take();
        if !generic {
            return doubts;
        }
        for (span, text) in doubts {
            self.push("", syn::Error::new(span, text));
        }
        Vec::new()
    }

    /// Whether nothing more can be checked: further errors would follow from the recorded ones.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.get()
    }

    pub(crate) fn push(&self, rule: Rule, error: syn::Error) {
        self.errors.borrow_mut().push((rule, error));
    }

    pub(crate) fn len(&self) -> usize {
        self.errors.borrow().len()
    }

    /// The errors as tokens; empty without errors.
    pub(crate) fn finish(&self) -> TokenStream {
        let mut out = TokenStream::new();
        for (rule, error) in self.errors.take() {
            let tokens = error.into_compile_error();
            out.extend(if rule.is_empty() { tokens } else { with_id(tokens, rule) });
        }
        out
    }
}

/// The same `compile_error!`s, with the rule's ID in the text: an error may span several tokens, which a
/// new one could not.
fn with_id(tokens: TokenStream, rule: Rule) -> TokenStream {
    let mut out = TokenStream::new();
    for token in tokens {
        let token = match token {
            TokenTree::Group(group) => {
                let mut named = Group::new(group.delimiter(), with_id(group.stream(), rule));
                named.set_span(group.span());
                TokenTree::Group(named)
            }
            TokenTree::Literal(text) => match syn::parse_str::<syn::LitStr>(&text.to_string()) {
                Ok(said) => {
                    let mut named = Literal::string(&rules::named(rule, &said.value()));
                    named.set_span(text.span());
                    TokenTree::Literal(named)
                }
                Err(_) => TokenTree::Literal(text),
            },
            token => token,
        };
        out.extend([token]);
    }
    out
}

impl Drop for Context {
    fn drop(&mut self) {
        debug_assert!(
            self.errors.borrow().is_empty() || std::thread::panicking(),
            "errors were not shown"
        );
    }
}
