//! Completes an object: its required members, and as many others as it needs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Plan, Shown};
use crate::kernel::{Kernel, Outcome};
use crate::model::ObjectRules;

/// The maximum number of members that are written only to reach a count.
const MAX_MEMBERS: u64 = 1_000;

impl<'s> Kernel<'s> {
    /// Adds the required members and as many as are needed, no more.
    pub(super) fn complete(&mut self, plan: &Plan<'_, 's>, shown: &Shown) -> Outcome {
        let state = plan.state;
        let mut names: BTreeSet<&str> = shown.keys().map(String::as_str).collect();
        names.extend(state.present.iter().chain(&plan.present));
        for (_, rules) in &state.objects {
            names.extend(rules.required.iter().map(String::as_str));
        }
        let depends = state.objects.iter().flat_map(|(_, rules)| &rules.dependent_required);
        let mut needs: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
        for (name, needed) in depends {
            needs.entry(name).or_default().extend(needed);
        }
        let mut todo: Vec<&str> =
            if needs.is_empty() { Vec::new() } else { names.iter().copied().collect() };
        while let Some(name) = todo.pop() {
            let needed = needs.get(name).into_iter().flatten().map(|need| need.as_str());
            todo.extend(needed.filter(|need| names.insert(need)));
        }
        self.budget.spend(needs.len());
        let count = names.len() as u64;
        if names.iter().any(|name| plan.is_absent(name))
            || state.max_properties.is_some_and(|m| count > m)
        {
            return Outcome::None;
        }
        self.budget.spend(names.len());
        let mut members = Map::new();
        let mut unknown = None;
        for name in names {
            let extra = shown.get(name).map(Vec::as_slice).unwrap_or_default();
            match self.member(plan, name, extra) {
                Outcome::Found(value) => {
                    members.insert(name.to_owned(), value);
                }
                Outcome::None => return Outcome::None,
                Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
            }
        }
        if let Some(why) = unknown {
            return Outcome::Unknown(why);
        }
        match self.enough(plan, &mut members) {
            Ok(()) => Outcome::Found(Value::Object(members)),
            Err(outcome) => outcome,
        }
    }

    /// Adds members up to the minimum count.
    fn enough(
        &mut self,
        plan: &Plan<'_, 's>,
        members: &mut Map<String, Value>,
    ) -> Result<(), Outcome> {
        let state = plan.state;
        let missing = |members: &Map<String, Value>| (members.len() as u64) < state.min_properties;
        if !missing(members) {
            return Ok(());
        }
        if state.min_properties > MAX_MEMBERS {
            let message = format!(
                "too large, because an object of {} members would have to be written out",
                state.min_properties
            );
            return Err(Outcome::Unknown(message.into()));
        }
        let mut doubt = false;
        let spelled = plan.spelled();
        for name in &spelled {
            if !missing(members) || doubt {
                break;
            }
            let depends = state
                .objects
                .iter()
                .any(|(_, r)| r.dependent_required.iter().any(|(n, _)| n == name));
            if members.contains_key(*name) || plan.is_absent(name) {
                continue;
            }
            if depends {
                doubt = true;
                continue;
            }
            match self.member(plan, name, &[]) {
                Outcome::Found(value) => {
                    members.insert((*name).to_owned(), value);
                }
                Outcome::Unknown(_) => doubt = true,
                Outcome::None => {}
            }
        }
        while missing(members) {
            let fresh = if doubt { None } else { self.fresh(plan, &spelled, members)? };
            let Some((name, value)) = fresh else {
                return Err(if doubt {
                    Outcome::Unknown("`minProperties`".into())
                } else {
                    Outcome::None
                });
            };
            members.insert(name, value);
        }
        Ok(())
    }

    /// A member whose name is not spelled out and not in use.
    fn fresh(
        &mut self,
        plan: &Plan<'_, 's>,
        spelled: &BTreeSet<&str>,
        members: &Map<String, Value>,
    ) -> Result<Option<(String, Value)>, Outcome> {
        if let Some(why) = self.exhausted() {
            return Err(why);
        }
        self.budget.spend(members.len());
        let patterns = |rules: &ObjectRules| !rules.patterns.is_empty() || rules.names.is_some();
        if !plan.state.objects.iter().any(|(_, rules)| patterns(rules)) {
            // any name is possible
            let is_free =
                |name: &String| !spelled.contains(name.as_str()) && !members.contains_key(name);
            let taken = members.len() + spelled.len();
            let name = (0..=taken).map(|i| format!("k{i}")).find(is_free);
            return match name.map(|name| (self.member(plan, &name, &[]), name)) {
                Some((Outcome::Found(value), name)) => Ok(Some((name, value))),
                Some((unknown @ Outcome::Unknown(_), _)) => Err(unknown),
                _ => Ok(None),
            };
        }
        let avoid: Vec<&str> =
            spelled.iter().copied().chain(members.keys().map(String::as_str)).collect();
        let (names, complete) = self.unspelled(plan, &[], &avoid);
        let mut unknown = (!complete).then(|| Outcome::Unknown("`patternProperties`".into()));
        for name in names {
            match name.map(|name| (self.member(plan, &name, &[]), name)) {
                Ok((Outcome::Found(value), name)) => return Ok(Some((name, value))),
                Ok((Outcome::Unknown(why), _)) | Err(why) => unknown = Some(Outcome::Unknown(why)),
                Ok((Outcome::None, _)) => {}
            }
        }
        unknown.map_or(Ok(None), Err)
    }
}
