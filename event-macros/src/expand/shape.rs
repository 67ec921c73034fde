//! `impl EventShape`: the type's wire shape as static data.

use event_shape::Field as Flag;
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote, quote_spanned};
use syn::GenericParam;
use syn::ext::IdentExt;

use super::back::{self, Owner};
use crate::ast::{Body, Container, Data, Field, Variant, Written};
use crate::context::Context;
use crate::order;

/// The impl. Where the shape can't be told, the reason has been recorded and the shape agrees with all.
pub(crate) fn implement(cx: &Context, c: &Container<'_>) -> TokenStream {
    let generic = !c.input.generics.params.is_empty();
    let me = Owner { ident: &c.input.ident, generic };
    back::of_other_arguments(cx, c);
    match body(cx, c, me) {
        Some(made) if cx.is_empty() => finish(c, &made),
        _ => unknown(c),
    }
}

/// The impl of a type about which something is wrong: it agrees with everything.
pub(crate) fn unknown(c: &Container<'_>) -> TokenStream {
    finish(c, &Made::Own(quote!(__shape::Shape::Unknown)))
}

/// A shape of the type's own, or that of another type.
enum Made {
    Own(TokenStream),
    Other(TokenStream),
}

fn finish(c: &Container<'_>, made: &Made) -> TokenStream {
    let ident = &c.input.ident;
    let mut generics = c.input.generics.clone();
    for param in generics.type_params_mut() {
        param.bounds.push(syn::parse_quote!(__shape::EventShape));
    }
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let generic = !c.input.generics.params.is_empty();
    let value = match made {
        Made::Other(shape) => shape.clone(),
        Made::Own(shape) if generic => quote!(__shape::Ref::new(&#shape)),
        Made::Own(shape) => quote!({
            static S: __shape::Shape = #shape;
            __shape::Ref::new(&S)
        }),
    };
    let back = generic.then(|| {
        let id = id(ident);
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

fn id(ident: &Ident) -> TokenStream {
    let name = ident.unraw().to_string();
    quote!(
        ::core::concat!(::core::module_path!(), "::", #name, ":", ::core::line!(), ":", ::core::column!())
    )
}

fn type_of(c: &Container<'_>) -> TokenStream {
    let name = c.input.ident.unraw().to_string();
    let id = id(&c.input.ident);
    // a constant's value is told as the integer that it is alone
    let args = c.input.generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(p) => {
            let name = &p.ident;
            Some(quote!(<#name as __shape::EventShape>::SHAPE))
        }
        GenericParam::Const(p) => {
            let name = &p.ident;
            Some(quote!(__shape::Ref::new(&__shape::Shape::Int(#name as i128, #name as i128))))
        }
        GenericParam::Lifetime(_) => None,
    });
    quote!(__shape::Type { name: #name, id: #id, args: &[#(#args),*] })
}

fn body(cx: &Context, c: &Container<'_>, me: Owner<'_>) -> Option<Made> {
    if let (Some(text), _) | (None, Some(text)) = (&c.serde.into, &c.serde.from) {
        let value = |key: &Option<syn::LitStr>| key.as_ref().map(syn::LitStr::value);
        if value(&c.serde.into) != value(&c.serde.from) {
            cx.error(text.span(), "it is written as one type and read as another: use the same type in `into` and in `from` or `try_from`");
            return None;
        }
        let ty: syn::Type = match text.parse() {
            Ok(ty) => ty,
            Err(error) => {
                cx.push(error);
                return None;
            }
        };
        return Some(Made::Other(quote!(<#ty as __shape::EventShape>::SHAPE)));
    }
    let closed = c.serde.deny_unknown_fields.is_some();
    Some(match &c.data {
        Data::Nothing => return None,
        Data::Unit => Made::Own(quote!(__shape::Shape::Null)),
        Data::Newtype(field) if c.serde.transparent => Made::Other(of_field(field, me)),
        Data::Named(fields) | Data::Tuple(fields) if c.serde.transparent => {
            Made::Other(of_field(fields.iter().find(|f| f.is_seen_through())?, me))
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
                let (name, id) = (c.input.ident.unraw().to_string(), id(&c.input.ident));
                quote!(__shape::Shape::open(#name, #id, #fields))
            })
        }
        Data::Tuple(fields) => {
            let places = fields.iter().filter(|f| !f.skipped).map(|f| of_field(f, me));
            Made::Own(quote!(__shape::Shape::Tuple(&[#(#places),*])))
        }
        Data::Enum(variants) => Made::Own(enumeration(c, variants, me)),
    })
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
        if a_last == b_last { a.wire < b.wire } else { b_last }
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
