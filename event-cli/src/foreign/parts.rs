//! Reads names and versions from the parts of a path.

use std::path::Path;

use event_folder::load::Version;
use event_folder::name::from_folder;
use event_registry::name;

use super::names::Number;

/// Folders that do not name the events in them.
const PLAIN: [&str; 28] = [
    "event",
    "events",
    "schema",
    "schemas",
    "json",
    "jsonschema",
    "json-schema",
    "json_schema",
    "src",
    "resources",
    "contracts",
    "definitions",
    "docs",
    "main",
    "v",
    "latest",
    "current",
    "versioned",
    "versions",
    "version",
    "components",
    "messages",
    "payload",
    "payloads",
    "definition",
    "openapi",
    "swagger",
    "index",
];

/// Folders with versions of what is beside them.
const OF_VERSIONS: [&str; 6] = ["v", "latest", "current", "versioned", "versions", "version"];

/// What a path states.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The name, and whether it is complete without the folder before it.
    pub(super) name: Option<(String, bool)>,
    pub(super) number: Option<Number>,
    pub(super) registry: Option<String>,
    /// A name in the form of registries: `name@version`, `aws.…@…`.
    pub(super) schema: Option<String>,
    pub(super) place: String,
}

pub(super) fn read(parts: &[String]) -> Read {
    let Some((file, folders)) = parts.split_last() else { return Read::default() };
    let stem = stem(file);
    // another folder in our own layout
    if let (Ok(version), [.., registry, event]) = (stem.parse::<Version>(), folders)
        && Path::new(file).extension().is_some_and(|e| e == "json")
        && words(event) > 1
        && !PLAIN.contains(&registry.as_str())
    {
        let plain = !registry.contains('/') && number(registry).is_none();
        return Read {
            name: Some((from_folder(event), true)),
            number: Some(Number::Ours(version)),
            registry: Some(from_folder(registry)).filter(|_| plain),
            schema: None,
            place: folders.join("/"),
        };
    }
    // `name@version`, as tools of registries write it
    if let Some((name, given)) = stem.rsplit_once('@').filter(|(name, _)| !name.is_empty()) {
        let count = given.parse().ok().map(Number::Count);
        let ours = given.parse::<Version>().ok().map(Number::Ours);
        if let Some(number) = count.or(ours) {
            let place =
                folders.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join("/");
            let schema = Some(name.to_owned());
            return Read { number: Some(number), schema, place, ..Read::default() };
        }
        let schema = stem.starts_with("aws.").then(|| stem.to_owned());
        if schema.is_some() {
            return Read { schema, place: parts.join("/"), ..Read::default() };
        }
    }
    let mut number = None;
    let mut named: Vec<&str> = Vec::new();
    for part in folders.iter().map(String::as_str).chain([stem]) {
        let (rest, found) = split(part);
        if found.is_some() {
            number = found;
        }
        if !rest.is_empty() {
            named.push(rest);
        }
    }
    let telling: Vec<&str> = named
        .iter()
        .copied()
        .filter(|part| !PLAIN.contains(&part.to_ascii_lowercase().as_str()))
        .collect();
    // `events/OrderPlaced/schema.json` and `events/OrderPlaced/versioned/1.0.0/schema.json` have the same place
    let place = named.iter().copied().filter(|part| !OF_VERSIONS.contains(part));
    let place = place.collect::<Vec<_>>().join("/");
    let name = match telling.as_slice() {
        [] => named.last().map(|last| ((*last).to_owned(), false)),
        [.., last] if words(last) > 1 => Some((name::from_registry(last), true)),
        [only] => Some(((*only).to_owned(), false)),
        [.., before, last] => Some((format!("{before}.{last}"), false)),
    };
    Read { name, number, place, ..Read::default() }
}

/// Returns the name of a file without the extensions and suffixes of schemas.
pub(super) fn stem(file: &str) -> &str {
    let mut stem = file;
    for ending in [".json", ".jsonschema", ".schema", "-schema", "_schema"] {
        stem = stem.strip_suffix(ending).filter(|s| !s.is_empty()).unwrap_or(stem);
    }
    stem
}

/// Returns the number of words in a name: `order.placed`, `order-placed` and `OrderPlaced` have two.
pub(super) fn words(name: &str) -> usize {
    let mut count = 0;
    let mut before = ' ';
    for c in name.chars() {
        let begins = c.is_alphanumeric()
            && (!before.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()));
        count += usize::from(begins);
        before = c;
    }
    count
}

/// Parses a text that is only a version.
pub(super) fn number(text: &str) -> Option<Number> {
    let marked = text.starts_with(['v', 'V']);
    let plain = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let numbers: Option<Vec<u32>> = plain
        .split(['.', '-', '_'])
        .map(|part| part.parse().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit())))
        .collect();
    match numbers?.as_slice() {
        [major] if marked || plain.len() < 4 => Some(Number::Major(*major)),
        [count] => Some(Number::Count(u64::from(*count))),
        [major, minor] => Some(Number::Full(*major, *minor, 0)),
        // a day
        [year, month @ 1..=12, day @ 1..=31] if *year >= 1900 => Some(Number::Count(
            u64::from(*year) * 10_000 + u64::from(*month) * 100 + u64::from(*day),
        )),
        [major, minor, patch] => Some(Number::Full(*major, *minor, *patch)),
        _ => None,
    }
}

/// Returns whether the name of a file is a version that [`number`] cannot parse: too many numbers, too large a number,
/// or a suffix after the numbers.
pub(super) fn odd(text: &str) -> bool {
    let plain = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = plain.split(['.', '-', '_', '+']);
    let first = parts.next().is_some_and(digits);
    let second = parts.next().is_none_or(digits);
    first && second && number(text).is_none()
}

/// Splits a name from the version after it: `OrderPlaced.v1`, `order-placed-1.2.0`, `OrderPlacedV2`, `v1`.
pub(super) fn split(text: &str) -> (&str, Option<Number>) {
    if let Some(found) = number(text) {
        return ("", Some(found));
    }
    let separators = ['.', '-', '_', '@', ' ', ':'];
    // the longest version at the end of the text
    for (at, _) in text.match_indices(separators) {
        let (before, after) = (&text[..at], &text[at + 1..]);
        let marked = after.starts_with(['v', 'V']);
        if let Some(found) = number(after).filter(|_| !before.is_empty()) {
            // `step-2` is a name; `order-v2`, `order-2.0` and `order.placed.2` are versions
            let dotted = text.as_bytes().get(at) == Some(&b'.') && before.contains('.');
            if marked || dotted || !matches!(found, Number::Major(_)) {
                return (before.trim_end_matches(separators), Some(found));
            }
        }
    }
    let camel = text.rfind('V').filter(|at| {
        *at > 0 && text[..*at].ends_with(|c: char| c.is_lowercase() || c.is_ascii_digit())
    });
    if let Some(at) = camel
        && let Some(found @ Number::Major(_)) = number(&text[at..])
    {
        return (&text[..at], Some(found));
    }
    (text, None)
}
