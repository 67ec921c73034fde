//! A row, its revision, and the rule for replacing a row.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::{Envelope, EventId};

/// The revision of a row.
///
/// A projection uses one kind. (Every moment is newer than every sequence number, so a projection
/// may move from numbers to moments, but not back.)
///
/// # Example
///
/// ```
/// use event_runtime::projection::Revision;
///
/// assert!(Revision::Sequence(2) > Revision::Sequence(1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revision {
    /// A number that the publisher increments for each key, from 1. Gaps are detected.
    Sequence(u64),
    /// When the event happened; its ID decides between events of the same moment. Gaps are not
    /// detected.
    Moment(Timestamp, EventId),
}

impl Revision {
    /// Returns the revision of an event without a number of its own.
    pub fn of<D>(envelope: &Envelope<D>) -> Self {
        Self::Moment(envelope.occurred_at, envelope.id)
    }

    /// Returns how many numbers are missing between the stored row and this revision.
    fn missing_since(self, stored: Option<Self>) -> u64 {
        match (stored, self) {
            (None, Self::Sequence(number)) => number.saturating_sub(1),
            (Some(Self::Sequence(before)), Self::Sequence(number)) => {
                number.saturating_sub(before).saturating_sub(1)
            }
            _ => 0,
        }
    }
}

/// Makes every [`Timestamp`] positive, in nanoseconds, so that texts sort correctly.
const MOMENT_BASE: i128 = 1_000_000_000_000_000_000_000;

/// The text is not a revision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid revision `{text}`: expected `s` and 20 digits, or `t`, 22 digits, `#` and an event ID"
)]
pub struct InvalidRevision {
    /// The text.
    pub text: String,
}

/// A text for stores that compare texts: its bytes sort in the order of the revisions.
impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sequence(number) => write!(f, "s{number:020}"),
            Self::Moment(at, id) => write!(f, "t{:022}#{id}", at.as_nanosecond() + MOMENT_BASE),
        }
    }
}

impl FromStr for Revision {
    type Err = InvalidRevision;

    fn from_str(text: &str) -> Result<Self, InvalidRevision> {
        let parse = || match text.split_at_checked(1)? {
            ("s", number) if number.len() == 20 && !number.starts_with('+') => {
                Some(Self::Sequence(number.parse().ok()?))
            }
            ("t", moment) => {
                let (at, id) = moment.split_once('#').filter(|(at, _)| at.len() == 22)?;
                let at = at.parse::<i128>().ok()? - MOMENT_BASE;
                Some(Self::Moment(Timestamp::from_nanosecond(at).ok()?, id.parse().ok()?))
            }
            _ => None,
        };
        parse().ok_or_else(|| InvalidRevision { text: text.to_owned() })
    }
}

/// The row that a projection stores for a key.
///
/// Rows have a total order: by revision, and between two values of one revision by the bytes of the
/// value, where a tombstone is less than any value. The greatest row stays, so the order of arrival
/// does not matter, even if a publisher wrote two values with one revision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// The revision of the row.
    pub revision: Revision,
    /// The value as JSON; `None` is a tombstone.
    pub value: Option<String>,
}

/// The result of writing a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Effect {
    /// The row was newer and is stored now.
    Written,
    /// The same, but revisions in between are missing: they are late, or lost.
    WrittenAfterGap {
        /// How many are missing.
        missing: u64,
    },
    /// A newer row is already stored. Nothing was written.
    Stale,
    /// The same row is already stored. Nothing was written.
    Duplicate,
    /// Another value is stored for the same revision: the publisher used a number twice. The
    /// greater of the two values stays.
    Conflict {
        /// Whether the new value is the greater one.
        replaced: bool,
    },
}

impl Effect {
    /// Whether the new row is stored now.
    pub fn is_written(self) -> bool {
        matches!(
            self,
            Self::Written | Self::WrittenAfterGap { .. } | Self::Conflict { replaced: true }
        )
    }
}

impl Row {
    /// Returns the result of writing this row over the stored one: the rule of all stores.
    pub fn over(&self, stored: Option<&Self>) -> Effect {
        match stored {
            Some(stored) if self.revision < stored.revision => Effect::Stale,
            Some(stored) if self.revision == stored.revision => {
                if self == stored {
                    Effect::Duplicate
                } else {
                    Effect::Conflict { replaced: self > stored }
                }
            }
            _ => match self.revision.missing_since(stored.map(|row| row.revision)) {
                0 => Effect::Written,
                missing => Effect::WrittenAfterGap { missing },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u64, value: &str) -> Row {
        let value = (!value.is_empty()).then(|| value.to_owned());
        Row { revision: Revision::Sequence(number), value }
    }

    #[test]
    fn effects_are_distinguished() {
        let stored = row(3, "b");
        let check = |incoming: Row, effect| assert_eq!(incoming.over(Some(&stored)), effect);
        check(row(4, "x"), Effect::Written);
        check(row(6, "x"), Effect::WrittenAfterGap { missing: 2 });
        check(row(2, "x"), Effect::Stale);
        check(row(3, "b"), Effect::Duplicate);
        check(row(3, "a"), Effect::Conflict { replaced: false });
        check(row(3, "c"), Effect::Conflict { replaced: true });
        check(row(3, ""), Effect::Conflict { replaced: false });
        assert_eq!(row(1, "a").over(None), Effect::Written);
        assert_eq!(row(3, "a").over(None), Effect::WrittenAfterGap { missing: 2 });
    }

    #[test]
    fn tombstone_stays_after_late_row() {
        assert_eq!(row(2, "x").over(Some(&row(3, ""))), Effect::Stale);
        assert_eq!(row(4, "x").over(Some(&row(3, ""))), Effect::Written);
    }

    #[test]
    fn id_decides_within_same_moment() {
        let at = Timestamp::from_second(1).unwrap();
        let [first, second] = [EventId::generate(), EventId::generate()];
        assert!(Revision::Moment(at, second) > Revision::Moment(at, first));
        let later = Timestamp::from_second(2).unwrap();
        assert!(Revision::Moment(later, first) > Revision::Moment(at, second));
    }

    #[test]
    fn texts_of_revisions_sort_like_revisions() {
        use Revision::{Moment, Sequence};
        let id = |n: u128| EventId::from(ulid::Ulid(n));
        let at = |nanos: i128| Timestamp::from_nanosecond(nanos).unwrap();
        let mut revisions = vec![Sequence(0), Sequence(9), Sequence(10), Sequence(u64::MAX)];
        for moment in [Timestamp::MIN, at(-1), at(0), at(9), at(10), Timestamp::MAX] {
            revisions.extend([0, 1, 31, 32, u128::MAX].map(|n| Moment(moment, id(n))));
        }
        for pair in revisions.windows(2) {
            assert!(pair[0] < pair[1] && pair[0].to_string() < pair[1].to_string(), "{pair:?}");
        }
        for revision in revisions {
            assert_eq!(revision.to_string().parse(), Ok(revision));
        }
        for text in ["", "s1", "t1#x", "x", "é", "s+0000000000000000001"] {
            assert!(text.parse::<Revision>().is_err(), "{text}");
        }
    }
}
