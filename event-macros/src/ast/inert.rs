//! Attributes below the derive that may rewrite what it has already read.

use syn::spanned::Spanned;

use crate::context::Context;
use crate::rules;

/// Attributes that change nothing. Any other attribute on a struct may be a macro, which rewrites the
/// struct below it after the derive has read it.
const INERT: [&str; 19] = [
    "derive",
    "serde",
    "event",
    "doc",
    "allow",
    "warn",
    "deny",
    "forbid",
    "expect",
    "cfg",
    "cfg_attr",
    "deprecated",
    "must_use",
    "repr",
    "non_exhaustive",
    "automatically_derived",
    "garde",
    "schemars",
    "validate",
];

pub(super) fn inert(cx: &Context, attrs: &[syn::Attribute], said: &[String]) {
    for attr in attrs {
        let path = attr.path();
        let known = match path.get_ident() {
            Some(name) => {
                // the text of an identifier is requested from the compiler, so it is read once
                let name = name.to_string();
                INERT.contains(&name.as_str()) || said.contains(&name)
            }
            None => path.segments.first().is_some_and(|tool| {
                ["rustfmt", "clippy", "diagnostic", "rust_analyzer"].iter().any(|t| tool.ident == t)
            }),
        };
        if !known {
            let name: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
            let name = name.join("::");
            let or = path.get_ident().map_or_else(String::new, |_| {
                format!(
                    "\nor, if it is only an attribute of another derive: `#[event(inert({name}))]`"
                )
            });
            cx.error(
                rules::ATTRIBUTE_BELOW_DERIVE, path.span(),
                format_args!(
                    "`#[{name}]` is below this derive and may rewrite the type after the derive has read it\n\
                     to fix: put `#[{name}]` above `#[derive(..)]`{or}"
                ),
            );
        }
    }
}
