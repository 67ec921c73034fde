//! The derive's input with its wire names: what serde writes, field by field.

use event_shape::Field as Flag;
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{DeriveInput, Fields, Type};

use crate::attr::case::Rule;
use crate::attr::{
    As, EventAttrs, EventFieldAttrs, Names, SerdeContainer, SerdeField, SerdeVariant,
};
use crate::context::Context;
use crate::spans::peel;

/// A struct or enum.
pub(crate) struct Container<'a> {
    pub(crate) input: &'a DeriveInput,
    pub(crate) serde: SerdeContainer,
    pub(crate) event: EventAttrs,
    pub(crate) data: Data<'a>,
}

/// What it is made of.
pub(crate) enum Data<'a> {
    Named(Vec<Field<'a>>),
    Newtype(Box<Field<'a>>),
    Tuple(Vec<Field<'a>>),
    Unit,
    Enum(Vec<Variant<'a>>),
    /// A union: an error has been recorded.
    Nothing,
}

/// A field that is written or read.
pub(crate) struct Field<'a> {
    /// The Rust name; none in a tuple.
    pub(crate) ident: Option<&'a Ident>,
    pub(crate) ty: &'a Type,
    pub(crate) names: Names,
    pub(crate) event: EventFieldAttrs,
    /// The name on the wire; empty in a tuple, the Rust name where flattened.
    pub(crate) wire: String,
    /// Flags of `event_shape::Field`.
    pub(crate) flags: u8,
    /// Neither written nor read.
    pub(crate) skipped: bool,
    /// Where it says that it is written and not read.
    unread: Option<Span>,
    pub(crate) written: Written<'a>,
}

/// Where a field's shape comes from.
pub(crate) enum Written<'a> {
    Type(&'a Type),
    Text(String),
    TextOrNull(String),
    Any,
    /// As this type of `as = ..`.
    Like(Box<Type>),
    /// What is wrong with it has been said: it agrees with everything.
    Unknown,
}

/// A variant.
pub(crate) struct Variant<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) wire: String,
    pub(crate) body: Body<'a>,
    /// Unknown variants are read into it.
    pub(crate) catch_all: bool,
    pub(crate) unwritten: bool,
    pub(crate) skipped: bool,
}

/// What a variant carries.
pub(crate) enum Body<'a> {
    Unit,
    One(Box<Field<'a>>),
    Tuple(Vec<Field<'a>>),
    Named(Vec<Field<'a>>),
}

impl<'a> Container<'a> {
    pub(crate) fn read(cx: &Context, input: &'a DeriveInput, is_event: bool) -> Container<'a> {
        let serde = SerdeContainer::read(cx, &input.attrs);
        let event = EventAttrs::read(cx, &input.attrs, is_event);
        let data = match &input.data {
            syn::Data::Struct(s) => {
                let rules = (serde.rename_all.write, serde.rename_all.read);
                match &s.fields {
                    Fields::Named(named) => {
                        Data::Named(fields(cx, &named.named, rules, serde.default))
                    }
                    Fields::Unnamed(tuple) if tuple.unnamed.len() == 1 => Data::Newtype(Box::new(
                        Field::read(cx, &tuple.unnamed[0], rules, serde.default),
                    )),
                    Fields::Unnamed(tuple) => {
                        Data::Tuple(fields(cx, &tuple.unnamed, rules, serde.default))
                    }
                    Fields::Unit => Data::Unit,
                }
            }
            syn::Data::Enum(e) => {
                Data::Enum(e.variants.iter().map(|v| Variant::read(cx, v, &serde)).collect())
            }
            syn::Data::Union(_) => {
                cx.error(input.ident.span(), "a union has no wire shape: serde can't write it");
                Data::Nothing
            }
        };
        if serde.deny_unknown_fields.is_some() {
            data.named().filter_map(|f| f.unread).for_each(|span| {
                cx.error(
                    span,
                    "written and not read, and `deny_unknown_fields` refuses what isn't read: an event of this type can't be read as this type\n\
                     to fix: `#[serde(skip)]`, or take one of the two away",
                );
            });
        }
        if is_event && let Some(span) = serde.remote {
            cx.error(
                span,
                "what `remote` names is written through this struct, and an event is written as itself\n\
                 to fix: take `remote` away, and convert in your code",
            );
        }
        Container { input, serde, event, data }
    }
}

impl<'a> Data<'a> {
    /// Fields with names, those of variants too.
    fn named(&self) -> impl Iterator<Item = &Field<'a>> {
        let (own, variants) = match self {
            Data::Named(fields) => (&fields[..], &[][..]),
            Data::Enum(variants) => (&[][..], &variants[..]),
            _ => (&[][..], &[][..]),
        };
        own.iter().chain(variants.iter().flat_map(|v| match &v.body {
            Body::Named(fields) => &fields[..],
            _ => &[],
        }))
    }
}

fn fields<'a>(
    cx: &Context,
    fields: impl IntoIterator<Item = &'a syn::Field>,
    rules: (Rule, Rule),
    default: bool,
) -> Vec<Field<'a>> {
    let fields: Vec<_> = fields.into_iter().map(|f| Field::read(cx, f, rules, default)).collect();
    let mut names: Vec<(&str, Span)> = fields
        .iter()
        .filter(|f| !f.skipped && !f.wire.is_empty() && !f.has(Flag::FLATTEN))
        .map(|f| (f.wire.as_str(), f.span()))
        .collect();
    crate::order::sort(&mut names, |a, b| a.0 < b.0);
    for pair in names.windows(2) {
        if pair[0].0 == pair[1].0 {
            cx.error(pair[1].1, format_args!("two fields are written as `{}`", pair[1].0));
        }
    }
    fields
}

impl<'a> Field<'a> {
    fn read(
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
            // it has none on the wire; messages name it as in Rust
            Some(ident) if serde.flatten.is_some() => ident.unraw().to_string(),
            Some(ident) => {
                let rust = ident.unraw().to_string();
                wire_name(cx, span, &serde.names, write.field(&rust), read.field(&rust), !skipped)
            }
            None => String::new(),
        };
        let written = written(cx, &serde, &mut event, ty, skipped);
        let mut flags = 0;
        let mut set = |on: bool, flag: u8| {
            if on {
                flags |= flag;
            }
        };
        set(serde.default || default || serde.skip_deserializing.is_some(), Flag::DEFAULT);
        let explicit = serde.with.is_some() || serde.read_with.is_some() || serde.read_by_its_type;
        set(explicit, Flag::EXPLICIT);
        set(serde.flatten.is_some(), Flag::FLATTEN);
        set(serde.skip_serializing.is_some(), Flag::UNWRITTEN);
        if let Some(path) = &serde.skip_serializing_if {
            let path = path.value();
            let is_none = path.rsplit("::").next().is_some_and(|last| last.trim() == "is_none");
            set(true, Flag::SKIPS);
            set(is_none, Flag::SKIPS_NONE);
        }
        let unread = serde.skip_deserializing.filter(|_| !skipped);
        let SerdeField { names, .. } = serde;
        let ident = field.ident.as_ref();
        Field { ident, ty, names, event, wire, flags, skipped, unread, written }
    }

    pub(crate) fn span(&self) -> Span {
        self.ident.map_or_else(|| self.ty.span(), Ident::span)
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether it is the one that a `transparent` type is written as.
    pub(crate) fn is_seen_through(&self) -> bool {
        !self.has(Flag::UNWRITTEN) && !crate::words::is_named(self.ty, "PhantomData")
    }

    /// The type by whose look a message is chosen, where there is one.
    pub(crate) fn look(&self) -> Option<&Type> {
        match &self.written {
            Written::Type(ty) => Some(ty),
            Written::Like(ty) => Some(ty),
            _ => None,
        }
    }

    /// Whether the tokens say `Option`. Types may say otherwise.
    pub(crate) fn is_option(&self) -> bool {
        match &self.written {
            Written::Type(ty) => crate::words::option_of(ty).is_some(),
            Written::Like(ty) => crate::words::option_of(ty).is_some(),
            Written::TextOrNull(_) => true,
            _ => false,
        }
    }
}

/// A place of a tuple is always there, or never: those behind it would move.
fn place(cx: &Context, serde: &SerdeField) {
    if let Some(key) = &serde.skip_serializing_if {
        cx.error(
            key.span(),
            "a place that is left out moves those behind it\n\
             to fix: take `skip_serializing_if` away, or give the fields names",
        );
    }
    let one = match (serde.skip_serializing, serde.skip_deserializing) {
        (Some(span), None) => Some((span, "read and not written")),
        (None, Some(span)) => Some((span, "written and not read")),
        _ => None,
    };
    if let Some((span, what)) = one {
        cx.error(
            span,
            format_args!(
                "a place that is {what} moves those behind it\n\
                 to fix: `#[serde(skip)]`, which does both, or give the fields names"
            ),
        );
    }
}

fn wire_name(
    cx: &Context,
    span: Span,
    names: &Names,
    write: String,
    read: String,
    both: bool,
) -> String {
    let write = names.write.as_ref().map_or(write, syn::LitStr::value);
    let read = names.read.as_ref().map_or(read, syn::LitStr::value);
    if both && write != read && !names.aliases.contains(&write) {
        cx.error(
            span,
            format_args!(
                "written as `{write}` and read as `{read}`: an event of this type can't be read as this type\n\
                 to fix: `#[serde(alias = \"{write}\")]`, or one name for both"
            ),
        );
    }
    write
}

/// serde modules of other crates whose text is known, and whether they take an `Option`.
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
            remote.span(),
            format_args!(
                "`{name}` writes this field, so its own type doesn't tell its wire shape\n\
                 to fix: `#[event(as = {name})]` here, and `#[derive(EventData)]` on `{name}`"
            ),
        );
        return Written::Unknown;
    }
    if let Some(span) =
        serde.with.as_ref().map(syn::LitStr::span).or(serde.write_with).or(serde.read_with)
    {
        cx.error(
            span,
            "a function writes or reads this field, so its type doesn't tell its wire shape\n\
             to fix: say how it is written: `#[event(as = Vec<String>)]`, or `#[event(as = \"string\", format = \"..\")]`",
        );
        return Written::Unknown;
    }
    Written::Type(ty)
}

/// Whether `with` names a type, as for `#[serde(remote = ..)]`; else it is a module.
fn is_type(path: &str) -> bool {
    path.rsplit("::").next().is_some_and(|last| last.trim_start().starts_with(char::is_uppercase))
}

impl<'a> Variant<'a> {
    fn read(cx: &Context, variant: &'a syn::Variant, container: &SerdeContainer) -> Variant<'a> {
        let serde = SerdeVariant::read(cx, &variant.attrs);
        let skipped = serde.skip_serializing && serde.skip_deserializing;
        let rust = variant.ident.unraw().to_string();
        let (write, read) =
            (container.rename_all.write.variant(&rust), container.rename_all.read.variant(&rust));
        let wire = wire_name(
            cx,
            variant.ident.span(),
            &serde.names,
            write,
            read,
            !skipped && !container.untagged,
        );
        let rules = (
            serde.rename_all.write.or(container.rename_all_fields.write),
            serde.rename_all.read.or(container.rename_all_fields.read),
        );
        if let Some(span) = serde.with {
            cx.error(
                span,
                "a function writes or reads this variant, so its fields don't tell its wire shape",
            );
        }
        let body = match &variant.fields {
            Fields::Unit => Body::Unit,
            Fields::Named(named) => Body::Named(fields(cx, &named.named, rules, false)),
            Fields::Unnamed(tuple) if tuple.unnamed.len() == 1 => {
                Body::One(Box::new(Field::read(cx, &tuple.unnamed[0], rules, false)))
            }
            Fields::Unnamed(tuple) => Body::Tuple(fields(cx, &tuple.unnamed, rules, false)),
        };
        if let Body::One(field) = &body
            && field.skipped
            && container.content.is_some()
        {
            cx.error(
                field.span(),
                "serde writes this variant without content and doesn't read it so\n\
                 to fix: take the field away",
            );
        }
        let mut catch_all = serde.other;
        if let Some(span) = serde.untagged
            && !skipped
        {
            catch_all = matches!(body, Body::One(_));
            if !catch_all {
                cx.error(span, "an untagged variant beside tagged ones is a catch-all, which holds one value: `Unknown(String)`");
            }
        }
        Variant {
            ident: &variant.ident,
            wire,
            body,
            catch_all,
            unwritten: serde.skip_serializing,
            skipped,
        }
    }
}
