//! The places of errors. rustc takes the span of an expression from its first and last token, and falls
//! back to the derive's own span if a token between them comes from the macro.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{PathArguments, Type, TypePath};

/// A type without the invisible group that `macro_rules!` adds (whose span is in that macro) and without
/// parentheses.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(g) => peel(&g.elem),
        Type::Paren(p) => peel(&p.elem),
        ty => ty,
    }
}

/// `callee(args)` with a span from the first to the last: the callee has the span of the first, the group
/// of arguments that of the last.
pub(crate) fn call(
    callee: &[TokenTree],
    args: TokenStream,
    (first, last): (Span, Span),
) -> impl Iterator<Item = TokenTree> {
    let mut group = Group::new(Delimiter::Parenthesis, args);
    group.set_span(last);
    let callee = callee.iter().cloned().map(move |mut token| {
        token.set_span(first);
        token
    });
    callee.chain([TokenTree::Group(group)])
}

/// The spans of the first and the last token.
pub(crate) fn ends(at: &impl ToTokens) -> (Span, Span) {
    let mut tokens = at.to_token_stream().into_iter();
    let first = tokens.next().map_or_else(Span::call_site, |t| t.span());
    let last = tokens.last().map_or(first, |t| t.span());
    (first, last)
}

/// Same as [`ends`], without visiting all tokens of the most common type: a path.
pub(crate) fn ends_of_type(ty: &Type) -> (Span, Span) {
    if let Type::Path(TypePath { qself: None, path, .. }) = ty
        && let (None, Some(first), Some(last)) =
            (path.leading_colon, path.segments.first(), path.segments.last())
    {
        let end = match &last.arguments {
            PathArguments::None => last.ident.span(),
            PathArguments::AngleBracketed(args) => args.gt_token.span,
            PathArguments::Parenthesized(_) => return ends(ty),
        };
        return (first.ident.span(), end);
    }
    ends(ty)
}

/// `()` with this span, as the type that an error points at.
pub(crate) fn mark(span: Span) -> TokenStream {
    let mut group = Group::new(Delimiter::Parenthesis, TokenStream::new());
    group.set_span(span);
    TokenTree::Group(group).into()
}

/// Whether the token is a colon: a name after one may be that of another type.
pub(crate) fn is_colon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(p) if p.as_char() == ':')
}

/// Whether it opens `<..>`.
pub(crate) fn starts_arguments(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == '<')
}

/// Skips `<..>` and returns the texts of the arguments, without lifetimes.
pub(crate) fn arguments(
    tokens: &mut std::iter::Peekable<proc_macro2::token_stream::IntoIter>,
) -> Vec<String> {
    let mut depth = 0usize;
    let mut out = vec![String::new()];
    for token in tokens {
        if let TokenTree::Punct(p) = &token {
            match p.as_char() {
                '<' => {
                    depth += 1;
                    if depth == 1 {
                        continue;
                    }
                }
                '>' => depth = depth.saturating_sub(1),
                ',' if depth == 1 => {
                    out.push(String::new());
                    continue;
                }
                _ => {}
            }
        }
        if depth == 0 {
            break;
        }
        if let Some(last) = out.last_mut() {
            last.push_str(&token.to_string());
        }
    }
    out.retain(|argument| !argument.is_empty() && !argument.starts_with('\''));
    out
}
