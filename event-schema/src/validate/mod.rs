//! Whether an instance holds to a schema, and if not, why.
//!
//! Three-valued inside: a keyword that isn't understood, or a pattern that has no automaton, gives no
//! answer instead of a wrong one.

mod judge;
mod value;

use serde_json::Value;

pub(crate) use self::judge::Judge;
use self::value::kind;
pub(crate) use self::value::{canonical, describe_types, equal, type_of};
use crate::model::{NodeId, Schema};
use crate::pattern::Matchers;

/// Deepest nesting of an instance and of what applies to it.
const MAX_DEPTH: usize = 160;

/// Why an instance doesn't hold to a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Pointer into the instance.
    pub instance: String,
    /// Pointer of the schema that says so.
    pub schema: String,
    /// What is wrong, in one line.
    pub message: String,
}

/// Holds an instance to a schema.
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
/// # Ok::<(), event_schema::document::SyntaxError>(())
/// ```
///
/// # Errors
///
/// What is wrong, each with its place. A keyword that isn't understood counts as wrong: it is named.
pub fn validate(schema: &Schema, instance: &Value) -> Result<(), Vec<Violation>> {
    let matchers = Matchers::default();
    let judge = Judge::new(schema, &matchers);
    let mut violations = Vec::new();
    judge.explain(schema.root, instance, "", 0, &mut violations);
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

impl Judge<'_> {
    /// Says what is wrong, as deep in the instance as it can be said.
    fn explain(
        &self,
        id: NodeId,
        value: &Value,
        path: &str,
        depth: usize,
        out: &mut Vec<Violation>,
    ) {
        let answer = self.at(id, value, depth);
        if answer == Some(true) || out.len() >= 100 {
            return;
        }
        let before = out.len();
        let node = self.schema.node(id);
        let mut say = |message: String| {
            out.push(Violation {
                instance: path.to_owned(),
                schema: node.pointer.clone(),
                message,
            });
        };
        if node.never {
            say("nothing is allowed here".into());
        }
        if !node.types.contains(self.type_of(value)) {
            say(format!("is {}, and {} is wanted", kind(value), describe_types(node.types)));
        }
        if node.values.as_ref().is_some_and(|v| !v.iter().any(|v| equal(&v.value, value))) {
            say("is none of the values that are allowed".into());
        }
        for keyword in &node.unsupported {
            say(format!("`{}` is not supported, so this can't be judged", keyword.keyword));
        }
        match value {
            Value::Number(n)
                if node
                    .number
                    .as_ref()
                    .is_some_and(|r| judge::number_holds(r, n) == Some(false)) =>
            {
                say(format!("{n} is outside the bounds"));
            }
            Value::String(s)
                if node.string.as_ref().is_some_and(|r| self.string_holds(r, s) != Some(true)) =>
            {
                say("the string's length, pattern or format doesn't fit".into());
            }
            Value::Object(members) => {
                for name in node.object.iter().flat_map(|r| &r.required) {
                    if !members.contains_key(name) {
                        say(format!("`{name}` is missing"));
                    }
                }
            }
            _ => {}
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let key = name.replace('~', "~0").replace('/', "~1");
                    if let Some(rules) = &node.object {
                        for id in self.applying(rules, name).0 {
                            self.explain(id, member, &format!("{path}/{key}"), depth + 1, out);
                        }
                    }
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    if let Some(id) = node.array.as_ref().and_then(|r| r.item(i)) {
                        self.explain(id, item, &format!("{path}/{i}"), depth + 1, out);
                    }
                }
            }
            _ => {}
        }
        for id in node.reference.iter().chain(&node.all_of).chain(&node.unevaluated) {
            if depth < MAX_DEPTH {
                self.explain(*id, value, path, depth + 1, out);
            }
        }
        if out.len() == before {
            let message = match answer {
                None => "this can't be judged".into(),
                _ => "doesn't hold to what is wanted here".to_owned(),
            };
            out.push(Violation {
                instance: path.to_owned(),
                schema: node.pointer.clone(),
                message,
            });
        }
    }
}
