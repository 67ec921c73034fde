//! Union against union, branch by branch: where each branch is within its counterpart, so is the whole.
//!
//! The search takes one branch of the first and must fail all branches of the second. Where these
//! overlap, that grows beyond measure. But a union is rarely rebuilt: most branches stay, and one changes.
//! So each branch is compared with its counterpart alone. An instance that its counterpart rejects is
//! shown to the whole; if the whole takes it, nothing is known, and the search goes on as ever.

use std::collections::HashMap;

use super::{Kernel, Lit, Mode, Outcome};
use crate::model::{NodeId, Types};

/// Unions with fewer pairs of branches are left to the search.
const FEW: usize = 12;

impl<'s> Kernel<'s> {
    /// The answer for an instance of one union that is none of another; `None` where the branches alone
    /// do not say.
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
        // A `oneOf` needs more: nothing that fits one branch may come to fit another.
        if !exclusive && !our_one {
            return None;
        }
        let mut proved = true;
        let mut wider = Vec::new();
        let mut all_matched = ours.len() == theirs.len();
        // What is of one branch of the first is of no other, and so of none that says the same there.
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
        // What takes more than its counterpart must take nothing of another branch.
        for (at, node) in wider {
            proved = proved
                && (0..ours.len()).filter(|other| *other != at).all(|other| {
                    let both =
                        [Lit { node: ours[other], ..first }, Lit { node, wanted: true, ..second }];
                    matches!(self.solve(&both), Outcome::None)
                });
        }
        // A new branch of a `oneOf` may take what another takes already.
        (proved && (exclusive || all_matched)).then_some(Outcome::None)
    }

    /// Whether the side takes more somewhere than its schema says.
    fn opens(&self, side: u8) -> bool {
        let (schema, mode) = self.sides[usize::from(side)];
        mode == Mode::Reader && schema.nodes().any(|(_, node)| node.notes.open)
    }

    /// Whether what is written of a branch is written of its `oneOf`: it may be that every event of the
    /// branch that a publisher emits fits another branch, too.
    fn is_whole(&mut self, union: Lit, branch: Lit, is_one_of: bool) -> bool {
        if !is_one_of || !self.writer(union.side) || self.tagged(union).is_some() {
            return true;
        }
        match self.solve(&[branch]) {
            Outcome::Found(value) => self.holds(union, &value) == Some(true),
            _ => false,
        }
    }

    /// The branches of a node that is a union and nothing else, and whether it is a `oneOf`.
    fn branches(&self, lit: Lit) -> Option<(&'s [NodeId], bool)> {
        let node = self.node(lit);
        let bare = node.types == Types::ALL && node.is_only_union();
        match (node.one_of.as_slice(), node.any_of.as_slice()) {
            ([], ids) if bare && !ids.is_empty() => Some((ids, false)),
            (ids, []) if bare && !ids.is_empty() => Some((ids, true)),
            _ => None,
        }
    }

    /// For each branch of the first union the one of the second that it most likely is: the same, or the
    /// one of its name, or of its place. Each counterpart is taken once.
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
