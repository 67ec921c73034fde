//! A variant: its wire name and its content.

use syn::Fields;
use syn::ext::IdentExt;

use super::field::{fields, wire_name};
use super::{Body, Field, Variant, docs};
use crate::attr::{SerdeContainer, SerdeVariant};
use crate::context::Context;
use crate::rules;

impl<'a> Variant<'a> {
    pub(super) fn read(
        cx: &Context,
        variant: &'a syn::Variant,
        container: &SerdeContainer,
    ) -> Variant<'a> {
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
                rules::NO_WIRE_SHAPE,
                span,
                "a function writes or reads this variant, so the wire shape of its fields does not apply",
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
                rules::NO_WIRE_SHAPE,
                field.span(),
                "serde writes this variant without content and cannot read it like that\n\
                 to fix: remove the field",
            );
        }
        let mut catch_all = serde.other;
        if let (None, Some(span)) = (serde.skip_serializing, serde.skip_deserializing) {
            cx.error(
                rules::WRITTEN_NOT_READ,
                span,
                "this variant is written but not read: this type cannot read an event with it\n\
                 to fix: `#[serde(skip)]`, or remove `skip_deserializing`",
            );
        }
        if let (Some(span), None, true) = (
            serde.skip_serializing,
            serde.skip_deserializing,
            serde.untagged.is_none() && !serde.other,
        ) {
            cx.error(
                rules::WRITTEN_NOT_READ, span,
                "this variant is read but not written: a value that was read with it cannot be written again\n\
                 to fix: `#[serde(skip)]`, or remove `skip_serializing`",
            );
        }
        if let Some(span) = serde.untagged
            && !skipped
        {
            catch_all = matches!(body, Body::One(_));
            if !catch_all {
                cx.error(rules::CATCH_ALL_VARIANT, span, "an untagged variant beside tagged ones is a catch-all and must hold one value: `Unknown(String)`");
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
            doc: docs::doc(&variant.attrs),
        }
    }

    /// Whether the variant has no name on the wire.
    pub(super) fn is_untagged(&self) -> bool {
        matches!(self.body, Body::One(_))
    }
}
