//! Validates an instance against a schema, and explains violations.
//!
//! Evaluation is three-valued: a keyword that cannot be modelled, or a pattern that cannot be evaluated,
//! gives an unknown result instead of a wrong one.

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

/// The maximum nesting of an instance and of the schemas that apply to it, on a thread's default stack.
const MAX_DEPTH: usize = 160;

/// The maximum number of nodes that are visited for one instance, including equivalent work.
const STEPS: u64 = 3_000_000;

/// The nesting from which an instance is evaluated on a separate stack.
const DEEP: usize = 32;

/// The size of that stack, in bytes; only the used part is allocated.
const STACK: usize = 512 << 20;

/// Why an instance does not match a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer into the instance.
    pub instance: String,
    /// JSON pointer of the violated schema.
    pub schema: String,
    /// The file of that schema, if it is another one than the document's own.
    pub file: Option<Arc<str>>,
    /// The message, in one line.
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
/// Returns the violations, each with its place. A value that cannot be evaluated is a violation with its
/// own message, and so is a value that only some readers of a place with two readings accept.
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
            let message = "cannot evaluate this value: no stack for its depth".to_owned();
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
        (false, true) => (letter, "ignore"),
        (true, false) => (intent, "apply"),
    };
    let place = readings.places.first();
    for violation in &mut only {
        let own = readings.places.iter().find(|p| p.pointer == violation.schema).or(place);
        if let Some(place) = own {
            violation.message =
                format!("{}, for readers that {counts} {}", violation.message, place.keyword);
        }
    }
    only
}

/// The first violation of a value at a node that certainly has one.
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

/// The nesting depth of a value.
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
