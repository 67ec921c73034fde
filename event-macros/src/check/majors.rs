//! A new major and the one before it.

use event_shape::baseline::Version;

use super::{Break, Declared};
use crate::ast::Container;
use crate::context::Context;
use crate::spans::mark;

/// A major that follows another one names the type that it supersedes.
pub(crate) fn needs_predecessor(
    cx: &Context,
    c: &Container<'_>,
    declared: &Declared<'_>,
    older: Option<&Version>,
) -> Option<Break> {
    let path = c.event.supersedes.as_ref();
    match (older, path) {
        (Some(old), None) if !declared.generated => {
            let name = &c.input.ident;
            Some(Break {
                at: mark(declared.version.span()),
                name: "MajorHasAPredecessor",
                judge: None,
                message: format!(
                    "event {} is a new major and says nothing about {}.{}",
                    declared.title(),
                    old.major,
                    old.minor
                ),
                label: "needs `supersedes = <the type of the earlier major>`".to_owned(),
                notes: vec![
                    format!(
                        "{} has readers: both majors are published until it is retired",
                        old.file
                    ),
                    format!(
                        "to fix: `#[event(.., supersedes = path::to::v{}::{name})]`",
                        old.major
                    ),
                ],
            })
        }
        (None, Some(path)) => {
            cx.error(
                syn::spanned::Spanned::span(path),
                format_args!(
                    "`{}` has no major before {} that could be superseded",
                    declared.ty.value(),
                    declared.major
                ),
            );
            None
        }
        _ => None,
    }
}
