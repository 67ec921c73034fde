//! Reads the name and the version of an event from paths, titles, `$id`s and detail-types.
//!
//! The order of evidence for a name is: `--name` and `--layout`; the detail-type; the name in a registry or in a
//! self-describing schema; a path with a name of several words; the only event of an `OpenAPI` document; the title; the
//! `$id`; the path with the folder before it. The order for a version is: `--layout`; the registry or the schema
//! itself; the path; the major of the detail-type; the title; the `$id`.

use event_folder::load::Version;
use event_registry::name;
use event_schema::document::Json;

use super::answer::Answer;
use super::layout::Matched;
use super::parts::{number, odd, read, split, stem, words};

/// Where a name or a version comes from.
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
    /// The `self` of the schema.
    SelfDescribing,
    /// The path of the file.
    Path,
    /// The title.
    Title,
    /// The name of the only event of an `OpenAPI` document.
    Component,
    /// The `$id`.
    Id,
    /// The samples that it was inferred from.
    Sample,
}

impl Evidence {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Evidence::Option => "`--name`",
            Evidence::Layout => "`--layout`",
            Evidence::DetailType => "the detail-type",
            Evidence::SchemaName => "the name in the registry",
            Evidence::SelfDescribing => "its `self`",
            Evidence::Path => "the path",
            Evidence::Title => "the title",
            Evidence::Component => "its component",
            Evidence::Id => "the `$id`",
            Evidence::Sample => "the samples",
        }
    }
}

/// A version number as it is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Number {
    /// A major only: `v2`.
    Major(u32),
    /// A major, a minor, and a patch, which our versions do not have: `1.2.0`, `1-2-0`.
    Full(u32, u32, u32),
    /// A version of a file in another schema folder.
    Ours(Version),
    /// A number of a registry, or a day.
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

type Name = (Evidence, String);

/// What a document and its path state.
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
    /// Adds what the answer of a registry states.
    pub(super) fn answered(&mut self, answer: &Answer) {
        if let Some(schema) = &answer.schema {
            self.schema(schema);
        }
        self.registry = answer.registry.clone().or(self.registry.take());
        self.own = answer.version.map(|count| (Evidence::SchemaName, Number::Count(count)));
    }

    /// Adds the name of a schema in a registry.
    fn schema(&mut self, schema: &str) {
        let (stem, major) = name::suffix(schema);
        if schema.starts_with("aws.") && schema.contains('@') {
            self.registry = Some("aws.events".to_owned());
        }
        self.major = major;
        self.strong.push((Evidence::SchemaName, name::from_registry(stem)));
    }

    /// Adds what the text states.
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
                // the host is not part of a name
                Some((_, rest)) => rest.split('/').skip(1).map(str::to_owned).collect(),
                None => id.rsplit(':').next().unwrap_or(id).split('/').map(str::to_owned).collect(),
            };
            let read = read(&parts);
            // `issues$opened`, as in the schemas of GitHub's webhooks
            let name = read.name.map(|(name, _)| name.replace('$', "."));
            self.id = name.filter(|n| words(n) > 1 && n.chars().all(plain));
            self.id_number = read.number;
        }
    }

    /// Adds what the path states. Returns the place, which is the path without the version.
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

    /// Adds the name of the only event of an `OpenAPI` document.
    pub(super) fn component(&mut self, name: Option<String>) {
        self.component = name;
    }

    pub(super) fn by_layout(&mut self, matched: Option<Matched>) {
        self.layout = matched;
    }

    /// Returns a text in the place of a version that cannot be read as one: `1.0.0-beta.1`.
    pub(super) fn unread_version(&self) -> Option<&str> {
        self.unread.as_deref()
    }

    /// Returns the major in the detail-type or in the name of the registry.
    pub(super) fn major(&self) -> Option<u32> {
        self.major
    }

    /// Returns the names, strongest evidence first, the registry, and the version.
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

/// Returns the detail-type that a document states, or the only one that it allows.
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

/// Joins a text of a few capitalised words to a name, such as `Order Placed` to `OrderPlaced`. A sentence is not a
/// name.
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

#[cfg(test)]
mod tests;
