//! The lock, and the questions for const evaluation.

use event_shape::Field as Flag;
use event_shape::baseline::{self, Object, Ty, Version};
use proc_macro2::{Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::quote;

use super::back::Owner;
use super::{breaks, shape};
use crate::ast::{Container, Data, Field};
use crate::check::{Asks, Declared, Held, Judge, Says};
use crate::spans;

/// `__LOCKED`, the breaks, and a constant for each field that only types can judge.
pub(super) fn checks(c: &Container<'_>, declared: &Declared<'_>, held: &Held<'_>) -> TokenStream {
    let me = Owner { ident: &c.input.ident, generic: false };
    let mut questions = TokenStream::new();
    for question in &held.questions {
        let (callee, args) = asked(&question.asks, me);
        let callee: Vec<TokenTree> = callee.into_iter().collect();
        let call: TokenStream = spans::call(&callee, args, question.at).collect();
        let name = Ident::new(&question.name, question.at.0);
        let guard = question.only_if.map(|judge| {
            let holds = judged(judge, me);
            quote!(if #holds)
        });
        questions.extend(quote!(const #name: () = #guard { #call };));
    }
    // A constant costs rustc more than its contents, and a struct more than a string: if nothing else needs
    // the lock, it is text.
    let mut shared = !questions.is_empty();
    let mut out = TokenStream::new();
    let mut broken = TokenStream::new();
    for b in &held.breaks {
        shared |= b.judge.is_some();
        broken.extend(breaks::emit(b, declared, me));
    }
    if shared {
        let lock = lock(declared, held);
        out.extend(quote!(const __LOCKED: &__shape::Locked<'static> = #lock;));
    }
    out.extend(flat(c, held, me));
    out.extend(broken);
    if !held.plain.is_empty() {
        out.extend(plain(c, declared, held, shared));
    }
    out.extend(questions);
    out
}

/// One constant for all fields whose types have a number.
fn plain(c: &Container<'_>, declared: &Declared<'_>, held: &Held<'_>, shared: bool) -> TokenStream {
    let against = held.against;
    let name = format!("fields_are_as_in_{}_{}", against.major, against.minor);
    let (name, ident) = (Ident::new(&name, Span::call_site()), &c.input.ident);
    let callee: Vec<TokenTree> = quote!(__shape::check::field).into_iter().collect();
    let mut calls: Vec<TokenTree> = Vec::new();
    for (index, at) in &held.plain {
        let index = Literal::usize_unsuffixed(*index);
        calls.extend(spans::call(&callee, quote!(__of, #index), *at));
        calls.push(TokenTree::Punct(Punct::new(';', Spacing::Alone)));
    }
    // with other arguments, a name may be another type
    let callee: Vec<TokenTree> = quote!(__shape::check::rest).into_iter().collect();
    calls.extend(spans::call(&callee, quote!(__of), (ident.span(), ident.span())));
    let calls: TokenStream = calls.into_iter().collect();
    let (made, lock) = if shared {
        (quote!(of), quote!(__LOCKED))
    } else {
        let text = lock_text(declared, held);
        (quote!(new), quote!(#text))
    };
    let mut codes = Vec::new();
    for code in &held.codes {
        codes.extend(code.to_le_bytes());
    }
    let codes = Literal::byte_string(&codes);
    quote! {
        const #name: () = {
            let __of = __shape::check::Fields::#made(#lock, <#ident as __shape::EventData>::SHAPE, #codes);
            if __of.differ() { #calls }
        };
    }
}

/// The function for a question, and its arguments.
fn asked(asks: &Asks<'_>, me: Owner<'_>) -> (TokenStream, TokenStream) {
    match asks {
        Asks::Part(field, at, place) => {
            let (shape, flags) = (shape::of_field(field, me), field.flags);
            (quote!(__shape::check::part), quote!(__LOCKED, #shape, #flags, #at, #place))
        }
        Asks::FlattenedField(at) => {
            (quote!(__shape::check::flattened_field), quote!(__LOCKED, &__FLAT, #at))
        }
        Asks::FlattenedExtras(i, own) => {
            (quote!(__shape::check::flattened_extras), quote!(__LOCKED, &__FLAT, #i, &[#(#own),*]))
        }
        Asks::Added(field) => {
            let (name, shape, flags) = (&field.wire, shape::of_field(field, me), field.flags);
            (quote!(__shape::check::added), quote!(__LOCKED, #name, #shape, #flags))
        }
    }
}

/// A question about types, as a constant expression.
pub(super) fn judged(judge: Judge<'_>, me: Owner<'_>) -> TokenStream {
    let (shape, flags) = (shape::of_field(judge.field, me), judge.field.flags);
    match judge.says {
        Says::NeverNull => quote!(__shape::check::never_null(#shape)),
        Says::ReadsAbsent => quote!(__shape::check::reads_absent(#shape, #flags)),
        Says::ReadsNull => quote!(__shape::check::reads_null(#shape)),
        Says::Holds(at) => quote!(__shape::check::holds(__LOCKED, #shape, #flags, #at)),
    }
}

/// The lock in the form that the checks read.
fn lock(declared: &Declared<'_>, held: &Held<'_>) -> TokenStream {
    let Version { major, minor, file, locked, .. } = held.against;
    let (event, version) = (declared.ty.value(), format!("{}.{}", declared.major, declared.minor));
    let against = format!("{major}.{minor}");
    let (exact, generated, root) = (held.exact, declared.generated, &held.root);
    let reached = reached(held.against);
    let mut definitions = TokenStream::new();
    for (d, reached) in held.against.defs.iter().zip(reached) {
        let text = if reached { d.ty.to_text() } else { String::new() };
        let (name, line) = (&d.rust, d.line);
        definitions.extend(quote!(__shape::Definition { name: #name, line: #line, text: #text },));
    }
    quote! {
        &__shape::Locked {
            event: #event, version: #version, against: #against, file: #file, locked: #locked,
            exact: #exact, generated: #generated, root: #root, definitions: &[#definitions],
        }
    }
}

/// The lock as text.
fn lock_text(declared: &Declared<'_>, held: &Held<'_>) -> String {
    let Version { major, minor, file, locked, .. } = held.against;
    let names = [
        &declared.ty.value(),
        &format!("{}.{}", declared.major, declared.minor),
        &format!("{major}.{minor}"),
        file.as_str(),
    ];
    baseline::lock_text(names, [*locked, held.exact, declared.generated], &held.root)
}

/// Whether the root reaches each definition: only those are written into the user's crate.
fn reached(version: &Version) -> Vec<bool> {
    fn ty(t: &Ty, version: &Version, out: &mut [bool]) {
        match t {
            Ty::Nullable(t) | Ty::Array(t) | Ty::Map(t) => ty(t, version, out),
            Ty::Tuple(ts) => {
                for t in ts {
                    ty(t, version, out);
                }
            }
            Ty::Object(o) => object(o, version, out),
            Ty::Enum(e) => {
                for v in &e.variants {
                    if let Some(t) = &v.ty {
                        ty(t, version, out);
                    }
                }
            }
            Ty::Ref(i) => {
                if let Some(seen @ false) = out.get_mut(*i as usize) {
                    *seen = true;
                    ty(&version.defs[*i as usize].ty, version, out);
                }
            }
            Ty::Any
            | Ty::Null
            | Ty::Bool
            | Ty::Int(..)
            | Ty::Num(_)
            | Ty::Str(_)
            | Ty::Values(_)
            | Ty::Opaque(_) => {}
        }
    }
    fn object(o: &Object, version: &Version, out: &mut [bool]) {
        if let Some(t) = &o.rest {
            ty(t, version, out);
        }
        for f in &o.fields {
            ty(&f.ty, version, out);
        }
    }
    let mut out = vec![false; version.defs.len()];
    object(&version.root, version, &mut out);
    out
}

/// The flattened fields, if any.
fn flat(c: &Container<'_>, held: &Held<'_>, me: Owner<'_>) -> Option<TokenStream> {
    let Data::Named(fields) = &c.data else { return None };
    let mut flat = Vec::new();
    for field in fields {
        if !field.skipped && field.has(Flag::FLATTEN) {
            flat.push(entry(field, me));
        }
    }
    let n = flat.len();
    (n > 0 && !held.questions.is_empty())
        .then(|| quote!(static __FLAT: [__shape::Field; #n] = [#(#flat),*];))
}

/// A field of an object's shape.
fn entry(field: &Field<'_>, me: Owner<'_>) -> TokenStream {
    let (name, flags, shape) = (&field.wire, field.flags, shape::of_field(field, me));
    quote!(__shape::Field { name: #name, flags: #flags, shape: #shape })
}
