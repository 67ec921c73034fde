//! Patterns as automata over UTF-8 bytes.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::util::syntax;
use regex_automata::{Anchored, MatchKind};

use crate::pattern;

/// The maximum size of an automaton, in bytes.
const MAX_BYTES: usize = 512 << 10;

/// A language: a set of whole strings.
#[derive(Debug)]
pub(super) struct Language(dense::DFA<Vec<u32>>);

impl Language {
    /// Creates a language from Rust's regex syntax. `anywhere`: a match inside the string is enough.
    fn new(source: &str, anywhere: bool) -> Option<Language> {
        // the bytes around a match are unrestricted: another language ensures that a string is UTF-8
        let source = if anywhere {
            format!("(?s-u:.)*(?:{source})(?s-u:.)*")
        } else {
            format!("(?:{source})")
        };
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::All)
            .accelerate(false)
            .minimize(false)
            .dfa_size_limit(Some(MAX_BYTES))
            .determinize_size_limit(Some(MAX_BYTES));
        dense::Builder::new()
            .configure(config)
            .thompson(thompson::Config::new().nfa_size_limit(Some(MAX_BYTES)))
            .syntax(syntax::Config::new().nest_limit(100).utf8(false))
            .build(&source)
            .ok()
            .map(Language)
    }

    pub(super) fn start(&self) -> Option<StateID> {
        self.0.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()
    }

    pub(super) fn next(&self, state: StateID, byte: u8) -> StateID {
        self.0.next_state(state, byte)
    }

    pub(super) fn accepts(&self, state: StateID) -> bool {
        self.0.is_match_state(self.0.next_eoi_state(state))
    }

    pub(super) fn is_dead(&self, state: StateID) -> bool {
        self.0.is_dead_state(state)
    }

    pub(super) fn same_class(&self, a: u8, b: u8) -> bool {
        let classes = self.0.byte_classes();
        classes.get(a) == classes.get(b)
    }
}

/// A language, if its automaton is not too large.
type Compiled = Option<Rc<Language>>;

/// Compiled languages by their source, and whether a match inside the string is enough.
#[derive(Debug, Default)]
pub(super) struct Languages {
    known: RefCell<HashMap<(String, bool), Compiled>>,
    /// The work since it was last reported.
    cost: Cell<usize>,
}

/// The size in bytes of an automaton that takes one unit of work to build.
const BYTES: usize = 8;

/// The cost of building the smallest language, in units of work.
const SMALLEST: usize = 1_200;

/// The cost of finding out that a language is too large.
const LARGEST: usize = MAX_BYTES / BYTES;

impl Languages {
    /// The cost of building since the last call.
    pub(super) fn cost(&self) -> usize {
        self.cost.take()
    }

    fn get(&self, source: &str, anywhere: bool, rust: impl FnOnce() -> Option<String>) -> Compiled {
        let key = (source.to_owned(), anywhere);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let rust = rust();
        let language = rust.as_deref().and_then(|s| Language::new(s, anywhere)).map(Rc::new);
        let cost = match (&rust, &language) {
            (None, _) => SMALLEST,
            (_, None) => LARGEST,
            (_, Some(language)) => SMALLEST + language.0.memory_usage() / BYTES,
        };
        self.cost.set(self.cost.get() + cost);
        self.known.borrow_mut().insert(key, language.clone());
        language
    }

    /// The strings that an ECMA pattern matches; `None` if its automaton is too large.
    pub(super) fn of_pattern(&self, pattern: &str) -> Option<Rc<Language>> {
        self.get(pattern, true, || pattern::translate(pattern))
    }

    /// The strings that a regex in Rust's syntax matches as a whole.
    pub(super) fn of_whole(&self, source: &str) -> Option<Rc<Language>> {
        self.get(source, false, || Some(source.to_owned()))
    }
}
