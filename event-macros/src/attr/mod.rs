//! Attributes as values. In `event`, which is ours, every unknown key is an error. Of `serde`, only the
//! keys that affect the wire format are read, because serde checks the rest.

pub(crate) mod case;
mod event;
mod keys;
mod serde;

pub(crate) use event::{As, EventAttrs, EventFieldAttrs, Way};
pub(crate) use serde::{Names, SerdeContainer, SerdeField, SerdeVariant, prefix};

use proc_macro2::TokenStream;
use syn::meta::ParseNestedMeta;
use syn::{LitStr, Token};

/// `key = "text"`.
fn text(meta: &ParseNestedMeta<'_>) -> syn::Result<LitStr> {
    let value = meta.value()?;
    if value.peek(LitStr) {
        return value.parse();
    }
    let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
    let found = value.parse::<proc_macro2::TokenTree>()?;
    let example = match key.as_str() {
        "version" => format!("`version = \"{found}\"`"),
        _ => format!("`{key} = \"..\"`"),
    };
    Err(syn::Error::new(found.span(), format_args!("expected a string literal: {example}")))
}

/// The suggestion at the end of a message about an unknown key.
fn did_you_mean(key: &str, known: &[&str]) -> String {
    let near = known.iter().min_by_key(|k| event_shape::near::distance(k, key));
    if let Some(near) = near.filter(|k| event_shape::near::is_near(k, key)) {
        format!("unknown key `{key}`: did you mean `{near}`?")
    } else {
        let list: Vec<String> = known.iter().map(|k| format!("`{k}`")).collect();
        format!("unknown key `{key}`: expected one of {}", list.join(", "))
    }
}

/// Skips what follows a key: `= expr`, `(..)` or nothing.
pub(crate) fn ignore(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(Token![=]) {
        tokens(meta)?;
    } else if meta.input.peek(syn::token::Paren) {
        let inner;
        syn::parenthesized!(inner in meta.input);
        let _: TokenStream = inner.parse()?;
    }
    Ok(())
}

/// `key = tokens`, up to the next comma outside of brackets.
fn tokens(meta: &ParseNestedMeta<'_>) -> syn::Result<TokenStream> {
    let input = meta.value()?;
    let mut out = TokenStream::new();
    // `a::<B, C>(d)`: a comma inside a turbofish does not end the value
    let mut turbofish = 0usize;
    while !input.is_empty() && (turbofish > 0 || !input.peek(Token![,])) {
        if input.peek(Token![::]) && input.peek3(Token![<]) {
            turbofish += 1;
            out.extend(input.parse::<Token![::]>().map(quote::ToTokens::into_token_stream)?);
            out.extend(input.parse::<Token![<]>().map(quote::ToTokens::into_token_stream)?);
            continue;
        }
        if turbofish > 0 && input.peek(Token![<]) {
            turbofish += 1;
        } else if turbofish > 0 && input.peek(Token![>]) {
            turbofish -= 1;
        }
        out.extend([input.parse::<proc_macro2::TokenTree>()?]);
    }
    if out.is_empty() {
        return Err(input.error("expected an expression"));
    }
    Ok(out)
}
