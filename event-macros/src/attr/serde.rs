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
}

/// Names of a field or variant.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) write: Option<LitStr>,
    pub(crate) read: Option<LitStr>,
    pub(crate) aliases: Vec<String>,
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
    /// The function that reads it is its type's own. Said, an absent `Option` is no `None`.
    pub(crate) read_by_its_type: bool,
}

/// Keys on a variant.
#[derive(Default)]
pub(crate) struct SerdeVariant {
    pub(crate) names: Names,
    pub(crate) rename_all: Rules,
    pub(crate) other: bool,
    pub(crate) untagged: Option<Span>,
    pub(crate) skip_serializing: bool,
    pub(crate) skip_deserializing: bool,
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
            cx.push(error);
        }
    }
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
        None => cx.error(rule.span(), "serde has no rule of this name for names"),
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
                    self.aliases.push(name.value());
                }
            })?,
            "alias" => self.aliases.push(text(meta)?.value()),
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
                "transparent" => out.transparent = true,
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
                _ => return ignore(meta),
            }
            Ok(())
        });
        out
    }
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
                "skip_serializing_if" => out.skip_serializing_if = Some(text(meta)?),
                "flatten" => out.flatten = Some(meta.path.span()),
                "with" => out.with = Some(text(meta)?),
                "serialize_with" => {
                    out.write_with = Some(meta.path.span());
                    return ignore(meta);
                }
                "deserialize_with" => {
                    let path: String = text(meta)?.value().split_whitespace().collect();
                    let own = ["Option::deserialize", "Deserialize::deserialize"];
                    let is = |own: &str| {
                        let before = path.strip_suffix(own);
                        before.is_some_and(|b| b.is_empty() || b.ends_with("::"))
                    };
                    out.read_by_its_type = own.into_iter().any(is);
                    out.read_with = Some(meta.path.span()).filter(|_| !out.read_by_its_type);
                }
                _ => return ignore(meta),
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
                    out.skip_serializing = true;
                    out.skip_deserializing = true;
                }
                "skip_serializing" => out.skip_serializing = true,
                "skip_deserializing" => out.skip_deserializing = true,
                "with" | "serialize_with" | "deserialize_with" => {
                    out.with = Some(meta.path.span());
                    return ignore(meta);
                }
                _ => return ignore(meta),
            }
            Ok(())
        });
        out
    }
}
