//! The derive's input with its wire names: what serde writes, field by field.

use std::sync::{Mutex, PoisonError};

use event_shape::Field as Flag;
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{DeriveInput, Fields, LitStr, Type};

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
    /// Paths that are taken for the standard library's `Option`, of which the compiler is asked.
    pub(crate) options: Vec<LitStr>,
    /// Doc comments, as `event_shape::Type::docs` has them.
    pub(crate) docs: String,
    /// What follows the module path in [`event_shape::Type::id`].
    pub(crate) id: String,
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
    pub(crate) written: Written<'a>,
    /// Says how it is written, and its own type writes or reads it all the same.
    pub(crate) as_is: bool,
    /// What is taken for the standard library's `Option`, if the compiler has to be asked.
    pub(crate) option: Option<LitStr>,
    /// `deserialize_with` names serde's own function by this path.
    pub(crate) own: Option<LitStr>,
    /// serde's `Deserialize` fills it by itself where it is absent.
    pub(crate) defaults: bool,
    doc: String,
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
    names: Names,
    doc: String,
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
                cx.fatal(input.ident.span(), "a union has no wire shape: serde cannot write it");
                Data::Nothing
            }
        };
        inert(cx, &input.attrs, &event.inert);
        if is_event && let Some(span) = serde.transparent_at {
            cx.fatal(
                span,
                "an event is an object with named fields, and `transparent` writes it as its one field\n\
                 to fix: remove `transparent`",
            );
        }
        if is_event && let Some(span) = serde.remote {
            cx.fatal(
                span,
                "what `remote` names is written through this struct, and an event is written as itself\n\
                 to fix: remove `remote`, and convert in your code",
            );
        }
        if let Data::Enum(variants) = &data {
            names_of_variants(cx, variants, &serde);
        }
        let mut options: Vec<LitStr> = Vec::new();
        for option in data.all().filter_map(|f| f.option.as_ref()) {
            if options.iter().all(|known| known.value() != option.value()) {
                options.push(option.clone());
            }
        }
        let docs = docs(&input.attrs, &data);
        let id = id(&input.ident);
        Container { input, serde, event, data, options, docs, id }
    }
}

/// What tells a type from the others of its module. A macro may make several of one name there, each in a
/// block of its own, so that they are counted; and two versions of a crate may be in one program.
fn id(ident: &Ident) -> String {
    static SEEN: Mutex<Vec<(String, usize)>> = Mutex::new(Vec::new());
    let name = ident.unraw().to_string();
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut n = 0;
    match seen.binary_search_by(|(known, _)| known.as_str().cmp(&name)) {
        Ok(at) => {
            seen[at].1 += 1;
            n = seen[at].1;
        }
        Err(at) => seen.insert(at, (name.clone(), 0)),
    }
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    if n == 0 { format!("::{name}@{version}") } else { format!("::{name}@{version}#{n}") }
}

/// Attributes that change nothing. Any other on a struct may be a macro, which rewrites what stands below
/// it after the derive has read it.
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

fn inert(cx: &Context, attrs: &[syn::Attribute], said: &[String]) {
    for attr in attrs {
        let path = attr.path();
        let known = match path.get_ident() {
            Some(name) => {
                // an identifier's text is asked of the compiler: once
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
                format!("\nor, where it is only an attribute of another derive: `#[event(inert({name}))]`")
            });
            cx.error(
                path.span(),
                format_args!(
                    "`#[{name}]` stands below this derive and may rewrite the type that the derive has already read\n\
                     to fix: put `#[{name}]` above `#[derive(..)]`{or}"
                ),
            );
        }
    }
}

/// Two variants of one name, more than one catch-all, and second names beside a catch-all.
fn names_of_variants(cx: &Context, variants: &[Variant<'_>], container: &SerdeContainer) {
    let mut catch_alls = variants.iter().filter(|v| v.catch_all && !v.skipped);
    if let (Some(first), Some(second)) = (catch_alls.next(), catch_alls.next()) {
        cx.error(
            second.ident.span(),
            format_args!(
                "`{}` and `{}` are both catch-all variants, and an enum has at most one\n\
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
                    alias.span(),
                    "an open enum may be given any text, and one that is read under a second name is written back under the first\n\
                     to fix: remove `alias`",
                );
            }
        }
    }
    names_meet(cx, &mut names, "variants");
}

/// Names that two of them share; the flag says that it is a second name.
fn names_meet(cx: &Context, names: &mut [(String, Span, bool)], what: &str) {
    crate::order::sort(names, |a, b| a.0 < b.0 || (a.0 == b.0 && !a.2 && b.2));
    for pair in names.windows(2) {
        if pair[0].0 == pair[1].0 {
            let verb = if pair[1].2 { "read as" } else { "written as" };
            cx.fatal(pair[1].1, format_args!("two {what} are {verb} `{}`", pair[1].0));
        }
    }
}

/// Doc comments of the type and of what it is made of.
fn docs(attrs: &[syn::Attribute], data: &Data<'_>) -> String {
    let mut out = doc(attrs);
    let mut add = |name: &str, doc: &str| {
        if !doc.is_empty() {
            out.extend(["\0", name, "\u{1}", doc]);
        }
    };
    match data {
        Data::Named(fields) => fields.iter().for_each(|f| add(&f.wire, &f.doc)),
        Data::Enum(variants) => variants.iter().for_each(|v| add(&v.wire, &v.doc)),
        _ => {}
    }
    out
}

/// The doc comment, as people read it.
fn doc(attrs: &[syn::Attribute]) -> String {
    let mut out = String::new();
    for attr in attrs {
        if let syn::Meta::NameValue(meta) = &attr.meta
            && meta.path.is_ident("doc")
            && let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(line), .. }) = &meta.value
        {
            if !out.is_empty() {
                out.push('\n');
            }
            let line = line.value();
            out.push_str(line.strip_prefix(' ').unwrap_or(&line).trim_end());
        }
    }
    out.trim().replace(['\0', '\u{1}'], "")
}

impl<'a> Data<'a> {
    /// All fields, those of variants too.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Field<'a>> {
        let (own, variants) = match self {
            Data::Named(fields) | Data::Tuple(fields) => (&fields[..], &[][..]),
            Data::Newtype(field) => (std::slice::from_ref(&**field), &[][..]),
            Data::Enum(variants) => (&[][..], &variants[..]),
            Data::Unit | Data::Nothing => (&[][..], &[][..]),
        };
        own.iter().chain(variants.iter().flat_map(|v| match &v.body {
            Body::Named(fields) | Body::Tuple(fields) => &fields[..],
            Body::One(field) => std::slice::from_ref(&**field),
            Body::Unit => &[],
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
    let mut names = Vec::new();
    for f in fields.iter().filter(|f| !f.skipped && !f.wire.is_empty() && !f.has(Flag::FLATTEN)) {
        names.push((f.wire.clone(), f.span(), false));
        for alias in f.names.aliases.iter().filter(|alias| alias.value() != f.wire) {
            names.push((alias.value(), alias.span(), true));
        }
    }
    names_meet(cx, &mut names, "fields");
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
        let says = event.like.is_some();
        let mut written = written(cx, &serde, &mut event, ty, skipped);
        let mut flags = 0;
        let mut set = |on: bool, flag: u8| {
            if on {
                flags |= flag;
            }
        };
        let flatten = serde.flatten.is_some();
        // of what is flattened, serde takes no default
        let defaults = (serde.default || default) && !flatten || serde.skip_deserializing.is_some();
        set(defaults, Flag::DEFAULT);
        let looks_like_one = crate::words::option_of(ty).is_some();
        let by_function = serde.with.is_some() || serde.read_with.is_some();
        // how another type is written does not say how this one is read where it is absent
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
                span,
                "written and not read: a value that was read is written back as the default\n\
                 to fix: `#[serde(skip)]`, which does neither, or remove `skip_deserializing`",
            );
        }
        if let Some(span) = serde.borrow
            && crate::words::is_borrowed_bytes(ty)
        {
            cx.error(
                span,
                "borrowed bytes are not read from a JSON array, which is how bytes are written\n\
                 to fix: remove `borrow`",
            );
        }
        if let (Written::Type(_), false, Some(reference)) =
            (&written, skipped, crate::words::reference(ty))
        {
            cx.error(
                reference,
                "a reference is not read from an event: a JSON text with an escape has to be copied, and a list is never borrowed\n\
                 to fix: an owned type, such as `String`, or `Cow<'_, str>`",
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
        let doc = doc(&field.attrs);
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

    /// Whether it is the one that a `transparent` type is written as, and the one that it is read from: as
    /// serde finds them.
    pub(crate) fn is_seen_through(&self) -> (bool, bool) {
        let real = !crate::words::is_named(self.ty, "PhantomData");
        (real && !self.has(Flag::UNWRITTEN), real && !self.skipped && !self.defaults)
    }

    /// Whether it is a float, of which some values are written as `null`, and nobody says that they never come.
    pub(crate) fn may_be_nan(&self) -> bool {
        !self.event.finite
            && matches!(self.written, Written::Type(_))
            && crate::words::is_float(self.ty)
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
    if both && write != read {
        cx.fatal(
            span,
            format_args!(
                "written as `{write}` and read as `{read}`: an event of this type is not read as this type\n\
                 to fix: one name for both"
            ),
        );
    }
    write
}

/// Whether the path looks like that of `Option`, or of the type that the field has: the compiler is asked
/// whether it is the standard library's.
fn is_of_option(path: &LitStr, ty: &Type) -> bool {
    let Some(prefix) = crate::attr::prefix(path, "is_none") else { return false };
    let last = prefix.rsplit("::").next().unwrap_or_default();
    last == "Option" || crate::words::argument(ty, &[last]).is_some()
}

/// Whether it is read under more names than the one that it is written as.
fn names_more(names: &Names, wire: &str) -> bool {
    names.aliases.iter().any(|alias| alias.value() != wire)
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
        let skipped = serde.skip_serializing.is_some() && serde.skip_deserializing.is_some();
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
        if let (None, Some(span)) = (serde.skip_serializing, serde.skip_deserializing) {
            cx.error(
                span,
                "written and not read: an event with this variant is not read as this type\n\
                 to fix: `#[serde(skip)]`, or remove `skip_deserializing`",
            );
        }
        if let (Some(span), None, true) = (
            serde.skip_serializing,
            serde.skip_deserializing,
            serde.untagged.is_none() && !serde.other,
        ) {
            cx.error(
                span,
                "read and not written: a value that was read with this variant cannot be written again\n\
                 to fix: `#[serde(skip)]`, or remove `skip_serializing`",
            );
        }
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
            unwritten: serde.skip_serializing.is_some(),
            skipped,
            names: serde.names,
            doc: doc(&variant.attrs),
        }
    }

    /// Whether it has no name on the wire.
    fn is_untagged(&self) -> bool {
        matches!(self.body, Body::One(_))
    }
}
