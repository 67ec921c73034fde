//! A new major and the previous one.

use event_shape::baseline::{Baseline, Def, Version};
use syn::Path;
use syn::spanned::Spanned;

use super::{At, Break, Declared, Found, Renditions, Warning, down, union, up, version};
use crate::ast::Container;
use crate::context::Context;
use crate::rules;

/// What the superseded type must be: this event, at this version.
pub(crate) struct Predecessor<'c> {
    pub(crate) path: &'c Path,
    pub(crate) ty: String,
    pub(crate) major: u32,
    pub(crate) minor: u32,
    /// Definitions that the types of its fields refer to.
    pub(crate) defs: &'c [Def],
}

/// How the event is converted to the previous major, and back.
pub(super) fn supersede<'c>(
    cx: &Context,
    c: &'c Container<'c>,
    baseline: &'c Baseline,
    older: Option<&'c Version>,
    found: &mut Found<'c>,
) {
    let declared = found.declared;
    found.breaks.extend(needs_predecessor(cx, c, declared, older));
    let path = c.event.supersedes.as_ref().filter(|path| !is_itself(path, &c.input.ident));
    let (Some(path), Some(newest)) = (path, older) else {
        if let (Some(span), None) = (c.event.retired, &c.event.supersedes) {
            cx.error(rules::EVENT_ATTRIBUTE, span, "`retired` requires `supersedes`");
        }
        return;
    };
    let old = superseded_version(cx, c, baseline, newest);
    found.predecessor = Some(Predecessor {
        path,
        ty: declared.ty.value(),
        major: old.major,
        minor: old.minor,
        defs: &old.defs,
    });
    if union::union(old).is_some() {
        found.renditions = union::supersede(cx, c, old, path);
        return;
    }
    let said = match &mut found.held {
        Some(held) => std::mem::take(&mut held.said),
        None => Vec::new(),
    };
    let down = down::major(cx, c, declared, old, path, &said);
    if c.event.retired.is_none() {
        found.renditions = Renditions::Derived(path, down.conversion.can_fail);
    }
    down.join(found);
    if let Some(up) = up::major(cx, c, declared, old, path, &said) {
        up.join(found);
    }
}

/// The conversions between two majors.
pub(super) struct Converted<'c> {
    pub(super) conversion: super::Conversion<'c>,
    pub(super) breaks: Vec<Break<'c>>,
    pub(super) warnings: Vec<Warning>,
}

impl<'c> Converted<'c> {
    fn join(self, found: &mut Found<'c>) {
        found.conversions.push(self.conversion);
        found.breaks.extend(self.breaks);
        found.warnings.extend(self.warnings);
    }
}

/// Checks that a major that follows another one names the type that it supersedes.
fn needs_predecessor<'c>(
    cx: &Context,
    c: &Container<'_>,
    declared: &Declared<'_>,
    older: Option<&Version>,
) -> Option<Break<'c>> {
    let path = c.event.supersedes.as_ref();
    if let Some(path) = path
        && is_itself(path, &c.input.ident)
    {
        cx.error(
            rules::PREDECESSOR_WRONG,
            path.span(),
            "a type cannot supersede itself: expected the type of the earlier major",
        );
        return None;
    }
    match (older, path) {
        (Some(old), None) if !declared.generated => {
            let name = &c.input.ident;
            Some(Break {
                rule: rules::MAJOR_WITHOUT_SUPERSEDES,
                at: At::Span(declared.version.span()),
                name: "MajorHasAPredecessor",
                judge: None,
                message: format!(
                    "event {} is a new major but does not supersede {}.{}",
                    declared.title(),
                    old.major,
                    old.minor
                ),
                label: "missing `supersedes = <the type of the earlier major>`".to_owned(),
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
                rules::PREDECESSOR_WRONG,
                path.span(),
                format_args!(
                    "`{}` has no major before {} to supersede",
                    declared.ty.value(),
                    declared.major
                ),
            );
            None
        }
        _ => None,
    }
}

fn superseded_version<'c>(
    cx: &Context,
    c: &Container<'_>,
    baseline: &'c Baseline,
    newest: &'c Version,
) -> &'c Version {
    let Some(said) = &c.event.supersedes_version else { return newest };
    if let Some((major, minor)) = version::parse(&said.value())
        && major == newest.major
    {
        for v in &baseline.versions {
            if v.major == major && v.minor == minor {
                return v;
            }
        }
    }
    cx.error(
        rules::PREDECESSOR_WRONG,
        said.span(),
        format_args!(
            "not a version of the previous major: its newest is \"{}.{}\"",
            newest.major, newest.minor
        ),
    );
    newest
}

/// Whether the path names the type itself.
pub(crate) fn is_itself(path: &Path, me: &proc_macro2::Ident) -> bool {
    path.get_ident().is_some_and(|name| name == "Self" || name == me)
}

/// A path, as text for a message.
pub(crate) fn last_of(path: &Path) -> String {
    let mut out = String::new();
    for segment in &path.segments {
        if !out.is_empty() {
            out.push_str("::");
        }
        out.push_str(&segment.ident.to_string());
    }
    out
}
