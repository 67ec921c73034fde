//! `--layout`: reads the event, the version and the registry from a path by a pattern.

use std::str::FromStr;

use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

use super::names::Number;
use super::parts::number;

/// A pattern such as `{event}/{version}.json`, which matches the last parts of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    text: String,
    parts: Vec<Vec<Piece>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Event,
    Version,
    Registry,
    Any,
}

/// What a path states by its layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Matched {
    /// The type of the event; several `{event}` are joined by `.`.
    pub(crate) event: Option<String>,
    /// The version.
    pub(crate) number: Option<Number>,
    /// The registry.
    pub(crate) registry: Option<String>,
}

impl FromStr for Layout {
    type Err = String;

    fn from_str(text: &str) -> Result<Layout, String> {
        let parts: Result<Vec<_>, String> =
            text.split('/').filter(|p| !p.is_empty() && *p != ".").map(pieces).collect();
        let parts = parts?;
        if !parts.iter().flatten().any(|p| *p == Piece::Event) {
            return Err(
                "missing `{event}`: expected a layout such as `{event}/{version}.json`".to_owned()
            );
        }
        Ok(Layout { text: text.to_owned(), parts })
    }
}

fn pieces(part: &str) -> Result<Vec<Piece>, String> {
    let mut out: Vec<Piece> = Vec::new();
    let mut rest = part;
    while !rest.is_empty() {
        let found = rest.find(['{', '*']);
        let (text, after) = rest.split_at(found.unwrap_or(rest.len()));
        if !text.is_empty() {
            out.push(Piece::Text(text.to_owned()));
        }
        rest = after;
        if let Some(after) = rest.strip_prefix('*') {
            out.push(Piece::Any);
            rest = after;
        } else if !rest.is_empty() {
            let end = rest.find('}').ok_or_else(|| format!("missing `}}` after `{rest}`"))?;
            out.push(match &rest[1..end] {
                "event" => Piece::Event,
                "version" => Piece::Version,
                "registry" => Piece::Registry,
                other => {
                    return Err(format!(
                        "unknown placeholder `{{{other}}}`: expected `{{event}}`, `{{version}}`, `{{registry}}` or `*`"
                    ));
                }
            });
            rest = &rest[end + 1..];
        }
    }
    Ok(out)
}

impl Layout {
    /// Returns what a path states.
    pub(super) fn of(&self, below: &[String], shown: &str) -> Result<Matched, Box<Diagnostic>> {
        let other = || {
            let message = format!("the path does not match the layout `{}`", self.text);
            let d = Diagnostic::error(&rules::LAYOUT_NOT_MATCHED, shown.into(), message);
            Box::new(d.with_help("import files in different layouts with separate commands"))
        };
        let skipped = below.len().checked_sub(self.parts.len()).ok_or_else(other)?;
        let mut matched = Matched::default();
        let mut events = Vec::new();
        for (pieces, part) in self.parts.iter().zip(&below[skipped..]) {
            let found = captures(pieces, part).ok_or_else(other)?;
            for (piece, text) in found {
                match piece {
                    Piece::Event => events.push(text),
                    Piece::Version => matched.number = Some(number(&text).ok_or_else(other)?),
                    Piece::Registry => matched.registry = Some(text),
                    Piece::Text(_) | Piece::Any => {}
                }
            }
        }
        matched.event = Some(events.join("."));
        Ok(matched)
    }
}

/// Returns the texts of the pieces for the first match; a version is as long as possible.
fn captures(pieces: &[Piece], text: &str) -> Option<Vec<(Piece, String)>> {
    let Some((first, rest)) = pieces.split_first() else {
        return text.is_empty().then(Vec::new);
    };
    if let Piece::Text(literal) = first {
        return captures(rest, text.strip_prefix(literal.as_str())?);
    }
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]).filter(|at| *at > 0);
    let ends: Vec<usize> = if *first == Piece::Version { ends.rev_vec() } else { ends.collect() };
    for end in ends {
        let here = &text[..end];
        if *first == Piece::Version && number(here).is_none() {
            continue;
        }
        if let Some(mut found) = captures(rest, &text[end..]) {
            found.insert(0, (first.clone(), here.to_owned()));
            return Some(found);
        }
    }
    None
}

trait RevVec: Iterator {
    fn rev_vec(self) -> Vec<Self::Item>;
}

impl<I: Iterator> RevVec for I {
    fn rev_vec(self) -> Vec<Self::Item> {
        let mut all: Vec<_> = self.collect();
        all.reverse();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(layout: &str, path: &str) -> Option<(String, Option<String>, Option<String>)> {
        let parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        let found = layout.parse::<Layout>().unwrap().of(&parts, path).ok()?;
        Some((found.event?, found.number.map(|n| n.to_string()), found.registry))
    }

    #[test]
    fn placeholders_match_their_part_of_the_path() {
        for (layout, path, event, version, registry) in [
            ("{event}/{version}.json", "a/b/order/1.2.json", "order", Some("1.2.0"), None),
            ("{event}.v{version}.schema.json", "Order.v3.schema.json", "Order", Some("v3"), None),
            (
                "{registry}/{event}/*/{version}",
                "shop/order/x/1-0-0",
                "order",
                Some("1.0.0"),
                Some("shop"),
            ),
            (
                "{event}/{event}/{version}.json",
                "order/placed/v2.json",
                "order.placed",
                Some("v2"),
                None,
            ),
            ("{version}/{event}.json", "1.0/a.b.json", "a.b", Some("1.0.0"), None),
            (
                "{event}-{version}.json",
                "order-placed-1-2-0.json",
                "order-placed",
                Some("1.2.0"),
                None,
            ),
        ] {
            let expected =
                (event.to_owned(), version.map(str::to_owned), registry.map(str::to_owned));
            assert_eq!(of(layout, path), Some(expected), "{layout} {path}");
        }
        assert_eq!(of("{event}/{version}.json", "order/latest.json"), None);
        assert_eq!(of("{event}/{version}.json", "1.0.json"), None);
    }

    #[test]
    fn layout_without_event_or_with_unknown_placeholder_is_refused() {
        for bad in ["{version}.json", "{event}/{x}.json", "{event"] {
            assert!(bad.parse::<Layout>().is_err(), "{bad}");
        }
    }
}
