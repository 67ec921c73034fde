//! Names that two fields or two variants have in common.

use proc_macro2::Span;

use super::Variant;
use crate::attr::SerdeContainer;
use crate::context::Context;
use crate::rules;

/// Reports two variants with the same name, more than one catch-all, and aliases beside a catch-all.
pub(super) fn names_of_variants(
    cx: &Context,
    variants: &[Variant<'_>],
    container: &SerdeContainer,
) {
    let mut catch_alls = variants.iter().filter(|v| v.catch_all && !v.skipped);
    if let (Some(first), Some(second)) = (catch_alls.next(), catch_alls.next()) {
        cx.error(
            rules::CATCH_ALL_VARIANT,
            second.ident.span(),
            format_args!(
                "`{}` and `{}` are both catch-all variants, but an enum has at most one\n\
                 to fix: remove one of them",
                first.ident, second.ident
            ),
        );
    }
    if container.untagged {
        return;
    }
    let open = variants.iter().any(|v| v.catch_all && !v.skipped);
    let mut names: Vec<(String, Span, bool)> = Vec::new();
    for variant in variants.iter().filter(|v| !(v.skipped || v.catch_all && v.is_untagged())) {
        names.push((variant.wire.clone(), variant.ident.span(), false));
        for alias in &variant.names.aliases {
            if alias.value() == variant.wire {
                continue;
            }
            names.push((alias.value(), alias.span(), true));
            if open {
                cx.error(
                    rules::ALIAS_IN_OPEN_OBJECT, alias.span(),
                    "an open enum accepts any string, and a value that was read under an alias would be written back under the variant's name\n\
                     to fix: remove `alias`",
                );
            }
        }
    }
    names_meet(cx, &mut names, "variants");
}

/// Names that occur twice; the flag marks an alias.
pub(super) fn names_meet(cx: &Context, names: &mut [(String, Span, bool)], what: &str) {
    crate::order::sort(names, |a, b| a.0 < b.0 || (a.0 == b.0 && !a.2 && b.2));
    for pair in names.windows(2) {
        if pair[0].0 == pair[1].0 {
            let verb = if pair[1].2 { "read as" } else { "written as" };
            cx.fatal(
                rules::NAME_USED_TWICE,
                pair[1].1,
                format_args!("two {what} are {verb} `{}`", pair[1].0),
            );
        }
    }
}
