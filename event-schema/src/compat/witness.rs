//! From a value at one place to an event that shows a break, confirmed by both versions.

use serde_json::Value;

use super::path::{Step, wrap};
use super::report::Writer;
use super::walk::Walk;
use crate::kernel::{Answer, Kernel};
use crate::model::NodeId;

/// An event that shows a break.
pub(super) struct Shown {
    pub(super) writer: Writer,
    pub(super) whole: Value,
    /// The value in its place, without what isn't needed to see the point.
    pub(super) excerpt: Value,
}

/// An event for a break at the walk's place: around `probe` where that shows it, else around the
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
    let whole = embed(walk, writer, value)?;
    Some(Shown { writer, whole, excerpt })
}

/// The value in a whole event, where both versions confirm it.
fn embed(walk: &mut Walk<'_>, writer: Writer, value: &Value) -> Option<Value> {
    let pick = |(old, new): (NodeId, NodeId)| if writer == Writer::Old { old } else { new };
    let trail: Vec<NodeId> = walk.trail.iter().copied().map(pick).collect();
    let (old, new) = *walk.trail.first()?;
    let path = walk.path.clone();
    let kernel = if writer == Writer::Old { &mut walk.back } else { &mut walk.forth };
    let (first, second) = if writer == Writer::Old { (old, new) } else { (new, old) };
    if let Some(whole) = placed(kernel, &trail, &path, value)
        && kernel.confirms(first, second, &whole)
    {
        return Some(whole);
    }
    // The place cannot be shown alone: the smallest event that shows any break will do.
    match kernel.includes(first, second) {
        Answer::Refuted(whole) => Some(whole),
        _ => None,
    }
}

/// An instance of the first node of the trail with the value at the end of the path.
fn placed(
    kernel: &mut Kernel<'_>,
    trail: &[NodeId],
    path: &[Step],
    value: &Value,
) -> Option<Value> {
    let mut whole = if path.is_empty() { value.clone() } else { kernel.instance(trail[0])? };
    // The trail has a pair for each step, and one for each branch of a union on the way.
    let mut at = &mut whole;
    for (i, step) in path.iter().enumerate() {
        let last = i + 1 == path.len();
        let inner = if last {
            value.clone()
        } else {
            trail.get(i + 1).and_then(|node| kernel.instance(*node)).unwrap_or(Value::Null)
        };
        at = match step {
            Step::Member(_) | Step::AnyMember => {
                if !at.is_object() {
                    *at = Value::Object(serde_json::Map::new());
                }
                let name = if let Step::Member(name) = step { name.as_str() } else { "a" };
                let members = at.as_object_mut()?;
                let slot = members.entry(name.to_owned()).or_insert_with(|| inner.clone());
                if last {
                    *slot = inner;
                }
                slot
            }
            Step::Item(index) => {
                if !at.is_array() {
                    *at = Value::Array(Vec::new());
                }
                let items = at.as_array_mut()?;
                while items.len() <= *index {
                    items.push(inner.clone());
                }
                if last {
                    items[*index] = inner;
                }
                &mut items[*index]
            }
            Step::Name => return None,
        };
    }
    Some(whole)
}
