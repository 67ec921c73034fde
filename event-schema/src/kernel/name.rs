//! Names that a member may have: those that a schema spells out, and one of each kind that it does not.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use super::goal::Work;
use super::object::{Demand, Plan};
use super::state::{Members, State};
use super::{Kernel, Lit, Outcome};
use crate::model::{ObjectRules, Types};

/// The maximum number of patterns whose every combination is tried.
const MAX_PATTERNS: usize = 4;

/// Names for a member.
pub(super) struct Names {
    pub(super) names: Vec<Result<String, Rc<str>>>,
    /// Whether they include every kind of name.
    pub(super) complete: bool,
}

impl<'s> Kernel<'s> {
    /// Names that meet all the demands and are not among the names in use.
    pub(super) fn names<'a, V>(
        &mut self,
        plan: &Plan<'a, 's>,
        demands: &[Demand<'a, 's>],
        shown: &std::collections::BTreeMap<String, V>,
    ) -> Names {
        let mut names = Vec::new();
        let named = demands.iter().find_map(|d| match d {
            Demand::Of(Members::Named(name, _)) => Some(*name),
            _ => None,
        });
        let spelled = plan.spelled();
        let tried: Vec<&str> = match named {
            Some(name) => vec![name],
            None => spelled.iter().copied().chain(self.listed(plan, demands)).collect(),
        };
        for name in &tried {
            let mut answer = Some(true);
            for demand in demands {
                match self.meets(*demand, name) {
                    Some(true) => {}
                    Some(false) => {
                        answer = Some(false);
                        break;
                    }
                    None => answer = None,
                }
            }
            match answer {
                Some(true) => names.push(Ok((*name).to_owned())),
                Some(false) => {}
                None => names.push(Err("a name that cannot be evaluated".into())),
            }
        }
        if named.is_some() {
            return Names { names, complete: true };
        }
        let mut avoid: Vec<&str> = tried;
        let before = avoid.len();
        avoid.extend(shown.keys().map(String::as_str));
        let (mut fresh, complete) = self.unspelled(plan, demands, &avoid);
        if shown.is_empty() || !complete {
            names.append(&mut fresh);
            return Names { names, complete };
        }
        // for a kind with few names, the remaining ones may be the wrong ones
        let all = self.unspelled(plan, demands, &avoid[..before]).0;
        let complete = fresh.len() == all.len();
        names.append(&mut fresh);
        Names { names, complete }
    }

    /// Names that `propertyNames` lists.
    fn listed<'a>(&self, plan: &Plan<'a, 's>, demands: &[Demand<'a, 's>]) -> Vec<&'s str> {
        let mut out = BTreeSet::new();
        let wanted = demands.iter().filter_map(|d| match d {
            Demand::Of(Members::Name(lit)) => Some(*lit),
            _ => None,
        });
        for lit in names_wanted(plan.state).into_iter().chain(wanted) {
            let schema = self.sides[usize::from(lit.side)].0;
            let node = schema.node(schema.resolve(lit.node));
            out.extend(node.values.iter().flatten().filter_map(|l| l.value.as_str()));
        }
        out.into_iter().collect()
    }

    /// Whether a member of this name meets the demand on its name.
    fn meets(&self, demand: Demand<'_, '_>, name: &str) -> Option<bool> {
        match demand {
            Demand::Besides(members) => Some(!members.contains_key(name)),
            Demand::Of(Members::Named(own, _)) => Some(own == name),
            Demand::Of(Members::Matching(pattern, _)) => self.cache.matchers.matches(pattern, name),
            Demand::Of(Members::Other(side, rules, _)) => {
                if rules.property(name).is_some() {
                    return Some(false);
                }
                let (nodes, sure) = self.judge(side).applying(rules, name);
                let left_over = nodes.iter().all(|id| Some(*id) == rules.additional);
                sure.then_some(left_over)
            }
            Demand::Of(Members::Name(lit)) => self.holds(lit, &Value::from(name)),
        }
    }

    /// A name of each kind that meets all the demands and is not one of `avoid`, and whether these are all
    /// kinds.
    pub(super) fn unspelled<'a>(
        &mut self,
        plan: &Plan<'a, 's>,
        demands: &[Demand<'a, 's>],
        avoid: &[&str],
    ) -> (Vec<Result<String, Rc<str>>>, bool) {
        let (mut fixed, mut lits) = (Vec::new(), names_wanted(plan.state));
        let mut avoid: Vec<&str> = avoid.to_vec();
        for demand in demands {
            match *demand {
                Demand::Of(Members::Matching(pattern, _)) => fixed.push((pattern, true)),
                Demand::Of(Members::Other(_, rules, _)) => {
                    fixed.extend(rules.patterns.iter().map(|(p, _)| (p.as_str(), false)));
                    avoid.extend(rules.properties.iter().map(|p| p.name.as_str()));
                }
                Demand::Of(Members::Name(lit)) => lits.push(lit),
                Demand::Besides(members) => avoid.extend(members.keys().map(String::as_str)),
                Demand::Of(Members::Named(..)) => {}
            }
        }
        fixed.sort_unstable();
        fixed.dedup();
        let others: Vec<&'s str> = plan
            .state
            .objects
            .iter()
            .flat_map(|(_, r)| r.patterns.iter().map(|(p, _)| p.as_str()))
            .filter(|p| !fixed.iter().any(|(f, _)| f == p))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let (ways, complete) = signs(&others);
        let mut out = Vec::new();
        for way in ways {
            let patterns: Vec<(&'s str, bool)> = fixed.iter().copied().chain(way).collect();
            match self.name(patterns, lits.clone(), &avoid) {
                Outcome::Found(Value::String(name)) => out.push(Ok(name)),
                Outcome::Unknown(why) => out.push(Err(why)),
                _ => {}
            }
        }
        (out, complete)
    }

    /// A name that matches the required patterns, none of the excluded ones, satisfies the literals, and is
    /// not one of `avoid`.
    fn name(&mut self, patterns: Vec<(&'s str, bool)>, lits: Vec<Lit>, avoid: &[&str]) -> Outcome {
        if let Some(why) = self.exhausted() {
            return why;
        }
        let except: Vec<Value> = avoid.iter().map(|name| Value::from(*name)).collect();
        let state = State { types: Types::STRING, patterns, ..State::default() };
        self.expand(lits, Work { state, ..Work::default() }, &except)
    }
}

/// Every combination of matching patterns. With many patterns, only the combinations with at most one
/// match, and `false`.
fn signs<'a>(patterns: &[&'a str]) -> (Vec<Vec<(&'a str, bool)>>, bool) {
    let complete = patterns.len() <= MAX_PATTERNS;
    let count = patterns.len();
    let signed = |bits: u64| {
        patterns.iter().enumerate().map(|(i, p)| (*p, i < 64 && bits >> i & 1 == 1)).collect()
    };
    let ways: Vec<Vec<_>> = if complete {
        (0..1u64 << count).map(signed).collect()
    } else {
        std::iter::once(0).chain((0..count.min(63)).map(|i| 1 << i)).map(signed).collect()
    };
    (ways, complete)
}

fn names_wanted(state: &State<'_>) -> Vec<Lit> {
    let lit = |(side, rules): &(u8, &ObjectRules)| {
        rules.names.map(|node| Lit { side: *side, wanted: true, node })
    };
    state.objects.iter().filter_map(lit).collect()
}
