//! Compares two unions branch by branch: if each branch is a subset of its counterpart, so is the whole.
//!
//! The search takes one branch of the first union and must fail all branches of the second, which is too
//! expensive if they overlap. But a union is rarely rebuilt: most branches stay, and one changes. So each
//! branch is compared with its counterpart only. An instance that its counterpart rejects is checked
//! against the whole; if the whole accepts it, nothing is known, and the ordinary search continues.

use std::collections::HashMap;

use super::{Kernel, Lit, Mode, Outcome};
use crate::model::{NodeId, Types};

/// Unions with fewer pairs of branches are left to the search.
const FEW: usize = 12;

impl<'s> Kernel<'s> {
    /// The answer for an instance of one union that does not match another; `None` if the branches alone do
    /// not determine it.
    pub(super) fn by_branch(&mut self, lits: &[Lit]) -> Option<Outcome> {
        let (first, second) = match lits {
            [a, b] | [b, a] if a.wanted && !b.wanted => (*a, *b),
            _ => return None,
        };
        let resolved = |lit: Lit| {
            let schema = self.sides[usize::from(lit.side)].0;
            Lit { node: schema.resolve(lit.node), ..lit }
        };
        let (first, second) = (resolved(first), resolved(second));
        let (ours, our_one) = self.branches(first)?;
        let (theirs, their_one) = self.branches(second)?;
        let judge = self.judge(second.side);
        if ours.len() * theirs.len() < FEW || judge.is_open(self.node(second)) {
            return None;
        }
        let exclusive = !their_one || self.tagged(second).is_some();
        if exclusive && self.tagged(first).is_some() && self.tagged(second).is_some() {
            return None;
        }
        // a `oneOf` needs more: an instance of one branch must not match another one
        if !exclusive && !our_one {
            return None;
        }
        let mut proved = true;
        let mut wider = Vec::new();
        let mut all_matched = ours.len() == theirs.len();
        // what belongs to one branch of the first union belongs to no other, and so to none with the same
        // meaning there
        let same_wherever = !exclusive && !self.opens(second.side);
        for (at, counterpart) in
            self.counterparts(first, ours, second, theirs).into_iter().enumerate()
        {
            let own = Lit { node: ours[at], ..first };
            all_matched &= counterpart.is_some();
            let goal = match counterpart {
                Some(node) => vec![own, Lit { node, ..second }],
                None => vec![own],
            };
            match self.solve(&goal) {
                Outcome::None => proved = proved && self.is_whole(first, own, our_one),
                Outcome::Unknown(_) => proved = false,
                Outcome::Found(value) => {
                    let shown = self.holds(first, &value) == Some(true)
                        && self.holds(second, &value) == Some(true);
                    if shown {
                        return Some(Outcome::Found(value));
                    }
                    proved = false;
                }
            }
            let widens = |node: &NodeId| {
                !same_wherever || self.class(own) != self.class(Lit { node: *node, ..second })
            };
            if let Some(node) = counterpart.filter(|_| proved && !exclusive).filter(widens) {
                let back = [
                    Lit { node, wanted: true, ..second },
                    Lit { node: ours[at], wanted: false, ..first },
                ];
                if !matches!(self.solve(&back), Outcome::None) {
                    wider.push((at, node));
                }
            }
        }
        // what exceeds its counterpart must not match another branch
        for (at, node) in wider {
            proved = proved
                && (0..ours.len()).filter(|other| *other != at).all(|other| {
                    let both =
                        [Lit { node: ours[other], ..first }, Lit { node, wanted: true, ..second }];
                    matches!(self.solve(&both), Outcome::None)
                });
        }
        // a new branch of a `oneOf` may match what another one matches already
        (proved && (exclusive || all_matched)).then_some(Outcome::None)
    }

    /// Whether the side accepts more than its schema states somewhere.
    fn opens(&self, side: u8) -> bool {
        let (schema, mode) = self.sides[usize::from(side)];
        mode == Mode::Reader && schema.nodes().any(|(_, node)| node.notes.open)
    }

    /// Whether the events of a branch are events of its `oneOf`: every event of the branch that a publisher
    /// emits might match another branch too.
    fn is_whole(&mut self, union: Lit, branch: Lit, is_one_of: bool) -> bool {
        if !is_one_of || !self.writer(union.side) || self.tagged(union).is_some() {
            return true;
        }
        match self.solve(&[branch]) {
            Outcome::Found(value) => self.holds(union, &value) == Some(true),
            _ => false,
        }
    }

    /// The branches of a node that is only a union, and whether it is a `oneOf`.
    fn branches(&self, lit: Lit) -> Option<(&'s [NodeId], bool)> {
        let node = self.node(lit);
        let bare = node.types == Types::ALL && node.is_only_union();
        match (node.one_of.as_slice(), node.any_of.as_slice()) {
            ([], ids) if bare && !ids.is_empty() => Some((ids, false)),
            (ids, []) if bare && !ids.is_empty() => Some((ids, true)),
            _ => None,
        }
    }

    /// For each branch of the first union, its most likely counterpart in the second: an equal one, one
    /// with its name, or one at its position. Each counterpart is used once.
    fn counterparts(
        &self,
        first: Lit,
        ours: &[NodeId],
        second: Lit,
        theirs: &[NodeId],
    ) -> Vec<Option<NodeId>> {
        let class = |lit: Lit, node: NodeId| self.class(Lit { node, ..lit });
        let name = |lit: Lit, node: NodeId| {
            let schema = self.sides[usize::from(lit.side)].0;
            let target = schema.node(node).reference.unwrap_or(node);
            schema.node(target).pointer.as_str()
        };
        let mut by_class: HashMap<u128, Vec<usize>> = HashMap::new();
        let mut by_name: HashMap<&str, usize> = HashMap::new();
        for (at, node) in theirs.iter().enumerate().rev() {
            by_class.entry(class(second, *node)).or_default().push(at);
            by_name.insert(name(second, *node), at);
        }
        let mut taken = vec![false; theirs.len()];
        let mut found: Vec<Option<usize>> = vec![None; ours.len()];
        for (at, node) in ours.iter().enumerate() {
            found[at] = by_class.get_mut(&class(first, *node)).and_then(Vec::pop);
            if let Some(other) = found[at] {
                taken[other] = true;
            }
        }
        for (at, node) in
            ours.iter().enumerate().filter(|(at, _)| found[*at].is_none()).collect::<Vec<_>>()
        {
            let named = by_name.get(name(first, *node)).copied();
            let other = named.into_iter().chain([at]).find(|o| taken.get(*o) == Some(&false));
            if let Some(other) = other {
                (found[at], taken[other]) = (Some(other), true);
            }
        }
        found.into_iter().map(|at| at.map(|at| theirs[at])).collect()
    }
}
