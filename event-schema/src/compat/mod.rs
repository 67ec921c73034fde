//! What a schema change breaks, and for whom.
//!
//! Two layers: the kernel decides whether the other version reads every event that one version writes; the
//! walk over both schemas reports what changed, where, and by which rule. A change that the kernel proves
//! harmless is not a break; one that it cannot prove harmless is a break, even if no single change stands
//! out.

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

/// Compares a schema with an earlier one. A [`Policy`] alone assumes readers that enforce the schema;
/// [`Terms`] can describe more lenient ones.
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

/// Same as [`check`], for one reading of the schemas.
fn check_once(old: &Schema, new: &Schema, terms: Terms) -> Report {
    let (a, b) = (&*Prepared::of(old, terms), &*Prepared::of(new, terms));
    deep::with_room(a.deep || b.deep, |deep| {
        let cache = Cache::new(deep);
        let (old, new) = (a.form(old), b.form(new));
        check_prepared((old, &a.classes), (new, &b.classes), terms.policy, &cache)
    })
}

/// Same as [`check`], with prepared data, and the terms applied.
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
