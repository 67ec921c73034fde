//! An event's versions, read; and checked against each other.
//!
//! `Family<Loaded>` becomes `Family<Checked>` only by [`check`]. Code is generated from checked ones
//! alone.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use event_schema::compat::{self, Terms};
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::document::{Document, Json};
use event_schema::infer;
use event_schema::lint;
use event_schema::read::EventSchema;
use event_schema::rules;

pub use self::read::{read, read_with};
use crate::load::{EventName, SchemaFile, Version};
use crate::problem::{any_error, error, help};

mod read;
mod sunset;

/// Read, not compared yet.
#[derive(Debug, Clone, Copy)]
pub enum Loaded {}

/// Every minor compared with every earlier one of its major.
#[derive(Debug, Clone, Copy)]
pub enum Checked {}

/// An event: all its versions, ascending.
#[derive(Debug, Clone)]
pub struct Family<State> {
    /// Whose they are.
    pub name: EventName,
    /// The versions.
    pub members: Vec<Member>,
    state: PhantomData<State>,
}

/// One version.
#[derive(Debug, Clone)]
pub struct Member {
    /// Whose it is. The file's place, but where a document holds several events.
    pub name: EventName,
    /// Which.
    pub version: Version,
    /// The file.
    pub file: SchemaFile,
    /// The file's text with places: for diagnostics that draw it.
    pub document: Arc<Document>,
    /// What it says.
    pub event: EventSchema,
    /// Whether the lock calls its major retired: it has no readers, and is not published any more.
    pub retired: bool,
}

impl<State> Family<State> {
    /// The versions by major.
    pub fn majors(&self) -> BTreeMap<u32, Vec<&Member>> {
        let mut out: BTreeMap<u32, Vec<&Member>> = BTreeMap::new();
        for m in &self.members {
            out.entry(m.version.major).or_default().push(m);
        }
        out
    }
}

impl Member {
    /// EventBridge's `source`, where the schema says it.
    pub fn source(&self) -> Option<&str> {
        self.event.facts.source.as_ref().map(|f| f.value.as_str())
    }

    /// EventBridge's `detail-type`: what the schema says, else `type:vMAJOR`.
    pub fn detail_type(&self) -> String {
        let usual = || format!("{}:v{}", self.name.event, self.version.major);
        self.event.facts.detail_type.as_ref().map_or_else(usual, |f| f.value.clone())
    }

    /// The day from which on the major before should be retired: `x-event-sunset` of the payload.
    pub fn sunset(&self) -> Option<&str> {
        self.extension(sunset::KEY)?.as_str()
    }

    /// An `x-…` keyword of the payload.
    fn extension(&self, name: &str) -> Option<&serde_json::Value> {
        let payload = &self.event.payload;
        let mut stated = payload.node(payload.resolve(payload.root)).notes.extensions.iter();
        stated.find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// Checked families, and the warnings about them.
pub type CheckedFamilies = (Vec<Family<Checked>>, Vec<Diagnostic>);

/// Compares every minor with every earlier one of its major, on the terms of the folder's settings
/// ([`Settings::terms`](event_schema::settings::Settings::terms)).
///
/// Warnings come back beside the checked families.
///
/// # Errors
///
/// All breaks of all events, and everything else that is wrong between versions.
pub fn check(
    families: Vec<Family<Loaded>>,
    terms: Terms,
) -> Result<CheckedFamilies, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    for family in &families {
        for members in family.majors().into_values() {
            for member in &members {
                detail_type(member, &mut problems);
                inferred(member, &mut problems);
            }
            sunset::check(&members, &mut problems);
            let labels: Vec<String> = members.iter().map(|m| m.version.to_string()).collect();
            let minors: Vec<_> =
                labels.iter().zip(&members).map(|(label, m)| (label.as_str(), &m.event)).collect();
            let changes = compat::check_events(&minors, terms);
            problems.extend(changes.into_iter().map(|d| named(d, &family.name.event)));
            if let Some(newest) = members.last() {
                problems.extend(lint::event(&newest.event));
            }
        }
    }
    if any_error(&problems) {
        return Err(problems);
    }
    let checked = families
        .into_iter()
        .map(|f| Family { name: f.name, members: f.members, state: PhantomData })
        .collect();
    Ok((checked, problems))
}

/// Ways out that name the event instead of `TYPE`, to be copied.
fn named(mut d: Diagnostic, event: &str) -> Diagnostic {
    for help in &mut d.help {
        *help = help.replace("new-version TYPE ", &format!("new-version {event} "));
    }
    d
}

/// A schema of samples that nobody has looked through: `cargo event import --infer` marks it.
fn inferred(member: &Member, problems: &mut Vec<Diagnostic>) {
    let root: &Json = &member.document.root;
    let components = root.get("components").and_then(|c| c.get("schemas"));
    let all = components.map(Json::members).unwrap_or_default().iter().map(|m| &m.value);
    let mark = std::iter::once(root).chain(all).find_map(|schema| schema.get(infer::MARK));
    if let Some(mark) = mark.filter(|mark| mark.as_bool() == Some(true)) {
        let message =
            "the schema was inferred from sample events, and nobody has looked through it";
        let mut d =
            Diagnostic::at(&rules::INFERRED_SCHEMA, &member.document, mark.span, "", message);
        d.severity = Severity::Warning;
        let look = format!(
            "correct what samples do not say (optional fields, enums, formats), and remove `{}`",
            infer::MARK
        );
        problems.push(d.with_help(look));
    }
}

/// A detail-type in our own form must be that of the file's place.
fn detail_type(member: &Member, problems: &mut Vec<Diagnostic>) {
    let Some(fact) = &member.event.facts.detail_type else { return };
    let versioned = fact.value.rsplit_once(":v").filter(|(_, v)| v.parse::<u32>().is_ok());
    let usual = format!("{}:v{}", member.name.event, member.version.major);
    if versioned.is_some() && fact.value != usual {
        let mut d = error(
            &rules::DETAIL_TYPE_CONTRADICTS,
            &member.file.shown,
            format!("the schema says detail-type `{}`; its place says `{usual}`", fact.value),
        );
        d.pos = Some(fact.pos);
        d.span = Some(fact.span);
        problems.push(help(
            d,
            &["move the file to the event and major that it describes, or correct the detail-type"],
        ));
    }
}
