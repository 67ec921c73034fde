//! The groups of a pattern, and which of them have matched where another part refers to them.
//!
//! ECMA 262 takes a group that did not take part for the empty text, and forgets what groups matched when their
//! loop begins again; other engines do neither. Both are the same where a group has surely matched by then.

/// A group.
#[derive(Debug, Clone, Default)]
struct Group {
    parent: usize,
    /// Its number, where it captures.
    number: Option<usize>,
    name: Option<String>,
    closed: bool,
    /// Whether it may be left out.
    optional: bool,
    /// Whether it is a lookahead or a lookbehind.
    looks: bool,
    /// How many `|` it has so far.
    alternatives: usize,
    /// In which alternative of its parent it stands.
    within: usize,
}

/// The groups so far. The first one is the pattern itself.
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

    /// The group of this number, where it has surely matched by now.
    pub(super) fn numbered(&self, number: usize) -> Option<usize> {
        self.matched(|group| group.number == Some(number))
    }

    /// The number of the only group of this name, where it has surely matched by now.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.matched(|group| group.name.as_deref() == Some(name))
    }

    fn matched(&self, wanted: impl Fn(&Group) -> bool) -> Option<usize> {
        let mut found = (0..self.all.len()).filter(|at| wanted(&self.all[*at]));
        let (at, None) = (found.next()?, found.next()) else { return None };
        // inside of a lookbehind, ECMA 262 matches from right to left
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
