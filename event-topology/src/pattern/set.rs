//! Many patterns at once.

use std::collections::{BTreeSet, HashMap};

use super::EventPattern;
use super::branch::Branch;
use super::event::{Event, EventError, Paths};
use super::model::{Condition, Leaf};

/// Patterns that are matched together, with an index on `source` and `detail-type`.
///
/// A pattern that lists sources and detail-types is looked at only for events that have one of each; the values of
/// an event are read once for all patterns.
///
/// # Example
///
/// ```
/// use event_topology::pattern::{EventPattern, PatternSet};
///
/// let mut rules = PatternSet::default();
/// rules.insert(&"orders", &EventPattern::parse(r#"{"source":["app.shop"],"detail-type":["order.placed:v1"]}"#)?);
/// rules.insert(&"all", &EventPattern::parse(r#"{"source":[{"prefix":"app."}]}"#)?);
///
/// let event = r#"{"source":"app.shop","detail-type":"order.placed:v1","detail":{}}"#;
/// assert_eq!(rules.matches(event)?, ["all", "orders"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PatternSet<K> {
    branches: Vec<(K, Branch)>,
    index: HashMap<(Option<String>, Option<String>), Vec<usize>>,
    paths: Paths,
}

impl<K> Default for PatternSet<K> {
    fn default() -> Self {
        let mut paths = Paths::default();
        paths.insert("source");
        paths.insert("detail-type");
        Self { branches: Vec::new(), index: HashMap::new(), paths }
    }
}

impl<K: Clone + Ord> PatternSet<K> {
    /// Adds a pattern under a key. Several patterns under one key match where one of them does.
    pub fn insert(&mut self, key: &K, pattern: &EventPattern) {
        for branch in &pattern.branches {
            for (path, _) in &branch.fields {
                self.paths.insert(path);
            }
            for source in exact(branch, "source") {
                for detail_type in exact(branch, "detail-type") {
                    self.index
                        .entry((source.clone(), detail_type))
                        .or_default()
                        .push(self.branches.len());
                }
            }
            self.branches.push((key.clone(), branch.clone()));
        }
    }

    /// The keys of the patterns that match an event, in order.
    ///
    /// # Errors
    ///
    /// [`EventError`] if the event cannot be read, or a pattern cannot be decided.
    pub fn matches(&self, event: &str) -> Result<Vec<K>, EventError> {
        let event = Event::read(event, &self.paths)?;
        let mut candidates = BTreeSet::new();
        for source in texts(&event, "source") {
            for detail_type in texts(&event, "detail-type") {
                let key = (source.clone(), detail_type);
                candidates.extend(self.index.get(&key).into_iter().flatten().copied());
            }
        }
        let mut keys = BTreeSet::new();
        for candidate in candidates {
            let (key, branch) = &self.branches[candidate];
            if !keys.contains(key) && branch.matches(&event)? {
                keys.insert(key.clone());
            }
        }
        Ok(keys.into_iter().collect())
    }
}

/// The strings that a branch lists for a path; `None` stands for any value.
fn exact(branch: &Branch, path: &str) -> Vec<Option<String>> {
    let Some((_, conditions)) = branch.fields.iter().find(|(field, _)| field == path) else {
        return vec![None];
    };
    let strings = conditions.iter().map(|condition| match condition {
        // A text that is an IP address has other spellings.
        Condition::String(text) if super::address::Address::parse(text).is_none() => {
            Some(Some(text.clone()))
        }
        _ => None,
    });
    strings.collect::<Option<Vec<_>>>().unwrap_or_else(|| vec![None])
}

/// The strings that an event has at a path, and `None`.
fn texts(event: &Event<'_>, path: &str) -> Vec<Option<String>> {
    let strings = event.at(path).iter().filter_map(|value| match &value.leaf {
        Leaf::String(text) => Some(Some(text.clone().into_owned())),
        _ => None,
    });
    strings.chain([None]).collect()
}
