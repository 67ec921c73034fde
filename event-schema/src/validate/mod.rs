//! Whether an instance matches a schema, and if not, why.
//!
//! Three-valued inside: a keyword that cannot be modelled, or a pattern that cannot be judged, gives no answer
//! instead of a wrong one.

mod double;
mod explain;
mod judge;
mod value;

use std::sync::Arc;

use serde_json::Value;

pub(crate) use self::double::is_exact_everywhere;
pub(crate) use self::judge::Judge;
pub(crate) use self::value::{canonical, describe_types, equal, type_of};
use crate::model::{NodeId, Schema};
use crate::pattern::Matchers;

/// Deepest nesting of an instance and of what applies to it, on a thread's usual stack.
const MAX_DEPTH: usize = 160;

/// Most nodes that are looked at for one instance, and what takes as long.
const STEPS: u64 = 3_000_000;

/// Nesting from which on an instance is judged on a stack of its own.
const DEEP: usize = 32;

/// The size of that stack, in bytes; only what is used of it is taken.
const STACK: usize = 512 << 20;

/// Why an instance does not match a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Pointer into the instance.
    pub instance: String,
    /// Pointer of the schema that says so.
    pub schema: String,
    /// The file of that schema, where it is another one than the document's own.
    pub file: Option<Arc<str>>,
    /// What is wrong, in one line.
    pub message: String,
}

/// Validates an instance against a schema.
///
/// A union is read by its tag: a discriminator names the branch, as it does for generated types.
///
/// ```
/// use event_schema::document::Document;
/// use event_schema::{read, validate};
/// use serde_json::json;
///
/// let doc = Document::parse("a.json", r#"{"properties": {"n": {"type": "integer"}}}"#)?;
/// let schema = read::schema(&doc).unwrap();
/// assert!(validate::validate(&schema, &json!({"n": 1})).is_ok());
/// let violations = validate::validate(&schema, &json!({"n": "x"})).unwrap_err();
/// assert_eq!(violations[0].instance, "/n");
/// assert_eq!(violations[0].message, "is a string, expected integer");
/// # Ok::<(), event_schema::document::SyntaxError>(())
/// ```
///
/// # Errors
///
/// What is wrong, each with its place. What cannot be judged counts as wrong, and says so; so does what only some
/// readers of a place with two readings accept.
pub fn validate(schema: &Schema, instance: &Value) -> Result<(), Vec<Violation>> {
    let violations = if depth(instance) < DEEP {
        violations(schema, instance, false)
    } else {
        let judge = || violations(schema, instance, true);
        std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().stack_size(STACK);
            match builder.spawn_scoped(scope, judge) {
                Ok(thread) => thread.join().ok(),
                Err(_) => None,
            }
        })
        .unwrap_or_else(|| {
            let message = "cannot judge this value: no stack for its depth".to_owned();
            let (instance, schema) = (String::new(), String::new());
            vec![Violation { instance, schema, file: None, message }]
        })
    };
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

fn violations(schema: &Schema, instance: &Value, roomy: bool) -> Vec<Violation> {
    let matchers = Matchers::bounded(STEPS);
    let explain = |schema: &Schema| {
        let judge = Judge { roomy, ..Judge::new(schema, &matchers) };
        judge.explain(schema.root, instance)
    };
    let Some(readings) = &schema.readings else { return explain(schema) };
    let (letter, intent) = (explain(&readings.letter), explain(&readings.intent));
    let (mut only, counts) = match (letter.is_empty(), intent.is_empty()) {
        (true, true) => return Vec::new(),
        (false, false) => return intent,
        (false, true) => (letter, "does not count"),
        (true, false) => (intent, "counts"),
    };
    let place = readings.places.first();
    for violation in &mut only {
        let own = readings.places.iter().find(|p| p.pointer == violation.schema).or(place);
        if let Some(place) = own {
            violation.message =
                format!("{}, to readers for whom {} {counts}", violation.message, place.keyword);
        }
    }
    only
}

/// The first thing that is wrong with a value at a node, where something surely is.
pub(crate) fn at(
    schema: &Schema,
    matchers: &Matchers,
    id: NodeId,
    value: &Value,
) -> Option<Violation> {
    if depth(value) >= DEEP {
        return None;
    }
    let judge = Judge { open: true, ..Judge::new(schema, matchers) };
    (judge.holds(id, value) == Some(false)).then(|| judge.explain(id, value).into_iter().next())?
}

/// How deep a value nests.
fn depth(value: &Value) -> usize {
    let mut deepest = 0;
    let mut stack = vec![(value, 1)];
    while let Some((value, depth)) = stack.pop() {
        deepest = deepest.max(depth);
        match value {
            Value::Array(items) => stack.extend(items.iter().map(|v| (v, depth + 1))),
            Value::Object(members) => stack.extend(members.values().map(|v| (v, depth + 1))),
            _ => {}
        }
    }
    deepest
}
