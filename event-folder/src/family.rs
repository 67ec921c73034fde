//! Reads the versions of an event, and checks them against each other.
//!
//! Only [`check`] turns a `Family<Loaded>` into a `Family<Checked>`, and only checked families become code.

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

/// The versions were read, and not compared yet.
#[derive(Debug, Clone, Copy)]
pub enum Loaded {}

/// Every minor was compared with every earlier minor of its major.
#[derive(Debug, Clone, Copy)]
pub enum Checked {}

/// All versions of an event, in ascending order.
#[derive(Debug, Clone)]
pub struct Family<State> {
    /// The event.
    pub name: EventName,
    /// The versions.
    pub members: Vec<Member>,
    state: PhantomData<State>,
}

/// One version of an event.
#[derive(Debug, Clone)]
pub struct Member {
    /// The event. Differs from the folders of the file only where a document describes several events.
    pub name: EventName,
    /// The version.
    pub version: Version,
    /// The file.
    pub file: SchemaFile,
    /// The parsed text with positions, for diagnostics that show the source.
    pub document: Arc<Document>,
    /// The schema.
    pub event: EventSchema,
}

impl<State> Family<State> {
    /// Returns the versions by major.
    pub fn majors(&self) -> BTreeMap<u32, Vec<&Member>> {
        let mut out: BTreeMap<u32, Vec<&Member>> = BTreeMap::new();
        for m in &self.members {
            out.entry(m.version.major).or_default().push(m);
        }
        out
    }
}

impl Member {
    /// Returns the `source` of EventBridge, if the schema states it.
    pub fn source(&self) -> Option<&str> {
        self.event.facts.source.as_ref().map(|f| f.value.as_str())
    }

    /// Returns the `detail-type` of EventBridge: what the schema states (default: `type:vMAJOR`).
    pub fn detail_type(&self) -> String {
        let usual = || format!("{}:v{}", self.name.event, self.version.major);
        self.event.facts.detail_type.as_ref().map_or_else(usual, |f| f.value.clone())
    }

    /// Returns the day on which the previous major may be retired: `x-event-sunset` of the payload.
    pub fn sunset(&self) -> Option<&str> {
        self.extension(sunset::KEY)?.as_str()
    }

    /// Returns the value of an `x-…` keyword of the payload.
    fn extension(&self, name: &str) -> Option<&serde_json::Value> {
        let payload = &self.event.payload;
        let mut stated = payload.node(payload.resolve(payload.root)).notes.extensions.iter();
        stated.find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// Checked families and their warnings.
pub type CheckedFamilies = (Vec<Family<Checked>>, Vec<Diagnostic>);

/// Compares every minor with every earlier minor of its major, by the terms of the folder's settings
/// ([`Settings::terms`](event_schema::settings::Settings::terms)).
///
/// Returns the warnings beside the checked families.
///
/// # Errors
///
/// All breaks of all events, and all other problems between versions.
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

/// Names the event in commands that a diagnostic suggests, so that they can be copied.
fn named(mut d: Diagnostic, event: &str) -> Diagnostic {
    for help in &mut d.help {
        *help = help.replace("new-version TYPE ", &format!("new-version {event} "));
    }
    d
}

/// Warns of a schema that was inferred from samples and not reviewed: `cargo event import --infer` marks it.
fn inferred(member: &Member, problems: &mut Vec<Diagnostic>) {
    let root: &Json = &member.document.root;
    let components = root.get("components").and_then(|c| c.get("schemas"));
    let all = components.map(Json::members).unwrap_or_default().iter().map(|m| &m.value);
    let mark = std::iter::once(root).chain(all).find_map(|schema| schema.get(infer::MARK));
    if let Some(mark) = mark.filter(|mark| mark.as_bool() == Some(true)) {
        let message = "the schema was inferred from sample events and has not been reviewed";
        let mut d =
            Diagnostic::at(&rules::INFERRED_SCHEMA, &member.document, mark.span, "", message);
        d.severity = Severity::Warning;
        let look = format!(
            "review what samples do not show (optional fields, enums, formats), then remove `{}`",
            infer::MARK
        );
        problems.push(d.with_help(look));
    }
}

/// Checks that a detail-type of the form `type:vMAJOR` matches the folder and the version of the file.
fn detail_type(member: &Member, problems: &mut Vec<Diagnostic>) {
    let Some(fact) = &member.event.facts.detail_type else { return };
    let versioned = fact.value.rsplit_once(":v").filter(|(_, v)| v.parse::<u32>().is_ok());
    let usual = format!("{}:v{}", member.name.event, member.version.major);
    if versioned.is_some() && fact.value != usual {
        let mut d = error(
            &rules::DETAIL_TYPE_CONTRADICTS,
            &member.file.shown,
            format!(
                "the schema states detail-type `{}`: expected `{usual}` for this file",
                fact.value
            ),
        );
        d.pos = Some(fact.pos);
        d.span = Some(fact.span);
        problems.push(help(
            d,
            &["move the file to the event and major that it describes, or correct the detail-type"],
        ));
    }
}
