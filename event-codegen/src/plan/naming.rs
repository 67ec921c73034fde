//! Who gets which name.
//!
//! A nested type is called after the definition or the property that holds it; a whole file that a reference
//! names is a definition called as the file. Where two want the same
//! name, the one that was there in the earlier minor keeps it, and the other takes its parent's name
//! along, then its grandparent's, then a number. A name of the prelude is as good as taken: who imports
//! all of a module would no longer mean `Result` by `Result`. Names are given along an event's minors from the
//! oldest on, so that a field that is added never renames a type that people use.

use std::collections::{BTreeMap, BTreeSet};

use crate::names::{hides_prelude, pascal};

/// The names of one major, by place. Places are stable: `#Order` for a definition, else the wire path
/// from the root such as `customer.address`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Names {
    by_place: BTreeMap<String, String>,
    /// The fields or variants of the type at a place, by wire name.
    members: BTreeMap<String, BTreeMap<String, String>>,
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
            .find(|n| self.is_free(n));
        let mut longest = pascal(&path.join(" "));
        if name.is_none() && hides_prelude(&longest) {
            // a definition, which has no parent, takes the event's name along
            longest = match self.by_place.get("") {
                Some(root) => format!("{root}{longest}"),
                None => format!("{longest}Event"),
            };
            name = Some(longest.clone()).filter(|n| self.is_free(n));
        }
        let mut n = 2;
        while name.is_none() {
            let numbered = format!("{longest}{n}");
            name = Some(numbered).filter(|n| self.is_free(n));
            n += 1;
        }
        let name = name.unwrap_or(longest);
        self.taken.insert(name.clone());
        self.by_place.insert(place.to_owned(), name.clone());
        name
    }

    fn is_free(&self, name: &str) -> bool {
        !self.taken.contains(name) && !hides_prelude(name)
    }

    /// The names of the fields or variants of the type at `place`, which stand as wire name and wanted
    /// name. Who had a name in an earlier minor keeps it; of the others, a later one that wants a name
    /// which is taken gets a number, `between` the two.
    pub(crate) fn members<'a>(
        &mut self,
        place: &str,
        wanted: impl Iterator<Item = (&'a str, String)>,
        between: &str,
    ) -> Vec<String> {
        let known = self.members.entry(place.to_owned()).or_default();
        let mut taken: BTreeSet<String> = known.values().cloned().collect();
        let mut out = Vec::new();
        for (wire, name) in wanted {
            let name = known.entry(wire.to_owned()).or_insert_with(|| free(name, between, &taken));
            taken.insert(name.clone());
            out.push(name.clone());
        }
        out
    }
}

fn free(name: String, between: &str, taken: &BTreeSet<String>) -> String {
    if !taken.contains(&name) {
        return name;
    }
    // `self_` is `self_2` then, as rustc wants names
    let base = name.trim_start_matches("r#").trim_end_matches('_');
    // `T10` and a second one is no `T102`
    let between = if between.is_empty() && base.ends_with(|c: char| c.is_ascii_digit()) {
        "_"
    } else {
        between
    };
    let mut n = 2;
    loop {
        let candidate = format!("{base}{between}{n}");
        if !taken.contains(&candidate) {
            return candidate;
        }
        n += 1;
    }
}

/// Makes each of `names` unique by a number behind the later ones: the branches of a union.
pub(crate) fn unique(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    for name in names {
        let name = free(name, "", &taken);
        taken.insert(name.clone());
        out.push(name);
    }
    out
}
