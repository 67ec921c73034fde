//! Assigns names.
//!
//! A nested type is named after the definition or the property that contains it; a whole file that a
//! reference names is a definition named after the file. If two types want the same name, the one of the
//! earlier minor keeps it, and the other adds its parent's name, then its grandparent's, then a number.
//! Names of the prelude count as taken, because a glob import of the module would otherwise change the
//! meaning of `Result`, for example. Names are assigned along an event's minors, oldest first, so that an
//! added field never renames a type in use.

use std::collections::{BTreeMap, BTreeSet};

use crate::names::{hides_prelude, pascal};

/// The names of one major, by place. Places are stable: `#Order` for a definition, otherwise the wire path
/// from the root such as `customer.address`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Names {
    by_place: BTreeMap<String, String>,
    /// The fields or variants of the type at a place, by wire name.
    members: BTreeMap<String, BTreeMap<String, String>>,
    taken: BTreeSet<String>,
}

impl Names {
    /// The name for the type at `place`; `path` has the words to build it from, outermost first.
    pub(crate) fn name(&mut self, place: &str, path: &[String]) -> String {
        if let Some(name) = self.by_place.get(place) {
            return name.clone();
        }
        let mut name = (1..=path.len())
            .map(|n| pascal(&path[path.len() - n..].join(" ")))
            .find(|n| self.is_free(n));
        let mut longest = pascal(&path.join(" "));
        if name.is_none() && hides_prelude(&longest) {
            // a definition without a parent adds the event's name
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

    /// The names of the fields or variants of the type at `place`, given as wire name and desired name. A
    /// name of an earlier minor is kept; of the others, a later one whose name is taken gets a number, with
    /// `between` in front of it.
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
    // `self_` becomes `self_2` then, as rustc requires for names
    let base = name.trim_start_matches("r#").trim_end_matches('_');
    // `T10` and a second one do not become `T102`
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

/// Makes each of `names`, the branches of a union, unique by adding numbers to the later ones.
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
