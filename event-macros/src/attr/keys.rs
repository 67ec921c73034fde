//! The keys of a serde attribute by their tokens: `key`, `key = "text"` and `key(..)`. They are read for
//! every field of every event, and reading tokens costs a tenth of parsing expressions.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::LitStr;

/// A key and its value.
pub(super) struct Key {
    pub(super) name: String,
    pub(super) span: Span,
    value: Value,
}

enum Value {
    None,
    /// The tokens after `=`.
    Is(TokenTree),
    /// The tokens in parentheses.
    List(TokenStream),
}

/// A mistake that serde rejects too, and its span.
pub(super) struct Wrong {
    pub(super) span: Span,
    pub(super) text: &'static str,
}

/// Tokens without the invisible groups that `macro_rules!` adds.
fn flat(tokens: TokenStream, out: &mut Vec<TokenTree>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                flat(group.stream(), out);
            }
            token => out.push(token),
        }
    }
}

/// All keys of a list.
pub(super) fn keys(list: TokenStream) -> Result<Vec<Key>, Wrong> {
    let mut tokens = Vec::new();
    flat(list, &mut tokens);
    let mut tokens = tokens.into_iter();
    let mut out = Vec::new();
    while let Some(token) = tokens.next() {
        let TokenTree::Ident(name) = token else {
            return Err(Wrong { span: token.span(), text: "expected the name of a key" });
        };
        let mut key = Key { span: name.span(), name: name.to_string(), value: Value::None };
        let mut next = tokens.next();
        match next {
            Some(TokenTree::Punct(sign)) if sign.as_char() == '=' => {
                let Some(value) = tokens.next() else {
                    return Err(Wrong { span: sign.span(), text: "expected a value" });
                };
                key.value = Value::Is(value);
                next = tokens.next();
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                key.value = Value::List(group.stream());
                next = tokens.next();
            }
            _ => {}
        }
        match next {
            None => {}
            Some(TokenTree::Punct(sign)) if sign.as_char() == ',' => {}
            Some(token) => {
                return Err(Wrong { span: token.span(), text: "expected a comma" });
            }
        }
        out.push(key);
    }
    Ok(out)
}

impl Key {
    /// `key = "text"`.
    pub(super) fn text(&self) -> Result<LitStr, Wrong> {
        let Value::Is(TokenTree::Literal(literal)) = &self.value else {
            return Err(Wrong { span: self.span, text: "expected a string literal" });
        };
        match syn::Lit::new(literal.clone()) {
            syn::Lit::Str(text) => Ok(text),
            other => Err(Wrong { span: other.span(), text: "expected a string literal" }),
        }
    }

    /// `key = "a"`, or `key(serialize = "a", deserialize = "b")`: the flag is `true` for writing.
    pub(super) fn both(&self, set: &mut dyn FnMut(bool, LitStr)) -> Result<(), Wrong> {
        let Value::List(list) = &self.value else {
            let both = self.text()?;
            set(true, both.clone());
            set(false, both);
            return Ok(());
        };
        for key in keys(list.clone())? {
            match key.name.as_str() {
                "serialize" => set(true, key.text()?),
                "deserialize" => set(false, key.text()?),
                // serde reports it
                _ => {}
            }
        }
        Ok(())
    }
}
