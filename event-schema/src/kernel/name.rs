//! Names that no schema spells out: some string that matches these patterns and not those.

use serde_json::Value;

use super::goal::Work;
use super::state::State;
use super::{Kernel, Lit, Outcome};
use crate::model::Types;

impl<'s> Kernel<'s> {
    /// A name that matches the wanted patterns and not the unwanted ones, that the literals are true of,
    /// and that is none of `avoid`.
    pub(super) fn name(
        &mut self,
        patterns: Vec<(&'s str, bool)>,
        lits: Vec<Lit>,
        avoid: &[&str],
    ) -> Outcome {
        let state = State { types: Types::STRING, patterns, ..State::default() };
        let except: Vec<Value> = avoid.iter().map(|name| Value::from(*name)).collect();
        self.expand(lits, Work { state, ..Work::default() }, &except)
    }

    /// Every way in which a name can match the patterns or not. Where there are many patterns, only
    /// the ways with at most one match, and `false`.
    pub(super) fn signs(patterns: &[&'s str]) -> (Vec<Vec<(&'s str, bool)>>, bool) {
        let complete = patterns.len() <= 4;
        let count = patterns.len();
        let signed = |bits: u64| {
            patterns.iter().enumerate().map(|(i, p)| (*p, bits >> i & 1 == 1)).collect()
        };
        let ways: Vec<Vec<_>> = if complete {
            (0..1u64 << count).map(signed).collect()
        } else {
            std::iter::once(0).chain((0..count.min(63)).map(|i| 1 << i)).map(signed).collect()
        };
        (ways, complete)
    }
}
