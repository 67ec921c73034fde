//! What paths, titles, `$id`s and detail-types say about an event's name and version.
//!
//! The order of evidence for a name: `--name` and `--layout`; the detail-type; the name that a registry or a
//! self-describing schema gives; the path, where it has a name of several words; the only event of an `OpenAPI`
//! document; the title; the `$id`; the path with the folder before it. For a version: `--layout`, the registry's or the
//! schema's own, the path, the title, the `$id`.

use std::path::Path;

use event_folder::load::Version;
use event_folder::name::from_folder;
use event_registry::name;
use event_schema::document::Json;

use super::answer::Answer;
use super::layout::Matched;

/// What says a name or a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Evidence {
    /// `--name`.
    Option,
    /// `--layout`.
    Layout,
    /// The detail-type.
    DetailType,
    /// The name in a registry.
    SchemaName,
    /// The schema's `self`.
    SelfDescribing,
    /// The path of the file.
    Path,
    /// The title.
    Title,
    /// The name of an `OpenAPI` document's only event.
    Component,
    /// The `$id`.
    Id,
    /// The samples that it was made of.
    Sample,
}

impl Evidence {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Evidence::Option => "`--name`",
            Evidence::Layout => "`--layout`",
            Evidence::DetailType => "the detail-type",
            Evidence::SchemaName => "the registry's name",
            Evidence::SelfDescribing => "its `self`",
            Evidence::Path => "the path",
            Evidence::Title => "the title",
            Evidence::Component => "its component",
            Evidence::Id => "the `$id`",
            Evidence::Sample => "the samples",
        }
    }
}

/// A version number, as it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Number {
    /// Only the major: `v2`.
    Major(u32),
    /// Major, minor, and a patch that our versions do not have: `1.2.0`, `1-2-0`.
    Full(u32, u32, u32),
    /// Ours: a file of another schema folder.
    Ours(Version),
    /// A count of changes, as a registry has it, or a day.
    Count(u64),
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Number::Major(major) => write!(f, "v{major}"),
            Number::Full(major, minor, patch) => write!(f, "{major}.{minor}.{patch}"),
            Number::Ours(version) => version.fmt(f),
            Number::Count(count) => count.fmt(f),
        }
    }
}

/// Folders that say nothing about the events in them.
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

/// Folders that hold versions of what is beside them.
const OF_VERSIONS: [&str; 6] = ["v", "latest", "current", "versioned", "versions", "version"];

type Name = (Evidence, String);

/// What a document says of itself.
#[derive(Debug, Default)]
pub(crate) struct Named {
    layout: Option<Matched>,
    strong: Vec<Name>,
    path: Option<(String, bool)>,
    title: Option<String>,
    component: Option<String>,
    id: Option<String>,
    registry: Option<String>,
    unread: Option<String>,
    major: Option<u32>,
    own: Option<(Evidence, Number)>,
    path_number: Option<Number>,
    title_number: Option<Number>,
    id_number: Option<Number>,
}

impl Named {
    /// What a registry's answer says.
    pub(super) fn answered(&mut self, answer: &Answer) {
        if let Some(schema) = &answer.schema {
            self.schema(schema);
        }
        self.registry = answer.registry.clone().or(self.registry.take());
        self.own = answer.version.map(|count| (Evidence::SchemaName, Number::Count(count)));
    }

    /// A schema's name in a registry.
    fn schema(&mut self, schema: &str) {
        let (stem, major) = name::suffix(schema);
        if schema.starts_with("aws.") && schema.contains('@') {
            self.registry = Some("aws.events".to_owned());
        }
        self.major = major;
        self.strong.push((Evidence::SchemaName, name::from_registry(stem)));
    }

    /// What the text says.
    pub(super) fn document(&mut self, root: &Json, stated: Option<(String, u32)>) {
        if let Some((event, major)) = stated {
            self.strong.insert(0, (Evidence::DetailType, event));
            self.major = Some(major);
        } else if let Some(stated) = detail_type(root) {
            self.strong
                .insert(0, (Evidence::DetailType, spelled(stated).unwrap_or(stated.to_owned())));
        }
        let own = |key: &str| root.get("self").and_then(|s| s.get(key)).and_then(Json::as_str);
        if let (Some(name), Some(version)) = (own("name"), own("version")) {
            self.strong.push((Evidence::SelfDescribing, name.to_owned()));
            self.own = self.own.or_else(|| Some((Evidence::SelfDescribing, number(version)?)));
        }
        let title =
            root.get("title").or_else(|| root.pointer("/info/title")).and_then(Json::as_str);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let (title, number) = title.map_or(("", None), |t| split(t.trim()));
        let title = spelled(title).unwrap_or(title.to_owned());
        if title.chars().all(plain) && words(&title) > 1 {
            (self.title, self.title_number) = (Some(title), number);
        }
        let id = root.get("$id").or_else(|| root.get("id")).and_then(Json::as_str);
        let id = id.map(|id| id.split('#').next().unwrap_or(id)).filter(|id| !id.is_empty());
        if let Some(id) = id {
            let parts: Vec<String> = match id.split_once("://") {
                // the host names nobody's event
                Some((_, rest)) => rest.split('/').skip(1).map(str::to_owned).collect(),
                None => id.rsplit(':').next().unwrap_or(id).split('/').map(str::to_owned).collect(),
            };
            let read = read(&parts);
            // `issues$opened`, as the schemas of GitHub's webhooks have it
            let name = read.name.map(|(name, _)| name.replace('$', "."));
            self.id = name.filter(|n| words(n) > 1 && n.chars().all(plain));
            self.id_number = read.number;
        }
    }

    /// What the path says; returns the place, which is the path without what says the version.
    pub(super) fn path(&mut self, below: &[String]) -> String {
        let read = read(below);
        self.unread = below.last().map(|file| stem(file)).filter(|s| odd(s)).map(str::to_owned);
        self.path = read.name;
        self.path_number = read.number;
        self.registry = self.registry.take().or(read.registry);
        if let Some(schema) = read.schema {
            if self.strong.is_empty() {
                self.schema(&schema);
            } else if self.registry.is_none() && schema.starts_with("aws.") {
                self.registry = Some("aws.events".to_owned());
            }
        }
        read.place
    }

    /// What the only event of an `OpenAPI` document is called there.
    pub(super) fn component(&mut self, name: Option<String>) {
        self.component = name;
    }

    pub(super) fn by_layout(&mut self, matched: Option<Matched>) {
        self.layout = matched;
    }

    /// What stands where a version would, and is none that can be read: `1.0.0-beta.1`.
    pub(super) fn unread_version(&self) -> Option<&str> {
        self.unread.as_deref()
    }

    /// The major that the detail-type or the registry's name says.
    pub(super) fn major(&self) -> Option<u32> {
        self.major
    }

    /// The names, strongest first; the registry; the version.
    pub(super) fn finish(self) -> (Vec<Name>, Option<String>, Option<(Evidence, Number)>) {
        let layout = self.layout.unwrap_or_default();
        let mut names: Vec<Name> = Vec::new();
        names.extend(layout.event.map(|event| (Evidence::Layout, event)));
        names.extend(self.strong);
        let (path, whole) = self.path.map_or((None, false), |(name, whole)| (Some(name), whole));
        let path = path.map(|name| (Evidence::Path, name));
        if whole {
            names.extend(path.clone());
        }
        names.extend(self.component.map(|name| (Evidence::Component, name)));
        names.extend(self.title.map(|title| (Evidence::Title, title)));
        names.extend(self.id.map(|id| (Evidence::Id, id)));
        names.extend(path);
        let number = layout
            .number
            .map(|n| (Evidence::Layout, n))
            .or(self.own)
            .or(self.path_number.map(|n| (Evidence::Path, n)))
            .or(self.major.map(|m| (Evidence::DetailType, Number::Major(m))))
            .or(self.title_number.map(|n| (Evidence::Title, n)))
            .or(self.id_number.map(|n| (Evidence::Id, n)));
        (names, layout.registry.or(self.registry), number)
    }
}

/// The detail-type that a document says, or that it allows alone.
fn detail_type(root: &Json) -> Option<&str> {
    let event = root.pointer("/components/schemas/AWSEvent");
    [Some(root), event].into_iter().flatten().find_map(|event| {
        let own = event.get("x-amazon-events-detail-type");
        let property = event.get("properties").and_then(|p| p.get("detail-type"));
        let only = property.and_then(|p| p.get("enum")).and_then(|all| match all.as_array()? {
            [only] => Some(only),
            _ => None,
        });
        let stated = own.or(property.and_then(|p| p.get("const"))).or(only);
        stated.and_then(Json::as_str).map(str::trim).filter(|text| !text.is_empty())
    })
}

/// A text of a few capitalised words, such as `Order Placed`, as one name: `OrderPlaced`. A sentence is not a name.
fn spelled(text: &str) -> Option<String> {
    let all: Vec<&str> = text.split_whitespace().collect();
    let all = match all.as_slice() {
        [first @ .., last] if last.eq_ignore_ascii_case("schema") && !first.is_empty() => first,
        all => all,
    };
    let capital = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit())
            && word.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let name = text.contains(' ') && (1..=4).contains(&all.len()) && all.iter().all(capital);
    name.then(|| all.concat())
}

/// What a path says.
#[derive(Debug, Default)]
struct Read {
    /// The name, and whether it needs no folder before it.
    name: Option<(String, bool)>,
    number: Option<Number>,
    registry: Option<String>,
    /// A name as registries have it: `name@version`, `aws.…@…`.
    schema: Option<String>,
    place: String,
}

fn read(parts: &[String]) -> Read {
    let Some((file, folders)) = parts.split_last() else { return Read::default() };
    let stem = stem(file);
    // another folder of our own layout
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
    // `name@version`, as registries' tools write it
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
    // `events/OrderPlaced/schema.json` and `events/OrderPlaced/versioned/1.0.0/schema.json` are of one place
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

/// A file's name without the endings that say that it is a schema.
fn stem(file: &str) -> &str {
    let mut stem = file;
    for ending in [".json", ".jsonschema", ".schema", "-schema", "_schema"] {
        stem = stem.strip_suffix(ending).filter(|s| !s.is_empty()).unwrap_or(stem);
    }
    stem
}

/// How many words a name has: `order.placed`, `order-placed` and `OrderPlaced` have two.
fn words(name: &str) -> usize {
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

/// A version alone.
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

/// Whether a file's name is a version through and through, and none that [`number`] reads: two numbers and more, or
/// one without end, and behind them perhaps a mark.
fn odd(text: &str) -> bool {
    let plain = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = plain.split(['.', '-', '_', '+']);
    let first = parts.next().is_some_and(digits);
    let second = parts.next().is_none_or(digits);
    first && second && number(text).is_none()
}

/// A name, and the version behind it: `OrderPlaced.v1`, `order-placed-1.2.0`, `OrderPlacedV2`, `v1`.
fn split(text: &str) -> (&str, Option<Number>) {
    if let Some(found) = number(text) {
        return ("", Some(found));
    }
    let separators = ['.', '-', '_', '@', ' ', ':'];
    // the longest version that the end of the text is
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

#[cfg(test)]
mod tests;
