//! `#[event(..)]`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::meta::ParseNestedMeta;
use syn::{Attribute, LitStr, Path, Type};

use super::{did_you_mean, text, tokens};
use crate::context::Context;
use crate::rules;

/// Keys on the type.
#[derive(Default)]
pub(crate) struct EventAttrs {
    pub(crate) ty: Option<LitStr>,
    pub(crate) version: Option<LitStr>,
    pub(crate) source: Option<LitStr>,
    pub(crate) registry: Option<LitStr>,
    pub(crate) supersedes: Option<Path>,
    pub(crate) supersedes_version: Option<LitStr>,
    pub(crate) down: Vec<(Ident, TokenStream)>,
    /// The span of `upcast`, and its fields.
    pub(crate) upcast: Option<Span>,
    pub(crate) up: Vec<(Ident, TokenStream)>,
    pub(crate) retired: Option<Span>,
    pub(crate) sunset: Option<LitStr>,
    pub(crate) generated: bool,
    /// Fields of the older major that are dropped on purpose, by wire name.
    pub(crate) drop: Vec<LitStr>,
    /// Written as its number, as `serde_repr` does.
    pub(crate) repr: Option<Span>,
    /// Attributes of another derive, which change nothing.
    pub(crate) inert: Vec<String>,
    pub(crate) krate: Option<Path>,
}

/// Keys on a field.
#[derive(Default)]
pub(crate) struct EventFieldAttrs {
    pub(crate) like: Option<As>,
    pub(crate) from: Option<LitStr>,
    pub(crate) down: Way,
    pub(crate) up: Way,
    pub(crate) drop: bool,
    /// The number is never NaN or infinite: the user's code ensures it.
    pub(crate) finite: bool,
}

/// How a field's value is converted in one direction.
#[derive(Default)]
pub(crate) struct Way {
    /// `down`, `up`: a function.
    pub(crate) by: Option<Path>,
    /// `try_down`, `try_up`: a function that may fail.
    pub(crate) try_by: Option<Path>,
    /// `down_default`, `up_default`: the value of a required field if the other version has none.
    pub(crate) default: Option<TokenStream>,
}

impl Way {
    /// The function, of either kind.
    pub(crate) fn function(&self) -> Option<&Path> {
        self.by.as_ref().or(self.try_by.as_ref())
    }

    fn one_function(&self, cx: &Context, name: &str) {
        if let (Some(by), Some(_)) = (&self.by, &self.try_by) {
            cx.error(
                rules::EVENT_ATTRIBUTE,
                syn::spanned::Spanned::span(by),
                format_args!("`{name}` and `try_{name}` cannot be used together"),
            );
        }
    }
}

/// `as = ..`: how a field is written.
pub(crate) enum As {
    /// The same way as this type.
    Type(Box<Type>),
    /// As a string, with this format.
    Text(String),
    /// `"any"`.
    Any,
}

impl EventAttrs {
    pub(crate) fn read(cx: &Context, attrs: &[Attribute], is_event: bool) -> EventAttrs {
        let mut out = EventAttrs::default();
        for attr in attrs.iter().filter(|a| a.path().is_ident("event")) {
            let read = attr.parse_nested_meta(|meta| out.key(cx, &meta, is_event));
            if let Err(error) = read {
                cx.push(rules::EVENT_ATTRIBUTE, error);
            }
        }
        out
    }

    fn key(&mut self, cx: &Context, meta: &ParseNestedMeta<'_>, is_event: bool) -> syn::Result<()> {
        let key = meta.path.require_ident().map(ToString::to_string).unwrap_or_default();
        match key.as_str() {
            "crate" => once(cx, meta, &mut self.krate, path(meta)?),
            "supersedes" => once(cx, meta, &mut self.supersedes, meta.value()?.parse()?),
            "down" => {
                return meta.parse_nested_meta(|field| {
                    self.down.push((field.path.require_ident()?.clone(), tokens(&field)?));
                    Ok(())
                });
            }
            "upcast" => {
                self.upcast = Some(spanned(meta));
                if meta.input.peek(syn::token::Paren) {
                    return meta.parse_nested_meta(|field| {
                        self.up.push((field.path.require_ident()?.clone(), tokens(&field)?));
                        Ok(())
                    });
                }
            }
            "inert" => {
                return meta.parse_nested_meta(|attr| {
                    self.inert.push(attr.path.require_ident()?.to_string());
                    Ok(())
                });
            }
            "repr" if !is_event => self.repr = Some(flag(meta)?),
            _ if !is_event => return Err(meta.error(did_you_mean(&key, &PART_KEYS))),
            "type" => once(cx, meta, &mut self.ty, text(meta)?),
            "version" => once(cx, meta, &mut self.version, text(meta)?),
            "source" => once(cx, meta, &mut self.source, text(meta)?),
            "registry" => once(cx, meta, &mut self.registry, text(meta)?),
            "supersedes_version" => once(cx, meta, &mut self.supersedes_version, text(meta)?),
            "sunset" => once(cx, meta, &mut self.sunset, text(meta)?),
            "drop" => self.drop.push(text(meta)?),
            "retired" => self.retired = Some(flag(meta)?),
            "generated" => self.generated = true,
            _ => return Err(meta.error(did_you_mean(&key, &EVENT_KEYS))),
        }
        Ok(())
    }
}

/// A path, which may be in quotes, as in serde's attributes.
fn path(meta: &ParseNestedMeta<'_>) -> syn::Result<Path> {
    let value = meta.value()?;
    if value.peek(LitStr) { value.parse::<LitStr>()?.parse() } else { value.parse() }
}

const EVENT_KEYS: [&str; 13] = [
    "type",
    "version",
    "source",
    "registry",
    "supersedes",
    "supersedes_version",
    "down",
    "upcast",
    "drop",
    "retired",
    "sunset",
    "inert",
    "crate",
];
const PART_KEYS: [&str; 6] = ["crate", "supersedes", "down", "upcast", "repr", "inert"];
const FIELD_KEYS: [&str; 11] = [
    "as",
    "format",
    "from",
    "down",
    "try_down",
    "down_default",
    "up",
    "try_up",
    "up_default",
    "drop",
    "finite",
];

/// A key without a value.
fn flag(meta: &ParseNestedMeta<'_>) -> syn::Result<Span> {
    if meta.input.peek(syn::Token![=]) || meta.input.peek(syn::token::Paren) {
        super::ignore(meta)?;
        let key = meta.path.require_ident()?;
        return Err(meta.error(format_args!("`{key}` takes no value: write `{key}` alone")));
    }
    Ok(spanned(meta))
}

impl EventFieldAttrs {
    pub(crate) fn read(cx: &Context, attrs: &[Attribute]) -> EventFieldAttrs {
        let mut out = EventFieldAttrs::default();
        let mut kind: Option<LitStr> = None;
        let mut format: Option<LitStr> = None;
        for attr in attrs.iter().filter(|a| a.path().is_ident("event")) {
            let read = attr.parse_nested_meta(|meta| {
                let key = meta.path.require_ident().map(ToString::to_string).unwrap_or_default();
                match key.as_str() {
                    "format" => once(cx, &meta, &mut format, text(&meta)?),
                    "from" => once(cx, &meta, &mut out.from, text(&meta)?),
                    "down" => once(cx, &meta, &mut out.down.by, meta.value()?.parse()?),
                    "try_down" => once(cx, &meta, &mut out.down.try_by, meta.value()?.parse()?),
                    "down_default" => once(cx, &meta, &mut out.down.default, tokens(&meta)?),
                    "up" => once(cx, &meta, &mut out.up.by, meta.value()?.parse()?),
                    "try_up" => once(cx, &meta, &mut out.up.try_by, meta.value()?.parse()?),
                    "up_default" => once(cx, &meta, &mut out.up.default, tokens(&meta)?),
                    "drop" => {
                        flag(&meta)?;
                        out.drop = true;
                    }
                    "finite" => {
                        flag(&meta)?;
                        out.finite = true;
                    }
                    "as" => {
                        let value = meta.value()?;
                        if value.peek(LitStr) {
                            once(cx, &meta, &mut kind, value.parse()?);
                        } else {
                            once(cx, &meta, &mut out.like, As::Type(value.parse()?));
                        }
                    }
                    _ => return Err(meta.error(did_you_mean(&key, &FIELD_KEYS))),
                }
                Ok(())
            });
            if let Err(error) = read {
                cx.push(rules::EVENT_ATTRIBUTE, error);
            }
        }
        match (kind.as_ref().map(LitStr::value).as_deref(), &format) {
            (Some("string"), f) => {
                out.like = Some(As::Text(f.as_ref().map(LitStr::value).unwrap_or_default()));
            }
            (Some("any"), None) => out.like = Some(As::Any),
            (Some("any") | None, Some(f)) => {
                cx.error(rules::EVENT_ATTRIBUTE, f.span(), "`format` requires `as = \"string\"`");
            }
            (Some(_), _) => {
                let span = kind.map_or_else(Span::call_site, |k| k.span());
                cx.error(rules::EVENT_ATTRIBUTE, span, "`as` is `\"string\"`, `\"any\"`, or a type that is written the same way, such as `as = Vec<String>`");
            }
            (None, None) => {}
        }
        out.down.one_function(cx, "down");
        out.up.one_function(cx, "up");
        out
    }
}

fn spanned(meta: &ParseNestedMeta<'_>) -> Span {
    syn::spanned::Spanned::span(&meta.path)
}

fn once<T>(cx: &Context, meta: &ParseNestedMeta<'_>, slot: &mut Option<T>, value: T) {
    if slot.is_some() {
        cx.fatal(rules::EVENT_ATTRIBUTE, spanned(meta), "duplicate key");
    }
    *slot = Some(value);
}
