//! Objects: which members they have, and what each must be.
//!
//! The search is complete: it tries every way in which demands can share members, every kind of name that a
//! member can have and, if the object that it finds is excluded, every way to differ from it. `None` is a
//! proof; anything that stops the search early is `Unknown`.

mod complete;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::name::Names;
use super::state::{Manner, Members, State};
use super::{Kernel, Lit, Outcome};
use crate::model::ObjectRules;
use crate::validate::equal;

/// What the value of a member must satisfy.
enum Rules {
    /// All of these literals.
    Wanted(Vec<Lit>),
    /// No such member is possible.
    Forbidden,
    /// It cannot be decided.
    Unknown(Rc<str>),
}

/// A demand on a member.
#[derive(Clone, Copy)]
pub(super) enum Demand<'a, 's> {
    Of(Members<'s>),
    /// A member with a name other than these.
    Besides(&'a Map<String, Value>),
}

impl Demand<'_, '_> {
    fn lit(self) -> Option<Lit> {
        match self {
            Demand::Of(
                Members::Named(_, lit) | Members::Matching(_, lit) | Members::Other(_, _, lit),
            ) => Some(lit),
            Demand::Of(Members::Name(_)) | Demand::Besides(_) => None,
        }
    }
}

/// The state, and how the object differs from the excluded ones.
#[derive(Clone)]
pub(super) struct Plan<'a, 's> {
    pub(super) state: &'a State<'s>,
    pub(super) demands: Vec<Demand<'a, 's>>,
    absent: Vec<&'a str>,
    present: Vec<&'a str>,
    /// Values that a member must not have.
    differs: Vec<(&'a str, &'a Value)>,
}

/// Members that differ, and what each must be.
type Shown = BTreeMap<String, Vec<Lit>>;

impl<'a, 's: 'a> Plan<'a, 's> {
    fn is_absent(&self, name: &str) -> bool {
        self.absent.contains(&name) || self.state.absent.contains(&name)
    }

    /// Every name that is spelled out.
    pub(super) fn spelled(&self) -> BTreeSet<&'a str> {
        let state = self.state;
        let mut names: BTreeSet<&'a str> = BTreeSet::new();
        for (_, rules) in &state.objects {
            names.extend(rules.properties.iter().map(|p| p.name.as_str()));
            names.extend(rules.required.iter().map(String::as_str));
            for (name, needs) in &rules.dependent_required {
                names.insert(name);
                names.extend(needs.iter().map(String::as_str));
            }
            names.extend(rules.dependent_schemas.iter().map(|(name, _)| name.as_str()));
        }
        names.extend(state.present.iter().chain(&state.absent));
        names.extend(self.present.iter().chain(&self.absent));
        for demand in &self.demands {
            match demand {
                Demand::Of(Members::Named(name, _)) => {
                    names.insert(name);
                }
                Demand::Of(Members::Other(_, rules, _)) => {
                    names.extend(rules.properties.iter().map(|p| p.name.as_str()));
                }
                Demand::Besides(members) => names.extend(members.keys().map(String::as_str)),
                Demand::Of(_) => {}
            }
        }
        names
    }
}

impl<'s> Kernel<'s> {
    /// An object that satisfies the state. `path`: the literals that led to it.
    pub(super) fn object(&mut self, state: &State<'s>, path: &[Lit], except: &[Value]) -> Outcome {
        let outer = std::mem::replace(&mut self.forbade, false);
        let mut outcome = self.any_object(state, except);
        // no writer emits it: that only proves something if the writer emits any object
        let ask = self.forbade && state.manner == Manner::Asked;
        if ask && matches!(outcome, Outcome::None) && !self.writes(path) {
            let loose = State { manner: Manner::Loose, ..state.clone() };
            outcome = self.any_object(&loose, except);
        }
        self.forbade = outer;
        outcome
    }

    fn any_object(&mut self, state: &State<'s>, except: &[Value]) -> Outcome {
        if state.max_properties.is_some_and(|max| max < state.min_properties) {
            return Outcome::None;
        }
        let taken: Vec<&Value> =
            state.excluded.iter().copied().chain(except).filter(|v| v.is_object()).collect();
        let demands = state.members.iter().map(|m| Demand::Of(*m)).collect();
        let (absent, present, differs) = (Vec::new(), Vec::new(), Vec::new());
        self.unlike(&Plan { state, demands, absent, present, differs }, &taken)
    }

    /// An object that follows the plan and is not one of `taken`.
    fn unlike<'a>(&mut self, plan: &Plan<'a, 's>, taken: &[&'a Value]) -> Outcome {
        if let Some(why) = self.exhausted() {
            return why;
        }
        // a demand that cannot be met alone cannot be met beside others
        if plan.demands.len() > 1 {
            for demand in &plan.demands {
                if self.hopeless(plan, *demand) {
                    return Outcome::None;
                }
            }
        }
        let outcome = self.group(plan, &plan.demands, &mut Vec::new());
        let Outcome::Found(found) = outcome else { return outcome };
        let Some(members) = taken.iter().find(|t| equal(t, &found)).and_then(|t| t.as_object())
        else {
            return Outcome::Found(found);
        };
        // one member more, or one with another value, or one less
        let mut plans = vec![plan.clone()];
        plans[0].demands.push(Demand::Besides(members));
        for (name, value) in members {
            let mut other = plan.clone();
            other.present.push(name);
            other.differs.push((name, value));
            plans.push(other);
        }
        for name in members.keys() {
            let mut other = plan.clone();
            other.absent.push(name);
            plans.push(other);
        }
        let mut unknown: Option<Rc<str>> = None;
        for plan in plans {
            match self.unlike(&plan, taken) {
                found @ Outcome::Found(_) => return found,
                Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
                Outcome::None => {}
            }
        }
        unknown.map_or(Outcome::None, Outcome::Unknown)
    }

    /// Whether no member can meet the demand.
    fn hopeless<'a>(&mut self, plan: &Plan<'a, 's>, demand: Demand<'a, 's>) -> bool {
        let Names { names, complete } = self.names(plan, &[demand], &Shown::new());
        let lits: Vec<Lit> = demand.lit().into_iter().collect();
        complete
            && names.into_iter().all(|name| match name {
                Ok(name) => {
                    plan.is_absent(&name)
                        || matches!(self.member(plan, &name, &lits), Outcome::None)
                }
                Err(_) => false,
            })
    }

    /// Tries every way in which demands share members.
    fn group<'a>(
        &mut self,
        plan: &Plan<'a, 's>,
        demands: &[Demand<'a, 's>],
        groups: &mut Vec<Vec<Demand<'a, 's>>>,
    ) -> Outcome {
        if let Some(why) = self.exhausted() {
            return why;
        }
        let Some((demand, rest)) = demands.split_first() else {
            return self.show(plan, groups, &mut Shown::new());
        };
        let mut unknown: Option<Rc<str>> = None;
        for at in (0..=groups.len()).rev() {
            if at == groups.len() {
                groups.push(vec![*demand]);
            } else {
                groups[at].push(*demand);
            }
            let outcome = self.group(plan, rest, groups);
            groups[at].pop();
            if groups[at].is_empty() {
                groups.pop();
            }
            match outcome {
                found @ Outcome::Found(_) => return found,
                Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
                Outcome::None => {}
            }
        }
        unknown.map_or(Outcome::None, Outcome::Unknown)
    }

    /// Finds a member for each group, one after the other.
    fn show<'a>(
        &mut self,
        plan: &Plan<'a, 's>,
        groups: &[Vec<Demand<'a, 's>>],
        shown: &mut Shown,
    ) -> Outcome {
        if let Some(why) = self.exhausted() {
            return why;
        }
        let Some((group, rest)) = groups.split_first() else {
            return self.complete(plan, shown);
        };
        let Names { names, complete } = self.names(plan, group, shown);
        let mut unknown: Option<Rc<str>> = (!complete).then(|| "`patternProperties`".into());
        let lits: Vec<Lit> = group.iter().filter_map(|d| d.lit()).collect();
        for name in names {
            let outcome = match name {
                Err(why) => Outcome::Unknown(why),
                Ok(name) if plan.is_absent(&name) || shown.contains_key(&name) => continue,
                Ok(name) => match self.member(plan, &name, &lits) {
                    Outcome::Found(_) => {
                        shown.insert(name.clone(), lits.clone());
                        let outcome = self.show(plan, rest, shown);
                        shown.remove(&name);
                        outcome
                    }
                    outcome => outcome,
                },
            };
            match outcome {
                found @ Outcome::Found(_) => return found,
                Outcome::Unknown(why) => unknown = unknown.or(Some(why)),
                Outcome::None => {}
            }
        }
        unknown.map_or(Outcome::None, Outcome::Unknown)
    }

    /// What the value of a member with this name must satisfy.
    fn rules_for(&mut self, state: &State<'s>, name: &str) -> Rules {
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
        if state.manner != Manner::Loose && self.is_unwritten(state, name) {
            self.forbade = true;
            return Rules::Forbidden;
        }
        Rules::Wanted(lits)
    }

    /// Whether a writer emits no member of this name: if any name is declared, it only emits declared ones.
    /// A required name counts as declared.
    fn is_unwritten(&self, state: &State<'s>, name: &str) -> bool {
        let declared = |side: u8, rules: &ObjectRules| {
            self.cache.matchers.spend(8 * rules.patterns.len() as u64);
            rules.property(name).is_some()
                || rules.is_required(name)
                || rules.dependent_required.iter().any(|(_, needs)| needs.iter().any(|n| n == name))
                || rules
                    .additional
                    .is_some_and(|id| !self.classes[usize::from(side)].is_trivial(id))
                || rules
                    .patterns
                    .iter()
                    .any(|(p, _)| self.cache.matchers.matches(p, name) == Some(true))
        };
        let mut writers = state.objects.iter().filter(|(side, _)| self.writer(*side));
        writers.clone().any(|(_, rules)| !rules.properties.is_empty())
            && !writers.any(|(side, rules)| declared(*side, rules))
    }

    /// A value for the member.
    fn member(&mut self, plan: &Plan<'_, 's>, name: &str, extra: &[Lit]) -> Outcome {
        match self.rules_for(plan.state, name) {
            Rules::Forbidden => Outcome::None,
            Rules::Unknown(why) => Outcome::Unknown(why),
            Rules::Wanted(mut lits) => {
                lits.extend(extra);
                let differs = plan.differs.iter().filter(|(n, _)| *n == name);
                let except: Vec<&Value> = differs.map(|(_, value)| *value).collect();
                self.other_than(&lits, &except)
            }
        }
    }
}
