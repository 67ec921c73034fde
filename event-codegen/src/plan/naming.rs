//! Who gets which name.
//!
//! A nested type is called after the definition or the property that holds it. Where two want the same
//! name, the one that was there in the earlier minor keeps it, and the other takes its parent's name
//! along, then its grandparent's, then a number. Names are given along an event's minors from the
//! oldest on, so that a field that is added never renames a type that people use.

use std::collections::{BTreeMap, BTreeSet};

use crate::names::pascal;

/// The names of one major, by place. Places are stable: `#Order` for a definition, else the wire path
/// from the root such as `customer.address`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Names {
    by_place: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

impl Names {
    /// The name for the type at `place`; `path` holds the words to build it from, outermost first.
    pub(crate) fn name(&mut self, place: &str, path: &[String]) -> String {
        if let Some(name) = self.by_place.get(place) {
            return name.clone();
        }
        let mut name = (1..=path.len())
            .map(|n| pascal(&path[path.len() - n..].join(" ")))
            .find(|n| !self.taken.contains(n));
        let longest = pascal(&path.join(" "));
        let mut n = 2;
        while name.is_none() {
            let numbered = format!("{longest}{n}");
            name = (!self.taken.contains(&numbered)).then_some(numbered);
            n += 1;
        }
        let name = name.unwrap_or(longest);
        self.taken.insert(name.clone());
        self.by_place.insert(place.to_owned(), name.clone());
        name
    }
}

/// Makes each of `names` unique by a number behind the later ones, `between` it: field or variant names
/// of one type.
pub(crate) fn unique(names: impl Iterator<Item = String>, between: &str) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    for name in names {
        let mut candidate = name.clone();
        let mut n = 2;
        while !taken.insert(candidate.clone()) {
            candidate = format!("{}{between}{n}", name.trim_start_matches("r#"));
            n += 1;
        }
        out.push(candidate);
    }
    out
}
