//! `impl EventShape`: the type's wire shape as static data.

use event_shape::Field as Flag;
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::GenericParam;
use syn::ext::IdentExt;

use crate::ast::{Body, Container, Data, Field, Variant, Written};
use crate::context::Context;

/// The impl. Where the shape can't be told, the reason has been recorded and the shape agrees with all.
pub(crate) fn implement(cx: &Context, c: &Container<'_>) -> TokenStream {
    let generic = !c.input.generics.params.is_empty();
    for param in &c.input.generics.params {
        if let GenericParam::Const(p) = param {
            cx.error(p.ident.span(), "a type with a constant parameter has no event shape: its values would have to be told apart");
        }
    }
    let me = Owner { ident: &c.input.ident, generic };
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
    let params = c.input.generics.type_params().map(|p| &p.ident);
    quote!(__shape::Type { name: #name, id: #id, args: &[#(<#params as __shape::EventShape>::SHAPE),*] })
}

fn body(cx: &Context, c: &Container<'_>, me: Owner<'_>) -> Option<Made> {
    if let Some(span) = c.serde.remote {
        cx.error(span, "this struct stands for a type of another crate: say on the field how that is written, `#[event(as = ..)]`");
        return None;
    }
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
        Data::Newtype(field) => {
            let inner = of_field(field, me);
            Made::Own(quote!(__shape::Shape::Newtype(#inner)))
        }
        Data::Named(fields) if c.serde.transparent => {
            let field = fields.iter().find(|f| !f.skipped)?;
            Made::Other(of_field(field, me))
        }
        Data::Named(fields) => {
            if let Some(tag) = &c.serde.tag {
                cx.error(
                    tag.span(),
                    "a tag on a struct is a field that it doesn't have: make it one",
                );
                return None;
            }
            let (ty, fields) = (type_of(c), list(fields, me));
            Made::Own(
                quote!(__shape::Shape::Object(__shape::Object { ty: #ty, closed: #closed, fields: #fields })),
            )
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
        variants.sort_by(|a, b| a.wire.cmp(&b.wire));
    }
    let variants = variants.into_iter().map(|v| {
        let name = if untagged { "" } else { v.wire.as_str() };
        let body = match &v.body {
            Body::Unit => quote!(Unit),
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
    let fields = sorted(fields).into_iter().map(|f| entry(f, me));
    quote!(&[#(#fields),*])
}

/// Fields as a shape has them: sorted by wire name, the flattened ones last.
pub(crate) fn sorted<'f, 'a>(fields: &'f [Field<'a>]) -> Vec<&'f Field<'a>> {
    let mut fields: Vec<_> = fields.iter().filter(|f| !f.skipped).collect();
    fields.sort_by(|a, b| (a.has(Flag::FLATTEN), &a.wire).cmp(&(b.has(Flag::FLATTEN), &b.wire)));
    fields
}

/// A field of an object's shape.
pub(crate) fn entry(field: &Field<'_>, me: Owner<'_>) -> TokenStream {
    let (name, flags, shape) = (&field.wire, field.flags, of_field(field, me));
    quote!(__shape::Field { name: #name, flags: #flags, shape: #shape })
}

/// The type whose field it is.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) ident: &'a Ident,
    /// Whether it has parameters. Such a type can't own a static, and so a marker names it where it holds
    /// itself.
    pub(crate) generic: bool,
}

/// The shape of a field's type.
pub(crate) fn of_field(field: &Field<'_>, me: Owner<'_>) -> TokenStream {
    let of_type = |ty: &syn::Type| {
        let ty = named(ty.to_token_stream(), me);
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

/// The tokens of a type without `Self`, which a static doesn't know; in a generic type with `__Back`
/// where it names itself.
fn named(tokens: TokenStream, me: Owner<'_>) -> TokenStream {
    let mut out = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if me.generic && (ident == *me.ident || ident == "Self") => {
                out.extend([TokenTree::Ident(Ident::new("__Back", ident.span()))]);
                if matches!(tokens.peek(), Some(TokenTree::Punct(p)) if p.as_char() == '<') {
                    skip_arguments(&mut tokens);
                }
            }
            TokenTree::Ident(ident) if ident == "Self" => {
                let mut name = me.ident.clone();
                name.set_span(ident.span());
                out.extend([TokenTree::Ident(name)]);
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), named(group.stream(), me));
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
            }
            token => out.extend([token]),
        }
    }
    out
}

/// Steps over `<..>`.
fn skip_arguments(tokens: &mut impl Iterator<Item = TokenTree>) {
    let mut depth = 0usize;
    for token in tokens {
        if let TokenTree::Punct(p) = &token {
            match p.as_char() {
                '<' => depth += 1,
                '>' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        if depth == 0 {
            return;
        }
    }
}
