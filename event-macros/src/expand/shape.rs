//! `impl EventData`: the type's wire shape as static data.

use proc_macro2::{Delimiter, Group, Literal, Punct, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote, quote_spanned};
use syn::GenericParam;
use syn::ext::IdentExt;

use super::back::{self, Owner};
use super::proofs;
use crate::ast::{Body, Container, Field, Variant, Written, sorted};
use crate::check::Made;
use crate::order;

/// The impl. If the shape is unknown, the reason has been recorded and the shape agrees with everything.
pub(crate) fn implement(c: &Container<'_>, made: &Made<'_>) -> TokenStream {
    let me = Owner { ident: &c.input.ident, generic: !c.input.generics.params.is_empty() };
    if let Made::Unknown = made {
        return finish(c, &quote!(__shape::Shape::Unknown), true, &TokenStream::new());
    }
    let (shape, own) = value(c, made, me);
    let mut out = finish(c, &shape, own, &proofs::statements(c));
    out.extend(proofs::checks(c, made, me));
    out
}

/// The shape, and whether the type owns it instead of using another type's edge.
fn value(c: &Container<'_>, made: &Made<'_>, me: Owner<'_>) -> (TokenStream, bool) {
    let closed = c.serde.deny_unknown_fields.is_some();
    let shape = match made {
        Made::Unknown => quote!(__shape::Shape::Unknown),
        Made::Converted(types) => {
            let (written, read, compare) = &**types;
            let shape = quote!(<#written as __shape::EventData>::SHAPE);
            if !compare {
                return (shape, false);
            }
            let read = quote!(<#read as __shape::EventData>::SHAPE);
            return (quote!(__shape::check::written_and_read(#shape, #read)), false);
        }
        Made::SeenThrough(field) => return (of_field(field, me), false),
        Made::Null => quote!(__shape::Shape::Null),
        Made::Newtype(field) => {
            let inner = of_field(field, me);
            quote!(__shape::Shape::Newtype(#inner))
        }
        Made::Object(fields) => {
            let fields = list(fields, me);
            if closed || me.generic {
                let ty = type_of(c);
                quote!(__shape::Shape::Object(__shape::Object { ty: #ty, closed: #closed, fields: #fields }))
            } else {
                let (name, id, docs) = (c.input.ident.unraw().to_string(), id(c), &c.docs);
                if docs.is_empty() {
                    quote!(__shape::Shape::open(#name, #id, #fields))
                } else {
                    quote!(__shape::Shape::documented(#name, #id, #docs, #fields))
                }
            }
        }
        Made::Tuple(fields) => tuple(fields, me),
        Made::Enum(variants) => enumeration(c, variants, me),
        Made::Numbers(variants) => {
            let ident = &c.input.ident;
            let mut values = TokenStream::new();
            for v in *variants {
                let variant = v.ident;
                values.extend(
                    quote!(__shape::Scalar::Int(#ident::#variant as ::core::primitive::i128),),
                );
            }
            quote!(__shape::Shape::Values(&[#values]))
        }
    };
    (shape, true)
}

/// The positions that are written.
fn tuple(fields: &[Field<'_>], me: Owner<'_>) -> TokenStream {
    let mut places = TokenStream::new();
    for field in fields {
        if !field.skipped {
            let shape = of_field(field, me);
            places.extend(quote!(#shape,));
        }
    }
    quote!(__shape::Shape::Tuple(&[#places]))
}

fn finish(c: &Container<'_>, shape: &TokenStream, own: bool, proofs: &TokenStream) -> TokenStream {
    let ident = &c.input.ident;
    let mut generics = c.input.generics.clone();
    for param in generics.type_params_mut() {
        param.bounds.push(syn::parse_quote!(__shape::EventData));
    }
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let generic = !c.input.generics.params.is_empty();
    let value = match (own, generic) {
        (false, _) if proofs.is_empty() => shape.clone(),
        (false, _) => quote!({ #proofs #shape }),
        (true, true) => quote!({ #proofs __shape::Ref::new(&#shape) }),
        (true, false) => quote!({
            static __SHAPE: __shape::Shape = #shape;
            #proofs
            __shape::Ref::new(&__SHAPE)
        }),
    };
    let back = generic.then(|| {
        let id = id(c);
        quote! {
            struct __Back;
            impl __shape::EventData for __Back {
                const SHAPE: __shape::Ref = __shape::Ref::new(&__shape::Shape::Back(#id));
            }
        }
    });
    // Header and braces have the struct's span: rustc shows the struct where it lists the types with a
    // shape.
    let span = ident.span();
    let header =
        quote_spanned!(span=> impl #impl_generics __shape::EventData for #ident #ty_generics);
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
    // without this, a constant's value would be shown as its integer
    let mut args = TokenStream::new();
    for param in &c.input.generics.params {
        match param {
            GenericParam::Type(p) => {
                let name = &p.ident;
                args.extend(quote!(<#name as __shape::EventData>::SHAPE,));
            }
            GenericParam::Const(p) => {
                let name = &p.ident;
                args.extend(quote!(__shape::Ref::new(&__shape::Shape::Int(#name as ::core::primitive::i128, #name as ::core::primitive::i128)),));
            }
            GenericParam::Lifetime(_) => {}
        }
    }
    quote!(__shape::Type { name: #name, id: #id, docs: #docs, args: &[#args] })
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
    let (mut known, mut catch_all): (Vec<&Variant<'_>>, Option<&Variant<'_>>) = (Vec::new(), None);
    for v in all {
        if v.skipped {
        } else if !v.catch_all {
            known.push(v);
        } else if catch_all.is_none() {
            catch_all = Some(v);
        }
    }
    let open = catch_all.is_some();
    let writes_unknown = catch_all.is_some_and(|v| !v.unwritten);
    let unknown = if let Some(Body::One(field)) = catch_all.map(|v| &v.body) {
        let shape = of_field(field, me);
        quote!(::core::option::Option::Some(#shape))
    } else {
        quote!(::core::option::Option::None)
    };
    if !untagged {
        order::sort(&mut known, |a, b| a.wire < b.wire);
    }
    let mut variants = TokenStream::new();
    for v in known {
        let name = if untagged { "" } else { v.wire.as_str() };
        let body = match &v.body {
            Body::Unit => quote!(Unit),
            Body::One(field) if field.skipped => quote!(Unit),
            Body::One(field) => {
                let shape = of_field(field, me);
                quote!(One(#shape))
            }
            Body::Tuple(fields) => {
                let shape = tuple(fields, me);
                quote!(One(__shape::Ref::new(&#shape)))
            }
            Body::Named(fields) => {
                let fields = list(fields, me);
                quote!(Fields(#fields))
            }
        };
        variants.extend(quote!(__shape::Variant { name: #name, body: __shape::Body::#body },));
    }
    quote!(__shape::Shape::Enum(__shape::Enum {
        ty: #ty, tag: __shape::Tag::#tag, closed: #closed, open: #open, writes_unknown: #writes_unknown,
        unknown: #unknown,
        variants: &[#variants],
    }))
}

fn list(fields: &[Field<'_>], me: Owner<'_>) -> TokenStream {
    let fields = sorted(fields);
    let (mut names, mut flags) = (TokenStream::new(), Vec::new());
    for field in &fields {
        names.append(Literal::string(&field.wire));
        names.append(Punct::new(',', Spacing::Alone));
        flags.push(field.flags);
    }
    let flags = Literal::byte_string(&flags);
    // pushed one after the other: separate token streams would cost more than all of their tokens
    let rest: Vec<TokenTree> = quote!(as __shape::EventData>::SHAPE,).into_iter().collect();
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
    quote!(&__shape::Field::list([#names], #flags, [#shapes]))
}

/// The shape of a field's type.
pub(crate) fn of_field(field: &Field<'_>, me: Owner<'_>) -> TokenStream {
    let of_type = |ty: &syn::Type| {
        let ty = back::named(ty.to_token_stream(), me);
        quote!(<#ty as __shape::EventData>::SHAPE)
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
