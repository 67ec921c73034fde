//! Logical ids: letters and digits, one for each thing of a plan, the same for the same plan.

use std::collections::BTreeMap;

use crate::plan::Plan;

/// What of a plan a resource is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Consumer,
    Publisher,
    Rule,
    Queue,
    Table,
}

/// Logical ids by kind and name.
#[derive(Debug)]
pub(super) struct Names(BTreeMap<(Kind, String), String>);

impl Names {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut named: Vec<(Kind, &str)> = Vec::new();
        named.extend(plan.consumers.iter().map(|it| (Kind::Consumer, it.name.as_str())));
        named.extend(plan.publishers.iter().map(|it| (Kind::Publisher, it.name.as_str())));
        named.extend(plan.rules.iter().map(|it| (Kind::Rule, it.name.as_str())));
        named.extend(plan.queues.iter().map(|it| (Kind::Queue, it.name.as_str())));
        named.extend(plan.tables.iter().map(|it| (Kind::Table, it.name.as_str())));

        let mut ids = BTreeMap::new();
        let mut taken: BTreeMap<String, (Kind, &str)> = BTreeMap::new();
        for (kind, name) in named {
            let mut id = format!("{}{kind:?}", pascal(name));
            // `a.b` and `a-b` are one id without this.
            if taken.get(&id).is_some_and(|&other| other != (kind, name)) {
                id = format!("{id}{:08x}", crate::declaration::hash(name));
            }
            taken.insert(id.clone(), (kind, name));
            ids.insert((kind, name.to_owned()), id);
        }
        Self(ids)
    }

    /// The logical id of this thing, which is in the plan.
    pub(super) fn id(&self, kind: Kind, name: &str) -> String {
        let known = self.0.get(&(kind, name.to_owned())).cloned();
        known.unwrap_or_else(|| format!("{}{kind:?}", pascal(name)))
    }
}

/// Letters and digits of a name, each part with an upper-case letter first.
fn pascal(name: &str) -> String {
    let mut id = String::new();
    let mut first = true;
    for character in name.chars() {
        if !character.is_ascii_alphanumeric() {
            first = true;
        } else if first {
            id.push(character.to_ascii_uppercase());
            first = false;
        } else {
            id.push(character);
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_ids_are_letters_and_digits() {
        assert_eq!(pascal("proposal.published-v2-emailer"), "ProposalPublishedV2Emailer");
        assert_eq!(pascal("rows.fifo"), "RowsFifo");
    }
}
