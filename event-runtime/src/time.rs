//! Points in time of the crate `time` (feature `time`), as events write them.

use std::ops::Deref;

use event_shape::{EventData, Ref, Shape};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A point in time of the crate `time`, written as RFC 3339: `formats.date-time = "event_runtime::time::Rfc3339"`.
///
/// What `OffsetDateTime` itself writes depends on the features of `time`, and is not what the format `date-time`
/// says.
///
/// ```
/// use event_runtime::time::Rfc3339;
///
/// let at: Rfc3339 = serde_json::from_str(r#""2026-11-24T14:00:00Z""#)?;
/// assert_eq!(at.year(), 2026);
/// assert_eq!(serde_json::to_string(&at)?, r#""2026-11-24T14:00:00Z""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rfc3339(#[serde(with = "time::serde::rfc3339")] pub OffsetDateTime);

impl EventData for Rfc3339 {
    const SHAPE: Ref = Ref::new(&Shape::Str("date-time"));
}

impl Deref for Rfc3339 {
    type Target = OffsetDateTime;

    fn deref(&self) -> &OffsetDateTime {
        &self.0
    }
}

impl From<OffsetDateTime> for Rfc3339 {
    fn from(at: OffsetDateTime) -> Self {
        Rfc3339(at)
    }
}

impl From<Rfc3339> for OffsetDateTime {
    fn from(at: Rfc3339) -> Self {
        at.0
    }
}
