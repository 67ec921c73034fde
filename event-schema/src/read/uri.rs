//! References between schemas, as far as reading needs them: RFC 3986, without fetching.

/// A reference's part before `#`, and its fragment.
pub(super) fn split(reference: &str) -> (&str, &str) {
    reference.split_once('#').unwrap_or((reference, ""))
}

/// Whether it is a remote reference.
pub(super) fn is_remote(uri: &str) -> bool {
    scheme(uri).is_some_and(|s| s != "urn" && s != "file" && s != "tag")
}

/// The address of a well-known metaschema, if the reference names a whole one. Metaschemas do not change,
/// so equal addresses have the same meaning although nothing is fetched.
pub(super) fn metaschema(reference: &str) -> Option<&str> {
    const DRAFTS: [&str; 7] = [
        "draft-03/schema",
        "draft-04/schema",
        "draft-06/schema",
        "draft-07/schema",
        "draft/2019-09/schema",
        "draft/2020-12/schema",
        "schema",
    ];
    let address = reference.strip_suffix('#').unwrap_or(reference);
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let path = rest.strip_prefix("json-schema.org/")?;
    DRAFTS.into_iter().find(|draft| *draft == path)
}

/// `reference` resolved against `base`; both without fragments.
pub(super) fn join(base: &str, reference: &str) -> String {
    if reference.is_empty() {
        return base.to_owned();
    }
    if scheme(reference).is_some() {
        return reference.to_owned();
    }
    let (authority, path) = split_authority(base);
    if let Some(rest) = reference.strip_prefix("//") {
        let scheme = authority.split_once("//").map_or("", |(s, _)| s);
        return format!("{scheme}//{rest}");
    }
    if reference.starts_with('/') {
        return format!("{authority}{}", without_dots(reference));
    }
    let folder = path.rfind('/').map_or("", |at| &path[..=at]);
    let slash = if folder.is_empty() && !authority.is_empty() { "/" } else { "" };
    format!("{authority}{slash}{}", without_dots(&format!("{folder}{reference}")))
}

fn scheme(uri: &str) -> Option<&str> {
    let (scheme, _) = uri.split_once(':')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(plain))
        .then_some(scheme)
}

/// `http://host` and `/path`; for a `urn:`, everything and nothing; for a path, nothing and everything.
fn split_authority(base: &str) -> (&str, &str) {
    if let Some(at) = base.find("://") {
        let path = base[at + 3..].find('/').map_or(base.len(), |p| at + 3 + p);
        return base.split_at(path);
    }
    if scheme(base).is_some() { (base, "") } else { ("", base) }
}

/// Removes `.` and `..` segments.
fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|p| !p.is_empty() && *p != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// A fragment without its percent escapes; `None` if the result is not UTF-8.
pub(super) fn unescape(fragment: &str) -> Option<String> {
    if !fragment.contains('%') {
        return Some(fragment.to_owned());
    }
    let bytes = fragment.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| fragment.get(at + 1..at + 3)).flatten();
        if let Some(byte) = hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).ok()
}

/// The name of the schema at a pointer of a file: the key of a definition, of a property, or of another
/// part; for the whole file, its name without extensions; for a version of an event (`2.1.json`), the name
/// of the event.
pub(super) fn name(file: &str, pointer: &str) -> Option<String> {
    let mut parts = pointer.rsplit('/');
    if let (Some(key), Some(folder)) = (parts.next(), parts.next()) {
        let named = matches!(folder, "definitions" | "$defs" | "schemas" | "properties");
        return (named || folder.is_empty()).then(|| key.replace("~1", "/").replace("~0", "~"));
    }
    let (folder, file) = file.rsplit_once('/').unwrap_or(("", file));
    let stem = file.strip_suffix(".json").unwrap_or(file);
    let stem = stem.strip_suffix(".schema").unwrap_or(stem);
    let version = stem.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let stem = if version { folder.rsplit('/').next().unwrap_or_default() } else { stem };
    Some(stem.to_owned()).filter(|name| !name.is_empty())
}

/// A key as a segment of a JSON pointer.
pub(super) fn escape_pointer(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_join_their_base() {
        for (base, reference, joined) in [
            ("", "a.json", "a.json"),
            ("../x/a.json", "b.json", "../x/b.json"),
            ("../x/a.json", "../b.json", "../b.json"),
            ("http://h/x/a.json", "b.json", "http://h/x/b.json"),
            ("http://h/x/a.json", "/b.json", "http://h/b.json"),
            ("http://h", "b.json", "http://h/b.json"),
            ("http://h/x/a.json", "https://i/c", "https://i/c"),
            ("http://h/x/a.json", "//i/c", "http://i/c"),
            ("urn:example:a", "", "urn:example:a"),
        ] {
            assert_eq!(join(base, reference), joined, "{base} + {reference}");
        }
    }

    #[test]
    fn fragments_lose_their_escapes() {
        assert_eq!(unescape("/a%25b%").as_deref(), Some("/a%b%"));
        assert_eq!(unescape("/%ff"), None);
    }

    #[test]
    fn schema_is_named_after_its_key_or_file() {
        for (file, pointer, called) in [
            ("schemas/shared.json", "/definitions/Money", Some("Money")),
            ("schemas/shared.json", "/$defs/a~1b", Some("a/b")),
            ("schemas/shared.json", "/components/schemas/Money", Some("Money")),
            ("schemas/shared.json", "/properties/total", Some("total")),
            ("schemas/shared.json", "/Money", Some("Money")),
            ("schemas/shared.json", "/allOf/0", None),
            ("schemas/shared.json", "", Some("shared")),
            ("schemas/money.schema.json", "", Some("money")),
            ("schemas/shop/order.placed/2.1.json", "", Some("order.placed")),
            ("1.0.json", "", None),
        ] {
            assert_eq!(name(file, pointer).as_deref(), called, "{file}#{pointer}");
        }
    }
}
