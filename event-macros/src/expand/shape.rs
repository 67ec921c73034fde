//! `impl EventShape`: the type's wire shape as static data.

use event_shape::Field as Flag;
use proc_macro2::{Delimiter, Group, Literal, Punct, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote, quote_spanned};
use syn::GenericParam;
use syn::ext::IdentExt;

use super::back::{self, Owner};
use super::proofs;
use crate::ast::{Body, Container, Data, Field, Variant, Written};
use crate::context::Context;
use crate::order;

/// The impl. Where the shape is not known, the reason has been recorded and the shape agrees with all.
pub(crate) fn implement(cx: &Context, c: &Container<'_>) -> TokenStream {
    let generic = !c.input.generics.params.is_empty();
    let me = Owner { ident: &c.input.ident, generic };
    let before = cx.len();
    back::of_other_arguments(cx, c);
    let made = body(cx, c, me);
    match made {
        Some(made) if cx.len() == before && !cx.is_lost() => {
            let checks = proofs::checks(c, me);
            let implementation = finish(c, &made, &proofs::statements(c));
            quote!(#implementation #checks)
        }
        _ => unknown(c),
    }
}

/// The impl of a type about which something is wrong: it agrees with everything.
pub(crate) fn unknown(c: &Container<'_>) -> TokenStream {
    finish(c, &Made::Own(quote!(__shape::Shape::Unknown)), &TokenStream::new())
}

/// A shape of the type's own, or that of another type.
enum Made {
    Own(TokenStream),
    Other(TokenStream),
}

fn finish(c: &Container<'_>, made: &Made, proofs: &TokenStream) -> TokenStream {
    let ident = &c.input.ident;
    let mut generics = c.input.generics.clone();
    for param in generics.type_params_mut() {
        param.bounds.push(syn::parse_quote!(__shape::EventShape));
    }
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let generic = !c.input.generics.params.is_empty();
    let value = match made {
        Made::Other(shape) if proofs.is_empty() => shape.clone(),
        Made::Own(shape) if generic && proofs.is_empty() => quote!(__shape::Ref::new(&#shape)),
        Made::Other(shape) => quote!({ #proofs #shape }),
        Made::Own(shape) if generic => quote!({ #proofs __shape::Ref::new(&#shape) }),
        Made::Own(shape) => quote!({
            static __SHAPE: __shape::Shape = #shape;
            #proofs
            __shape::Ref::new(&__SHAPE)
        }),
    };
    let back = generic.then(|| {
        let id = id(c);
        quote! {
            struct __Back;
            impl __shape::EventShape for __Back {
                const SHAPE: __shape::Ref = __shape::Ref::new(&__shape::Shape::Back(#id));
            }
        }
    });
    // Header and braces have the struct's span: where rustc lists who has a shape, it shows the struct.
    let span = ident.span();
    let header =
        quote_spanned!(span=> impl #impl_generics __shape::EventShape for #ident #ty_generics);
    let mut items = Group::new(Delimiter::Brace, quote!(const SHAPE: __shape::Ref = #value;));
    items.set_span(span);
    quote! {
        #back
        #[automatically_derived]
        #header #where_clause #items
    }
}

fn id(c: &Container<'_>) -> TokenStream {
    let tail = &c.id;
    quote!(::core::concat!(::core::module_path!(), #tail))
}

fn type_of(c: &Container<'_>) -> TokenStream {
    let (name, id, docs) = (c.input.ident.unraw().to_string(), id(c), &c.docs);
    // a constant's value is told as the integer that it is alone
    let args = c.input.generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(p) => {
            let name = &p.ident;
            Some(quote!(<#name as __shape::EventShape>::SHAPE))
        }
        GenericParam::Const(p) => {
            let name = &p.ident;
            Some(quote!(__shape::Ref::new(&__shape::Shape::Int(#name as ::core::primitive::i128, #name as ::core::primitive::i128))))
        }
        GenericParam::Lifetime(_) => None,
    });
    quote!(__shape::Type { name: #name, id: #id, docs: #docs, args: &[#(#args),*] })
}

fn body(cx: &Context, c: &Container<'_>, me: Owner<'_>) -> Option<Made> {
    if let (Some(text), _) | (None, Some(text)) = (&c.serde.into, &c.serde.from) {
        let (Some(into), Some(from)) = (&c.serde.into, &c.serde.from) else {
            cx.error(text.span(), "it is written as one type and read as another: expected both `into` and `from` (or `try_from`)");
            return None;
        };
        let parse =
            |text: &syn::LitStr| text.parse::<syn::Type>().map_err(|error| cx.push(error)).ok();
        let (written, read) = (parse(into)?, parse(from)?);
        if into.value() == from.value() || !me.generic {
            // of a type without parameters, a constant beside the shape compares them
            return Some(Made::Other(quote!(<#written as __shape::EventShape>::SHAPE)));
        }
        return Some(Made::Other(quote!(__shape::check::written_and_read(
            <#written as __shape::EventShape>::SHAPE,
            <#read as __shape::EventShape>::SHAPE,
        ))));
    }
    if let Some(span) = c.event.repr {
        return numbers(cx, c, span);
    }
    let closed = c.serde.deny_unknown_fields.is_some();
    Some(match &c.data {
        Data::Nothing => return None,
        Data::Unit => Made::Own(quote!(__shape::Shape::Null)),
        Data::Newtype(field) if c.serde.transparent => Made::Other(of_field(field, me)),
        Data::Named(fields) | Data::Tuple(fields) if c.serde.transparent => {
            Made::Other(of_field(seen_through(cx, c, fields)?, me))
        }
        Data::Newtype(field) => {
            let inner = of_field(field, me);
            Made::Own(quote!(__shape::Shape::Newtype(#inner)))
        }
        Data::Named(fields) => {
            if let Some(tag) = &c.serde.tag {
                cx.error(
                    tag.span(),
                    "a tag on a struct is a field that it doesn't have: make it one",
                );
                return None;
            }
            let fields = list(fields, me);
            Made::Own(if closed || !c.input.generics.params.is_empty() {
                let ty = type_of(c);
                quote!(__shape::Shape::Object(__shape::Object { ty: #ty, closed: #closed, fields: #fields }))
            } else {
                let (name, id, docs) = (c.input.ident.unraw().to_string(), id(c), &c.docs);
                if docs.is_empty() {
                    quote!(__shape::Shape::open(#name, #id, #fields))
                } else {
                    quote!(__shape::Shape::documented(#name, #id, #docs, #fields))
                }
            })
        }
        Data::Tuple(fields) => {
            let places = fields.iter().filter(|f| !f.skipped).map(|f| of_field(f, me));
            Made::Own(quote!(__shape::Shape::Tuple(&[#(#places),*])))
        }
        Data::Enum(variants) => Made::Own(enumeration(c, variants, me)),
    })
}

/// The field that a `transparent` struct is written as and read from.
fn seen_through<'f, 'a>(
    cx: &Context,
    c: &Container<'_>,
    fields: &'f [Field<'a>],
) -> Option<&'f Field<'a>> {
    let span = c.serde.transparent_at.unwrap_or_else(|| c.input.ident.span());
    let mut written = fields.iter().filter(|f| f.is_seen_through().0);
    let mut read = fields.iter().filter(|f| f.is_seen_through().1);
    match (written.next(), read.next(), written.next(), read.next()) {
        (Some(a), Some(b), None, None) if std::ptr::eq(a, b) => return Some(a),
        (Some(a), Some(b), None, None) if cx.len() == 0 => {
            let name = |f: &Field<'_>| f.ident.map_or_else(String::new, |i| format!(" `{i}`"));
            cx.error(
                span,
                format_args!(
                    "`transparent` writes the field{} and reads the field{}: an event of this type is not read as this type\n\
                     to fix: `#[serde(skip)]` on all fields but one",
                    name(a),
                    name(b)
                ),
            );
        }
        _ if cx.len() > 0 => {}
        _ => cx.doubt(span, "which field `transparent` sees is not known".to_owned()),
    }
    None
}

/// An enum that is written as its number.
fn numbers(cx: &Context, c: &Container<'_>, span: proc_macro2::Span) -> Option<Made> {
    let ident = &c.input.ident;
    let Data::Enum(variants) = &c.data else {
        cx.error(span, "`repr` is for an enum that is written as its number");
        return None;
    };
    if let Some(v) = variants.iter().find(|v| !matches!(v.body, Body::Unit)) {
        cx.error(v.ident.span(), "a variant that is written as its number carries nothing");
        return None;
    }
    let values = variants.iter().map(|v| {
        let variant = v.ident;
        quote!(__shape::Scalar::Int(#ident::#variant as ::core::primitive::i128))
    });
    Some(Made::Own(quote!(__shape::Shape::Values(&[#(#values),*]))))
}

fn enumeration(c: &Container<'_>, all: &[Variant<'_>], me: Owner<'_>) -> TokenStream {
    let ty = type_of(c);
    let closed = c.serde.deny_unknown_fields.is_some();
    let untagged = c.serde.untagged;
    let tag = match (&c.serde.tag, &c.serde.content) {
        _ if untagged => quote!(Untagged),
        (Some(tag), Some(content)) => quote!(Adjacent(#tag, #content)),
        (Some(tag), None) => quote!(Internal(#tag)),
        (None, _) => quote!(External),
    };
    let catch_all = all.iter().find(|v| v.catch_all && !v.skipped);
    let open = catch_all.is_some();
    let writes_unknown = catch_all.is_some_and(|v| !v.unwritten);
    let unknown = if let Some(Body::One(field)) = catch_all.map(|v| &v.body) {
        let shape = of_field(field, me);
        quote!(::core::option::Option::Some(#shape))
    } else {
        quote!(::core::option::Option::None)
    };
    let mut variants: Vec<&Variant<'_>> =
        all.iter().filter(|v| !v.catch_all && !v.skipped).collect();
    if !untagged {
        order::sort(&mut variants, |a, b| a.wire < b.wire);
    }
    let variants = variants.into_iter().map(|v| {
        let name = if untagged { "" } else { v.wire.as_str() };
        let body = match &v.body {
            Body::Unit => quote!(Unit),
            Body::One(field) if field.skipped => quote!(Unit),
            Body::One(field) => {
                let shape = of_field(field, me);
                quote!(One(#shape))
            }
            Body::Tuple(fields) => {
                let places = fields.iter().filter(|f| !f.skipped).map(|f| of_field(f, me));
                quote!(One(__shape::Ref::new(&__shape::Shape::Tuple(&[#(#places),*]))))
            }
            Body::Named(fields) => {
                let fields = list(fields, me);
                quote!(Fields(#fields))
            }
        };
        quote!(__shape::Variant { name: #name, body: __shape::Body::#body })
    });
    quote!(__shape::Shape::Enum(__shape::Enum {
        ty: #ty, tag: __shape::Tag::#tag, closed: #closed, open: #open, writes_unknown: #writes_unknown,
        unknown: #unknown,
        variants: &[#(#variants),*],
    }))
}

fn list(fields: &[Field<'_>], me: Owner<'_>) -> TokenStream {
    let fields = sorted(fields);
    let names = fields.iter().map(|f| &f.wire);
    let flags: Vec<u8> = fields.iter().map(|f| f.flags).collect();
    let flags = Literal::byte_string(&flags);
    // pushed one after the other: a stream of its own for each of them costs more than all of its tokens
    let rest: Vec<TokenTree> = quote!(as __shape::EventShape>::SHAPE,).into_iter().collect();
    let mut shapes = TokenStream::new();
    for field in &fields {
        match &field.written {
            Written::Type(ty) if back::names_none(ty, me) => {
                shapes.append(Punct::new('<', Spacing::Alone));
                ty.to_tokens(&mut shapes);
                shapes.append_all(&rest);
            }
            _ => {
                let shape = of_field(field, me);
                shapes.extend(quote!(#shape,));
            }
        }
    }
    quote!(&__shape::Field::list([#(#names),*], #flags, [#shapes]))
}

/// Fields as a shape has them: sorted by wire name, the flattened ones last.
pub(crate) fn sorted<'f, 'a>(fields: &'f [Field<'a>]) -> Vec<&'f Field<'a>> {
    let mut fields: Vec<_> = fields.iter().filter(|f| !f.skipped).collect();
    order::sort(&mut fields, |a, b| {
        let (a_last, b_last) = (a.has(Flag::FLATTEN), b.has(Flag::FLATTEN));
        // flattened ones stay as they are declared: that is how serde reads them
        if a_last || b_last { !a_last } else { a.wire < b.wire }
    });
    fields
}

/// A field of an object's shape.
pub(crate) fn entry(field: &Field<'_>, me: Owner<'_>) -> TokenStream {
    let (name, flags, shape) = (&field.wire, field.flags, of_field(field, me));
    quote!(__shape::Field { name: #name, flags: #flags, shape: #shape })
}

/// The shape of a field's type.
pub(crate) fn of_field(field: &Field<'_>, me: Owner<'_>) -> TokenStream {
    let of_type = |ty: &syn::Type| {
        let ty = back::named(ty.to_token_stream(), me);
        quote!(<#ty as __shape::EventShape>::SHAPE)
    };
    match &field.written {
        Written::Type(ty) => of_type(ty),
        Written::Like(ty) => of_type(ty),
        Written::Text(format) => quote!(__shape::Ref::new(&__shape::Shape::Str(#format))),
        Written::TextOrNull(format) => {
            quote!(__shape::Ref::new(&__shape::Shape::Nullable(__shape::Ref::new(&__shape::Shape::Str(#format)))))
        }
        Written::Any => quote!(__shape::Ref::new(&__shape::Shape::Any)),
        Written::Unknown => quote!(__shape::Ref::new(&__shape::Shape::Unknown)),
    }
}
