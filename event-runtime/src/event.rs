//! The trait of event types, and the versions in which an event is published.
//!
//! `#[derive(Event)]` and `event-codegen` write the impls. Impls by hand are possible; their
//! consistency is checked in const evaluation.

use std::marker::PhantomData;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::Version;
use crate::publish::Head;
use crate::text::Text;

/// A type that is the payload of one version of one event.
///
/// # Example
///
/// A second major that is still published as the first one too:
///
/// ```
/// use event_runtime::{Event, Renditions};
///
/// #[derive(serde::Serialize)]
/// struct PlacedV1 { total: i64 }
/// #[derive(serde::Serialize)]
/// struct PlacedV2 { total_cents: i64 }
///
/// impl Event for PlacedV1 {
///     const TYPE: &'static str = "order.placed";
///     const MAJOR: u32 = 1;
///     const MINOR: u32 = 0;
///     const SOURCE: &'static str = "app.shop";
/// }
/// impl Event for PlacedV2 {
///     const TYPE: &'static str = "order.placed";
///     const MAJOR: u32 = 2;
///     const MINOR: u32 = 0;
///     const SOURCE: &'static str = "app.shop";
///
///     fn renditions(self, out: &mut Renditions) {
///         out.push(&self);
///         PlacedV1 { total: self.total_cents / 100 }.renditions(out);
///     }
/// }
///
/// let renditions = Renditions::of(PlacedV2 { total_cents: 4200 });
/// let bodies: Vec<_> = renditions.iter().map(|r| (r.detail_type, r.data.as_ref().unwrap().get())).collect();
/// assert_eq!(
///     bodies,
///     [("order.placed:v2", r#"{"total_cents":4200}"#), ("order.placed:v1", r#"{"total":42}"#)]
/// );
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not implement `Event`",
    label = "needs `#[derive(Event)]`",
    note = "for a type from `event_runtime::include_events!()`: its source is missing; add \
            `\"x-amazon-events-source\": \"..\"` to its schema, or `configure().source(..)` to build.rs"
)]
pub trait Event: Serialize + Sized {
    /// The type of the event without a version: `proposal.published`.
    const TYPE: &'static str;
    /// The major version of this Rust type.
    const MAJOR: u32;
    /// The minor version whose schema this Rust type must match.
    const MINOR: u32;
    /// The `version` of the envelope: `v` and the major.
    const VERSION: &'static str = Spelled::<Self>::VERSION.as_str();
    /// The source that publishes the event: `app.solargenix`.
    const SOURCE: &'static str;
    /// The detail-type: type, colon, version. One of our events with any other detail-type (`Object
    /// Created`) is refused at build time. Rules route our events by it alone, so without the
    /// version each consumer would receive both versions of a dual publish. Consumers refuse an
    /// event whose detail-type does not match its envelope.
    const DETAIL_TYPE: &'static str = Spelled::<Self>::DETAIL_TYPE.as_str();
    /// The registry (folder) of the event's schemas, if the type names it; empty otherwise.
    const REGISTRY: &'static str = "";
    /// The day from which the superseded major should be retired, `yyyy-mm-dd`; empty if not set.
    const SUNSET: &'static str = "";
    /// The older major that this one supersedes, if it does.
    const SUPERSEDES: Option<Superseded> = None;

    /// Pushes this event in each of its live majors, the newest first. The default pushes only the
    /// event itself.
    ///
    /// An event that supersedes an older major pushes itself, converts itself, and lets the older
    /// type push its own versions. A conversion that is not possible is a [`Renditions::fail`],
    /// never a panic.
    fn renditions(self, out: &mut Renditions) {
        out.push(&self);
    }
}

/// The older major that a newer one supersedes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Superseded {
    /// The older major.
    pub major: u32,
    /// Whether it is published no longer.
    pub retired: bool,
}

/// One event in each of its live majors: its payloads, each serialized once.
#[derive(Debug, Default)]
pub struct Renditions {
    all: Vec<Rendition>,
    /// For a publisher: each payload is written directly into its envelope, and `all` stays empty.
    enveloped: Option<(Head, Vec<Enveloped>)>,
}

/// A payload in its envelope, for a publisher.
#[derive(Debug)]
pub(crate) struct Enveloped {
    pub(crate) source: &'static str,
    pub(crate) version: Version,
    pub(crate) detail_type: &'static str,
    pub(crate) detail: Result<String, RenditionError>,
}

/// The payload of an event in one major.
#[derive(Debug)]
pub struct Rendition {
    /// The source of the event.
    pub source: &'static str,
    /// The type of the event, without its version.
    pub event_type: &'static str,
    /// The major of this payload.
    pub version: Version,
    /// `type:vN`.
    pub detail_type: &'static str,
    /// The payload as JSON, or why it does not exist in this major.
    pub data: Result<Box<RawValue>, RenditionError>,
}

/// Why an event has no payload in one of its majors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenditionError {
    /// The value cannot be serialized as JSON (for example a map with keys that are not strings).
    #[error("failed to serialize the payload: {0}")]
    Serialise(#[from] serde_json::Error),
    /// The newer value cannot be expressed in the older major.
    #[error("the payload cannot be expressed in this major: {0}")]
    Convert(String),
}

impl Renditions {
    /// Returns an event in each of its live majors, the newest first.
    pub fn of<E: Event>(event: E) -> Self {
        let mut renditions = Self::default();
        event.renditions(&mut renditions);
        renditions
    }

    /// Adds the payload of this value.
    pub fn push<E: Event>(&mut self, event: &E) {
        if let Some((head, _)) = &self.enveloped {
            let detail = head.around([E::SOURCE, E::TYPE, E::VERSION], event);
            self.envelope::<E>(detail.map_err(RenditionError::Serialise));
        } else {
            let data = serde_json::value::to_raw_value(event).map_err(RenditionError::Serialise);
            self.add::<E>(data);
        }
    }

    /// Records that the event cannot be expressed in the major of `E`. The other majors are
    /// published, and the report lists this one.
    #[expect(clippy::needless_pass_by_value, reason = "an error is handed over and used up")]
    pub fn fail<E: Event>(&mut self, reason: impl ToString) {
        let error = RenditionError::Convert(reason.to_string());
        if self.enveloped.is_some() {
            self.envelope::<E>(Err(error));
        } else {
            self.add::<E>(Err(error));
        }
    }

    /// Returns an event in each of its live majors, each in its envelope.
    pub(crate) fn enveloped<E: Event>(event: E, head: Head) -> Vec<Enveloped> {
        let mut renditions = Self { all: Vec::new(), enveloped: Some((head, Vec::new())) };
        event.renditions(&mut renditions);
        renditions.enveloped.map(|(_, enveloped)| enveloped).unwrap_or_default()
    }

    /// Returns the payloads, in the order in which they were pushed.
    pub fn iter(&self) -> std::slice::Iter<'_, Rendition> {
        self.all.iter()
    }

    fn envelope<E: Event>(&mut self, detail: Result<String, RenditionError>) {
        const { assert_consistent(E::TYPE, E::MAJOR, E::VERSION, E::DETAIL_TYPE) }
        let (source, detail_type) = (E::SOURCE, E::DETAIL_TYPE);
        let enveloped = Enveloped { source, version: Version::new(E::MAJOR), detail_type, detail };
        if let Some((_, all)) = &mut self.enveloped {
            all.push(enveloped);
        }
    }

    fn add<E: Event>(&mut self, data: Result<Box<RawValue>, RenditionError>) {
        const { assert_consistent(E::TYPE, E::MAJOR, E::VERSION, E::DETAIL_TYPE) }
        self.all.push(Rendition {
            source: E::SOURCE,
            event_type: E::TYPE,
            version: Version::new(E::MAJOR),
            detail_type: E::DETAIL_TYPE,
            data,
        });
    }
}

impl IntoIterator for Renditions {
    type Item = Rendition;
    type IntoIter = std::vec::IntoIter<Rendition>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.into_iter()
    }
}

impl<'a> IntoIterator for &'a Renditions {
    type Item = &'a Rendition;
    type IntoIter = std::slice::Iter<'a, Rendition>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The spellings of an event's type and major.
struct Spelled<E>(PhantomData<E>);

impl<E: Event> Spelled<E> {
    const VERSION: &'static Text = &Text::new().push("v").number(E::MAJOR);
    const DETAIL_TYPE: &'static Text = &Text::new().push(E::TYPE).push(":v").number(E::MAJOR);
}

/// Fails the build of an impl if its four spellings of one version disagree.
const fn assert_consistent(event_type: &str, major: u32, version: &str, detail_type: &str) {
    let (event_type, version) = (event_type.as_bytes(), version.as_bytes());
    assert!(is_v_and(version, major), "`VERSION` must be `v` and `MAJOR`");

    let detail_type = detail_type.as_bytes();
    let spelt = detail_type.len() == event_type.len() + 1 + version.len()
        && has_at(detail_type, 0, event_type)
        && has_at(detail_type, event_type.len(), b":")
        && has_at(detail_type, event_type.len() + 1, version);
    assert!(spelt, "`DETAIL_TYPE` must be `TYPE`, a colon and `VERSION`");
}

const fn is_v_and(text: &[u8], mut number: u32) -> bool {
    let mut at = text.len();
    loop {
        if at == 0 || text[at - 1] as u32 != b'0' as u32 + number % 10 {
            return false;
        }
        at -= 1;
        number /= 10;
        if number == 0 {
            return at == 1 && text[0] == b'v';
        }
    }
}

const fn has_at(text: &[u8], start: usize, part: &[u8]) -> bool {
    let mut i = 0;
    while i < part.len() {
        if text[start + i] != part[i] {
            return false;
        }
        i += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_spellings_must_agree() {
        assert_consistent("a.b", 0, "v0", "a.b:v0");
        assert_consistent("a.b", 10, "v10", "a.b:v10");
        assert!(is_v_and(b"v120", 120));
        for (text, number) in [("v2", 1), ("2", 2), ("v02", 2), ("v", 0), ("", 0), ("vv2", 2)] {
            assert!(!is_v_and(text.as_bytes(), number), "{text:?} {number}");
        }
    }

    #[test]
    #[should_panic(expected = "`DETAIL_TYPE` must be")]
    fn detail_type_of_another_version_is_refused() {
        assert_consistent("a.b", 2, "v2", "a.b:v1");
    }

    #[derive(Serialize)]
    struct Keyed {
        by: std::collections::BTreeMap<(u8, u8), u8>,
    }

    impl Event for Keyed {
        const TYPE: &'static str = "keyed";
        const MAJOR: u32 = 1;
        const MINOR: u32 = 0;
        const VERSION: &'static str = "v1";
        const SOURCE: &'static str = "app.test";
        const DETAIL_TYPE: &'static str = "keyed:v1";
    }

    #[test]
    fn unserializable_payload_is_error_of_its_version() {
        let renditions = Renditions::of(Keyed { by: [((1, 2), 3)].into() });
        let error = renditions.iter().next().unwrap().data.as_ref().unwrap_err();
        assert_eq!(error.to_string(), "failed to serialize the payload: key must be a string");
    }
}
