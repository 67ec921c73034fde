//! A pattern without `$or`: conditions of which each must hold, in the same elements of arrays.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::event::{Elements, Event, EventError, Value};
use super::model::{Condition, Member, Object};

/// How many combinations of array elements are tried.
const COMBINATIONS: usize = 1_000_000;

/// How many branches the `$or`s of a pattern may make. Source: *Amazon EventBridge User Guide*, "Comparison
/// operators": more than 1,000 combinations of `$or` conditions are refused.
pub(super) const BRANCHES: usize = 1000;

/// Conditions by path. Paths are sorted as Event Ruler sorts them, by UTF-16 code units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Branch {
    pub(super) fields: Vec<(String, Arc<[Condition]>)>,
}

/// The branches of a pattern, and the paths at which a later condition replaces an earlier one.
pub(super) struct Branches {
    pub(super) branches: Vec<Branch>,
    pub(super) replaced: BTreeSet<String>,
}

/// The pattern has too many branches.
pub(super) struct TooMany;

type Fields = BTreeMap<String, Arc<[Condition]>>;

impl Branches {
    /// `$or`s are multiplied out. A second condition on one path takes the place of the first, as in EventBridge.
    pub(super) fn of(object: &Object) -> Result<Self, TooMany> {
        let mut fields: Vec<Fields> = Vec::new();
        let mut replaced = BTreeSet::new();
        multiply(object, "", &mut fields, &mut replaced)?;
        let branches = fields.into_iter().map(|fields| {
            let mut fields: Vec<_> = fields.into_iter().collect();
            fields.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            Branch { fields }
        });
        Ok(Self { branches: branches.collect(), replaced })
    }
}

fn multiply(
    object: &Object,
    path: &str,
    branches: &mut Vec<Fields>,
    replaced: &mut BTreeSet<String>,
) -> Result<(), TooMany> {
    let join =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for member in &object.members {
        match member {
            Member::Object(name, inner) => multiply(inner, &join(name), branches, replaced)?,
            Member::Values(name, conditions) => {
                let conditions: Arc<[Condition]> = conditions.clone().into();
                if branches.is_empty() {
                    branches.push(Fields::new());
                }
                for branch in branches.iter_mut() {
                    if branch.insert(join(name), Arc::clone(&conditions)).is_some() {
                        replaced.insert(join(name));
                    }
                }
            }
            Member::Or(objects) => {
                let before = std::mem::take(branches);
                for object in objects {
                    let mut alternatives =
                        if before.is_empty() { vec![Fields::new()] } else { before.clone() };
                    multiply(object, path, &mut alternatives, replaced)?;
                    branches.extend(alternatives);
                    if branches.len() > BRANCHES {
                        return Err(TooMany);
                    }
                }
            }
        }
    }
    Ok(())
}

impl Branch {
    /// Whether every condition holds for some value, so that no two of these values are in different elements of
    /// the same array.
    pub(super) fn matches(&self, event: &Event<'_>) -> Result<bool, EventError> {
        let values: Vec<&[Value<'_>]> =
            self.fields.iter().map(|(path, _)| event.at(path)).collect();
        let mut budget = COMBINATIONS;
        for group in groups(&values) {
            if !self.group(&group, &values, &mut budget)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Fields that share arrays, in order. What is kept of a partial match are the elements that it is in, as far
    /// as a later field asks for their arrays.
    fn group(
        &self,
        group: &[usize],
        values: &[&[Value<'_>]],
        budget: &mut usize,
    ) -> Result<bool, EventError> {
        let mut last_use: HashMap<u32, usize> = HashMap::new();
        for &field in group {
            for value in values[field] {
                last_use.extend(value.elements.iter().map(|&(array, _)| (array, field)));
            }
        }
        let mut matches: BTreeSet<Elements> = BTreeSet::from([Vec::new()]);
        for &field in group {
            let conditions = &self.fields[field].1;
            let fitting: Vec<&Value<'_>> = values[field]
                .iter()
                .filter(|value| conditions.iter().any(|c| c.matches(&value.leaf)))
                .collect();
            let absent = conditions.contains(&Condition::Exists(false));
            let mut next = BTreeSet::new();
            for so_far in &matches {
                *budget = budget
                    .checked_sub(values[field].len() + 1)
                    .ok_or(EventError::TooManyCombinations)?;
                let keep = |elements: Elements| {
                    elements.into_iter().filter(|(array, _)| last_use[array] > field).collect()
                };
                if absent && !values[field].iter().any(|value| consistent(so_far, &value.elements))
                {
                    next.insert(keep(so_far.clone()));
                }
                for value in fitting.iter().filter(|value| consistent(so_far, &value.elements)) {
                    let mut elements: Elements =
                        so_far.iter().chain(&value.elements).copied().collect();
                    elements.sort_unstable();
                    elements.dedup();
                    next.insert(keep(elements));
                }
            }
            if next.is_empty() {
                return Ok(false);
            }
            matches = next;
        }
        Ok(true)
    }
}

/// Whether two sets of elements name different elements of no array.
fn consistent(a: &[(u32, u32)], b: &[(u32, u32)]) -> bool {
    a.iter().all(|(array, element)| b.iter().all(|(other, at)| array != other || element == at))
}

/// Fields that share an array, directly or through others, are a group.
fn groups(values: &[&[Value<'_>]]) -> Vec<Vec<usize>> {
    let mut group_of: Vec<usize> = (0..values.len()).collect();
    let mut owner: HashMap<u32, usize> = HashMap::new();
    for (field, values) in values.iter().enumerate() {
        for (array, _) in values.iter().flat_map(|value| &value.elements) {
            let other = *owner.entry(*array).or_insert(field);
            let (from, to) = (group_of[field], group_of[other]);
            if from != to {
                group_of.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (field, group) in group_of.into_iter().enumerate() {
        groups.entry(group).or_default().push(field);
    }
    groups.into_values().collect()
}
