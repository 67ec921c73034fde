//! Rust names for the names of a schema.
//!
//! Text in, text out: casing with acronyms, characters that identifiers cannot have, keywords.
//! [`crate::plan`] decides conflicts between names.

mod signs;

use event_folder::words::words;

/// Whether the name would shadow one of the prelude: the types, variants and traits of the 2024 edition
/// (`std::prelude`).
pub(crate) fn hides_prelude(name: &str) -> bool {
    const PRELUDE: [&str; 43] = [
        "AsMut",
        "AsRef",
        "AsyncFn",
        "AsyncFnMut",
        "AsyncFnOnce",
        "Box",
        "Clone",
        "Copy",
        "Default",
        "DoubleEndedIterator",
        "Drop",
        "Eq",
        "Err",
        "ExactSizeIterator",
        "Extend",
        "Fn",
        "FnMut",
        "FnOnce",
        "From",
        "FromIterator",
        "Future",
        "Into",
        "IntoFuture",
        "IntoIterator",
        "Iterator",
        "None",
        "Ok",
        "Option",
        "Ord",
        "PartialEq",
        "PartialOrd",
        "Result",
        "Send",
        "Sized",
        "Some",
        "String",
        "Sync",
        "ToOwned",
        "ToString",
        "TryFrom",
        "TryInto",
        "Unpin",
        "Vec",
    ];
    PRELUDE.contains(&name)
}

/// A name for a type or a variant: `order.line-items` → `OrderLineItems`. It is never empty, never a
/// keyword, and always an identifier.
pub(crate) fn pascal(name: &str) -> String {
    let mut out = String::new();
    if name.strip_prefix('-').is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit())) {
        // `-1` and `1` are different numbers
        out.push_str("Minus");
    }
    for word in words(name) {
        let mut chars = word.chars();
        if let Some(first) = chars.next() {
            out.extend(first.to_uppercase());
            out.extend(chars.flat_map(char::to_lowercase));
        }
    }
    if out.is_empty() {
        return signs::spelled(name).map_or_else(|| "Empty".to_owned(), |words| pascal(&words));
    }
    let letters = !out.eq_ignore_ascii_case("t");
    let out = identifier(out, 'T');
    if out == "T" && letters {
        // no character of it is allowed in an identifier
        return pascal(&signs::points(name));
    }
    if out == "Self" { "Self_".to_owned() } else { out }
}

/// A name for a variant of a value: like [`pascal`], with words for the signs that distinguish it from
/// others.
pub(crate) fn value(value: &str) -> String {
    match signs::spelled(value) {
        Some(words) => pascal(&words),
        None => pascal(value),
    }
}

/// Words that are only identifiers with `r#`: the reserved words in lower case (the Rust reference,
/// "Keywords"), as syn knows them.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// `lineItems` → `line_items`; keywords become raw identifiers (`r#type`).
pub(crate) fn snake(name: &str) -> String {
    let mut parts = words(name);
    if parts.is_empty()
        && let Some(spelled) = signs::spelled(name)
    {
        parts = words(&spelled);
    }
    let parts: Vec<String> = parts.iter().map(|w| w.to_lowercase()).collect();
    let out = identifier(parts.join("_"), '_');
    match out.as_str() {
        // these cannot be raw identifiers
        "self" | "super" | "crate" => format!("{out}_"),
        "_" => "empty".to_owned(),
        _ if KEYWORDS.contains(&out.as_str()) => format!("r#{out}"),
        _ => out,
    }
}

fn identifier(mut name: String, prefix: char) -> String {
    name.retain(|c| c == '_' || (unicode_ident_continue(c) && !written_otherwise(c)));
    if !name.chars().next().is_some_and(|c| c == '_' || unicode_ident_start(c)) {
        name.insert(0, prefix);
    }
    name
}

/// A letter that is a variant of another one (a ligature, a full-width or mathematical letter): rustc warns
/// about identifiers whose NFKC form is another text, and a module cannot allow that
/// (`uncommon_codepoints`).
fn written_otherwise(c: char) -> bool {
    matches!(c,
        '\u{aa}' | '\u{b5}' | '\u{ba}' | '\u{132}'..='\u{133}' | '\u{13f}'..='\u{140}' | '\u{149}' | '\u{17f}'
        | '\u{1c4}'..='\u{1cc}' | '\u{1f1}'..='\u{1f3}' | '\u{2b0}'..='\u{2b8}' | '\u{2e0}'..='\u{2e4}'
        | '\u{3d0}'..='\u{3d6}' | '\u{3f0}'..='\u{3f5}' | '\u{1d2c}'..='\u{1d6a}' | '\u{1d78}'
        | '\u{1d9b}'..='\u{1dbf}' | '\u{2071}'..='\u{209c}' | '\u{2100}'..='\u{2188}'
        | '\u{2f00}'..='\u{2fdf}' | '\u{3131}'..='\u{318e}' | '\u{f900}'..='\u{faff}'
        | '\u{fb00}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{ff10}'..='\u{ffee}'
        | '\u{1d400}'..='\u{1d7ff}' | '\u{1ee00}'..='\u{1eeff}' | '\u{2f800}'..='\u{2fa1f}'
    )
}

// the characters of an identifier as rustc defines them (XID), through syn so that both agree
fn unicode_ident_start(c: char) -> bool {
    c.is_ascii_alphabetic()
        || (c.is_alphabetic() && syn::parse_str::<syn::Ident>(&format!("{c}a")).is_ok())
}

fn unicode_ident_continue(c: char) -> bool {
    c.is_ascii_alphanumeric() || syn::parse_str::<syn::Ident>(&format!("a{c}")).is_ok()
}

/// The name that serde's `rename_all = "camelCase"` makes of a field's Rust name.
pub(crate) fn serde_camel(field: &str) -> String {
    let mut out = String::new();
    let mut upper = false;
    for c in field.chars() {
        if c == '_' {
            upper = true;
        } else if upper {
            out.push(c.to_ascii_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
    }
    let mut chars = out.chars();
    chars.next().map(|c| c.to_ascii_lowercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// The name that serde's `rename_all = "kebab-case"` makes of a field's Rust name.
pub(crate) fn serde_kebab(field: &str) -> String {
    field.replace('_', "-")
}

/// The name that serde's `rename_all = "PascalCase"` makes of a field's Rust name.
pub(crate) fn serde_pascal(field: &str) -> String {
    let camel = serde_camel(field);
    let mut chars = camel.chars();
    chars.next().map(|c| c.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// The name that serde's `rename_all = "snake_case"` makes of a variant's Rust name.
pub(crate) fn serde_variant_snake(variant: &str) -> String {
    let mut out = String::new();
    for (i, c) in variant.char_indices() {
        if i > 0 && c.is_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The singular of an English plural, for the name of one element: `lineItems` → `lineItem`.
pub(crate) fn singular(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let keep = |n: usize| name.get(..name.len() - n).map(str::to_owned);
    if lower.ends_with("ss") || lower.ends_with("us") || lower.ends_with("is") || lower.len() < 4 {
        None
    } else if lower.ends_with("ies") {
        keep(3).map(|s| s + "y")
    } else if ["ches", "shes", "xes", "sses"].iter().any(|e| lower.ends_with(e)) {
        keep(2)
    } else if lower.ends_with('s') {
        keep(1)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acronyms_and_odd_names_become_identifiers() {
        let all = [
            "AWSAPICallViaCloudTrail",
            "EC2InstanceState",
            "proposal.published",
            "detail-type",
            "34.199.185.34",
            "2017-01-10T22:48:06.784937",
            "aws:s3:arn",
            "Availability Zone",
            "type",
            "self",
            "Self",
            "größe",
            "",
            "💥",
            "userId",
            "userID",
            "subnetIDs",
            "ARNsOfIDs",
            "URL",
            "lineItems",
            "x_y",
            "Option",
        ];
        let table: Vec<String> =
            all.iter().map(|n| format!("{n:?} {} {}", pascal(n), snake(n))).collect();
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn every_name_is_an_identifier() {
        for name in
            ["fn", "9", "a b", "r#type", "_", "__", "日本", "a\u{200d}b", "Ω1", "\"); evil(\""]
        {
            for out in [pascal(name), snake(name)] {
                assert!(
                    syn::parse_str::<syn::Ident>(&out).is_ok() || out.starts_with("r#"),
                    "{name:?} became {out:?}"
                );
            }
        }
    }

    #[test]
    fn keywords_are_those_of_syn() {
        for word in KEYWORDS {
            // reserved since the 2024 edition, which syn does not know
            let known = syn::parse_str::<syn::Ident>(word).is_err();
            assert!(known || word == "gen", "{word}");
        }
    }

    #[test]
    fn plurals_become_singulars() {
        let table = ["lineItems", "addresses", "status", "policies", "boxes", "data", "ids", "bus"]
            .map(|n| format!("{n} {:?}", singular(n)));
        insta::assert_snapshot!(table.join("\n"));
    }
}
