//! `#[serde(..)]`: the keys that affect the wire format.

use proc_macro2::Span;
use syn::{Attribute, LitStr, Meta};

use super::case::Rule;
use super::keys::{Key, Wrong, keys};
use crate::context::Context;
use crate::rules;

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
    /// The module or function that writes or reads the field.
    pub(crate) with: Option<LitStr>,
    pub(crate) write_with: Option<Span>,
    pub(crate) read_with: Option<Span>,
    /// The function that reads it is that of its type. With it, an absent `Option` is not read as `None`.
    pub(crate) read_by_its_type: Option<LitStr>,
    /// Whether `skip_serializing_if` is `Option::is_none`.
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

fn each(cx: &Context, attrs: &[Attribute], key: &mut dyn FnMut(&Key) -> Result<(), Wrong>) {
    for attr in attrs {
        let Meta::List(list) = &attr.meta else { continue };
        if !list.path.is_ident("serde") {
            continue;
        }
        let read = keys(list.tokens.clone()).and_then(|all| {
            for one in &all {
                key(one)?;
            }
            Ok(())
        });
        if let Err(Wrong { span, text }) = read {
            // serde cannot read this either, and reports it
            cx.doubt(span, &format!("cannot parse this serde attribute: {text}"));
        }
    }
}

/// Reports a key that no known release of serde has, so its effect on the wire format is unknown.
fn unknown(cx: &Context, key: &Key) {
    cx.doubt(
        key.span,
        &format!(
            "`{}` is a serde attribute that this version of the derive does not support, so its effect on the wire format is unknown\n\
             to fix: remove it, or update event-runtime and event-codegen",
            key.name
        ),
    );
}

fn rules_of(cx: &Context, key: &Key, out: &mut Rules) -> Result<(), Wrong> {
    key.both(&mut |write, rule| match Rule::parse(&rule.value()) {
        Some(rule) if write => out.write = rule,
        Some(rule) => out.read = rule,
        None => cx
            .doubt(rule.span(), &format!("`{}` is not a known naming rule of serde", rule.value())),
    })
}

impl Names {
    fn key(&mut self, key: &Key) -> Result<bool, Wrong> {
        match key.name.as_str() {
            "rename" => key.both(&mut |write, name| {
                if write {
                    self.write = Some(name);
                } else if self.read.is_none() {
                    self.read = Some(name);
                } else {
                    self.aliases.push(name);
                }
            })?,
            "alias" => self.aliases.push(key.text()?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl SerdeContainer {
    pub(crate) fn read(cx: &Context, attrs: &[Attribute]) -> SerdeContainer {
        let mut out = SerdeContainer::default();
        each(cx, attrs, &mut |key| {
            match key.name.as_str() {
                "rename_all" => return rules_of(cx, key, &mut out.rename_all),
                "rename_all_fields" => return rules_of(cx, key, &mut out.rename_all_fields),
                "tag" => out.tag = Some(key.text()?),
                "content" => out.content = Some(key.text()?),
                "untagged" => out.untagged = true,
                "transparent" => {
                    out.transparent = true;
                    out.transparent_at = Some(key.span);
                }
                "default" => {
                    out.default = true;
                }
                "deny_unknown_fields" => out.deny_unknown_fields = Some(key.span),
                "into" => out.into = Some(key.text()?),
                "from" | "try_from" => out.from = Some(key.text()?),
                "remote" => {
                    out.remote = Some(key.span);
                }
                "rename" | "bound" | "crate" | "expecting" => {}
                "variant_identifier" | "field_identifier" => {
                    cx.fatal(
                        rules::NO_WIRE_SHAPE,
                        key.span,
                        "an identifier is only read by serde, never written, so it has no wire shape",
                    );
                }
                _ => unknown(cx, key),
            }
            Ok(())
        });
        out
    }
}

/// Types and traits whose `deserialize` is the field's own: the compiler checks that the short names are
/// those of the standard library and of serde.
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

/// The path before `::name`.
pub(crate) fn prefix(path: &LitStr, name: &str) -> Option<String> {
    let path: String = path.value().split_whitespace().collect();
    Some(path.strip_suffix(name)?.strip_suffix("::")?.to_owned())
}

/// Whether a plain path looks like that of a type; the compiler then checks which one it is.
fn is_a_type(path: &str) -> bool {
    !path.contains('<')
        && path.rsplit("::").next().is_some_and(|last| last.starts_with(char::is_uppercase))
}

impl SerdeField {
    pub(crate) fn read(cx: &Context, attrs: &[Attribute]) -> SerdeField {
        let mut out = SerdeField::default();
        each(cx, attrs, &mut |key| {
            if out.names.key(key)? {
                return Ok(());
            }
            match key.name.as_str() {
                "default" => {
                    out.default = true;
                }
                "skip" => {
                    out.skip_serializing = Some(key.span);
                    out.skip_deserializing = Some(key.span);
                }
                "skip_serializing" => out.skip_serializing = Some(key.span),
                "skip_deserializing" => out.skip_deserializing = Some(key.span),
                "skip_serializing_if" => {
                    let path = key.text()?;
                    out.skips_none = prefix(&path, "is_none").is_some_and(|ty| is_a_type(&ty));
                    out.skip_serializing_if = Some(path);
                }
                "flatten" => out.flatten = Some(key.span),
                "with" => out.with = Some(key.text()?),
                "serialize_with" => {
                    out.write_with = Some(key.span);
                }
                "deserialize_with" => {
                    let path = key.text()?;
                    let own =
                        prefix(&path, "deserialize").is_some_and(|ty| OWN.contains(&ty.as_str()));
                    out.read_with = Some(key.span).filter(|_| !own);
                    out.read_by_its_type = own.then_some(path);
                }
                "borrow" => {
                    out.borrow = Some(key.span);
                }
                "bound" | "getter" => {}
                _ => unknown(cx, key),
            }
            Ok(())
        });
        out
    }
}

impl SerdeVariant {
    pub(crate) fn read(cx: &Context, attrs: &[Attribute]) -> SerdeVariant {
        let mut out = SerdeVariant::default();
        each(cx, attrs, &mut |key| {
            if out.names.key(key)? {
                return Ok(());
            }
            match key.name.as_str() {
                "rename_all" => return rules_of(cx, key, &mut out.rename_all),
                "other" => out.other = true,
                "untagged" => out.untagged = Some(key.span),
                "skip" => {
                    out.skip_serializing = Some(key.span);
                    out.skip_deserializing = Some(key.span);
                }
                "skip_serializing" => out.skip_serializing = Some(key.span),
                "skip_deserializing" => out.skip_deserializing = Some(key.span),
                // generated code reads a branch that must be an object with this function, which does not
                // change the shape
                "deserialize_with" => {
                    if !key.text()?.value().ends_with("::__private::v0_1::object") {
                        out.with = Some(key.span);
                    }
                }
                "with" | "serialize_with" => {
                    out.with = Some(key.span);
                }
                "bound" | "borrow" => {}
                _ => unknown(cx, key),
            }
            Ok(())
        });
        out
    }
}
