//! `#[serde(..)]`: what moves the wire shape.

use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Attribute, LitStr, Token};

use super::case::Rule;
use super::{ignore, text};
use crate::context::Context;

/// Two answers, for writing and for reading.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rules {
    pub(crate) write: Rule,
    pub(crate) read: Rule,
}

/// Keys on a struct or enum.
#[derive(Default)]
pub(crate) struct SerdeContainer {
    pub(crate) rename_all: Rules,
    pub(crate) rename_all_fields: Rules,
    pub(crate) tag: Option<LitStr>,
    pub(crate) content: Option<LitStr>,
    pub(crate) untagged: bool,
    pub(crate) transparent: bool,
    pub(crate) default: bool,
    pub(crate) deny_unknown_fields: Option<Span>,
    /// `into = ".."`, and `from` or `try_from`.
    pub(crate) into: Option<LitStr>,
    pub(crate) from: Option<LitStr>,
    pub(crate) remote: Option<Span>,
    pub(crate) transparent_at: Option<Span>,
}

/// Names of a field or variant.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) write: Option<LitStr>,
    pub(crate) read: Option<LitStr>,
    pub(crate) aliases: Vec<LitStr>,
}

/// Keys on a field.
#[derive(Default)]
pub(crate) struct SerdeField {
    pub(crate) names: Names,
    pub(crate) default: bool,
    pub(crate) skip_serializing: Option<Span>,
    pub(crate) skip_deserializing: Option<Span>,
    pub(crate) skip_serializing_if: Option<LitStr>,
    pub(crate) flatten: Option<Span>,
    /// A module or function that writes or reads it.
    pub(crate) with: Option<LitStr>,
    pub(crate) write_with: Option<Span>,
    pub(crate) read_with: Option<Span>,
    /// The function that reads it is its type's own. Said, an absent `Option` is not a `None`.
    pub(crate) read_by_its_type: Option<LitStr>,
    /// Whether `skip_serializing_if` is the function of `Option`.
    pub(crate) skips_none: bool,
    pub(crate) borrow: Option<Span>,
}

/// Keys on a variant.
#[derive(Default)]
pub(crate) struct SerdeVariant {
    pub(crate) names: Names,
    pub(crate) rename_all: Rules,
    pub(crate) other: bool,
    pub(crate) untagged: Option<Span>,
    pub(crate) skip_serializing: Option<Span>,
    pub(crate) skip_deserializing: Option<Span>,
    pub(crate) with: Option<Span>,
}

fn each(
    cx: &Context,
    attrs: &[Attribute],
    key: &mut dyn FnMut(&str, &ParseNestedMeta<'_>) -> syn::Result<()>,
) {
    for attr in attrs.iter().filter(|a| a.path().is_ident("serde")) {
        let read = attr.parse_nested_meta(|meta| {
            let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
            key(&name, &meta)
        });
        if let Err(error) = read {
            // what cannot be read here, serde cannot read either, and says so
            cx.doubt(error.span(), format!("this serde attribute is not understood here: {error}"));
        }
    }
}

/// A key that no release of serde had when this was written: what it does to the wire is not known.
fn unknown(cx: &Context, key: &str, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    cx.doubt(
        meta.path.span(),
        format!(
            "`{key}` is a serde attribute that this version of the derive does not know, so what it does to the wire format is not known\n\
             to fix: remove it, or update event-runtime and event-codegen"
        ),
    );
    ignore(meta)
}

/// `key = "a"`, or `key(serialize = "a", deserialize = "b")`.
fn both(meta: &ParseNestedMeta<'_>, set: &mut dyn FnMut(bool, LitStr)) -> syn::Result<()> {
    if meta.input.peek(Token![=]) {
        let both = text(meta)?;
        set(true, both.clone());
        set(false, both);
        return Ok(());
    }
    meta.parse_nested_meta(|inner| {
        if inner.path.is_ident("serialize") {
            set(true, text(&inner)?);
        } else if inner.path.is_ident("deserialize") {
            set(false, text(&inner)?);
        } else {
            ignore(&inner)?;
        }
        Ok(())
    })
}

fn rules(cx: &Context, meta: &ParseNestedMeta<'_>, out: &mut Rules) -> syn::Result<()> {
    both(meta, &mut |write, rule| match Rule::parse(&rule.value()) {
        Some(rule) if write => out.write = rule,
        Some(rule) => out.read = rule,
        None => cx.doubt(
            rule.span(),
            format!("`{}` is not a rule for names that is known here", rule.value()),
        ),
    })
}

impl Names {
    fn key(&mut self, key: &str, meta: &ParseNestedMeta<'_>) -> syn::Result<bool> {
        match key {
            "rename" => both(meta, &mut |write, name| {
                if write {
                    self.write = Some(name);
                } else if self.read.is_none() {
                    self.read = Some(name);
                } else {
                    self.aliases.push(name);
                }
            })?,
            "alias" => self.aliases.push(text(meta)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl SerdeContainer {
    pub(crate) fn read(cx: &Context, attrs: &[Attribute]) -> SerdeContainer {
        let mut out = SerdeContainer::default();
        each(cx, attrs, &mut |key, meta| {
            match key {
                "rename_all" => return rules(cx, meta, &mut out.rename_all),
                "rename_all_fields" => return rules(cx, meta, &mut out.rename_all_fields),
                "tag" => out.tag = Some(text(meta)?),
                "content" => out.content = Some(text(meta)?),
                "untagged" => out.untagged = true,
                "transparent" => {
                    out.transparent = true;
                    out.transparent_at = Some(meta.path.span());
                }
                "default" => {
                    out.default = true;
                    return ignore(meta);
                }
                "deny_unknown_fields" => out.deny_unknown_fields = Some(meta.path.span()),
                "into" => out.into = Some(text(meta)?),
                "from" | "try_from" => out.from = Some(text(meta)?),
                "remote" => {
                    out.remote = Some(meta.path.span());
                    return ignore(meta);
                }
                "rename" | "bound" | "crate" | "expecting" => return ignore(meta),
                "variant_identifier" | "field_identifier" => {
                    cx.fatal(
                        meta.path.span(),
                        "an identifier is a name that serde reads, not a value that it writes: it has no wire shape",
                    );
                    return ignore(meta);
                }
                _ => return unknown(cx, key, meta),
            }
            Ok(())
        });
        out
    }
}

/// Types and traits whose `deserialize` is the field's own: the compiler is asked whether the short ones
/// are those of the standard library and of serde.
const OWN: [&str; 8] = [
    "Option",
    "std::option::Option",
    "::std::option::Option",
    "core::option::Option",
    "::core::option::Option",
    "Deserialize",
    "serde::Deserialize",
    "::serde::Deserialize",
];

/// What stands before `::name`.
pub(crate) fn prefix(path: &LitStr, name: &str) -> Option<String> {
    let path: String = path.value().split_whitespace().collect();
    Some(path.strip_suffix(name)?.strip_suffix("::")?.to_owned())
}

/// Whether a plain path looks like that of a type; then the compiler is asked which one it is.
fn is_a_type(path: &str) -> bool {
    !path.contains('<')
        && path.rsplit("::").next().is_some_and(|last| last.starts_with(char::is_uppercase))
}

impl SerdeField {
    pub(crate) fn read(cx: &Context, attrs: &[Attribute]) -> SerdeField {
        let mut out = SerdeField::default();
        each(cx, attrs, &mut |key, meta| {
            if out.names.key(key, meta)? {
                return Ok(());
            }
            match key {
                "default" => {
                    out.default = true;
                    return ignore(meta);
                }
                "skip" => {
                    out.skip_serializing = Some(meta.path.span());
                    out.skip_deserializing = Some(meta.path.span());
                }
                "skip_serializing" => out.skip_serializing = Some(meta.path.span()),
                "skip_deserializing" => out.skip_deserializing = Some(meta.path.span()),
                "skip_serializing_if" => {
                    let path = text(meta)?;
                    out.skips_none = prefix(&path, "is_none").is_some_and(|ty| is_a_type(&ty));
                    out.skip_serializing_if = Some(path);
                }
                "flatten" => out.flatten = Some(meta.path.span()),
                "with" => out.with = Some(text(meta)?),
                "serialize_with" => {
                    out.write_with = Some(meta.path.span());
                    return ignore(meta);
                }
                "deserialize_with" => {
                    let path = text(meta)?;
                    let own =
                        prefix(&path, "deserialize").is_some_and(|ty| OWN.contains(&ty.as_str()));
                    out.read_with = Some(meta.path.span()).filter(|_| !own);
                    out.read_by_its_type = own.then_some(path);
                }
                "borrow" => {
                    out.borrow = Some(meta.path.span());
                    return ignore(meta);
                }
                "bound" | "getter" => return ignore(meta),
                _ => return unknown(cx, key, meta),
            }
            Ok(())
        });
        out
    }
}

impl SerdeVariant {
    pub(crate) fn read(cx: &Context, attrs: &[Attribute]) -> SerdeVariant {
        let mut out = SerdeVariant::default();
        each(cx, attrs, &mut |key, meta| {
            if out.names.key(key, meta)? {
                return Ok(());
            }
            match key {
                "rename_all" => return rules(cx, meta, &mut out.rename_all),
                "other" => out.other = true,
                "untagged" => out.untagged = Some(meta.path.span()),
                "skip" => {
                    out.skip_serializing = Some(meta.path.span());
                    out.skip_deserializing = Some(meta.path.span());
                }
                "skip_serializing" => out.skip_serializing = Some(meta.path.span()),
                "skip_deserializing" => out.skip_deserializing = Some(meta.path.span()),
                // generated code reads a branch that must be an object by this function, which changes no shape
                "deserialize_with" => {
                    let function: syn::LitStr = meta.value()?.parse()?;
                    if function.value() != "event_runtime::__private::object" {
                        out.with = Some(meta.path.span());
                    }
                }
                "with" | "serialize_with" => {
                    out.with = Some(meta.path.span());
                    return ignore(meta);
                }
                "bound" | "borrow" => return ignore(meta),
                _ => return unknown(cx, key, meta),
            }
            Ok(())
        });
        out
    }
}
