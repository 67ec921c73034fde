//! The facts that an alternative of a goal has collected about its instance.

use serde_json::Value;

use super::Lit;
use crate::format::Format;
use crate::model::{ArrayRules, Bound, Decimal, ObjectRules, Types, Unsupported};

/// The conjunction of all demands so far.
#[derive(Clone)]
pub(super) struct State<'s> {
    pub(super) types: Types,
    /// Required: one of these.
    pub(super) values: Option<Vec<&'s Value>>,
    /// Excluded values.
    pub(super) excluded: Vec<&'s Value>,
    /// Whether a number written with a point is not an integer for one of the sides.
    pub(super) strict: bool,
    pub(super) low: Option<Bound>,
    pub(super) high: Option<Bound>,
    pub(super) steps: Vec<Decimal>,
    pub(super) not_steps: Vec<Decimal>,
    pub(super) min_length: u64,
    pub(super) max_length: Option<u64>,
    pub(super) patterns: Vec<(&'s str, bool)>,
    pub(super) formats: Vec<(&'static Format, bool)>,
    pub(super) arrays: Vec<(u8, &'s ArrayRules)>,
    pub(super) items: Vec<Items>,
    pub(super) min_items: u64,
    pub(super) max_items: Option<u64>,
    pub(super) unique: bool,
    pub(super) duplicates: bool,
    pub(super) objects: Vec<(u8, &'s ObjectRules)>,
    pub(super) members: Vec<Members<'s>>,
    pub(super) present: Vec<&'s str>,
    pub(super) absent: Vec<&'s str>,
    pub(super) min_properties: u64,
    pub(super) max_properties: Option<u64>,
    pub(super) manner: Manner,
    /// Required keywords that are not understood.
    pub(super) unsupported: Vec<&'s Unsupported>,
}

/// The members that a writer's object has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Declared ones, if an object with only these exists.
    Asked,
    /// Declared ones: whether an object with only these exists is the question.
    Declared,
    /// Any.
    Loose,
}

/// A demand on items of an array.
#[derive(Clone, Copy)]
pub(super) enum Items {
    /// An item in a range of positions satisfies this.
    Some { from: usize, to: Option<usize>, lit: Lit },
    /// At least this many items satisfy it.
    AtLeast(u64, Lit),
    /// At most this many items satisfy it.
    AtMost(u64, Lit),
}

/// A demand on a member of an object.
#[derive(Clone, Copy)]
pub(super) enum Members<'s> {
    /// The member exists and satisfies this.
    Named(&'s str, Lit),
    /// A member whose name matches satisfies this.
    Matching(&'s str, Lit),
    /// A member that the rules neither declare nor match satisfies this.
    Other(u8, &'s ObjectRules, Lit),
    /// A member has a name that satisfies this.
    Name(Lit),
}

impl Default for State<'_> {
    fn default() -> Self {
        State {
            types: Types::ALL.union(Types::NUMERIC),
            values: None,
            excluded: Vec::new(),
            strict: false,
            low: None,
            high: None,
            steps: Vec::new(),
            not_steps: Vec::new(),
            min_length: 0,
            max_length: None,
            patterns: Vec::new(),
            formats: Vec::new(),
            arrays: Vec::new(),
            items: Vec::new(),
            min_items: 0,
            max_items: None,
            unique: false,
            duplicates: false,
            objects: Vec::new(),
            members: Vec::new(),
            present: Vec::new(),
            absent: Vec::new(),
            min_properties: 0,
            max_properties: None,
            manner: Manner::Asked,
            unsupported: Vec::new(),
        }
    }
}

impl State<'_> {
    pub(super) fn raise(&mut self, bound: Bound) {
        if self.low.as_ref().is_none_or(|low| tighter(&bound, low, true)) {
            self.low = Some(bound);
        }
    }

    pub(super) fn lower(&mut self, bound: Bound) {
        if self.high.as_ref().is_none_or(|high| tighter(&bound, high, false)) {
            self.high = Some(bound);
        }
    }
}

/// Whether bound `a` allows no more than `b`; both are lower or both are upper bounds.
pub(super) fn tighter(a: &Bound, b: &Bound, lower: bool) -> bool {
    match a.value.cmp(&b.value) {
        std::cmp::Ordering::Equal => a.exclusive || !b.exclusive,
        order => (order == std::cmp::Ordering::Greater) == lower,
    }
}

/// The smaller of two upper limits.
pub(super) fn least(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
