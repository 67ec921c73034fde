//! Checks the struct against its schemas; the result is data.
//!
//! A mistake that the tokens prove becomes a [`Break`]. A question that only types can answer becomes a
//! [`Question`] for const evaluation in the user's crate. A mistake in the attributes is an error of the
//! [`Context`]. Nothing here writes tokens: that is the work of `expand`.

mod convert;
mod down;
mod fields;
mod kind;
mod look;
mod majors;
mod names;
mod shape;
mod sunset;
mod union;
mod up;
mod version;

pub(crate) use convert::{
    Body, Conversion, Filled, Inside, Value, Way, ident, is_nominal, unwrapped,
};
pub(crate) use fields::{Held, hold};
pub(crate) use kind::is_event;
pub(crate) use majors::{Predecessor, is_itself, last_of};
pub(crate) use shape::{Made, shape};
pub(crate) use version::{Declared, find, parse};

use event_shape::baseline::Baseline;
use proc_macro2::Span;
use syn::{Path, Type};

use crate::ast::{Container, Field};
use crate::context::Context;
use crate::locate;
use crate::rules::{self, Rule};

/// A break that tokens show: an E0277 with our text.
pub(crate) struct Break<'c> {
    pub(crate) rule: Rule,
    pub(crate) at: At<'c>,
    /// Name of the trait, which the error mentions.
    pub(crate) name: &'static str,
    /// A question about the types: `true` means that the tokens are misleading, so the struct has no break.
    pub(crate) judge: Option<Judge<'c>>,
    pub(crate) message: String,
    pub(crate) label: String,
    pub(crate) notes: Vec<String>,
}

/// The place of an error.
pub(crate) enum At<'c> {
    Span(Span),
    Type(&'c Type),
    Path(&'c Path),
}

/// A question about a field's type.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'c> {
    pub(crate) field: &'c Field<'c>,
    pub(crate) says: Says,
}

#[derive(Clone, Copy)]
pub(crate) enum Says {
    /// It is never written as `null`.
    NeverNull,
    /// It may be absent when read.
    ReadsAbsent,
    /// It can be read from `null`.
    ReadsNull,
    /// It agrees with the locked field at this byte.
    Holds(usize),
}

/// A question for const evaluation: an error unless the answer is yes.
pub(crate) struct Question<'c> {
    /// The name of the constant, which the error mentions.
    pub(crate) name: String,
    pub(crate) asks: Asks<'c>,
    /// The span of the error: its first and its last token.
    pub(crate) at: (Span, Span),
    /// Asked only if this holds; otherwise a break reports more.
    pub(crate) only_if: Option<Judge<'c>>,
}

pub(crate) enum Asks<'c> {
    /// Whether the field agrees with the locked one at this byte, and its place; see `check::agrees`.
    Part(&'c Field<'c>, usize, usize),
    /// Whether a flattened type has the locked field at this byte.
    FlattenedField(usize),
    /// Whether the flattened field of this index adds no unlisted field beside these names.
    FlattenedExtras(usize, Vec<&'c str>),
    /// Whether a minor may add the field.
    Added(&'c Field<'c>),
}

/// A warning, shown as the use of a deprecated constant of this name.
pub(crate) struct Warning {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) text: String,
}

impl Warning {
    pub(crate) fn new(rule: Rule, name: &str, span: Span, text: &str) -> Warning {
        Warning { name: name.to_owned(), span, text: rules::named(rule, text) }
    }
}

/// The older majors that the event is also published as.
pub(crate) enum Renditions<'c> {
    None,
    /// By the derived conversion, which may fail.
    Derived(&'c Path, bool),
    /// By a conversion that the user writes.
    ByHand(&'c Path),
}

/// The result of checking an event.
pub(crate) struct Found<'c> {
    pub(crate) declared: &'c Declared<'c>,
    pub(crate) source: String,
    pub(crate) detail_type: String,
    pub(crate) held: Option<Held<'c>>,
    /// Breaks other than those of the fields.
    pub(crate) breaks: Vec<Break<'c>>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) predecessor: Option<Predecessor<'c>>,
    pub(crate) conversions: Vec<Conversion<'c>>,
    pub(crate) renditions: Renditions<'c>,
}

/// Checks an event against its schemas, and determines its conversions to older majors.
pub(crate) fn event<'c>(
    cx: &Context,
    c: &'c Container<'c>,
    declared: &'c Declared<'c>,
    baseline: &'c Baseline,
) -> Found<'c> {
    let source = version::source(cx, c, declared, baseline);
    let place = locate::place(baseline, declared.major, declared.minor);
    let own = place.against.and_then(|v| v.detail_type.clone());
    let mut found = Found {
        declared,
        source,
        detail_type: own.unwrap_or_else(|| format!("{}:v{}", declared.ty.value(), declared.major)),
        held: hold(c, declared, baseline),
        breaks: Vec::new(),
        warnings: Vec::new(),
        predecessor: None,
        conversions: Vec::new(),
        renditions: Renditions::None,
    };
    found.warnings.extend(version::not_locked(declared, &place));
    found.warnings.extend(sunset::check(cx, c, declared, baseline));
    up::misplaced(cx, c);
    majors::supersede(cx, c, baseline, place.older, &mut found);
    found
}

/// The conversions of a part of an event to the type that it supersedes, and back.
pub(crate) fn part<'c>(cx: &Context, c: &'c Container<'c>) -> Vec<Conversion<'c>> {
    let mut out = Vec::new();
    out.extend(down::part(cx, c));
    out.extend(up::part(cx, c));
    out
}

/// Placeholders for the conversions of an event that could not be checked, so that code that uses them
/// compiles.
pub(crate) fn without_baseline<'c>(c: &'c Container<'c>) -> Vec<Conversion<'c>> {
    let mut out = Vec::new();
    if let Some(path) = &c.event.supersedes
        && !is_itself(path, &c.input.ident)
    {
        out.push(Conversion::never(Way::Down, path));
        if c.event.upcast.is_some() {
            out.push(Conversion::never(Way::Up, path));
        }
    }
    out
}
