//! The groups of a pattern, and which of them have certainly matched when another part refers to them.
//!
//! In ECMA 262, a group that did not take part matches the empty text, and a loop resets its groups in each
//! iteration; other engines do neither. The results are the same if a group has certainly matched.

/// A group.
#[derive(Debug, Clone, Default)]
struct Group {
    parent: usize,
    /// Its number, where it captures.
    number: Option<usize>,
    name: Option<String>,
    closed: bool,
    /// Whether it is optional.
    optional: bool,
    /// Whether it is a lookahead or a lookbehind.
    looks: bool,
    /// The number of `|` in it so far.
    alternatives: usize,
    /// The alternative of its parent that it is in.
    within: usize,
}

/// The groups so far. The first one is the whole pattern.
#[derive(Debug, Clone)]
pub(super) struct Groups {
    all: Vec<Group>,
    here: usize,
    captures: usize,
}

impl Default for Groups {
    fn default() -> Self {
        Groups { all: vec![Group::default()], here: 0, captures: 0 }
    }
}

impl Groups {
    pub(super) fn open(&mut self, captures: bool, looks: bool, name: Option<String>) {
        self.captures += usize::from(captures);
        let number = captures.then_some(self.captures);
        let (parent, within) = (self.here, self.all[self.here].alternatives);
        self.here = self.all.len();
        self.all.push(Group { parent, number, name, looks, within, ..Group::default() });
    }

    pub(super) fn close(&mut self, optional: bool) {
        let group = &mut self.all[self.here];
        (group.closed, group.optional) = (true, optional);
        self.here = group.parent;
    }

    pub(super) fn alternative(&mut self) {
        self.all[self.here].alternatives += 1;
    }

    /// The group with this number, if it has certainly matched.
    pub(super) fn numbered(&self, number: usize) -> Option<usize> {
        self.matched(|group| group.number == Some(number))
    }

    /// The number of the only group with this name, if it has certainly matched.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.matched(|group| group.name.as_deref() == Some(name))
    }

    fn matched(&self, wanted: impl Fn(&Group) -> bool) -> Option<usize> {
        let mut found = (0..self.all.len()).filter(|at| wanted(&self.all[*at]));
        let (at, None) = (found.next()?, found.next()) else { return None };
        // in a lookbehind, ECMA 262 matches from right to left
        let mut around = self.here;
        while around != 0 {
            if self.all[around].looks {
                return None;
            }
            around = self.all[around].parent;
        }
        let mut group = &self.all[at];
        loop {
            if !group.closed || group.optional || group.looks {
                return None;
            }
            let parent = &self.all[group.parent];
            if !parent.closed {
                return (parent.alternatives == group.within).then_some(self.all[at].number)?;
            }
            if parent.alternatives > 0 {
                return None;
            }
            group = parent;
        }
    }
}
