//! Where an error points. rustc takes the span of an expression from its first and last token, and falls
//! back to the derive's own as soon as a token between them comes from the macro.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

/// What a type is, without the invisible group in which `macro_rules!` hands it on (its span is in that
/// macro) and without parentheses.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(g) => peel(&g.elem),
        Type::Paren(p) => peel(&p.elem),
        ty => ty,
    }
}

/// `callee(args)` that spans exactly `at`: the callee has the first token's span, the arguments' group
/// the last one's.
pub(crate) fn call(callee: TokenStream, args: TokenStream, at: &impl ToTokens) -> TokenStream {
    let (first, last) = ends(at);
    let mut group = Group::new(Delimiter::Parenthesis, args);
    group.set_span(last);
    let mut out = at_span(callee, first);
    out.extend([TokenTree::Group(group)]);
    out
}

/// The tokens, all with this span.
pub(crate) fn at_span(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                let mut inner = Group::new(group.delimiter(), at_span(group.stream(), span));
                inner.set_span(span);
                return TokenTree::Group(inner);
            }
            token.set_span(span);
            token
        })
        .collect()
}

/// The spans of the first and the last token.
pub(crate) fn ends(at: &impl ToTokens) -> (Span, Span) {
    let mut tokens = at.to_token_stream().into_iter();
    let first = tokens.next().map_or_else(Span::call_site, |t| t.span());
    let last = tokens.last().map_or(first, |t| t.span());
    (first, last)
}

/// `()` with this span, as the type that an error points at.
pub(crate) fn mark(span: Span) -> TokenStream {
    let mut group = Group::new(Delimiter::Parenthesis, TokenStream::new());
    group.set_span(span);
    TokenTree::Group(group).into()
}
