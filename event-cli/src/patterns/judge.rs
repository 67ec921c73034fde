//! A pattern against the events of a schema folder: what it matches, what it never matches and why, and which of its
//! keys no schema has.

use std::collections::BTreeMap;

use event_shape::near::distance;
use event_topology::pattern::{Condition, EventPattern};

use super::known::Major;
use super::reach::{Reach, reach};

/// What a pattern makes of the events of a folder.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// Majors of which it matches events, as places in the list of majors.
    pub(crate) matches: Vec<usize>,
    /// Majors that its source and detail-type fit, and of which it matches no event: why.
    pub(crate) never: Vec<(usize, String)>,
    /// Majors of which it matches events only if these have a field that no schema declares: which.
    pub(crate) undeclared: Vec<(usize, String)>,
    /// Paths that no version of what it is about has, and a path that has a similar name.
    pub(crate) unknown: Vec<(String, Option<String>)>,
    /// Whether it is about events of the folder: it names one of their sources or types, or something like one.
    pub(crate) ours: Option<String>,
}

/// Judges a pattern.
pub(crate) fn judge(pattern: &EventPattern, majors: &[Major<'_>]) -> Judged {
    let mut judged = Judged::default();
    // a path, and whether a version of what the pattern is about has it
    let mut paths: BTreeMap<&str, bool> = BTreeMap::new();
    for (at, major) in majors.iter().enumerate() {
        match of_major(pattern, major, &mut paths) {
            Verdict::Elsewhere => {}
            Verdict::Matches => judged.matches.push(at),
            Verdict::Undeclared(why) => judged.undeclared.push((at, why)),
            Verdict::Never(why) => judged.never.push((at, why)),
        }
    }
    for (path, _) in paths.iter().filter(|(_, declared)| !**declared) {
        judged.unknown.push(((*path).to_owned(), similar_path(path, majors)));
    }
    if judged.matches.is_empty() && judged.never.is_empty() && judged.undeclared.is_empty() {
        judged.ours = about(pattern, majors);
        let known =
            |path: &str| path == "detail" || !path.starts_with("detail.") && TOP.contains(&path);
        for fields in pattern.alternatives() {
            for (path, _) in fields {
                if !known(path) && !path.starts_with("detail.") {
                    let near = near(path, TOP.iter().copied());
                    judged.unknown.push((path.to_owned(), near.map(str::to_owned)));
                }
            }
        }
        judged.unknown.sort();
        judged.unknown.dedup();
    }
    judged
}

/// The fields of an event.
const TOP: [&str; 10] = [
    "source",
    "detail-type",
    "detail",
    "account",
    "region",
    "resources",
    "time",
    "id",
    "version",
    "replay-name",
];

enum Verdict {
    /// Its source or detail-type is that of other events.
    Elsewhere,
    Matches,
    Undeclared(String),
    Never(String),
}

fn of_major<'p>(
    pattern: &'p EventPattern,
    major: &Major<'_>,
    paths: &mut BTreeMap<&'p str, bool>,
) -> Verdict {
    let (mut matches, mut undeclared, mut why) = (false, None, None);
    for fields in pattern.alternatives() {
        let fields: Vec<(&str, &[Condition])> = fields.collect();
        let routing = |path: &str| matches!(path, "source" | "detail-type");
        let about = fields.iter().filter(|(path, _)| routing(path)).all(|(path, conditions)| {
            let reaches = reaches(major, path);
            reaches.iter().any(|reach| reach.may(conditions))
        });
        if !about {
            continue;
        }
        let mut failed = None;
        let mut possible = vec![true; major.members.len()];
        let mut sure = possible.clone();
        let mut missing = None;
        for (path, conditions) in fields.iter().filter(|(path, _)| !routing(path)) {
            let reaches = reaches(major, path);
            *paths.entry(path).or_insert(false) |= reaches.iter().any(|reach| reach.declared);
            for (possible, reach) in possible.iter_mut().zip(&reaches) {
                *possible &= reach.may(conditions);
            }
            let absence = conditions.contains(&Condition::Exists(false));
            for (sure, reach) in sure.iter_mut().zip(&reaches) {
                *sure &= reach.may(conditions) && (reach.declared || absence);
            }
            if !absence && reaches.iter().all(|reach| !reach.declared) && missing.is_none() {
                missing = Some(format!("`{path}` is not in its schemas"));
            }
            // the newest version that has the field explains best
            let best = reaches.iter().rev().find(|reach| reach.declared).or(reaches.last());
            if !possible.contains(&true) && failed.is_none() {
                failed = best.map(|reach| format!("`{path}` {}", reach.why(conditions)));
            }
        }
        matches |= sure.contains(&true);
        if possible.contains(&true) && !sure.contains(&true) {
            let other = || "no version has all of its fields".to_owned();
            undeclared = undeclared.or(Some(missing.unwrap_or_else(other)));
        }
        why = why.or(failed);
    }
    match (matches, undeclared, why) {
        (true, ..) => Verdict::Matches,
        (false, Some(why), _) => Verdict::Undeclared(why),
        (false, None, Some(why)) => Verdict::Never(why),
        (false, None, None) => Verdict::Elsewhere,
    }
}

fn reaches<'s>(major: &Major<'s>, path: &str) -> Vec<Reach<'s>> {
    let of = |member: &&'s event_folder::family::Member| {
        reach(member, &major.sources, &major.detail_types, path)
    };
    major.members.iter().map(of).collect()
}

/// Whether a pattern that fits no event of the folder seems to mean one: what it seems to mean.
fn about(pattern: &EventPattern, majors: &[Major<'_>]) -> Option<String> {
    let mut named: Vec<(&str, &str)> = Vec::new();
    for fields in pattern.alternatives() {
        for (path, conditions) in fields {
            named.extend(conditions.iter().filter_map(|condition| match condition {
                Condition::String(text) | Condition::Prefix(text) => Some((path, text.as_str())),
                _ => None,
            }));
        }
    }
    let detail_types = || majors.iter().flat_map(|major| &major.detail_types).map(String::as_str);
    let sources = || majors.iter().flat_map(|major| &major.sources).map(String::as_str);
    let texts = |of: &str| -> Vec<&str> {
        named.iter().filter(|(path, _)| *path == of).map(|(_, text)| *text).collect()
    };
    for text in texts("detail-type") {
        let stem = text.rsplit_once(":v").map_or(text, |(stem, _)| stem);
        if let Some(major) = majors.iter().find(|m| m.event.event == stem || m.event.event == text)
        {
            let there: Vec<String> = majors
                .iter()
                .filter(|m| m.event == major.event)
                .flat_map(|m| &m.detail_types)
                .map(|text| format!("`{text}`"))
                .collect();
            let source = major.sources.first().map(|s| format!(" from `{s}`")).unwrap_or_default();
            return Some(format!(
                "`{}` is published as {}{source}",
                major.event.event,
                there.join(" and ")
            ));
        }
        if let Some(meant) = near(text, detail_types()) {
            return Some(format!("there is a similar detail-type `{meant}`"));
        }
    }
    for text in texts("source") {
        if let Some(source) = sources().find(|source| *source == text) {
            return Some(format!("`{source}` publishes no event of this detail-type"));
        }
        if let Some(meant) = near(text, sources()) {
            return Some(format!("there is a similar source `{meant}`"));
        }
    }
    None
}

/// The name that a misspelt one may stand for.
fn near<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let most = if name.chars().count() < 6 { 1 } else { 2 };
    let lower = name.to_lowercase();
    names
        .map(|other| (distance(&lower, &other.to_lowercase()), other))
        .filter(|(distance, other)| *distance <= most && *other != name)
        .min()
        .map(|(_, other)| other)
}

/// A path of some version with a name like this one's, or the same name at another place.
fn similar_path(path: &str, majors: &[Major<'_>]) -> Option<String> {
    let Some(rest) = path.strip_prefix("detail.") else {
        return near(path, TOP.iter().copied()).map(str::to_owned);
    };
    for major in majors {
        for member in &major.members {
            let in_data = member.event.facts.path.last() == Some(&"data");
            if in_data && !rest.starts_with("data.") {
                let below = format!("detail.data.{rest}");
                if reach(member, &major.sources, &major.detail_types, &below).declared {
                    return Some(below);
                }
            }
            let (before, name) = path.rsplit_once('.')?;
            let names = super::reach::names(member, before);
            if let Some(meant) = near(name, names.iter().map(String::as_str)) {
                return Some(format!("{before}.{meant}"));
            }
        }
    }
    None
}
