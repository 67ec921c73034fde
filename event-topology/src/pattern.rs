//! The event pattern of a rule: which sources and detail-types it lets through, and no others.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// An event pattern over `source` and `detail-type`, in JSON as EventBridge takes it.
///
/// In one set of [`Fields`] every source goes with every detail-type. Where a consumer reads one
/// event of one source and another of another, that would let through what it never asked for, so
/// there the pattern is an `$or` over such sets. Source: *Amazon EventBridge User Guide*,
/// "Comparison operators for use in event patterns".
///
/// # Example
///
/// ```
/// use event_topology::plan::Pattern;
///
/// let one = Pattern::exactly([("app.shop", "order.placed:v1"), ("app.shop", "order.paid:v1")]);
/// assert_eq!(
///     serde_json::to_string(&one)?,
///     r#"{"source":["app.shop"],"detail-type":["order.paid:v1","order.placed:v1"]}"#
/// );
///
/// let two = Pattern::exactly([("app.shop", "order.placed:v1"), ("app.bank", "paid:v2")]);
/// assert!(two.matches("app.bank", "paid:v2"));
/// assert!(!two.matches("app.shop", "paid:v2"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Pattern {
    /// What matches any of these.
    Or {
        /// The sets; two at least.
        #[serde(rename = "$or")]
        any: Vec<Fields>,
    },
    /// What matches this.
    Fields(Fields),
}

/// Sources and detail-types that go together: an event matches that has one of each list. A list
/// that is empty is not in the JSON, and asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    /// The sources.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub source: BTreeSet<String>,
    /// The detail-types.
    #[serde(default, rename = "detail-type", skip_serializing_if = "BTreeSet::is_empty")]
    pub detail_type: BTreeSet<String>,
}

impl Pattern {
    /// The pattern that lets these pairs of source and detail-type through, and nothing else, with
    /// as few alternatives as there are different sets of detail-types among the sources.
    pub fn exactly<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut by_source: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (source, detail_type) in pairs {
            by_source.entry(source).or_default().insert(detail_type.to_owned());
        }
        let mut by_detail_types: BTreeMap<BTreeSet<String>, BTreeSet<String>> = BTreeMap::new();
        for (source, detail_types) in by_source {
            by_detail_types.entry(detail_types).or_default().insert(source.to_owned());
        }
        let sets = by_detail_types.into_iter();
        let mut any: Vec<_> =
            sets.map(|(detail_type, source)| Fields { source, detail_type }).collect();
        any.sort();
        match any.pop() {
            None => Self::Fields(Fields::default()),
            Some(fields) if any.is_empty() => Self::Fields(fields),
            Some(last) => {
                any.push(last);
                Self::Or { any }
            }
        }
    }

    /// Whether an event of this source and detail-type is let through.
    pub fn matches(&self, source: &str, detail_type: &str) -> bool {
        self.alternatives().iter().any(|fields| fields.matches(source, detail_type))
    }

    /// Whether there is nothing that it asks for. EventBridge takes no such pattern.
    pub fn is_empty(&self) -> bool {
        self.alternatives().iter().any(|f| f.source.is_empty() && f.detail_type.is_empty())
    }

    /// The sets of which one has to match.
    pub fn alternatives(&self) -> &[Fields] {
        match self {
            Self::Or { any } => any,
            Self::Fields(fields) => std::slice::from_ref(fields),
        }
    }
}

impl Fields {
    fn matches(&self, source: &str, detail_type: &str) -> bool {
        let listed = |list: &BTreeSet<String>, value: &str| list.is_empty() || list.contains(value);
        listed(&self.source, source) && listed(&self.detail_type, detail_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_set_where_that_lets_nothing_else_through() {
        let both = [("a", "t"), ("a", "u"), ("b", "u"), ("b", "t")];
        assert!(matches!(Pattern::exactly(both), Pattern::Fields(_)));
        let mixed = Pattern::exactly([("a", "t"), ("b", "t"), ("c", "u")]);
        assert_eq!(
            serde_json::to_string(&mixed).unwrap(),
            r#"{"$or":[{"source":["a","b"],"detail-type":["t"]},{"source":["c"],"detail-type":["u"]}]}"#
        );
    }

    #[test]
    fn it_reads_what_it_writes() {
        for pairs in [vec![("a", "t")], vec![("a", "t"), ("b", "u")]] {
            let pattern = Pattern::exactly(pairs);
            let json = serde_json::to_string(&pattern).unwrap();
            assert_eq!(serde_json::from_str::<Pattern>(&json).unwrap(), pattern);
        }
        for unknown in [r#"{"detail":{}}"#, r#"{"$or":[{"account":["1"]}]}"#] {
            assert!(serde_json::from_str::<Pattern>(unknown).is_err(), "{unknown} was read");
        }
    }

    #[test]
    fn nothing_is_an_empty_pattern() {
        assert!(Pattern::exactly([]).is_empty());
        assert!(!Pattern::exactly([("a", "t")]).is_empty());
    }
}
