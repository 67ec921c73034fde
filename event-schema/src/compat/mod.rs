//! What a change of schema breaks, and for whom.
//!
//! Two layers. The kernel decides whether every event that one version writes is read by the other. The
//! walk over both schemas names what changed, where, by which rule. What the kernel proves harmless is no
//! break, whatever changed; what it can't prove is one, even where no single change stands out.

mod agreed;
mod branches;
mod deep;
mod discriminator;
mod event;
mod family;
mod flatten;
mod local;
mod members;
mod path;
mod policy;
mod prepared;
mod readings;
mod report;
mod routing;
mod single;
mod terms;
mod walk;
mod witness;

pub use self::event::{check_event, check_events};
pub use self::family::check_family;
pub use self::policy::{Policy, UnknownPolicy, Verdict};
pub(crate) use self::prepared::Kept;
use self::prepared::Prepared;
pub use self::report::{Change, Labels, Place, Report, Writer};
pub use self::terms::{Constraints, Null, Terms};
use crate::kernel::{Cache, Classes, Kernel, Mode};
use crate::model::Schema;
pub use crate::rules::{Breaks, Rule};

/// Compares a schema with an earlier one. A [`Policy`] alone asks for it with readers that enforce what a
/// schema says; [`Terms`] have more lenient ones.
///
/// ```
/// use event_schema::compat::{self, Policy, Verdict};
/// use event_schema::document::Document;
/// use event_schema::read;
///
/// let read = |text| read::schema(&Document::parse("a.json", text).unwrap()).unwrap();
/// let old = read(r#"{"properties": {"n": {"enum": ["a"]}}}"#);
/// let new = read(r#"{"properties": {"n": {"enum": ["a", "b"]}}}"#);
/// let report = compat::check(&old, &new, Policy::Additive);
/// assert_eq!(report.verdict, Verdict::Breaking);
/// assert_eq!(report.changes[0].rule.id, "enum-value-added");
/// assert_eq!(report.changes[0].witness, Some(serde_json::json!({"n": "b"})));
/// ```
pub fn check(old: &Schema, new: &Schema, terms: impl Into<Terms>) -> Report {
    let terms = terms.into();
    agreed::check(old, new, terms, || {
        readings::check(old, new, terms).unwrap_or_else(|| check_once(old, new, terms))
    })
}

/// As [`check`], in the one way that the schemas themselves are read.
fn check_once(old: &Schema, new: &Schema, terms: Terms) -> Report {
    let (a, b) = (&*Prepared::of(old, terms), &*Prepared::of(new, terms));
    deep::with_room(a.deep || b.deep, |deep| {
        let cache = Cache::new(deep);
        let (old, new) = (a.form(old), b.form(new));
        check_prepared((old, &a.classes), (new, &b.classes), terms.policy, &cache)
    })
}

/// As [`check`], with what can be used again, and the terms applied.
fn check_prepared(
    (old, old_classes): (&Schema, &Classes),
    (new, new_classes): (&Schema, &Classes),
    policy: Policy,
    cache: &Cache,
) -> Report {
    let (writes, reads) = match policy {
        Policy::Additive | Policy::None => (Mode::Writer, Mode::Reader),
        _ => (Mode::Plain, Mode::Plain),
    };
    let back = Kernel::new((old, writes, old_classes), (new, reads, new_classes), cache);
    let forth = Kernel::new((new, writes, new_classes), (old, reads, old_classes), cache);
    walk::compare((old, old_classes), (new, new_classes), policy, back, forth)
}
