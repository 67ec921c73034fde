//! The struct against the baseline: what tokens tell for certain becomes a [`Break`], what only types
//! tell becomes a [`FieldCheck`] that const evaluation makes.

mod fields;
mod majors;
mod names;
mod union;

pub(crate) use fields::{Call, Held, hold};
pub(crate) use majors::{is_itself, is_predecessor, needs_predecessor};
pub(crate) use union::union;

use event_shape::baseline::Baseline;
use proc_macro2::TokenStream;
use syn::{LitStr, Path};

use crate::ast::Container;
use crate::context::Context;
use crate::locate::{self, Place};

/// Which event the struct says it is.
pub(crate) struct Declared<'a> {
    pub(crate) ty: &'a LitStr,
    pub(crate) version: &'a LitStr,
    pub(crate) major: u32,
    pub(crate) minor: u32,
    pub(crate) generated: bool,
}

impl<'a> Declared<'a> {
    /// Reads the keys `type` and `version`; what is missing or wrong is recorded.
    pub(crate) fn read(cx: &Context, c: &'a Container<'_>) -> Option<Declared<'a>> {
        let name = c.input.ident.span();
        if (c.event.ty.is_none() || c.event.version.is_none()) && cx.len() > 0 {
            // a key that is wrong may be the one that is missing
            return None;
        }
        let (ty, version) = match (&c.event.ty, &c.event.version) {
            (Some(ty), Some(version)) => (ty, version),
            (None, None) => {
                cx.error(name, "missing `#[event(type = \"..\", version = \"..\")]`");
                return None;
            }
            (Some(_), None) => {
                cx.error(name, "`#[event(version = \"..\")]` is missing: the schema that this struct is held to");
                return None;
            }
            (None, Some(_)) => {
                cx.error(
                    name,
                    "`#[event(type = \"..\")]` is missing: the event that this struct is",
                );
                return None;
            }
        };
        let Some((major, minor)) = parse(&version.value()) else {
            cx.error(version.span(), "a version is `major.minor`, such as \"2.1\"");
            return None;
        };
        let said = ty.value();
        if let Some((plain, suffix)) = said.rsplit_once(':') {
            let is_version =
                suffix.strip_prefix('v').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
            let hint = if is_version {
                format!(
                    "`version` says which one it is, and `detail-type` is made of both\nto fix: `type = \"{plain}\"`"
                )
            } else {
                "a colon separates the type from the version in `detail-type`".to_owned()
            };
            cx.error(
                ty.span(),
                format_args!("invalid event type `{said}`: expected a name without `:`; {hint}"),
            );
            return None;
        }
        Some(Declared { ty, version, major, minor, generated: c.event.generated })
    }

    /// `proposal.published` 2.1, as a headline names it.
    pub(crate) fn title(&self) -> String {
        format!("`{}` {}.{}", self.ty.value(), self.major, self.minor)
    }
}

/// `major.minor`, without leading zeros.
pub(crate) fn parse(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    let number = |s: &str| {
        let plain = s == "0" || (!s.starts_with('0') && s.bytes().all(|b| b.is_ascii_digit()));
        if plain { s.parse().ok() } else { None }
    };
    Some((number(major)?, number(minor)?))
}

/// A break that tokens show: an E0277 in our words.
pub(crate) struct Break {
    /// The type that the error points at.
    pub(crate) at: TokenStream,
    /// Name of the trait, which the error mentions.
    pub(crate) name: &'static str,
    /// A constant expression: `true` means that types prove the tokens wrong and all is well.
    pub(crate) judge: Option<TokenStream>,
    pub(crate) message: String,
    pub(crate) label: String,
    pub(crate) notes: Vec<String>,
}

/// The baseline, and where the declared version stands in it. Versions that don't follow are recorded.
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
        let known: Vec<_> =
            baseline.versions.iter().map(|v| format!("{}.{}", v.major, v.minor)).collect();
        let known = match known.as_slice() {
            [] => "no version yet".to_owned(),
            known => format!("the versions {}", known.join(", ")),
        };
        cx.error(
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

/// The source: what the attribute says and what the schema says have to agree.
pub(crate) fn source(
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
                said.span(),
                format_args!("{file} says that the source is `{stated}`\nto fix: `source = \"{stated}\"`, or leave the key out"),
            );
            stated.clone()
        }
        (Some(said), _) => said.value(),
        (None, Some(stated)) => stated.clone(),
        (None, None) => {
            cx.error(
                c.input.ident.span(),
                "neither `#[event(source = \"..\")]` nor the schema says the source under which EventBridge gets this event",
            );
            String::new()
        }
    }
}

/// The path of the superseded type.
pub(crate) fn superseded<'a>(c: &'a Container<'_>) -> Option<&'a Path> {
    c.event.supersedes.as_ref()
}
