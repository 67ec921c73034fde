//! Deserializes JSON with serde, and leaves out values that only the type itself refuses.
//!
//! The shape states that a string is a `uuid`, but the type of the format is arbitrary: whether it
//! accepts a value is known only after a try.

use std::fmt::Write;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Error, Path, Segment};

use super::{Repair, Seen, Tolerance};

/// Each value that is left out this way takes another parse. After this many, the enclosing value
/// is left out instead, and after as many again the value around that, so it ends soon for any
/// input.
const ROUNDS: usize = 64;

/// Deserializes the value. If nothing helps, returns the first error.
pub(super) fn read<T: DeserializeOwned>(
    mut json: Value,
    repairs: &mut Vec<Repair>,
) -> Result<T, Error<serde_json::Error>> {
    let error = match serde_path_to_error::deserialize(&json) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let mut latest = error.path().clone();
    for round in 0.. {
        if !leave_out(&mut json, &latest, round / ROUNDS, repairs) {
            break;
        }
        match serde_path_to_error::deserialize(&json) {
            Ok(value) => return Ok(value),
            Err(e) => latest = e.path().clone(),
        }
    }
    Err(error)
}

/// Leaves out the value `up` levels above the path, or the innermost one around it that exists;
/// never the root.
fn leave_out(json: &mut Value, path: &Path, up: usize, repairs: &mut Vec<Repair>) -> bool {
    let mut steps: Vec<&Segment> = Vec::new();
    let mut at = &*json;
    let deep = path.iter().count().saturating_sub(up);
    for segment in path.iter().take(deep) {
        let Some(inner) = step(at, segment) else { break };
        steps.push(segment);
        at = inner;
    }
    let Some((last, above)) = steps.split_last() else { return false };
    let found = Seen::of(at);

    let mut name = String::new();
    for segment in &steps {
        match segment {
            Segment::Seq { index } => {
                let index = as_it_came(&name, *index, repairs);
                // writing to a `String` cannot fail
                let _ = write!(name, "[{index}]");
            }
            Segment::Map { key: field } | Segment::Enum { variant: field } => {
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(field);
            }
            Segment::Unknown => {}
        }
    }

    let mut parent = json;
    for segment in above {
        let Some(inner) = step_mut(parent, segment) else { return false };
        parent = inner;
    }
    match (parent, last) {
        (Value::Array(all), Segment::Seq { index }) => drop(all.remove(*index)),
        (Value::Object(map), Segment::Map { key: field } | Segment::Enum { variant: field }) => {
            map.remove(field);
        }
        _ => return false,
    }
    // repairs inside the removed value do not matter any more
    repairs.retain(|r| {
        let rest = r.path.strip_prefix(&name);
        !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    });
    let tolerance = Tolerance::LeftOut;
    repairs.push(Repair { path: name, tolerance, found: Some(found), made: None });
    true
}

fn step<'a>(json: &'a Value, segment: &Segment) -> Option<&'a Value> {
    match segment {
        Segment::Seq { index } => json.as_array()?.get(*index),
        Segment::Map { key: field } | Segment::Enum { variant: field } => {
            json.as_object()?.get(field)
        }
        Segment::Unknown => None,
    }
}

fn step_mut<'a>(json: &'a mut Value, segment: &Segment) -> Option<&'a mut Value> {
    match segment {
        Segment::Seq { index } => json.as_array_mut()?.get_mut(*index),
        Segment::Map { key: field } | Segment::Enum { variant: field } => {
            json.as_object_mut()?.get_mut(field)
        }
        Segment::Unknown => None,
    }
}

/// The index that an element had in the array before others were left out.
fn as_it_came(array: &str, mut index: usize, repairs: &[Repair]) -> usize {
    let place = |r: &Repair| -> Option<usize> {
        let index = r.path.strip_prefix(array)?.strip_prefix('[')?.strip_suffix(']')?;
        (r.tolerance == Tolerance::LeftOut).then(|| index.parse().ok())?
    };
    let mut gone: Vec<usize> = repairs.iter().filter_map(place).collect();
    gone.sort_unstable();
    for place in gone {
        if place <= index {
            index += 1;
        }
    }
    index
}
