//! Patterns as automata over UTF-8 bytes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::util::syntax;
use regex_automata::{Anchored, MatchKind};

use crate::pattern;

/// Largest automaton that is built, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// A language: the strings that it holds, whole.
#[derive(Debug)]
pub(super) struct Language(dense::DFA<Vec<u32>>);

impl Language {
    /// From Rust's regex syntax. `anywhere`: a match inside the string is enough.
    fn new(source: &str, anywhere: bool) -> Option<Language> {
        let source =
            if anywhere { format!("(?s:.)*(?:{source})(?s:.)*") } else { format!("(?:{source})") };
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
            .syntax(syntax::Config::new().nest_limit(100))
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

/// A language, where there is an automaton of fair size for it.
type Compiled = Option<Rc<Language>>;

/// Compiled languages by their source, and whether a match inside the string is enough.
#[derive(Debug, Default)]
pub(super) struct Languages(RefCell<HashMap<(String, bool), Compiled>>);

impl Languages {
    /// The strings in which an ECMA pattern matches; `None` where it has no automaton of fair size.
    pub(super) fn of_pattern(&self, pattern: &str) -> Option<Rc<Language>> {
        let key = (pattern.to_owned(), true);
        if let Some(known) = self.0.borrow().get(&key) {
            return known.clone();
        }
        let language =
            pattern::translate(pattern).and_then(|p| Language::new(&p, true)).map(Rc::new);
        self.0.borrow_mut().insert(key, language.clone());
        language
    }

    /// The strings that a regex in Rust's syntax matches as a whole.
    pub(super) fn of_whole(&self, source: &str) -> Option<Rc<Language>> {
        let key = (source.to_owned(), false);
        if let Some(known) = self.0.borrow().get(&key) {
            return known.clone();
        }
        let language = Language::new(source, false).map(Rc::new);
        self.0.borrow_mut().insert(key, language.clone());
        language
    }
}
