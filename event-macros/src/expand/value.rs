//! A value in another major: what both directions share.

use event_shape::baseline::{self, Ty};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;

use crate::ast::{Body, Container, Field, Variant};
use crate::attr::Way;
use crate::{spans, words};

/// From where to where.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Direction {
    /// From this type to the one that it supersedes.
    Down,
    /// From the superseded type to this one.
    Up,
}

/// Where in a field a value is converted.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// The field itself.
    Field,
    /// Inside of an option here and there.
    Some,
    /// Inside of an option here; there it is required, and nothing has a default.
    Or,
    /// It is required here, and an option there.
    ToSome,
    /// In a list or a map.
    Item,
}

impl Direction {
    /// What the user's expressions call the value that is converted.
    pub(super) fn input(self) -> Ident {
        self.input_at(Span::call_site())
    }

    fn input_at(self, span: Span) -> Ident {
        match self {
            Direction::Down => Ident::new("new", span),
            Direction::Up => Ident::new("old", span),
        }
    }

    /// What the field says about this direction.
    fn way<'f>(self, field: &'f Field<'_>) -> &'f Way {
        match self {
            Direction::Down => &field.event.down,
            Direction::Up => &field.event.up,
        }
    }

    fn call(self, place: Place) -> TokenStream {
        match (self, place) {
            (Direction::Down, Place::Field) => quote!(__shape::Down::down),
            (Direction::Down, Place::Some) => quote!(__shape::DownSome::down),
            (Direction::Down, Place::Or) => quote!(__shape::DownOr::down),
            (Direction::Down, Place::ToSome) => quote!(__shape::DownToSome::down),
            (Direction::Down, Place::Item) => quote!(__shape::DownItem::down),
            (Direction::Up, Place::Field) => quote!(__shape::Up::up),
            (Direction::Up, Place::Some) => quote!(__shape::UpSome::up),
            (Direction::Up, Place::Or) => quote!(__shape::UpOr::up),
            (Direction::Up, Place::ToSome) => quote!(__shape::UpToSome::up),
            (Direction::Up, Place::Item) => quote!(__shape::UpItem::up),
        }
    }

    /// The impl of `From`, or of `TryFrom` where a field's function may refuse.
    pub(super) fn conversion(
        self,
        c: &Container<'_>,
        path: &syn::Path,
        body: &TokenStream,
        can_fail: bool,
    ) -> TokenStream {
        let name = &c.input.ident;
        let (impl_generics, ty_generics, where_clause) = c.input.generics.split_for_impl();
        let me = quote!(#name #ty_generics);
        let (from, to) = match self {
            Direction::Down => (me, quote!(#path)),
            Direction::Up => (quote!(#path), me),
        };
        // The name is the one that the user's expressions have. A constant of that name would be taken for a
        // pattern, and a function hides the constant and gives way to the variable.
        let input = self.input();
        let named = quote! {
            fn #input() {}
            let #input = __from;
        };
        if can_fail {
            return quote! {
                #[automatically_derived]
                impl #impl_generics ::core::convert::TryFrom<#from> for #to #where_clause {
                    type Error = __shape::Narrowing;
                    fn try_from(__from: #from) -> ::core::result::Result<Self, Self::Error> {
                        #named
                        ::core::result::Result::Ok(#body)
                    }
                }
            };
        }
        quote! {
            #[automatically_derived]
            impl #impl_generics ::core::convert::From<#from> for #to #where_clause {
                fn from(__from: #from) -> Self {
                    #named
                    #body
                }
            }
        }
    }

    /// An impl that is never run: the reason why there is no other has been shown.
    pub(super) fn fallback(self, c: &Container<'_>, path: &syn::Path) -> TokenStream {
        let input = self.input();
        let body = quote!({ let _ = #input; loop {} });
        self.conversion(c, path, &body, false)
    }

    /// Whether a field's function may refuse.
    pub(super) fn can_fail(self, fields: &[Field<'_>]) -> bool {
        fields.iter().any(|f| self.way(f).try_by.is_some())
    }

    /// The match that converts an enum, variant by variant.
    pub(super) fn variants(
        self,
        c: &Container<'_>,
        path: &syn::Path,
        variants: &[Variant<'_>],
    ) -> TokenStream {
        let me = c.input.ident.to_token_stream();
        let (from, to) = match self {
            Direction::Down => (me, path.to_token_stream()),
            Direction::Up => (path.to_token_stream(), me),
        };
        let each = |fields: &[Field<'_>], names: &[Ident]| -> Vec<TokenStream> {
            fields.iter().zip(names).map(|(f, n)| self.into(f, n.to_token_stream())).collect()
        };
        let place = |i: usize| ident(&format!("__place_{i}"), Span::call_site());
        let arms = variants.iter().map(|v| {
            let variant = v.ident;
            match &v.body {
                Body::Unit => quote!(#from::#variant => #to::#variant,),
                Body::One(field) => {
                    let value = self.into(field, quote!(__inner));
                    quote!(#from::#variant(__inner) => #to::#variant(#value),)
                }
                Body::Tuple(fields) => {
                    let names: Vec<_> = (0..fields.len()).map(place).collect();
                    let values = each(fields, &names);
                    quote!(#from::#variant(#(#names),*) => #to::#variant(#(#values),*),)
                }
                Body::Named(fields) => {
                    // a field's name as a pattern may be a constant of the user's
                    let fields_named: Vec<_> = fields.iter().filter_map(|f| f.ident).collect();
                    let names: Vec<_> = (0..fields.len()).map(place).collect();
                    let values = each(fields, &names);
                    quote!(#from::#variant { #(#fields_named: #names),* } => #to::#variant { #(#fields_named: #values),* },)
                }
            }
        });
        let input = self.input();
        quote!(match #input { #(#arms)* })
    }

    /// `value`, that of the field or of the `older` one, converted for the other; options are converted
    /// inside. `None`: it may be nothing, the other may not, and no default is given.
    pub(super) fn option_aware(
        self,
        field: &Field<'_>,
        older: &baseline::Field,
        defs: &[baseline::Def],
        value: TokenStream,
    ) -> Option<TokenStream> {
        let (own, old) = (words::option_of(field.ty), unwrapped(&older.ty));
        let ty = own.unwrap_or(field.ty);
        let inside = named_at("__some", field);
        let (own, older_is) =
            (own.is_some(), older.optional || matches!(older.ty, Ty::Nullable(_)));
        let (from, to) = match self {
            Direction::Down => (own, older_is),
            Direction::Up => (older_is, own),
        };
        Some(match (from, to) {
            (true, false) => {
                let default = self.way(field).default.as_ref()?;
                let some = self.convert(ty, old, defs, quote!(#inside), field, Place::Or);
                on_option(&inside, &value, &some, default)
            }
            (true, true) => {
                let some = self.convert(ty, old, defs, quote!(#inside), field, Place::Some);
                let some = quote!(::core::option::Option::Some(#some));
                on_option(&inside, &value, &some, &quote!(::core::option::Option::None))
            }
            (false, true) if is_nominal(&older.ty, defs) => {
                let some = self.convert(ty, old, defs, value, field, Place::ToSome);
                quote!(::core::option::Option::Some(#some))
            }
            (false, _) => self.convert(field.ty, &older.ty, defs, value, field, Place::Field),
        })
    }

    /// `value` converted for the field, whose own type is `ty` in the newer struct and `old` in the older
    /// schema; collections of types with a name of their own element by element.
    fn convert(
        self,
        ty: &syn::Type,
        old: &Ty,
        defs: &[baseline::Def],
        value: TokenStream,
        field: &Field<'_>,
        place: Place,
    ) -> TokenStream {
        match old {
            Ty::Array(inner) if is_nominal(inner, defs) => {
                if let Some(item) = words::argument(ty, &["Vec", "VecDeque"]) {
                    let at = named_at("__item", field);
                    let item = self.convert(item, inner, defs, quote!(#at), field, Place::Item);
                    return quote!(::core::iter::Iterator::collect(::core::iter::Iterator::map(
                        ::core::iter::IntoIterator::into_iter(#value), |#at| #item)));
                }
            }
            Ty::Map(inner) if is_nominal(inner, defs) => {
                if let Some(item) = words::argument(ty, &["BTreeMap"]) {
                    let at = named_at("__item", field);
                    let item = self.convert(item, inner, defs, quote!(#at), field, Place::Item);
                    return quote!(::core::iter::Iterator::collect(::core::iter::Iterator::map(
                        ::core::iter::IntoIterator::into_iter(#value), |(__key, #at)| (__key, #item))));
                }
            }
            _ => {}
        }
        self.into_at(field, value, place)
    }

    /// `Down::down(value)`, named at the field's type: what cannot be converted is an error there.
    pub(super) fn into(self, field: &Field<'_>, value: TokenStream) -> TokenStream {
        self.into_at(field, value, Place::Field)
    }

    /// The same in a place, which decides what function an error asks for.
    pub(super) fn into_at(
        self,
        field: &Field<'_>,
        value: TokenStream,
        place: Place,
    ) -> TokenStream {
        let callee: Vec<_> = self.call(place).into_iter().collect();
        spans::call(&callee, value, spans::ends_of_type(field.ty)).collect()
    }

    /// The value by a function of the field's, where it names one. `input` is the name of the field that
    /// the value comes from.
    pub(super) fn by_function(self, field: &Field<'_>, input: &Ident) -> Option<TokenStream> {
        let way = self.way(field);
        let function = way.function()?;
        let span = super::event::path_span(function);
        let (value, name) = (self.input_at(span), ident(&input.to_string(), span));
        let call = quote_spanned!(span=> #function(#value.#name));
        if way.by.is_some() {
            return Some(call);
        }
        let text = input.unraw().to_string();
        Some(quote! {
            match #call {
                ::core::result::Result::Ok(__value) => __value,
                ::core::result::Result::Err(__reason) => {
                    return ::core::result::Result::Err(__shape::Narrowing::new(#text, __reason))
                }
            }
        })
    }

    /// The field of the input by this name, with the span of the field's type.
    pub(super) fn member(self, field: &Field<'_>, name: &str) -> TokenStream {
        let (first, _) = spans::ends_of_type(field.ty);
        let (value, name) = (self.input_at(first), ident(name, first));
        quote_spanned!(first=> #value.#name)
    }
}

/// A variable of the derive's, which an error about it shows at the field's type.
pub(super) fn named_at(name: &str, field: &Field<'_>) -> Ident {
    Ident::new(name, spans::ends_of_type(field.ty).0)
}

/// `{ Some(inside) => Some(value), None => None }`, or with what stands for nothing.
pub(super) fn on_option(
    inside: &Ident,
    value: &TokenStream,
    some: &TokenStream,
    none: &TokenStream,
) -> TokenStream {
    quote! {
        match #value {
            ::core::option::Option::Some(#inside) => #some,
            ::core::option::Option::None => #none,
        }
    }
}

/// The schema's type without its `null`.
fn unwrapped(ty: &Ty) -> &Ty {
    match ty {
        Ty::Nullable(inner) => inner,
        ty => ty,
    }
}

/// Whether a Rust type of its own stands for the schema's: the older major has another one.
fn is_nominal(ty: &Ty, defs: &[baseline::Def]) -> bool {
    match ty {
        Ty::Object(_) | Ty::Enum(_) => true,
        Ty::Ref(i) => {
            defs.get(*i as usize).is_some_and(|d| matches!(d.ty, Ty::Object(_) | Ty::Enum(_)))
        }
        Ty::Nullable(t) | Ty::Array(t) | Ty::Map(t) => is_nominal(t, defs),
        _ => false,
    }
}

pub(super) fn ident(name: &str, span: Span) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, span),
        None if syn::parse_str::<Ident>(name).is_ok() => Ident::new(name, span),
        None => Ident::new_raw(name, span),
    }
}
