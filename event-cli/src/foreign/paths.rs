//! Paths between files and between URLs.

use std::path::{Component, Path};

/// Returns the path from the file `from` to the file `to`, both in the schema folder.
pub(super) fn relative(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').collect();
    let to: Vec<&str> = to.split('/').collect();
    let dir = &from[..from.len() - 1];
    let same = dir.iter().zip(&to).take_while(|(a, b)| a == b).count().min(to.len() - 1);
    let up = std::iter::repeat_n("..", dir.len() - same);
    up.chain(to[same..].iter().copied()).collect::<Vec<_>>().join("/")
}

/// Resolves `path` from the folder `base` of a URL.
pub(super) fn url_join(base: &str, path: &str) -> String {
    let (scheme, rest) = base.split_once("://").unwrap_or(("", base));
    let mut parts: Vec<&str> = rest.split('/').collect();
    if path.starts_with('/') {
        parts.truncate(1);
    }
    for part in path.split('/').filter(|p| !p.is_empty()) {
        match part {
            ".." if parts.len() > 1 => drop(parts.pop()),
            "." | ".." => {}
            part => parts.push(part),
        }
    }
    format!("{scheme}://{}", parts.join("/"))
}

/// Returns the path from the folder `base` to `url`, if both have the same host.
pub(super) fn url_from(base: &str, url: &str) -> Option<String> {
    let base: Vec<&str> = base.split('/').collect();
    let url: Vec<&str> = url.split('/').collect();
    let same = base.iter().zip(&url).take_while(|(a, b)| a == b).count();
    // the scheme, an empty part, and the host
    if same < 3 {
        return None;
    }
    let up = std::iter::repeat_n("..", base.len() - same);
    Some(up.chain(url[same..].iter().copied()).collect::<Vec<_>>().join("/"))
}

/// Decodes percent escapes in a path.
pub(super) fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(byte) = hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    let path = String::from_utf8(out).unwrap_or_else(|_| text.to_owned());
    // a path with a control character is never read
    let plain = Path::new(&path).components().all(|c| !matches!(c, Component::Prefix(_)));
    if plain && !path.contains(char::is_control) { path } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_between_files_and_urls_are_relative() {
        assert_eq!(relative("shop/a/1.0.json", "_shared/c.json"), "../../_shared/c.json");
        assert_eq!(relative("_shared/a/b.json", "_shared/c.json"), "../c.json");
        assert_eq!(relative("_shared/b.json", "_shared/c.json"), "c.json");
        assert_eq!(url_join("https://x.example/a/v1", "../c.json"), "https://x.example/a/c.json");
        assert_eq!(url_join("https://x.example/a/v1", "/c.json"), "https://x.example/c.json");
        assert_eq!(
            url_from("https://x.example/a/v1", "https://x.example/b/c.json").as_deref(),
            Some("../../b/c.json")
        );
        assert_eq!(url_from("https://x.example/a", "https://y.example/a"), None);
        assert_eq!(unescaped("a%20b"), "a b");
    }
}
