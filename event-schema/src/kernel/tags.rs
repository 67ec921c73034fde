//! Tagged unions in the search: an alternative that belongs to one branch belongs to no other.

use std::rc::Rc;
use std::sync::Arc;

use super::goal::Work;
use super::split::{Fact, Split};
use super::state::State;
use super::{Kernel, Lit};
use crate::model::{NodeId, Types};
use crate::tag::{By, Parts, Tag, Tagged};

/// The minimum number of alternatives of a choice that are filtered before they are tried.
const FEW: usize = 3;

impl<'s> Kernel<'s> {
    /// The tags of the union at a node, if its branches enforce them.
    pub(super) fn tagged(&self, lit: Lit) -> Option<Arc<Tagged>> {
        let side = usize::from(lit.side);
        self.classes[side].tagged(self.sides[side].0, lit.node).filter(|t| t.proved)
    }

    /// The branches of a union that an instance with this state may belong to. It belongs to none of the
    /// others.
    pub(super) fn within_reach(
        &self,
        lit: Lit,
        branches: &'s [NodeId],
        state: &State<'s>,
    ) -> Vec<NodeId> {
        let Some(tagged) = self.tagged(lit).filter(|t| t.branches.len() == branches.len()) else {
            return branches.to_vec();
        };
        let tagged_type = match tagged.by {
            By::Property(_) | By::Name => Types::OBJECT,
            By::Place => Types::ARRAY,
            By::Type => Types::NONE,
        };
        let typed =
            |at: &usize| tagged.branches[*at].types.with_point(false).intersects(state.types);
        let all = 0..branches.len();
        let left: Vec<usize> = if state.types == tagged_type {
            match self.tag_of(&tagged, state) {
                Some(tag) if tag.values.is_empty() => {
                    all.filter(|at| tagged.branches[*at].tag_types.intersects(tag.types)).collect()
                }
                Some(tag) => {
                    let mut left: Vec<usize> =
                        tag.values.iter().filter_map(|v| tagged.branch_of(v)).collect();
                    left.sort_unstable();
                    left.dedup();
                    left
                }
                None => all.filter(typed).collect(),
            }
        } else {
            all.filter(typed).collect()
        };
        left.into_iter().map(|at| branches[at]).collect()
    }

    /// The tag of an instance with this state.
    fn tag_of(&self, tagged: &Tagged, state: &State<'s>) -> Option<Tag> {
        match &tagged.by {
            By::Property(name) => self.member_tag(name, state),
            By::Place => state.arrays.iter().find_map(|(side, rules)| {
                Parts::new(self.sides[usize::from(*side)].0, rules.item(0)?).tag()
            }),
            By::Name => {
                let required = state.objects.iter().flat_map(|(_, r)| &r.required);
                let mut names = required.map(String::as_str).chain(state.present.iter().copied());
                let name = names.find(|n| tagged.branch_of(&(*n).into()).is_some())?;
                Some(Tag { values: vec![name.into()], types: Types::STRING })
            }
            By::Type => None,
        }
    }

    /// The largest set of values of a member with this name, by listed values and types.
    fn member_tag(&self, name: &str, state: &State<'s>) -> Option<Tag> {
        let mut found: Option<Tag> = None;
        for (side, rules) in &state.objects {
            let tag = rules
                .property(name)
                .and_then(|p| Parts::new(self.sides[usize::from(*side)].0, p.node).tag());
            if let Some(tag) = tag
                && found.as_ref().is_none_or(|f| f.values.is_empty() && !tag.values.is_empty())
            {
                found = Some(tag);
            }
        }
        found
    }

    /// Whether an instance with this state certainly does not match the node, because their types or tags
    /// differ.
    pub(super) fn apart(&self, lit: Lit, state: &State<'s>) -> bool {
        let parts = Parts::new(self.sides[usize::from(lit.side)].0, lit.node);
        if !parts.types().with_point(false).intersects(state.types) {
            return true;
        }
        state.types == Types::OBJECT
            && !state.objects.is_empty()
            && parts.required_properties().into_iter().any(|name| {
                let listed = parts.required_property(name).filter(|t| !t.values.is_empty());
                listed.zip(self.member_tag(name, state)).is_some_and(|(own, other)| {
                    !other.values.is_empty()
                        && !own
                            .values
                            .iter()
                            .any(|v| other.values.iter().any(|w| crate::validate::equal(v, w)))
                })
            })
    }

    /// Drops the alternatives of a choice whose tag contradicts the state.
    pub(super) fn prune(&mut self, split: &mut Rc<Split<'s>>, state: &State<'s>) {
        if split.len() < FEW {
            return;
        }
        self.budget.spend(split.len());
        let contradicts = |fact: &Fact<'s>| match fact {
            Fact::Lit(lit) => lit.wanted && self.apart(*lit, state),
            _ => false,
        };
        let left: Split<'s> =
            split.iter().filter(|facts| !facts.iter().any(contradicts)).cloned().collect();
        if left.len() < split.len() {
            *split = Rc::new(left);
        }
    }
}

/// Whether the only way to fail a node is to fail every branch of a union, while the branch of the instance
/// itself is still open: then that branch is chosen first, which excludes most others.
pub(super) fn waits(split: &Split<'_>, work: &Work<'_>) -> bool {
    let [facts] = split.as_slice() else { return false };
    facts.len() > 1
        && !work.splits.is_empty()
        && facts.iter().all(|fact| matches!(fact, Fact::Lit(lit) if !lit.wanted))
}
