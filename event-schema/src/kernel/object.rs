//! Objects: which members are there, and what each must be.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use super::goal::is_free;
use super::state::{Members, State};
use super::{Kernel, Lit, Outcome};
use crate::model::ObjectRules;

/// Most members that are written out only to have enough of them.
const MAX_MEMBERS: u64 = 1_000;

/// What must be true of the value of a member.
enum Rules {
    /// All of these.
    Wanted(Vec<Lit>),
    /// There can't be such a member.
    Forbidden,
    /// It can't be told.
    Unknown(Rc<str>),
}

impl<'s> Kernel<'s> {
    /// An object that is as the state says.
    pub(super) fn object(&mut self, state: &State<'s>, except: &[Value]) -> Outcome {
        if state.max_properties.is_some_and(|max| max < state.min_properties) {
            return Outcome::None;
        }
        self.show(state, &state.members, &mut BTreeMap::new(), except)
    }

    /// Finds a member for each that must be shown, one after the other.
    fn show(
        &mut self,
        state: &State<'s>,
        members: &[Members<'s>],
        shown: &mut BTreeMap<String, Vec<Lit>>,
        except: &[Value],
    ) -> Outcome {
        let Some((member, rest)) = members.split_first() else {
            return self.complete(state, shown, except);
        };
        let mut unknown: Option<Rc<str>> = None;
        let (candidates, sure) = self.candidates(state, *member);
        if !sure {
            unknown = Some("`patternProperties`".into());
        }
        let lit = match *member {
            Members::Named(_, lit) | Members::Matching(_, lit) | Members::Other(_, _, lit) => {
                Some(lit)
            }
            Members::Name(_) => None,
        };
        for name in candidates {
            let name = match name {
                Ok(name) => name,
                Err(why) => {
                    unknown = unknown.or(Some(why));
                    continue;
                }
            };
            if state.absent.contains(&name.as_str()) {
                continue;
            }
            let before = shown.get(&name).cloned();
            let mut extra = before.clone().unwrap_or_default();
            extra.extend(lit);
            match self.member(state, &name, &extra) {
                Outcome::None => continue,
                Outcome::Unknown(why) => {
                    unknown = unknown.or(Some(why));
                    continue;
                }
                Outcome::Found(_) => {}
            }
            shown.insert(name.clone(), extra);
            let outcome = self.show(state, rest, shown, except);
            match before {
                Some(before) => shown.insert(name, before),
                None => shown.remove(&name),
            };
            match outcome {
                found @ Outcome::Found(_) => return found,
                Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
                Outcome::None => {}
            }
        }
        unknown.map_or(Outcome::None, Outcome::Unknown)
    }

    /// Names that the member may have: each name that is spelled out, and one of each kind that isn't.
    /// Whether these are all kinds.
    fn candidates(
        &mut self,
        state: &State<'s>,
        member: Members<'s>,
    ) -> (Vec<Result<String, Rc<str>>>, bool) {
        let spelled: BTreeSet<&'s str> = match member {
            Members::Named(name, _) => return (vec![Ok(name.to_owned())], true),
            _ => spelled(state),
        };
        let mut out: Vec<Result<String, Rc<str>>> = Vec::new();
        let (mut fixed, mut lits, mut avoid) = (Vec::new(), names_wanted(state), Vec::new());
        match member {
            Members::Matching(pattern, _) => {
                for name in &spelled {
                    match self.cache.matchers.matches(pattern, name) {
                        Some(true) => out.push(Ok((*name).to_owned())),
                        Some(false) => {}
                        None => out.push(Err(format!("pattern `{pattern}`").into())),
                    }
                }
                fixed.push((pattern, true));
            }
            Members::Other(side, rules, _) => {
                for name in &spelled {
                    let (nodes, sure) = self.judge(side).applying(rules, name);
                    let own = rules.property(name).is_some();
                    if !sure {
                        out.push(Err("`patternProperties`".into()));
                    } else if !own && nodes.iter().all(|id| Some(*id) == rules.additional) {
                        out.push(Ok((*name).to_owned()));
                    }
                }
                fixed.extend(rules.patterns.iter().map(|(p, _)| (p.as_str(), false)));
                avoid.extend(rules.properties.iter().map(|p| p.name.as_str()));
            }
            Members::Name(lit) => {
                for name in &spelled {
                    match self.holds(lit, &Value::from(*name)) {
                        Some(true) => out.push(Ok((*name).to_owned())),
                        Some(false) => {}
                        None => out.push(Err("`propertyNames`".into())),
                    }
                }
                lits.push(lit);
            }
            Members::Named(..) => {}
        }
        avoid.extend(&spelled);
        let others: Vec<&'s str> = state
            .objects
            .iter()
            .flat_map(|(_, r)| r.patterns.iter().map(|(p, _)| p.as_str()))
            .filter(|p| !fixed.iter().any(|(f, _)| f == p))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let (ways, complete) = Kernel::signs(&others);
        for way in ways {
            let patterns = fixed.iter().copied().chain(way).collect();
            match self.name(patterns, lits.clone(), &avoid) {
                Outcome::Found(Value::String(name)) => out.push(Ok(name)),
                Outcome::Unknown(why) => out.push(Err(why)),
                _ => {}
            }
        }
        (out, complete)
    }

    /// What must be true of the value of a member with this name.
    fn rules_for(&self, state: &State<'s>, name: &str) -> Rules {
        let mut lits = Vec::new();
        for (side, rules) in &state.objects {
            let judge = self.judge(*side);
            if let Some(names) = rules.names {
                match judge.holds(names, &Value::from(name)) {
                    Some(true) => {}
                    Some(false) => return Rules::Forbidden,
                    None => return Rules::Unknown("`propertyNames`".into()),
                }
            }
            let (nodes, sure) = judge.applying(rules, name);
            if !sure {
                return Rules::Unknown("`patternProperties`".into());
            }
            lits.extend(nodes.into_iter().map(|node| Lit { side: *side, wanted: true, node }));
        }
        let declared = |side: u8, rules: &ObjectRules| {
            rules.property(name).is_some()
                || rules
                    .additional
                    .is_some_and(|id| !self.classes[usize::from(side)].is_trivial(id))
                || rules
                    .patterns
                    .iter()
                    .any(|(p, _)| self.cache.matchers.matches(p, name) == Some(true))
        };
        // A writer emits only what is declared, where anything is.
        let mut writers = state.objects.iter().filter(|(side, _)| self.writer(*side)).peekable();
        let closed = writers.clone().any(|(_, r)| !r.properties.is_empty());
        if closed
            && writers.peek().is_some()
            && !writers.any(|(side, rules)| declared(*side, rules))
        {
            return Rules::Forbidden;
        }
        Rules::Wanted(lits)
    }

    /// A value for the member.
    fn member(&mut self, state: &State<'s>, name: &str, extra: &[Lit]) -> Outcome {
        match self.rules_for(state, name) {
            Rules::Forbidden => Outcome::None,
            Rules::Unknown(why) => Outcome::Unknown(why),
            Rules::Wanted(mut lits) => {
                lits.extend(extra);
                self.solve(&lits)
            }
        }
    }

    /// Adds what must be there, and enough members; no more.
    fn complete(
        &mut self,
        state: &State<'s>,
        shown: &BTreeMap<String, Vec<Lit>>,
        except: &[Value],
    ) -> Outcome {
        let mut names: BTreeSet<&str> = shown.keys().map(String::as_str).collect();
        names.extend(&state.present);
        for (_, rules) in &state.objects {
            names.extend(rules.required.iter().map(String::as_str));
        }
        loop {
            let before = names.len();
            for (name, needs) in state.objects.iter().flat_map(|(_, r)| &r.dependent_required) {
                if names.contains(name.as_str()) {
                    names.extend(needs.iter().map(String::as_str));
                }
            }
            if names.len() == before {
                break;
            }
        }
        let count = names.len() as u64;
        if state.absent.iter().any(|a| names.contains(a))
            || state.max_properties.is_some_and(|m| count > m)
        {
            return Outcome::None;
        }
        self.budget.spend(names.len());
        let mut members = serde_json::Map::new();
        for name in names {
            let extra = shown.get(name).map(Vec::as_slice).unwrap_or_default();
            match self.member(state, name, extra) {
                Outcome::Found(value) => members.insert(name.to_owned(), value),
                other => return other,
            };
        }
        match self.enough(state, &mut members) {
            Ok(()) => {}
            Err(outcome) => return outcome,
        }
        let value = Value::Object(members);
        if is_free(&value, state, except) {
            Outcome::Found(value)
        } else {
            self.another(state, value, except)
        }
    }

    /// Adds members until there are as many as must be.
    fn enough(
        &mut self,
        state: &State<'s>,
        members: &mut serde_json::Map<String, Value>,
    ) -> Result<(), Outcome> {
        if state.min_properties > MAX_MEMBERS {
            let message = format!(
                "too large, because an object of {} members would have to be written out",
                state.min_properties
            );
            return Err(Outcome::Unknown(message.into()));
        }
        let mut doubt = false;
        for name in spelled(state) {
            if members.len() as u64 >= state.min_properties || doubt {
                break;
            }
            let depends = state
                .objects
                .iter()
                .any(|(_, r)| r.dependent_required.iter().any(|(n, _)| n == name));
            if members.contains_key(name) || state.absent.contains(&name) {
                continue;
            }
            if depends {
                doubt = true;
                continue;
            }
            match self.member(state, name, &[]) {
                Outcome::Found(value) => {
                    members.insert(name.to_owned(), value);
                }
                Outcome::Unknown(_) => doubt = true,
                Outcome::None => {}
            }
        }
        while (members.len() as u64) < state.min_properties {
            let Some((name, value)) = self.fresh(state, members)? else {
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

    /// A member with a name that isn't spelled out and not among the members yet.
    fn fresh(
        &mut self,
        state: &State<'s>,
        members: &serde_json::Map<String, Value>,
    ) -> Result<Option<(String, Value)>, Outcome> {
        let names = spelled(state);
        let patterns = state.objects.iter().any(|(_, r)| !r.patterns.is_empty());
        if !patterns && names_wanted(state).is_empty() {
            // Any name will do.
            let free =
                |name: &String| !names.contains(name.as_str()) && !members.contains_key(name);
            let name = (members.len()..).map(|i| format!("k{i}")).find(free);
            self.budget.spend(names.len());
            return match name.map(|name| (self.member(state, &name, &[]), name)) {
                Some((Outcome::Found(value), name)) => Ok(Some((name, value))),
                Some((unknown @ Outcome::Unknown(_), _)) => Err(unknown),
                _ => Ok(None),
            };
        }
        let mut avoid: Vec<&str> = names.into_iter().collect();
        avoid.extend(members.keys().map(String::as_str));
        self.budget.spend(avoid.len() * avoid.len() / 16);
        let all: BTreeSet<&'s str> = state
            .objects
            .iter()
            .flat_map(|(_, r)| r.patterns.iter().map(|(p, _)| p.as_str()))
            .collect();
        let (ways, complete) = Kernel::signs(&all.into_iter().collect::<Vec<_>>());
        let mut unknown = (!complete).then(|| Outcome::Unknown("`patternProperties`".into()));
        for way in ways {
            let lits = names_wanted(state);
            let name = match self.name(way, lits, &avoid) {
                Outcome::Found(Value::String(name)) => name,
                Outcome::Unknown(why) => {
                    unknown = Some(Outcome::Unknown(why));
                    continue;
                }
                _ => continue,
            };
            match self.member(state, &name, &[]) {
                Outcome::Found(value) => return Ok(Some((name, value))),
                Outcome::Unknown(why) => unknown = Some(Outcome::Unknown(why)),
                Outcome::None => {}
            }
        }
        unknown.map_or(Ok(None), Err)
    }

    /// Another object, where the first one is taken: one with one member more.
    fn another(&mut self, state: &State<'s>, taken: Value, except: &[Value]) -> Outcome {
        let Value::Object(members) = taken else { return Outcome::None };
        let give_up = || Outcome::Unknown("objects that are ruled out one by one".into());
        let mut full = false;
        if state.max_properties.is_none_or(|max| (members.len() as u64) < max) {
            for name in spelled(state) {
                if members.contains_key(name) || state.absent.contains(&name) {
                    continue;
                }
                match self.member(state, name, &[]) {
                    Outcome::Found(value) => {
                        let mut more = members.clone();
                        more.insert(name.to_owned(), value);
                        let more = Value::Object(more);
                        if is_free(&more, state, except) {
                            return Outcome::Found(more);
                        }
                    }
                    Outcome::Unknown(_) => return give_up(),
                    Outcome::None => {}
                }
            }
            match self.fresh(state, &members) {
                Ok(Some((name, value))) => {
                    let mut more = members.clone();
                    more.insert(name, value);
                    let more = Value::Object(more);
                    if is_free(&more, state, except) {
                        return Outcome::Found(more);
                    }
                }
                Ok(None) => full = true,
                Err(_) => return give_up(),
            }
        } else {
            full = true;
        }
        // Nothing can be added: the empty object was all there is.
        if full && members.is_empty() && state.members.is_empty() {
            let spelled_out = spelled(state).into_iter().all(|name| {
                state.absent.contains(&name)
                    || matches!(self.member(state, name, &[]), Outcome::None)
            });
            if spelled_out || state.max_properties == Some(0) {
                return Outcome::None;
            }
        }
        for (name, value) in &members {
            let Rules::Wanted(lits) = self.rules_for(state, name) else { continue };
            if let Outcome::Found(other) = self.solve_except(&lits, std::slice::from_ref(value)) {
                let mut varied = members.clone();
                varied.insert(name.clone(), other);
                let varied = Value::Object(varied);
                if state.members.is_empty() && is_free(&varied, state, except) {
                    return Outcome::Found(varied);
                }
            }
        }
        give_up()
    }
}

fn names_wanted(state: &State<'_>) -> Vec<Lit> {
    let lit = |(side, rules): &(u8, &ObjectRules)| {
        rules.names.map(|node| Lit { side: *side, wanted: true, node })
    };
    state.objects.iter().filter_map(lit).collect()
}

/// Every name that the state's rules spell out.
fn spelled<'s>(state: &State<'s>) -> BTreeSet<&'s str> {
    let mut names: BTreeSet<&'s str> = BTreeSet::new();
    for (_, rules) in &state.objects {
        names.extend(rules.properties.iter().map(|p| p.name.as_str()));
        names.extend(rules.required.iter().map(String::as_str));
        for (name, needs) in &rules.dependent_required {
            names.insert(name);
            names.extend(needs.iter().map(String::as_str));
        }
        names.extend(rules.dependent_schemas.iter().map(|(name, _)| name.as_str()));
    }
    names.extend(&state.present);
    names.extend(&state.absent);
    names.extend(state.members.iter().filter_map(|m| match m {
        Members::Named(name, _) => Some(*name),
        _ => None,
    }));
    names
}
