//! The two derives: read, check, expand.

use std::path::PathBuf;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::ast::Container;
use crate::check::{self, Declared, Made};
use crate::context::Context;
use crate::expand;

/// `#[derive(Event)]`; `out_dir`: the folder of the baselines.
pub(crate) fn event(input: &DeriveInput, out_dir: Option<PathBuf>) -> TokenStream {
    let cx = Context::new(out_dir);
    let c = Container::read(&cx, input, true);
    check::is_event(&cx, &c);
    let made = if cx.is_lost() { Made::Unknown } else { check::shape(&cx, &c) };
    let mut body = expand::shape(&c, &made);
    if !cx.is_lost() {
        let declared = Declared::read(&cx, &c);
        let baseline = declared.as_ref().and_then(|declared| check::find(&cx, &c, declared));
        body.extend(match (&declared, &baseline) {
            (Some(declared), Some(baseline)) => {
                expand::event(&c, &check::event(&cx, &c, declared, baseline))
            }
            _ => expand::fallback(&c, &check::without_baseline(&c)),
        });
    } else if !cx.has_doubts() {
        // for an event with doubts, only serde can tell whether it is `Serialize`
        body.extend(expand::fallback(&c, &check::without_baseline(&c)));
    }
    finish(&cx, &c, &body)
}

/// `#[derive(EventData)]`.
pub(crate) fn event_data(input: &DeriveInput) -> TokenStream {
    let cx = Context::default();
    let c = Container::read(&cx, input, false);
    let mut body = expand::shape(&c, &check::shape(&cx, &c));
    for conversion in check::part(&cx, &c) {
        body.extend(expand::conversion(&c, &conversion, &[]));
    }
    finish(&cx, &c, &body)
}

fn finish(cx: &Context, c: &Container<'_>, body: &TokenStream) -> TokenStream {
    let doubts = cx.doubts(!c.input.generics.params.is_empty());
    expand::wrap(c, &doubts, &cx.finish(), body)
}

#[cfg(test)]
mod tests;
