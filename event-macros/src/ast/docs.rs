//! Doc comments, which become descriptions in a schema that is written from code.

use super::Data;

/// The doc comments of the type and of its fields or variants.
pub(super) fn docs(attrs: &[syn::Attribute], data: &Data<'_>) -> String {
    let mut out = doc(attrs);
    let mut add = |name: &str, doc: &str| {
        if !doc.is_empty() {
            out.extend(["\0", name, "\u{1}", doc]);
        }
    };
    match data {
        Data::Named(fields) => fields.iter().for_each(|f| add(&f.wire, &f.doc)),
        Data::Enum(variants) => variants.iter().for_each(|v| add(&v.wire, &v.doc)),
        _ => {}
    }
    out
}

/// The text of a doc comment.
pub(super) fn doc(attrs: &[syn::Attribute]) -> String {
    let mut out = String::new();
    for attr in attrs {
        if let syn::Meta::NameValue(meta) = &attr.meta
            && meta.path.is_ident("doc")
            && let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(line), .. }) = &meta.value
        {
            if !out.is_empty() {
                out.push('\n');
            }
            let line = line.value();
            out.push_str(line.strip_prefix(' ').unwrap_or(&line).trim_end());
        }
    }
    out.trim().replace(['\0', '\u{1}'], "")
}
