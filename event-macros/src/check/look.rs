//! What the tokens of a field's type show.

use event_shape::Code;
use event_shape::baseline::{self, Ty};
use quote::ToTokens;

use crate::ast::Field;
use crate::words;

/// The number that the field's shape must have, if the tokens match the locked type.
pub(super) fn plain(field: &Field<'_>, l: &baseline::Field) -> Option<u16> {
    let ty = field.look()?;
    let option = words::option_of(ty);
    let inner = if l.optional { option.unwrap_or(ty) } else { ty };
    if words::guess(inner, &l.ty) != Some(true) {
        return None;
    }
    let code = Code::of_field(&l.ty, l.optional, field.flags, option.is_some());
    (code != Code::NONE).then(|| code.bits())
}

/// Whether the tokens match the schema's type, apart from `null`.
pub(super) fn is_without_null(field: &Field<'_>, schema: &Ty) -> bool {
    match (field.look(), schema) {
        (Some(ty), Ty::Nullable(inner)) => words::guess(ty, inner) == Some(true),
        _ => false,
    }
}

/// Whether the tokens are those of another type.
pub(super) fn looks_changed(field: &Field<'_>, l: &baseline::Field, null: bool) -> bool {
    field.look().is_some_and(|ty| {
        let inner = if l.optional && !null { words::option_of(ty).unwrap_or(ty) } else { ty };
        words::guess(inner, &l.ty) == Some(false)
    })
}

pub(super) fn takes_null(ty: &Ty, defs: &[baseline::Def]) -> bool {
    match ty {
        Ty::Any | Ty::Null | Ty::Nullable(_) => true,
        Ty::Ref(i) => defs
            .get(*i as usize)
            .is_some_and(|d| matches!(d.ty, Ty::Any | Ty::Null | Ty::Nullable(_))),
        _ => false,
    }
}

/// The text of a type, formatted as people write it.
pub(super) fn spelt(ty: &syn::Type) -> String {
    let mut out = ty.to_token_stream().to_string();
    for (from, to) in [
        (" < ", "<"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" :: ", "::"),
        (" ::", "::"),
        (":: ", "::"),
        ("& ", "&"),
    ] {
        out = out.replace(from, to);
    }
    out
}
