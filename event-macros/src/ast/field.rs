//! A field: its wire name, its flags, and where its shape comes from.

use event_shape::Field as Flag;
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{LitStr, Type};

use super::{Field, Written, docs, names};
use crate::attr::case::Rule;
use crate::attr::{As, EventFieldAttrs, Names, SerdeField};
use crate::context::Context;
use crate::rules;
use crate::spans::peel;

pub(super) fn fields<'a>(
    cx: &Context,
    fields: impl IntoIterator<Item = &'a syn::Field>,
    rules: (Rule, Rule),
    default: bool,
) -> Vec<Field<'a>> {
    let fields: Vec<_> = fields.into_iter().map(|f| Field::read(cx, f, rules, default)).collect();
    let mut names = Vec::new();
    for f in fields.iter().filter(|f| !f.skipped && !f.wire.is_empty() && !f.has(Flag::FLATTEN)) {
        names.push((f.wire.clone(), f.span(), false));
        for alias in f.names.aliases.iter().filter(|alias| alias.value() != f.wire) {
            names.push((alias.value(), alias.span(), true));
        }
    }
    names::names_meet(cx, &mut names, "fields");
    fields
}

impl<'a> Field<'a> {
    pub(super) fn read(
        cx: &Context,
        field: &'a syn::Field,
        (write, read): (Rule, Rule),
        default: bool,
    ) -> Field<'a> {
        let serde = SerdeField::read(cx, &field.attrs);
        let mut event = EventFieldAttrs::read(cx, &field.attrs);
        let ty = peel(&field.ty);
        let skipped = serde.skip_serializing.is_some() && serde.skip_deserializing.is_some();
        let span = field.ident.as_ref().map_or_else(|| ty.span(), Ident::span);
        if field.ident.is_none() {
            place(cx, &serde);
        }

        let wire = match &field.ident {
            // a flattened field has no wire name, so messages use the Rust name
            Some(ident) if serde.flatten.is_some() => ident.unraw().to_string(),
            Some(ident) => {
                let rust = ident.unraw().to_string();
                wire_name(cx, span, &serde.names, write.field(&rust), read.field(&rust), !skipped)
            }
            None => String::new(),
        };
        let says = event.like.is_some();
        let mut written = written(cx, &serde, &mut event, ty, skipped);
        let mut flags = 0;
        let mut set = |on: bool, flag: u8| {
            if on {
                flags |= flag;
            }
        };
        let flatten = serde.flatten.is_some();
        // serde ignores the default of a flattened field
        let defaults = (serde.default || default) && !flatten || serde.skip_deserializing.is_some();
        set(defaults, Flag::DEFAULT);
        let looks_like_one = crate::words::option_of(ty).is_some();
        let by_function = serde.with.is_some() || serde.read_with.is_some();
        // how another type is written does not determine how this one is read when it is absent
        let said_apart = says && !looks_like_one && !defaults;
        set(by_function || serde.read_by_its_type.is_some() || said_apart, Flag::EXPLICIT);
        set(flatten, Flag::FLATTEN);
        set(serde.skip_serializing.is_some(), Flag::UNWRITTEN);
        set(serde.skip_serializing_if.is_some(), Flag::SKIPS);
        let skips_none = serde.skips_none
            && serde.skip_serializing_if.as_ref().is_some_and(|path| is_of_option(path, ty));
        set(skips_none, Flag::SKIPS_NONE);
        set(names_more(&serde.names, &wire), Flag::ALIASED);
        if field.ident.is_some()
            && !skipped
            && let Some(span) = serde.skip_deserializing
        {
            cx.error(
                rules::WRITTEN_NOT_READ,
                span,
                "this field is written but not read, so a value that was read is written back as the default\n\
                 to fix: `#[serde(skip)]`, which does neither, or remove `skip_deserializing`",
            );
        }
        if let Some(span) = serde.borrow
            && crate::words::is_borrowed_bytes(ty)
        {
            cx.error(
                rules::NO_WIRE_SHAPE,
                span,
                "serde cannot borrow bytes from a JSON array, which is how bytes are written\n\
                 to fix: remove `borrow`",
            );
        }
        if let (Written::Type(_), false, Some(reference)) =
            (&written, skipped, crate::words::reference(ty))
        {
            cx.error(
                rules::NO_WIRE_SHAPE, reference,
                "a reference cannot be read from an event: a JSON string with an escape must be copied, and a list cannot be borrowed\n\
                 to fix: use an owned type, such as `String`, or `Cow<'_, str>`",
            );
            written = Written::Unknown;
        }
        let as_is = says
            && !skipped
            && !matches!(written, Written::Any)
            && (serde.with.is_none() && (serde.write_with.is_none() || serde.read_with.is_none()));
        let option = if skips_none {
            serde.skip_serializing_if.clone()
        } else {
            serde.read_by_its_type.clone().filter(|path| path.value().contains("Option"))
        };
        let own =
            serde.read_by_its_type.clone().filter(|path| path.value().contains("Deserialize"));
        let doc = docs::doc(&field.attrs);
        let SerdeField { names, .. } = serde;
        let ident = field.ident.as_ref();
        Field {
            ident,
            ty,
            names,
            event,
            wire,
            flags,
            skipped,
            written,
            as_is,
            option,
            own,
            defaults,
            doc,
        }
    }

    pub(crate) fn span(&self) -> Span {
        self.ident.map_or_else(|| self.ty.span(), Ident::span)
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether this is the field that a `transparent` type is written as, and the field that it is read
    /// from, by serde's rules.
    pub(crate) fn is_seen_through(&self) -> (bool, bool) {
        let real = !crate::words::is_named(self.ty, "PhantomData");
        (real && !self.has(Flag::UNWRITTEN), real && !self.skipped && !self.defaults)
    }

    /// Whether this is a float, some of whose values are written as `null`, without `finite`.
    pub(crate) fn may_be_nan(&self) -> bool {
        !self.event.finite
            && matches!(self.written, Written::Type(_))
            && crate::words::is_float(self.ty)
    }

    /// The type whose tokens choose a message, if any.
    pub(crate) fn look(&self) -> Option<&Type> {
        match &self.written {
            Written::Type(ty) => Some(ty),
            Written::Like(ty) => Some(ty),
            _ => None,
        }
    }

    /// Whether the tokens are those of an `Option`. The type may be another one.
    pub(crate) fn is_option(&self) -> bool {
        match &self.written {
            Written::Type(ty) => crate::words::option_of(ty).is_some(),
            Written::Like(ty) => crate::words::option_of(ty).is_some(),
            Written::TextOrNull(_) => true,
            _ => false,
        }
    }
}

/// A field of a tuple is always present or always absent, because the fields after it would move.
fn place(cx: &Context, serde: &SerdeField) {
    if let Some(key) = &serde.skip_serializing_if {
        cx.error(
            rules::PLACE_LEFT_OUT,
            key.span(),
            "a tuple field that is left out moves the fields after it\n\
             to fix: remove `skip_serializing_if`, or give the fields names",
        );
    }
    let one = match (serde.skip_serializing, serde.skip_deserializing) {
        (Some(span), None) => Some((span, "read but not written")),
        (None, Some(span)) => Some((span, "written but not read")),
        _ => None,
    };
    if let Some((span, what)) = one {
        cx.error(
            rules::PLACE_LEFT_OUT,
            span,
            format_args!(
                "a tuple field that is {what} moves the fields after it\n\
                 to fix: `#[serde(skip)]`, which does both, or give the fields names"
            ),
        );
    }
}

pub(super) fn wire_name(
    cx: &Context,
    span: Span,
    names: &Names,
    write: String,
    read: String,
    both: bool,
) -> String {
    let write = names.write.as_ref().map_or(write, syn::LitStr::value);
    let read = names.read.as_ref().map_or(read, syn::LitStr::value);
    if both && write != read {
        cx.fatal(
            rules::NAMES_DIFFER, span,
            format_args!(
                "written as `{write}` but read as `{read}`, so this type cannot read its own events\n\
                 to fix: use the same name for writing and reading"
            ),
        );
    }
    write
}

/// Whether the path looks like that of `Option`, or like the field's type: the compiler checks that it is
/// the standard library's.
fn is_of_option(path: &LitStr, ty: &Type) -> bool {
    let Some(prefix) = crate::attr::prefix(path, "is_none") else { return false };
    let last = prefix.rsplit("::").next().unwrap_or_default();
    last == "Option" || crate::words::argument(ty, &[last]).is_some()
}

/// Whether the field is read under other names than the one that it is written under.
fn names_more(names: &Names, wire: &str) -> bool {
    names.aliases.iter().any(|alias| alias.value() != wire)
}

/// serde modules of other crates with a known string format, and whether they take an `Option`.
const KNOWN_MODULES: [(&str, &str, bool); 2] = [
    ("time::serde::rfc3339", "date-time", false),
    ("time::serde::rfc3339::option", "date-time", true),
];

fn written<'a>(
    cx: &Context,
    serde: &SerdeField,
    event: &mut EventFieldAttrs,
    ty: &'a Type,
    skipped: bool,
) -> Written<'a> {
    match event.like.take() {
        None if skipped => return Written::Type(ty),
        None => {}
        Some(As::Type(like)) => return Written::Like(like),
        Some(As::Text(format)) if crate::words::option_of(ty).is_some() => {
            return Written::TextOrNull(format);
        }
        Some(As::Text(format)) => return Written::Text(format),
        Some(As::Any) => return Written::Any,
    }
    if let Some(module) = &serde.with {
        let name = module.value();
        let name = name.trim_start_matches("::");
        for (known, format, option) in KNOWN_MODULES {
            if name == known {
                let format = format.to_owned();
                return if option { Written::TextOrNull(format) } else { Written::Text(format) };
            }
        }
    }
    if let Some(remote) = serde.with.as_ref().filter(|with| is_type(&with.value())) {
        let name = remote.value();
        cx.error(
            rules::NO_WIRE_SHAPE,
            remote.span(),
            format_args!(
                "`{name}` writes this field, so the wire shape of the field's type does not apply\n\
                 to fix: `#[event(as = {name})]` here, and `#[derive(EventData)]` on `{name}`"
            ),
        );
        return Written::Unknown;
    }
    if let Some(span) =
        serde.with.as_ref().map(syn::LitStr::span).or(serde.write_with).or(serde.read_with)
    {
        cx.error(
            rules::NO_WIRE_SHAPE, span,
            "a function writes or reads this field, so the wire shape of its type does not apply\n\
             to fix: state how it is written: `#[event(as = Vec<String>)]`, or `#[event(as = \"string\", format = \"..\")]`",
        );
        return Written::Unknown;
    }
    Written::Type(ty)
}

/// Whether `with` names a type, as for `#[serde(remote = ..)]`, and not a module.
fn is_type(path: &str) -> bool {
    path.rsplit("::").next().is_some_and(|last| last.trim_start().starts_with(char::is_uppercase))
}
