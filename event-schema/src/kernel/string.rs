//! Strings: lengths, patterns and formats together.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use regex_automata::util::primitives::StateID;
use serde_json::Value;

use super::goal::is_free;
use super::language::Language;
use super::state::State;
use super::{Kernel, Outcome, Seeded};

/// The maximum number of states of a product of automata that are visited.
const MAX_STATES: usize = 20_000;

/// The maximum number of strings that are tried when each must be checked against a format.
const MAX_STRINGS: usize = 64;

/// The maximum number of ways in which patterns with lookahead may fail together.
const MAX_CASES: usize = 32;

/// Languages, each with whether a string must be in it.
type Parts = Vec<(Rc<Language>, bool)>;

/// The maximum length of a string that is written out.
const MAX_LENGTH: u64 = 4_096;

impl<'s> Kernel<'s> {
    /// A string that satisfies the state.
    pub(super) fn string(&mut self, state: &State<'s>, except: &[Value]) -> Outcome {
        if state.max_length.is_some_and(|max| max < state.min_length) {
            return Outcome::None;
        }
        let contradiction =
            |(pattern, wanted): &(&str, bool)| state.patterns.contains(&(pattern, !wanted));
        let clash = |(format, wanted): &(&crate::format::Format, bool)| {
            state.formats.iter().any(|(f, w)| f.name == format.name && w != wanted)
        };
        if state.patterns.iter().any(contradiction) || state.formats.iter().any(clash) {
            return Outcome::None;
        }
        if state.min_length > MAX_LENGTH {
            return Outcome::Unknown("`minLength`, which is too long to write out".into());
        }
        let fits = |s: &str| self.string_fits(state, s, except);
        // a sample of a format, or a trivial string, is often enough
        let samples =
            state.formats.iter().filter(|(_, w)| *w).flat_map(|(f, _)| f.samples.iter().copied());
        if let Some(sample) = samples.into_iter().find(|s| fits(s) == Some(true)) {
            return Outcome::Found(sample.into());
        }
        if state.patterns.is_empty() && state.formats.iter().all(|(_, wanted)| !wanted) {
            return plain(state, fits);
        }
        let mut languages = 0;
        let (mut cases, mut missing) = (vec![Vec::new()], None);
        for (pattern, wanted) in &state.patterns {
            languages += self.cache.languages.cost();
            if !self.budget.allows(languages) {
                self.budget.spend(languages);
                return Outcome::Unknown(self.budget.why());
            }
            if let Some(language) = self.cache.languages.of_pattern(pattern) {
                for parts in &mut cases {
                    parts.push((language.clone(), *wanted));
                }
                continue;
            }
            match self.conjuncts(pattern) {
                Some(all) if *wanted => {
                    for parts in &mut cases {
                        parts.extend(all.iter().cloned());
                    }
                }
                // not all of them: each may be the one that fails
                Some(all) if cases.len() * all.len() <= MAX_CASES => {
                    let with = |parts: &Parts, (language, sign): &(Rc<Language>, bool)| {
                        let mut parts = parts.clone();
                        parts.push((language.clone(), !sign));
                        parts
                    };
                    let product = cases.iter().flat_map(|p| all.iter().map(|one| with(p, one)));
                    cases = product.collect();
                }
                _ => missing = missing.or(Some(format!("pattern `{pattern}`"))),
            }
        }
        let mut inexact: Option<Rc<str>> = None;
        let mut formats: Parts = Vec::new();
        for (format, wanted) in &state.formats {
            inexact = inexact.or_else(|| Some(format!("format `{}`", format.name).into()));
            let source = if *wanted { format.within } else { format.surely };
            if !source.is_empty() {
                formats.extend(self.cache.languages.of_whole(source).map(|l| (l, *wanted)));
            }
        }
        formats.extend(self.cache.languages.of_whole("(?s:.)*").map(|l| (l, true)));
        let unsure = missing.map(Rc::from).or(inexact);
        let sure = |s: &str| fits(s) == Some(true);
        let (mut outcome, mut total) = (Outcome::None, languages);
        for mut parts in cases {
            parts.extend(formats.iter().cloned());
            if !self.budget.allows(total) {
                outcome = Outcome::Unknown(self.budget.why());
                break;
            }
            let mut visited = 0;
            let found = search(&mut visited, &parts, state.min_length, state.max_length, sure);
            total += visited;
            let found = match found {
                Search::Found(s) => Outcome::Found(s.into()),
                Search::Empty => continue,
                Search::Rejected => match &unsure {
                    Some(why) => Outcome::Unknown(why.clone()),
                    None => self.beside(state, except, parts),
                },
                Search::TooLarge => Outcome::Unknown(
                    unsure.clone().unwrap_or_else(|| "patterns too complex to decide".into()),
                ),
            };
            match found {
                Outcome::None => {}
                Outcome::Unknown(_) => outcome = found,
                Outcome::Found(_) => {
                    outcome = found;
                    break;
                }
            }
        }
        self.budget.spend(total + self.cache.languages.cost());
        outcome
    }

    /// The languages that a pattern with lookahead at its start decomposes into, and whether a string must
    /// be in each.
    fn conjuncts(&self, pattern: &str) -> Option<Parts> {
        let all = crate::pattern::conjuncts(pattern)?;
        let language =
            |(part, sign): (String, bool)| Some((self.cache.languages.of_pattern(&part)?, sign));
        all.into_iter().map(language).collect()
    }

    /// A string if all candidates are taken: the taken ones become a language.
    fn beside(
        &self,
        state: &State<'s>,
        except: &[Value],
        mut parts: Vec<(Rc<Language>, bool)>,
    ) -> Outcome {
        let give_up = || Outcome::Unknown("a long list of excluded strings".into());
        let taken: Vec<String> = state
            .excluded
            .iter()
            .copied()
            .chain(except)
            .filter_map(Value::as_str)
            .map(crate::pattern::literally)
            .collect();
        if taken.is_empty() {
            return give_up();
        }
        let Some(language) = self.cache.languages.of_whole(&taken.join("|")) else {
            return give_up();
        };
        parts.push((language, false));
        let fits = |s: &str| self.string_fits(state, s, except) == Some(true);
        match search(&mut 0, &parts, state.min_length, state.max_length, fits) {
            Search::Found(s) => Outcome::Found(s.into()),
            Search::Empty => Outcome::None,
            Search::Rejected | Search::TooLarge => give_up(),
        }
    }

    pub(super) fn string_fits(&self, state: &State<'s>, s: &str, except: &[Value]) -> Option<bool> {
        let length = s.chars().count() as u64;
        if length < state.min_length || state.max_length.is_some_and(|max| length > max) {
            return Some(false);
        }
        if state.formats.iter().any(|(f, wanted)| (f.check)(s) != *wanted) {
            return Some(false);
        }
        for (pattern, wanted) in &state.patterns {
            if self.cache.matchers.matches(pattern, s)? != *wanted {
                return Some(false);
            }
        }
        Some(is_free(&Value::String(s.to_owned()), state, except))
    }
}

/// A string if only its length matters and some are taken.
fn plain(state: &State<'_>, fits: impl Fn(&str) -> Option<bool>) -> Outcome {
    for length in state.min_length..=state.max_length.unwrap_or(u64::MAX).min(state.min_length + 1)
    {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length == 0 {
            if fits("") == Some(true) {
                return Outcome::Found("".into());
            }
            continue;
        }
        let base = "a".repeat(length - 1);
        for last in ('a'..='z').chain('A'..='Z').chain('0'..='9').chain('\u{e0}'..='\u{1fff}') {
            let s = format!("{base}{last}");
            if fits(&s) == Some(true) {
                return Outcome::Found(s.into());
            }
        }
    }
    if state.max_length == Some(0) {
        Outcome::None
    } else {
        Outcome::Unknown("a long list of excluded strings".into())
    }
}

enum Search {
    Found(String),
    /// No string is in all languages.
    Empty,
    /// Some strings are, but no candidate satisfies the rest.
    Rejected,
    TooLarge,
}

/// A shortest string that is in all required languages, in none of the excluded ones, and satisfies the
/// rest.
fn search(
    visited: &mut usize,
    parts: &[(Rc<Language>, bool)],
    min: u64,
    max: Option<u64>,
    fits: impl Fn(&str) -> bool,
) -> Search {
    let Some(start) = parts.iter().map(|(l, _)| l.start()).collect::<Option<Vec<_>>>() else {
        return Search::TooLarge;
    };
    let alphabet = alphabet(parts);
    *visited += (64 + 2 * alphabet.len()) * parts.len();
    // a node: automaton states, and the number of characters as far as it matters
    let mut nodes: Vec<(Vec<StateID>, u64, usize, u8)> = vec![(start.clone(), 0, usize::MAX, 0)];
    let mut known: HashMap<(Vec<StateID>, u64), usize, Seeded> = HashMap::default();
    known.insert((start, 0), 0);
    let mut queue = VecDeque::from([(0, 0u64)]);
    let mut done = vec![false];
    let (mut tried, mut any) = (0, false);
    while let Some((at, length)) = queue.pop_front() {
        if std::mem::replace(&mut done[at], true) {
            continue;
        }
        *visited += alphabet.len() * parts.len() / 2;
        let (states, counted, ..) = nodes[at].clone();
        let accepted = parts.iter().zip(&states).all(|((l, wanted), s)| l.accepts(*s) == *wanted);
        if accepted && counted >= min {
            any = true;
            tried += 1;
            let text = text(&nodes, at);
            if text.as_deref().is_some_and(&fits) {
                return Search::Found(text.unwrap_or_default());
            }
            if tried > MAX_STRINGS {
                return Search::Rejected;
            }
        }
        for byte in &alphabet {
            let starts = byte & 0xC0 != 0x80;
            let length = length + u64::from(starts);
            if starts && max.is_some_and(|max| length > max) {
                continue;
            }
            let next: Vec<_> =
                parts.iter().zip(&states).map(|((l, _), s)| l.next(*s, *byte)).collect();
            if parts.iter().zip(&next).any(|((l, wanted), s)| *wanted && l.is_dead(*s)) {
                continue;
            }
            let counted = (counted + u64::from(starts)).min(min);
            let key = (next, counted);
            let (id, new) = match known.get(&key) {
                Some(id) => (*id, false),
                None => (nodes.len(), true),
            };
            if new {
                nodes.push((key.0.clone(), counted, at, *byte));
                done.push(false);
                known.insert(key, id);
                if nodes.len() > MAX_STATES {
                    return Search::TooLarge;
                }
            } else if done[id] || starts {
                continue;
            } else {
                // reached again with fewer characters: only a continuation byte can do that
                (nodes[id].2, nodes[id].3) = (at, *byte);
            }
            if starts { queue.push_back((id, length)) } else { queue.push_front((id, length)) }
        }
    }
    if any { Search::Rejected } else { Search::Empty }
}

fn text(nodes: &[(Vec<StateID>, u64, usize, u8)], mut at: usize) -> Option<String> {
    let mut bytes = Vec::new();
    while nodes[at].2 != usize::MAX {
        bytes.push(nodes[at].3);
        at = nodes[at].2;
        if bytes.len() > MAX_STATES {
            return None;
        }
    }
    bytes.reverse();
    String::from_utf8(bytes).ok()
}

/// One byte of each kind that no automaton distinguishes, the most readable one.
fn alphabet(parts: &[(Rc<Language>, bool)]) -> Vec<u8> {
    let readable = (b'a'..=b'z').chain(b'0'..=b'9').chain(b'A'..=b'Z').chain(b' '..=b'~');
    let mut out: Vec<u8> = Vec::new();
    for byte in readable.chain(0..=255) {
        if !out.iter().any(|known| parts.iter().all(|(l, _)| l.same_class(byte, *known))) {
            out.push(byte);
        }
    }
    out
}
