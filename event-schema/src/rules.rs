//! Every rule of the toolkit, as data: what it finds, whom that breaks, why, an example, and the fix.
//!
//! Each rule is a literal, in one file per subject. A [`Diagnostic`](crate::diagnostic::Diagnostic) refers
//! to its rule, the command lists and explains rules (`cargo event rules`), and the rule determines the
//! exit code of the command. The derives and the topology print the IDs of these rules without depending on
//! this crate's checker; tests compare the IDs.
//!
//! ```
//! use event_schema::rules::{self, Breaks, Level};
//!
//! let rule = rules::find("enum-value-added").unwrap();
//! assert_eq!(rule, &rules::ENUM_VALUE_ADDED);
//! assert_eq!((rule.level, rule.breaks), (Level::Break, [Breaks::OldConsumers].as_slice()));
//! ```
//!
//! The folder `tests/rules/<id>/` has pairs of schemas that a rule finds, and similar pairs that it does
//! not find; `cargo test -p event-schema enum_value_added` runs those of one rule. CONTRIBUTING.md
//! describes how to add a rule.

mod arrays;
mod command;
mod event;
mod folder;
mod lock;
mod object;
mod registry;
mod schema;
mod structs;
mod templates;
mod topology;
mod unions;
mod values;

use std::hash::{Hash, Hasher};

pub use self::{
    arrays::*, command::*, event::*, folder::*, lock::*, object::*, registry::*, schema::*,
    structs::*, templates::*, topology::*, unions::*, values::*,
};

/// The meaning of a finding; for a change, under the policy `additive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// A breaking change.
    Break,
    /// A mistake other than a change: in a file, a lock, a registry, or a request.
    Error,
    /// Allowed, but somebody should know.
    Warn,
    /// Allowed.
    Allow,
}

impl Level {
    /// `break`, `error`, `warn`, `allow`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Break => "break",
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Allow => "allow",
        }
    }
}

/// Whom a change breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Breaks {
    /// Events that were written earlier and are read again.
    StoredEvents,
    /// Consumers that were built with the earlier version.
    OldConsumers,
    /// Rust code that uses the generated types.
    RustCode,
}

impl Breaks {
    /// `stored-events`, `old-consumers`, `rust-code`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Breaks::StoredEvents => "stored-events",
            Breaks::OldConsumers => "old-consumers",
            Breaks::RustCode => "rust-code",
        }
    }
}

/// The exit code of a command that finds an error of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// The question was answered negatively, for example because of a breaking change: exit code 1.
    No,
    /// The question could not be answered, for example because a file cannot be read: exit code 2.
    BadInput,
    /// No command reports it: a derive does, as a compiler error.
    Elsewhere,
}

/// A rule.
///
/// Two rules are equal if they are the same static: IDs are for people and for other programs.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Kebab-case; never reused.
    pub id: &'static str,
    /// The meaning of a finding.
    pub level: Level,
    /// Whom a finding breaks, if anybody.
    pub breaks: &'static [Breaks],
    /// The exit code of a command that finds an error of this rule.
    pub exit: Exit,
    /// Why, in a sentence.
    pub why: &'static str,
    /// An example of what it finds.
    pub example: &'static str,
    /// The fix.
    pub fix: &'static str,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Rule) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Rule {}

impl Hash for Rule {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::hash(self, state);
    }
}

/// The rules of one subject.
#[derive(Debug)]
#[non_exhaustive]
pub struct Group {
    /// The subject, such as `Fields and objects`.
    pub title: &'static str,
    /// The rules, in the order in which they are listed.
    pub rules: &'static [&'static Rule],
}

/// The fix of changes that cannot be made within a major.
const MAJOR: &str = "publish it as a new major, side by side with the old one: `cargo event new-version TYPE --major`";

/// The fix of rules that allow what they find.
const NOTHING: &str = "nothing to do";

static GROUPS: &[&Group] = &[
    &object::GROUP,
    &values::GROUP,
    &arrays::GROUP,
    &unions::GROUP,
    &event::GROUP,
    &schema::GROUP,
    &folder::GROUP,
    &lock::GROUP,
    &structs::GROUP,
    &topology::GROUP,
    &templates::GROUP,
    &registry::GROUP,
    &command::GROUP,
];

/// The subjects, in the order of the listing.
pub fn groups() -> impl Iterator<Item = &'static Group> {
    GROUPS.iter().copied()
}

/// Every rule, by subject.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    groups().flat_map(|group| group.rules.iter().copied())
}

/// The rule with this ID.
///
/// ```
/// let rule = event_schema::rules::find("required-field-added").unwrap();
/// assert_eq!(rule.level.as_str(), "break");
/// ```
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests;
