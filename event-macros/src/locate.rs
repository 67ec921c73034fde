//! Finds the event's baseline in `OUT_DIR`, and reports a missing one.

use event_shape::baseline::{Baseline, Version};
use event_shape::near::{distance, is_near};
use syn::LitStr;

use crate::context::Context;
use crate::order;
use crate::rules;

/// The folder of codegen's files, below `OUT_DIR`.
const FOLDER: [&str; 2] = ["event-contracts", "baseline"];

/// Reads the baseline of the event type; on failure the reason has been recorded. An event that begins in
/// the code (`begins`: it states its registry and its source itself) and has no schema yet gets a baseline
/// without versions.
pub(crate) fn baseline(
    cx: &Context,
    ty: &LitStr,
    registry: Option<&LitStr>,
    begins: bool,
) -> Option<Baseline> {
    let Some(folder) = &cx.out_dir else {
        cx.error(rules::SCHEMAS_NOT_COMPILED, ty.span(), NO_BUILD_SCRIPT);
        return None;
    };
    let folder = folder.join(FOLDER[0]).join(FOLDER[1]);
    let Ok(index) = std::fs::read_to_string(folder.join("index")) else {
        cx.error(rules::SCHEMAS_NOT_COMPILED, ty.span(), NO_BUILD_SCRIPT);
        return None;
    };
    let event = ty.value();
    let entries = entries_of(&index, &event);
    if let (Some(registry), true, []) = (registry, begins, &entries[..]) {
        return Some(Baseline { event, registry: registry.value(), versions: Vec::new() });
    }
    let file = match entries[..] {
        [one] if registry.is_none() => one[2],
        _ => entry(cx, &index.lines().filter_map(columns).collect::<Vec<_>>(), ty, registry)?,
    };
    let text = match std::fs::read_to_string(folder.join(file)) {
        Ok(text) => text,
        Err(error) => {
            cx.error(
                rules::BASELINE_UNREADABLE, ty.span(),
                format_args!("cannot read the baseline `{file}` in OUT_DIR: {error}\nto fix: build again; if that does not help, run `cargo clean` first"),
            );
            return None;
        }
    };
    match Baseline::parse(&text) {
        Ok(mut baseline) => {
            order::sort(&mut baseline.versions, |a, b| (a.major, a.minor) < (b.major, b.minor));
            Some(baseline)
        }
        Err(error) => {
            cx.error(
                rules::BASELINE_UNREADABLE,
                ty.span(),
                format_args!("cannot read the baseline `{file}` in OUT_DIR: {error}; {STALE}"),
            );
            None
        }
    }
}

const STALE: &str = "it was written by another version of event-codegen\n\
    to fix: use the same version of `event-codegen` and `event-runtime` in Cargo.toml, then build again";

const NO_BUILD_SCRIPT: &str = "the locked schemas were not compiled, so the struct cannot be checked against them\n\
    to fix: in Cargo.toml\n\
    \x20   [build-dependencies]\n\
    \x20   event-codegen = \"0.1\"\n\
    and in build.rs\n\
    \x20   fn main() { event_codegen::compile(\"schemas\") }";

fn columns(line: &str) -> Option<[&str; 3]> {
    let mut columns = line.trim_end_matches('\n').split('\t');
    Some([columns.next()?, columns.next()?, columns.next()?])
}

/// The lines of the event type. The index is sorted, and is searched once per event.
fn entries_of<'a>(index: &'a str, event: &str) -> Vec<[&'a str; 3]> {
    let (mut from, mut to) = (0, index.len());
    while from < to {
        let middle = from + (to - from) / 2;
        let (before, after) = index.as_bytes().split_at(middle);
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let end = after.iter().position(|b| *b == b'\n').map_or(index.len(), |i| middle + i + 1);
        match index.get(start..end).and_then(columns) {
            Some(found) if found[0] < event => from = end,
            _ => to = start,
        }
    }
    let rest = index.get(from..).unwrap_or_default();
    rest.lines().map_while(columns).take_while(|e| e[0] == event).collect()
}

fn entry<'a>(
    cx: &Context,
    entries: &[[&'a str; 3]],
    ty: &LitStr,
    registry: Option<&LitStr>,
) -> Option<&'a str> {
    let name = ty.value();
    let of_name: Vec<&[&str; 3]> = entries.iter().filter(|e| e[0] == name).collect();
    let list = |column: usize, of: &[&[&str; 3]]| {
        let names: Vec<String> = of.iter().map(|e| format!("`{}`", e[column])).collect();
        names.join(", ")
    };
    match (of_name.as_slice(), registry) {
        ([], _) => {
            let near = entries.iter().map(|e| e[0]).min_by_key(|known| distance(known, &name));
            let hint = match near.filter(|known| is_near(known, &name)) {
                Some(known) => format!("did you mean `{known}`?"),
                None if entries.is_empty() => "the schema folder is empty".to_owned(),
                None => format!("expected one of {}", nearest(entries, &name)),
            };
            cx.error(
                rules::UNKNOWN_EVENT,
                ty.span(),
                format_args!(
                    "no schema for the event type `{name}`: {hint}\n\
                     to add it: `schemas/<registry>/{name}/1.0.json`, then `cargo event lock`\n\
                     or, if the event begins in the code: `registry = \"..\", source = \"..\"` here"
                ),
            );
            None
        }
        (found, Some(registry)) => {
            let entry = found.iter().find(|e| e[1] == registry.value());
            if entry.is_none() {
                cx.error(
                    rules::UNKNOWN_EVENT,
                    registry.span(),
                    format_args!(
                        "the registry `{}` has no event type `{name}`; found in {}",
                        registry.value(),
                        list(1, found)
                    ),
                );
            }
            entry.map(|e| e[2])
        }
        ([one], None) => Some(one[2]),
        (found, None) => {
            cx.error(
                rules::EVENT_IN_TWO_REGISTRIES,
                ty.span(),
                format_args!(
                    "the event type `{name}` is in more than one registry: {}\n\
                     to fix: name one, such as `registry = \"{}\"`",
                    list(1, found),
                    found[0][1]
                ),
            );
            None
        }
    }
}

/// The types that resemble the name most, and the number of remaining ones.
fn nearest(entries: &[[&str; 3]], name: &str) -> String {
    const SHOWN: usize = 6;
    let mut types: Vec<(usize, &str)> =
        entries.iter().map(|e| (distance(e[0], name), e[0])).collect();
    order::sort(&mut types, |a, b| a < b);
    types.dedup();
    let more = types.len().saturating_sub(SHOWN);
    types.truncate(SHOWN);
    let list: Vec<String> = types.iter().map(|(_, t)| format!("`{t}`")).collect();
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{tail}", list.join(", "))
}

/// The position of a baseline among the versions of a declared one.
pub(crate) struct Place<'a> {
    /// The version that the struct is checked against, if the major has one.
    pub(crate) against: Option<&'a Version>,
    /// Whether that is the declared version.
    pub(crate) exact: bool,
    /// The newest minor of the previous major, if any.
    pub(crate) older: Option<&'a Version>,
}

/// Finds the position of the declared version.
pub(crate) fn place(baseline: &Baseline, major: u32, minor: u32) -> Place<'_> {
    let same = || baseline.versions.iter().filter(move |v| v.major == major);
    let declared = same().find(|v| v.minor == minor);
    Place {
        against: declared.or_else(|| same().rev().find(|v| v.minor < minor)),
        exact: declared.is_some(),
        older: baseline.versions.iter().rev().find(|v| v.major < major),
    }
}
