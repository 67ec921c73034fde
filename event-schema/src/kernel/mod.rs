//! The kernel: is every instance of one schema an instance of another?
//!
//! It searches for an instance of the first schema that is not an instance of the second. A goal is a set
//! of literals (a node, required or excluded). Keywords split it into alternatives, and an alternative
//! without a contradiction ends in an instance. The answer is one of three: proved (no alternative is
//! left), refuted (with an instance that both sides have confirmed), or undecided (with the keyword that
//! prevented an answer).
//!
//! Recursion is coinductive: a smallest instance never contains a smaller instance of the same goal, so a
//! goal that comes back to itself adds nothing.
//!
//! The kernel works on sets of instances. It does not know rules, versions, policies or messages.

mod array;
mod budget;
mod class;
mod fill;
mod goal;
mod language;
mod listed;
mod name;
mod number;
mod object;
mod solve;
mod split;
mod state;
mod string;
mod tags;
mod union;
mod want;
mod wide;

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use self::budget::Budget;
pub(crate) use self::budget::size;
pub(crate) use self::class::{Classes, components, each_child};
use self::language::Languages;
pub(crate) use self::wide::Seeded;
use crate::model::{Node, NodeId, Schema, Types};
use crate::pattern::Matchers;
use crate::validate::{Judge, is_exact_everywhere};

/// The maximum nesting of goals.
const MAX_DEPTH: usize = 80;

/// Same as [`MAX_DEPTH`], on a large stack.
const ROOMY_DEPTH: usize = 640;

/// Why an event with a number of more digits than a double is not shown.
const NO_DOUBLE: &str = "a number that does not fit into a double";

/// How a schema is interpreted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// By JSON Schema's rules.
    Plain,
    /// As the set of events that a publisher emits: no undeclared names.
    Writer,
    /// As the set of events that a reader accepts: open enums and unions accept any value of their type.
    Reader,
}

/// The kernel's answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// Every instance of the first schema is an instance of the second.
    Proved,
    /// This instance of the first schema is not an instance of the second.
    Refuted(Value),
    /// It could not be decided, for this reason.
    Undecided(Rc<str>),
    /// The question was not asked.
    Unasked,
}

/// Whether a goal has an instance.
#[derive(Debug, Clone)]
enum Outcome {
    Found(Value),
    None,
    Unknown(Rc<str>),
}

/// A node, required or excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Lit {
    side: u8,
    wanted: bool,
    node: NodeId,
}

/// A goal in the memo: structure, not place. A hash of the classes of its literals, which are hashes
/// themselves.
type Key = u128;

/// What is known about a goal.
#[derive(Debug, Clone)]
enum Known {
    /// It is being solved, at this depth.
    Active(usize),
    Solved(Outcome),
}

type Memo = HashMap<Key, Known, Seeded>;

/// Data that is compiled once and used by every question about the same schemas.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    pub(crate) matchers: Matchers,
    languages: Languages,
    looks: budget::Looks,
    left: budget::Left,
    /// Whether the stack is large enough for deep schemas.
    roomy: bool,
}

impl Cache {
    pub(crate) fn new(roomy: bool) -> Cache {
        Cache { roomy, ..Cache::default() }
    }
}

/// Answers questions about two schemas.
pub(crate) struct Kernel<'s> {
    sides: [(&'s Schema, Mode); 2],
    classes: [&'s Classes; 2],
    cache: &'s Cache,
    memo: Memo,
    /// The outermost active goal that the last answer depends on.
    lowest: usize,
    /// Whether a member was left out because no writer emits it.
    forbade: bool,
    /// Whether literals that seem irrelevant are examined again when an instance contradicts that.
    thorough: bool,
    /// Whether a writer emits an object that satisfies all of a goal.
    written: HashMap<Key, bool, Seeded>,
    depth: usize,
    budget: Budget<'s>,
}

impl<'s> Kernel<'s> {
    pub(crate) fn new(
        first: (&'s Schema, Mode, &'s Classes),
        second: (&'s Schema, Mode, &'s Classes),
        cache: &'s Cache,
    ) -> Kernel<'s> {
        Kernel {
            sides: [(first.0, first.1), (second.0, second.1)],
            classes: [first.2, second.2],
            cache,
            memo: Memo::default(),
            lowest: usize::MAX,
            forbade: false,
            thorough: false,
            written: HashMap::default(),
            depth: 0,
            budget: Budget::new(&cache.left),
        }
    }

    /// Whether every instance of `first` (in the first schema) is an instance of `second` (in the second).
    pub(crate) fn includes(&mut self, first: NodeId, second: NodeId) -> Answer {
        self.begin();
        if let Some(answer) = self.at_a_glance(first, second) {
            return answer;
        }
        if let Some(answer) = self.by_value(first, second) {
            return answer;
        }
        let goal = [
            Lit { side: 0, wanted: true, node: first },
            Lit { side: 1, wanted: false, node: second },
        ];
        let mut answer = self.solved(&goal);
        if answer.is_none() && !self.is_over() {
            // a relevant literal was left out; earlier conclusions may depend on it
            let memo = std::mem::take(&mut self.memo);
            self.thorough = true;
            answer = self.solved(&goal);
            self.thorough = false;
            self.memo = memo;
        }
        answer.unwrap_or_else(|| {
            if self.is_over() {
                Answer::Undecided(self.why())
            } else {
                Answer::Undecided("an instance that the validator does not confirm".into())
            }
        })
    }

    /// The answer for a goal; `None` if the found instance does not satisfy it.
    fn solved(&mut self, goal: &[Lit]) -> Option<Answer> {
        match self.solve(goal) {
            Outcome::None => Some(Answer::Proved),
            Outcome::Unknown(why) => Some(Answer::Undecided(why)),
            Outcome::Found(value) if !is_exact_everywhere(&value) => {
                Some(Answer::Undecided(NO_DOUBLE.into()))
            }
            Outcome::Found(value) => goal
                .iter()
                .all(|lit| self.holds(*lit, &value) == Some(true))
                .then_some(Answer::Refuted(value)),
        }
    }

    /// Whether the types of one node leave nothing that another one, which only states types, rejects.
    fn within_types(&self, wanted: Lit, other: Lit) -> bool {
        let (a, b) = (self.node(wanted), self.node(other));
        b.is_only_types()
            && self.types(wanted.side, a).difference(self.types(other.side, b)).is_empty()
    }

    /// The answer, if types alone determine it.
    fn at_a_glance(&self, first: NodeId, second: NodeId) -> Option<Answer> {
        let lit = |side, node| Lit { side, wanted: side == 0, node };
        let (a, b) = (self.sides[0].0.node(first), self.sides[1].0.node(second));
        if a.never || self.within_types(lit(0, first), lit(1, second)) {
            return Some(Answer::Proved);
        }
        if !a.is_only_types() || !b.is_only_types() {
            return None;
        }
        let missing = self.types(0, a).difference(self.types(1, b));
        let samples = [
            (Types::NULL, Value::Null),
            (Types::BOOLEAN, Value::Bool(true)),
            (Types::INTEGER, Value::from(0)),
            (Types::STRING, Value::from("")),
            (Types::ARRAY, Value::Array(Vec::new())),
            (Types::OBJECT, Value::Object(serde_json::Map::new())),
        ];
        samples
            .into_iter()
            .find(|(kind, _)| missing.contains(*kind))
            .map(|(_, value)| Answer::Refuted(value))
    }

    /// The answer, if the first node lists few values: each is examined. `None` if one cannot be evaluated.
    fn by_value(&self, first: NodeId, second: NodeId) -> Option<Answer> {
        let node = self.sides[0].0.node(first);
        let values = node.values.as_ref().filter(|v| v.len() < listed::LONG)?;
        if self.judge(0).is_open(node) {
            return None;
        }
        let mut inexact = false;
        for literal in values {
            let (spellings, all) = self.spellings(&literal.value, self.is_strict());
            let other = Lit { side: 1, wanted: false, node: second };
            if !all && self.lists_alone(other, &literal.value) {
                continue;
            }
            for value in spellings {
                if self.judge(0).holds(first, &value)? && !self.judge(1).holds(second, &value)? {
                    if is_exact_everywhere(&value) {
                        return Some(Answer::Refuted(value));
                    }
                    inexact = true;
                }
            }
            if !all {
                return None;
            }
        }
        Some(if inexact { Answer::Undecided(NO_DOUBLE.into()) } else { Answer::Proved })
    }

    /// A small instance of all these nodes of the first schema.
    pub(crate) fn instance(&mut self, first: &[NodeId]) -> Option<Value> {
        self.begin();
        let mut lits: Vec<Lit> =
            first.iter().map(|node| Lit { side: 0, wanted: true, node: *node }).collect();
        lits.dedup();
        match self.solve(&lits) {
            Outcome::Found(value) => Some(value),
            _ => None,
        }
    }

    /// Whether a node of the first schema certainly has no instance.
    pub(crate) fn is_empty(&mut self, first: NodeId) -> bool {
        self.begin();
        matches!(self.solve(&[Lit { side: 0, wanted: true, node: first }]), Outcome::None)
    }

    /// Whether the value is an instance of the first node and not of the second, as both sides confirm.
    pub(crate) fn confirms(&self, first: NodeId, second: NodeId, value: &Value) -> bool {
        is_exact_everywhere(value)
            && self.judge(0).holds(first, value) == Some(true)
            && self.judge(1).holds(second, value) == Some(false)
    }

    /// Whether the stack is large enough for deep schemas.
    pub(crate) fn has_room(&self) -> bool {
        self.cache.roomy
    }

    fn node(&self, lit: Lit) -> &'s Node {
        self.sides[usize::from(lit.side)].0.node(lit.node)
    }

    fn class(&self, lit: Lit) -> u128 {
        self.classes[usize::from(lit.side)].of(lit.node)
    }

    fn writer(&self, side: u8) -> bool {
        self.sides[usize::from(side)].1 == Mode::Writer
    }

    fn judge(&self, side: u8) -> Judge<'s> {
        let (schema, mode) = self.sides[usize::from(side)];
        let judge = Judge::new(schema, &self.cache.matchers);
        // the search only knows the branches, so whoever confirms its results must do the same
        let (open, roomy) = (mode == Mode::Reader, self.cache.roomy);
        Judge { open, roomy, by_tag: false, for_all_readers: true, ..judge }
    }

    /// The types that the node allows; an integer written with a point counts as a type of its own.
    fn types(&self, side: u8, node: &Node) -> Types {
        let (schema, mode) = self.sides[usize::from(side)];
        // a writer has no reason to write an integer with a point
        let strict = schema.strict_integers || mode == Mode::Writer;
        self.judge(side).types(node).with_point(strict)
    }

    /// Whether a number written with a point is not an integer for one of the sides.
    fn is_strict(&self) -> bool {
        self.sides.iter().any(|(schema, _)| schema.strict_integers)
    }

    /// Starts a question.
    fn begin(&mut self) {
        self.budget.begin();
        self.cache.looks.begin(&self.cache.matchers);
    }

    /// Whether the question's budget is exhausted. From then on, every answer is unknown.
    fn is_over(&self) -> bool {
        self.budget.is_over() || self.cache.matchers.is_spent()
    }

    /// The reason for an unknown answer.
    fn why(&self) -> Rc<str> {
        if self.cache.matchers.is_spent() {
            budget::looked_at_too_much()
        } else {
            self.budget.why()
        }
    }
}
