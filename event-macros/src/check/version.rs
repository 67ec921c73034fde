//! The version that a struct declares, and whether it can exist.

use event_shape::baseline::Baseline;
use syn::LitStr;

use super::Warning;
use crate::ast::Container;
use crate::context::Context;
use crate::locate::{self, Place};
use crate::rules;

/// The event and version that the struct declares.
pub(crate) struct Declared<'a> {
    pub(crate) ty: &'a LitStr,
    pub(crate) version: &'a LitStr,
    pub(crate) major: u32,
    pub(crate) minor: u32,
    pub(crate) generated: bool,
}

impl<'a> Declared<'a> {
    /// Reads the keys `type` and `version`, and records what is missing or invalid.
    pub(crate) fn read(cx: &Context, c: &'a Container<'_>) -> Option<Declared<'a>> {
        let name = c.input.ident.span();
        if (c.event.ty.is_none() || c.event.version.is_none()) && cx.len() > 0 {
            // an invalid key may be the missing one
            return None;
        }
        let missing = match (&c.event.ty, &c.event.version) {
            (Some(_), Some(_)) => "",
            (None, None) => "missing `#[event(type = \"..\", version = \"..\")]`",
            (Some(_), None) => {
                "missing `#[event(version = \"..\")]`: the version that this struct is checked against"
            }
            (None, Some(_)) => {
                "missing `#[event(type = \"..\")]`: the event that this struct represents"
            }
        };
        let (Some(ty), Some(version)) = (&c.event.ty, &c.event.version) else {
            cx.error(rules::EVENT_ATTRIBUTE, name, missing);
            return None;
        };
        let Some((major, minor)) = parse(&version.value()) else {
            cx.error(
                rules::EVENT_ATTRIBUTE,
                version.span(),
                "invalid version: expected `major.minor`, such as \"2.1\"",
            );
            return None;
        };
        let said = ty.value();
        if let Some((plain, suffix)) = said.rsplit_once(':') {
            let is_version =
                suffix.strip_prefix('v').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
            let hint = if is_version {
                format!(
                    "the version belongs in `version`, and `detail-type` is made of both\nto fix: `type = \"{plain}\"`"
                )
            } else {
                "a colon separates the type from the version in `detail-type`".to_owned()
            };
            cx.error(
                rules::EVENT_ATTRIBUTE,
                ty.span(),
                format_args!("invalid event type `{said}`: expected a name without `:`; {hint}"),
            );
            return None;
        }
        Some(Declared { ty, version, major, minor, generated: c.event.generated })
    }

    /// `proposal.published` 2.1, as in a headline.
    pub(crate) fn title(&self) -> String {
        format!("`{}` {}.{}", self.ty.value(), self.major, self.minor)
    }
}

/// `major.minor`, without leading zeros.
pub(crate) fn parse(version: &str) -> Option<(u32, u32)> {
    fn number(s: &str) -> Option<u32> {
        let plain = s == "0" || (!s.starts_with('0') && s.bytes().all(|b| b.is_ascii_digit()));
        if plain { s.parse().ok() } else { None }
    }
    let (major, minor) = version.split_once('.')?;
    Some((number(major)?, number(minor)?))
}

/// The baseline, and the position of the declared version in it. Records a version that leaves a gap.
pub(crate) fn find(cx: &Context, c: &Container<'_>, declared: &Declared<'_>) -> Option<Baseline> {
    let begins = c.event.source.is_some();
    let baseline = locate::baseline(cx, declared.ty, c.event.registry.as_ref(), begins)?;
    let Place { against, exact, .. } = locate::place(&baseline, declared.major, declared.minor);
    let gap = match against {
        Some(v) if !exact && v.minor + 1 != declared.minor => Some((v.major, v.minor + 1)),
        None if declared.minor != 0 => Some((declared.major, 0)),
        None => {
            let newest = baseline.versions.last().map_or(0, |v| v.major);
            (newest + 1 != declared.major).then_some((newest + 1, 0))
        }
        _ => None,
    };
    if let Some((major, minor)) = gap {
        let mut known = String::new();
        for v in &baseline.versions {
            known.push_str(if known.is_empty() { "the versions " } else { ", " });
            known = format!("{known}{}.{}", v.major, v.minor);
        }
        if known.is_empty() {
            known.push_str("no versions yet");
        }
        cx.error(
            rules::VERSION_GAP,
            declared.version.span(),
            format_args!(
                "`{}` has {known}: the next one here is \"{major}.{minor}\"",
                declared.ty.value(),
            ),
        );
        return None;
    }
    Some(baseline)
}

/// The source: the attribute and the schema must agree.
pub(super) fn source(
    cx: &Context,
    c: &Container<'_>,
    declared: &Declared<'_>,
    baseline: &Baseline,
) -> String {
    let place = locate::place(baseline, declared.major, declared.minor);
    let stated = place
        .against
        .and_then(|v| v.source.as_ref())
        .or_else(|| baseline.versions.iter().rev().find_map(|v| v.source.as_ref()));
    match (&c.event.source, stated) {
        (Some(said), Some(stated)) if said.value() != *stated => {
            let file = place.against.map_or("the schema", |v| v.file.as_str());
            cx.error(
                rules::SOURCE_CONTRADICTS_SCHEMA,
                said.span(),
                format_args!("{file} states the source `{stated}`\nto fix: `source = \"{stated}\"`, or leave the key out"),
            );
            stated.clone()
        }
        (Some(said), _) => said.value(),
        (None, Some(stated)) => stated.clone(),
        (None, None) => {
            cx.error(
                rules::SOURCE_MISSING,
                c.input.ident.span(),
                "neither `#[event(source = \"..\")]` nor the schema states the source of this event",
            );
            String::new()
        }
    }
}

/// Warns if the declared version is not locked yet.
pub(super) fn not_locked(declared: &Declared<'_>, place: &Place<'_>) -> Option<Warning> {
    if declared.generated {
        return None;
    }
    let text = match place.against {
        Some(v) if place.exact && v.locked => return None,
        Some(v) if place.exact => {
            format!("{} is not locked yet: run `cargo event lock` before it is published", v.file)
        }
        _ => format!(
            "event {} has no schema yet: a test with `event_testing::assert_locked` writes one (`EVENT_ACCEPT=1 cargo test`), and `cargo event lock` locks it before it is published",
            declared.title()
        ),
    };
    let name = format!("version_{}_{}", declared.major, declared.minor);
    Some(Warning::new(rules::SCHEMA_NOT_LOCKED, &name, declared.version.span(), &text))
}
