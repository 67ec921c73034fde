//! Turns a value at one place into an event that shows a break, confirmed by both versions.

use serde_json::Value;

use super::path::{Step, wrap};
use super::report::Writer;
use super::walk::Walk;
use crate::kernel::{Answer, Kernel, size};
use crate::model::NodeId;

/// The maximum number of values that are written as whole events. Later breaks only show their own place.
const MAX_SPELT: usize = 100_000;

/// An event that shows a break.
pub(super) struct Shown {
    pub(super) writer: Writer,
    /// `None` if too much has been written already.
    pub(super) whole: Option<Value>,
    /// The value at its place, without the parts that do not matter.
    pub(super) excerpt: Value,
}

/// An event for a break at the walk's place: built around `probe` if that shows it, otherwise around the
/// kernel's own instance.
pub(super) fn show(
    walk: &mut Walk<'_>,
    writer: Writer,
    (old, new): (NodeId, NodeId),
    probe: Option<&Value>,
    answer: &Answer,
) -> Option<Shown> {
    let probe = probe.filter(|value| match writer {
        Writer::Old => walk.back.confirms(old, new, value),
        Writer::New => walk.forth.confirms(new, old, value),
    });
    let own = match answer {
        Answer::Refuted(value) => Some(value),
        _ => None,
    };
    let value = probe.or(own)?;
    let excerpt = wrap(&walk.path, value.clone());
    if walk.spelt > MAX_SPELT {
        return Some(Shown { writer, whole: None, excerpt });
    }
    let whole = embed(walk, writer, value)?;
    walk.spelt += size(&whole);
    Some(Shown { writer, whole: Some(whole), excerpt })
}

/// The value in a whole event, if both versions confirm it.
fn embed(walk: &mut Walk<'_>, writer: Writer, value: &Value) -> Option<Value> {
    let pick = |(old, new): (NodeId, NodeId)| if writer == Writer::Old { old } else { new };
    if let [_] = walk.trail.as_slice() {
        return Some(value.clone());
    }
    let (old, new) = *walk.trail.first()?;
    // the nodes that apply together at each place on the way: a node, the branch of a union that it passes
    // through, and the part of an `allOf`
    let mut held: Vec<Vec<NodeId>> = Vec::new();
    let mut steps: Vec<Step> = Vec::new();
    let mut from = 0;
    for (step, mark) in walk.path.iter().zip(&walk.marks) {
        if matches!(step, Step::Branch(_)) {
            continue;
        }
        held.push(walk.trail[from..*mark].iter().copied().map(pick).collect());
        steps.push(step.clone());
        from = *mark;
    }
    let kernel = if writer == Writer::Old { &mut walk.back } else { &mut walk.forth };
    let (first, second) = if writer == Writer::Old { (old, new) } else { (new, old) };
    if let Some(whole) = placed(kernel, &held, &steps, value)
        && kernel.confirms(first, second, &whole)
    {
        return Some(whole);
    }
    // the place cannot be shown alone: use the smallest event that shows any break
    match kernel.includes(first, second) {
        Answer::Refuted(whole) => Some(whole),
        _ => None,
    }
}

/// An event with the value at the end of the steps; `held` are the nodes that apply together before each
/// step.
fn placed(
    kernel: &mut Kernel<'_>,
    held: &[Vec<NodeId>],
    steps: &[Step],
    value: &Value,
) -> Option<Value> {
    let mut whole = match held.first() {
        Some(nodes) => kernel.instance(nodes)?,
        None => value.clone(),
    };
    let mut at = &mut whole;
    for (i, step) in steps.iter().enumerate() {
        let inner = match held.get(i + 1) {
            Some(nodes) => kernel.instance(nodes).unwrap_or(Value::Null),
            None => value.clone(),
        };
        at = match step {
            Step::Member(_) | Step::AnyMember => {
                if !at.is_object() {
                    *at = Value::Object(serde_json::Map::new());
                }
                let name = if let Step::Member(name) = step { name.as_str() } else { "a" };
                let members = at.as_object_mut()?;
                members.insert(name.to_owned(), inner);
                members.get_mut(name)?
            }
            Step::Item(index) => {
                if !at.is_array() {
                    *at = Value::Array(Vec::new());
                }
                let items = at.as_array_mut()?;
                while items.len() <= *index {
                    items.push(inner.clone());
                }
                items[*index] = inner;
                &mut items[*index]
            }
            Step::Name | Step::Branch(_) => return None,
        };
    }
    Some(whole)
}
