//! A conversion between a type and the one that it supersedes, field by field: the part that both
//! directions share.

use event_shape::baseline::{self, Ty};
use proc_macro2::{Ident, Span, TokenStream};
use syn::Path;

use crate::ast::{Field, Variant};
use crate::attr;
use crate::words;

/// The direction.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Way {
    /// From this type to the one that it supersedes.
    Down,
    /// From the superseded type to this one.
    Up,
}

/// A conversion.
pub(crate) struct Conversion<'c> {
    pub(crate) way: Way,
    /// The superseded type.
    pub(crate) path: &'c Path,
    pub(crate) body: Body<'c>,
    /// Whether a function of a field may fail.
    pub(crate) can_fail: bool,
}

pub(crate) enum Body<'c> {
    /// Field by field.
    Fields(Vec<Filled<'c>>),
    /// Variant by variant.
    Variants(&'c [Variant<'c>]),
    /// Never run: the reason why no conversion exists has been recorded.
    Never,
}

/// A field of the target, and its value.
pub(crate) struct Filled<'c> {
    pub(crate) target: Ident,
    pub(crate) value: Value<'c>,
}

pub(crate) enum Value<'c> {
    /// An expression of the user's.
    Given(&'c TokenStream),
    /// The default, because no field has the value.
    Empty,
    /// The result of this field's function for the input's field of this name.
    Function(&'c Field<'c>, Ident),
    /// The input's field of this name, converted to this field's type.
    Converted(&'c Field<'c>, String, Option<Inside>, Option<&'c Ty>),
}

/// Whether one of the two is an `Option`, or both.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Inside {
    /// Only the input: the field's default replaces `None`.
    Or,
    /// Both.
    Both,
    /// Only the target.
    ToSome,
}

impl<'c> Conversion<'c> {
    pub(crate) fn never(way: Way, path: &'c Path) -> Conversion<'c> {
        Conversion { way, path, body: Body::Never, can_fail: false }
    }

    pub(super) fn fields(
        way: Way,
        path: &'c Path,
        filled: Vec<Filled<'c>>,
        fields: &[Field<'_>],
    ) -> Conversion<'c> {
        let mut can_fail = false;
        for field in fields {
            can_fail |= way.of(field).try_by.is_some();
        }
        Conversion { way, path, body: Body::Fields(filled), can_fail }
    }
}

impl Way {
    /// The keys of the field for this direction.
    pub(crate) fn of<'f>(self, field: &'f Field<'_>) -> &'f attr::Way {
        match self {
            Way::Down => &field.event.down,
            Way::Up => &field.event.up,
        }
    }

    /// The value of the input's field `name` for the other side; `older` is the locked field, on either
    /// side. `None` if the value may be missing, the other side requires it, and no default is given.
    pub(super) fn value<'c>(
        self,
        field: &'c Field<'c>,
        older: &'c baseline::Field,
        defs: &[baseline::Def],
        name: &Ident,
    ) -> Option<Value<'c>> {
        let said = self.of(field);
        if said.function().is_some() {
            return Some(Value::Function(field, name.clone()));
        }
        let own = words::option_of(field.ty).is_some();
        let older_is = older.optional || matches!(older.ty, Ty::Nullable(_));
        let (from, to) = match self {
            Way::Down => (own, older_is),
            Way::Up => (older_is, own),
        };
        let inside = match (from, to) {
            (true, false) if said.default.is_none() => return None,
            (true, false) => Some(Inside::Or),
            (true, true) => Some(Inside::Both),
            (false, true) if is_nominal(&older.ty, defs) => Some(Inside::ToSome),
            (false, _) => None,
        };
        Some(Value::Converted(field, name.to_string(), inside, Some(&older.ty)))
    }
}

/// The schema's type without its `null`.
pub(crate) fn unwrapped(ty: &Ty) -> &Ty {
    match ty {
        Ty::Nullable(inner) => inner,
        ty => ty,
    }
}

/// Whether a separate Rust type represents the schema's type: the older major has another one.
pub(crate) fn is_nominal(ty: &Ty, defs: &[baseline::Def]) -> bool {
    match ty {
        Ty::Object(_) | Ty::Enum(_) => true,
        Ty::Ref(i) => {
            defs.get(*i as usize).is_some_and(|d| matches!(d.ty, Ty::Object(_) | Ty::Enum(_)))
        }
        Ty::Nullable(t) | Ty::Array(t) | Ty::Map(t) => is_nominal(t, defs),
        _ => false,
    }
}

/// A name, which may be a keyword.
pub(crate) fn ident(name: &str, span: Span) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, span),
        None if syn::parse_str::<Ident>(name).is_ok() => Ident::new(name, span),
        None => Ident::new_raw(name, span),
    }
}
