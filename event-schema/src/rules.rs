//! Every rule of the toolkit, as data: what it finds, whom that breaks, why, an example, and the way out.
//!
//! One literal a rule, in a file a subject. A [`Diagnostic`](crate::diagnostic::Diagnostic) names its rule by reference,
//! the command lists and explains them (`cargo event rules`), and its exit code is the rule's. The derives know no
//! schemas: they print the ids of these rules, and a test compares the two. So does the runtime's topology.
//!
//! ```
//! use event_schema::rules::{self, Breaks, Level};
//!
//! let rule = rules::find("enum-value-added").unwrap();
//! assert_eq!(rule, &rules::ENUM_VALUE_ADDED);
//! assert_eq!((rule.level, rule.breaks), (Level::Break, [Breaks::OldConsumers].as_slice()));
//! ```
//!
//! The folder `tests/rules/<id>/` has pairs of schemas that a rule finds, and pairs that look much the same and that it
//! does not find; `cargo test -p event-schema enum_value_added` runs those of a rule. CONTRIBUTING.md shows how to add
//! one.

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

/// What it means where a rule finds something; of a change, under the policy `additive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// A change that breaks somebody.
    Break,
    /// Something other than a change is wrong: a file, a lock, a registry, a request.
    Error,
    /// It is allowed, and somebody should know.
    Warn,
    /// It is allowed.
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
    /// Events that were written before and are read again.
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

/// How a command ends that finds an error of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// The question was understood and the answer is no, such as a breaking change: exit code 1.
    No,
    /// The question could not be answered, such as a file that cannot be read: exit code 2.
    BadInput,
    /// No command reports it: a derive does, as a compiler error.
    Elsewhere,
}

/// A rule.
///
/// Two rules are equal where they are the same static: ids are for people and for other programs.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Kebab-case; never reused.
    pub id: &'static str,
    /// What it means where the rule finds something.
    pub level: Level,
    /// Whom it breaks, where it does.
    pub breaks: &'static [Breaks],
    /// How a command ends that finds an error of this rule.
    pub exit: Exit,
    /// Why, in a sentence.
    pub why: &'static str,
    /// Something that it finds.
    pub example: &'static str,
    /// The way out.
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
    /// What they are about, such as `Fields and objects`.
    pub title: &'static str,
    /// The rules, in the order in which they are listed.
    pub rules: &'static [&'static Rule],
}

/// The fix of many changes that have no smaller one.
const MAJOR: &str = "publish it as a new major, side by side with the old one: `cargo event new-version TYPE --major`";

/// Of rules that allow what they find.
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

/// The subjects, in the order in which they are listed.
pub fn groups() -> impl Iterator<Item = &'static Group> {
    GROUPS.iter().copied()
}

/// Every rule, by subject.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    groups().flat_map(|group| group.rules.iter().copied())
}

/// The rule of this id.
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
