//! Conversions: `From`, or `TryFrom` if one may fail.

use event_shape::baseline::{Def, Ty};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::ast::{self, Container, Field, Variant};
use crate::check::{Body, Conversion, Filled, Inside, Value, Way, ident, is_nominal, unwrapped};
use crate::{spans, words};

/// The impl of a conversion; `defs`: the definitions that the superseded version's types refer to.
pub(crate) fn conversion(c: &Container<'_>, to: &Conversion<'_>, defs: &[Def]) -> TokenStream {
    let writer = Writer { way: to.way, defs };
    let body = match &to.body {
        Body::Never => {
            let input = writer.input(Span::call_site());
            quote!({ let _ = #input; loop {} })
        }
        Body::Variants(variants) => writer.variants(c, to, variants),
        Body::Fields(filled) => {
            let fields = writer.fields(filled);
            match to.way {
                Way::Down => {
                    let path = to.path;
                    quote_spanned!(path.span()=> #path { #fields })
                }
                Way::Up => {
                    let name = &c.input.ident;
                    quote!(#name { #fields })
                }
            }
        }
    };
    implement(c, to, &writer, &body)
}

fn implement(
    c: &Container<'_>,
    conversion: &Conversion<'_>,
    writer: &Writer<'_>,
    body: &TokenStream,
) -> TokenStream {
    let (name, path) = (&c.input.ident, conversion.path);
    let (impl_generics, ty_generics, where_clause) = c.input.generics.split_for_impl();
    let me = quote!(#name #ty_generics);
    let (from, to) = match conversion.way {
        Way::Down => (me, quote!(#path)),
        Way::Up => (quote!(#path), me),
    };
    // The name is the one that the user's expressions use. A constant of that name would be taken for a
    // pattern, so a function hides the constant and is itself hidden by the variable.
    let input = writer.input(Span::call_site());
    let named = quote! {
        fn #input() {}
        let #input = __from;
    };
    let (of, items) = if conversion.can_fail {
        let items = quote! {
            type Error = __shape::Narrowing;
            fn try_from(__from: #from) -> ::core::result::Result<Self, Self::Error> {
                #named
                ::core::result::Result::Ok(#body)
            }
        };
        (quote!(TryFrom), items)
    } else {
        let items = quote! {
            fn from(__from: #from) -> Self {
                #named
                #body
            }
        };
        (quote!(From), items)
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics ::core::convert::#of<#from> for #to #where_clause { #items }
    }
}

/// What all values of a conversion need.
struct Writer<'w> {
    way: Way,
    defs: &'w [Def],
}

impl Writer<'_> {
    /// The name of the converted value in the user's expressions.
    fn input(&self, span: Span) -> Ident {
        match self.way {
            Way::Down => Ident::new("new", span),
            Way::Up => Ident::new("old", span),
        }
    }

    fn fields(&self, filled: &[Filled<'_>]) -> TokenStream {
        let mut out = TokenStream::new();
        for Filled { target, value } in filled {
            let value = match value {
                Value::Given(tokens) => (*tokens).clone(),
                Value::Empty => quote!(::core::default::Default::default()),
                Value::Function(field, name) => self.by_function(field, name),
                Value::Converted(field, name, inside, old) => {
                    self.converted(field, self.member(field, name), *inside, *old)
                }
            };
            out.extend(quote!(#target: #value,));
        }
        out
    }

    /// The value that the field's function returns. `input` is the name of the field that the value comes
    /// from.
    fn by_function(&self, field: &Field<'_>, input: &Ident) -> TokenStream {
        let way = self.way.of(field);
        let Some(function) = way.function() else { return TokenStream::new() };
        let span = function.span();
        let (value, name) = (self.input(span), ident(&input.to_string(), span));
        let call = quote_spanned!(span=> #function(#value.#name));
        if way.by.is_some() {
            return call;
        }
        let text = input.unraw().to_string();
        quote! {
            match #call {
                ::core::result::Result::Ok(__value) => __value,
                ::core::result::Result::Err(__reason) => {
                    return ::core::result::Result::Err(__shape::Narrowing::new(#text, __reason))
                }
            }
        }
    }

    /// The field of the input with this name, with the span of the field's type.
    fn member(&self, field: &Field<'_>, name: &str) -> TokenStream {
        let (first, _) = spans::ends_of_type(field.ty);
        let (value, name) = (self.input(first), ident(name, first));
        quote_spanned!(first=> #value.#name)
    }

    /// The value converted to the field's type, inside options too.
    fn converted(
        &self,
        field: &Field<'_>,
        value: TokenStream,
        inside: Option<Inside>,
        old: Option<&Ty>,
    ) -> TokenStream {
        let inner = words::option_of(field.ty).unwrap_or(field.ty);
        let some = named_at("__some", field);
        let none = quote!(::core::option::Option::None);
        let within = old.map(unwrapped);
        match inside {
            None => self.convert(field.ty, old, value, field, Trait::Plain),
            Some(Inside::ToSome) => {
                let some = self.convert(inner, within, value, field, Trait::ToSome);
                quote!(::core::option::Option::Some(#some))
            }
            Some(Inside::Both) => {
                let then = self.convert(inner, within, quote!(#some), field, Trait::Some);
                on_option(&some, &value, &quote!(::core::option::Option::Some(#then)), &none)
            }
            Some(Inside::Or) => {
                let then = self.convert(inner, within, quote!(#some), field, Trait::Or);
                let default = self.way.of(field).default.clone().unwrap_or(none);
                on_option(&some, &value, &then, &default)
            }
        }
    }

    /// `value` converted for the field, whose type is `ty` in the newer struct and `old` in the older
    /// schema. Collections of types with a name are converted element by element.
    fn convert(
        &self,
        ty: &syn::Type,
        old: Option<&Ty>,
        value: TokenStream,
        field: &Field<'_>,
        by: Trait,
    ) -> TokenStream {
        let (items, inner, keyed) = match old {
            Some(Ty::Array(inner)) => (words::argument(ty, &["Vec", "VecDeque"]), inner, false),
            Some(Ty::Map(inner)) => (words::argument(ty, &["BTreeMap"]), inner, true),
            _ => return self.call(field, value, by),
        };
        let Some(item) = items.filter(|_| is_nominal(inner, self.defs)) else {
            return self.call(field, value, by);
        };
        let at = named_at("__item", field);
        let item = self.convert(item, Some(&**inner), quote!(#at), field, Trait::Item);
        let each = if keyed { quote!(|(__key, #at)| (__key, #item)) } else { quote!(|#at| #item) };
        quote!(::core::iter::Iterator::collect(::core::iter::Iterator::map(
            ::core::iter::IntoIterator::into_iter(#value), #each)))
    }

    /// `Down::down(value)`, with the span of the field's type: a missing conversion is an error there.
    fn call(&self, field: &Field<'_>, value: TokenStream, by: Trait) -> TokenStream {
        let (prefix, method) = match self.way {
            Way::Down => ("Down", "down"),
            Way::Up => ("Up", "up"),
        };
        let name = Ident::new(&format!("{prefix}{}", by.suffix()), Span::call_site());
        let method = Ident::new(method, Span::call_site());
        let callee: Vec<TokenTree> = quote!(__shape::#name::#method).into_iter().collect();
        spans::call(&callee, value, spans::ends_of_type(field.ty)).collect()
    }

    /// The match that converts an enum, variant by variant.
    fn variants(
        &self,
        c: &Container<'_>,
        conversion: &Conversion<'_>,
        variants: &[Variant<'_>],
    ) -> TokenStream {
        let me = c.input.ident.to_token_stream();
        let path = conversion.path.to_token_stream();
        let (from, to) = match self.way {
            Way::Down => (me, path),
            Way::Up => (path, me),
        };
        let mut arms = TokenStream::new();
        for v in variants {
            let variant = v.ident;
            arms.extend(match &v.body {
                ast::Body::Unit => quote!(#from::#variant => #to::#variant,),
                ast::Body::One(field) => {
                    let value = self.call(field, quote!(__inner), Trait::Plain);
                    quote!(#from::#variant(__inner) => #to::#variant(#value),)
                }
                ast::Body::Tuple(fields) => {
                    let (names, values) = self.places(fields);
                    quote!(#from::#variant(#(#names),*) => #to::#variant(#(#values),*),)
                }
                ast::Body::Named(fields) => {
                    // the name of a field may be that of a constant when it is used as a pattern
                    let (names, values) = self.places(fields);
                    let mut own = Vec::new();
                    for field in fields {
                        own.extend(field.ident);
                    }
                    quote!(#from::#variant { #(#own: #names),* } => #to::#variant { #(#own: #values),* },)
                }
            });
        }
        let input = self.input(Span::call_site());
        quote!(match #input { #arms })
    }

    /// A variable for each field of a variant, and the converted value.
    fn places(&self, fields: &[Field<'_>]) -> (Vec<Ident>, Vec<TokenStream>) {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for (i, field) in fields.iter().enumerate() {
            let name = Ident::new(&format!("__place_{i}"), Span::call_site());
            values.push(self.call(field, name.to_token_stream(), Trait::Plain));
            names.push(name);
        }
        (names, values)
    }
}

/// The trait that converts a value, which decides the function that an error suggests.
#[derive(Clone, Copy)]
enum Trait {
    /// For a whole field.
    Plain,
    /// Inside of an option on both sides.
    Some,
    /// Inside of an option here; required in the other version.
    Or,
    /// Required here; an option in the other version.
    ToSome,
    /// In a list or a map.
    Item,
}

impl Trait {
    fn suffix(self) -> &'static str {
        match self {
            Trait::Plain => "",
            Trait::Some => "Some",
            Trait::Or => "Or",
            Trait::ToSome => "ToSome",
            Trait::Item => "Item",
        }
    }
}

/// A variable of the derive, whose errors point at the field's type.
fn named_at(name: &str, field: &Field<'_>) -> Ident {
    Ident::new(name, spans::ends_of_type(field.ty).0)
}

/// `match value { Some(inside) => some, None => none }`.
fn on_option(
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
