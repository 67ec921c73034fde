//! A pattern of a document as an [`EventPattern`]: functions carried out, and where each part stands.
//!
//! A list with a value that is not known becomes a list that every value matches. So the pattern that is judged
//! matches all events that the deployed one matches, and "never matches" stays true.

use std::collections::BTreeMap;

use event_schema::document::Document;
use event_topology::pattern::EventPattern;

use super::functions::{Language, Plain};
use super::node::{Node, Place, Value};

/// A list of conditions that every event meets.
const ANY: &str = r#"[{"exists":true},{"exists":false}]"#;

/// A pattern, and what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Lowered {
    pub(crate) pattern: EventPattern,
    /// Values that are not known before the deployment: where, and why.
    pub(crate) unknown: Vec<(Place, String)>,
    /// Parameters whose defaults it has.
    pub(crate) assumed: Vec<String>,
    /// Where the names of paths stand.
    pub(crate) paths: BTreeMap<String, Place>,
}

/// Why a document has no pattern at a place.
#[derive(Debug)]
pub(crate) struct Mistakes {
    /// What is wrong, and where.
    pub(crate) all: Vec<(Place, String)>,
    /// Whether the pattern is only known when it is deployed.
    pub(crate) undecided: bool,
}

impl Mistakes {
    fn one(place: Place, message: String, undecided: bool) -> Mistakes {
        Mistakes { all: vec![(place, message)], undecided }
    }
}

/// Begins and ends what stands for a variable that is not known, in the text of a pattern. Of Unicode's private use.
pub(super) const UNKNOWN: char = '\u{f8ff}';

/// Lowers a pattern of a document, written as an object or as its JSON in a string.
pub(crate) fn lower(node: &Node, language: Language<'_>) -> Result<Lowered, Mistakes> {
    if let Value::String(text) = &node.value {
        return of_text(text, node.place, language);
    }
    if let Some((text, assumed)) = language.template(node) {
        let mut lowered = of_text(&text, node.place, Language::Plain)?;
        lowered.assumed.extend(assumed);
        return Ok(lowered);
    }
    match (language.plain(node), &node.value) {
        (Plain::Unknown(why), _) => Err(Mistakes::one(node.place, why, true)),
        (Plain::Other(Value::String(text), assumed), _) => {
            let mut lowered = of_text(&text, node.place, Language::Plain)?;
            lowered.assumed.extend(assumed);
            Ok(lowered)
        }
        (Plain::Itself, Value::Map(_)) => of_node(node, language),
        _ => {
            let expected = "expected a pattern: an object, or its JSON".to_owned();
            Err(Mistakes::one(node.place, expected, false))
        }
    }
}

/// A pattern in a string. What it says stands where the string stands.
fn of_text(text: &str, place: Place, language: Language<'_>) -> Result<Lowered, Mistakes> {
    let document = Document::parse("", text).map_err(|error| {
        let variables =
            text.contains(UNKNOWN) || text.contains("${") && !matches!(language, Language::Plain);
        let message = if variables {
            "a variable is more than a part of a text, and is known when it is deployed".to_owned()
        } else {
            format!("failed to parse the JSON of the pattern: {error}")
        };
        Mistakes::one(place, message, variables)
    })?;
    let mut node = Node::of_json(&document);
    moved(&mut node, place);
    of_node(&node, language)
}

fn moved(node: &mut Node, to: Place) {
    node.place = to;
    if let Value::String(text) = &node.value
        && text.contains(UNKNOWN)
    {
        let name = text.split(UNKNOWN).nth(1).unwrap_or_default();
        node.value = Value::Unknown(format!("`{name}` is known when the template is deployed"));
    }
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| moved(item, to)),
        Value::Map(entries) => {
            for entry in entries {
                entry.place = to;
                moved(&mut entry.value, to);
            }
        }
        _ => {}
    }
}

fn of_node(node: &Node, language: Language<'_>) -> Result<Lowered, Mistakes> {
    let mut writer = Writer {
        language,
        text: String::new(),
        characters: 0,
        marks: Vec::new(),
        unknown: Vec::new(),
        assumed: Vec::new(),
        paths: BTreeMap::new(),
    };
    writer.value(node, "", At::Fields);
    let Writer { text, marks, unknown, mut assumed, paths, .. } = writer;
    assumed.sort();
    assumed.dedup();
    match EventPattern::parse(&text) {
        Ok(pattern) => Ok(Lowered { pattern, unknown, assumed, paths }),
        Err(wrong) => Err(Mistakes {
            undecided: false,
            all: wrong
                .problems
                .into_iter()
                .map(|problem| {
                    let before = marks.partition_point(|(at, _)| *at < problem.column);
                    let place = marks.get(before.saturating_sub(1)).map_or(node.place, |(_, p)| *p);
                    let message = match problem.path.as_str() {
                        "" => problem.message,
                        path => format!("`{}`: {}", path.escape_debug(), problem.message),
                    };
                    (place, message)
                })
                .collect(),
        }),
    }
}

/// What the values of a place of a pattern are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Of a field: an object of fields, or a list of conditions.
    Fields,
    /// Of `$or`: objects of fields.
    Alternatives,
    /// Conditions, operators and operands.
    Conditions,
}

struct Writer<'d> {
    language: Language<'d>,
    /// One line of JSON.
    text: String,
    characters: usize,
    /// After how many characters a part begins, and where it stands.
    marks: Vec<(usize, Place)>,
    unknown: Vec<(Place, String)>,
    assumed: Vec<String>,
    paths: BTreeMap<String, Place>,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) {
        self.characters += text.chars().count();
        self.text.push_str(text);
    }

    fn value(&mut self, node: &Node, path: &str, at: At) {
        self.marks.push((self.characters, node.place));
        match self.language.plain(node) {
            Plain::Itself => self.itself(&node.value, path, at),
            Plain::Other(value, assumed) => {
                self.assumed.extend(assumed);
                self.itself(&value, path, at);
            }
            Plain::Absent => self.push("null"),
            Plain::Unknown(why) => {
                self.unknown.push((node.place, why));
                // within conditions, the whole list is replaced
                self.push(if at == At::Fields { ANY } else { "null" });
            }
        }
    }

    fn itself(&mut self, value: &Value, path: &str, at: At) {
        match value {
            Value::Null | Value::Unknown(_) => self.push("null"),
            Value::Bool(value) => self.push(if *value { "true" } else { "false" }),
            Value::Number(text) => self.push(text),
            Value::String(text) => self.push(&quoted(text)),
            Value::List(items) => self.list(items, path, at),
            Value::Map(entries) => {
                self.push("{");
                let mut first = true;
                for entry in entries {
                    if matches!(self.language.plain(&entry.value), Plain::Absent) {
                        continue;
                    }
                    if !std::mem::take(&mut first) {
                        self.push(",");
                    }
                    let or = entry.key == "$or" && at != At::Conditions;
                    let inner = match path {
                        path if or => path.to_owned(),
                        "" => entry.key.clone(),
                        path => format!("{path}.{}", entry.key),
                    };
                    self.marks.push((self.characters, entry.place));
                    self.push(&quoted(&entry.key));
                    self.push(":");
                    if at != At::Conditions && !or {
                        self.paths.entry(inner.clone()).or_insert(entry.place);
                    }
                    let below = match at {
                        At::Conditions => At::Conditions,
                        _ if or => At::Alternatives,
                        _ => At::Fields,
                    };
                    self.value(&entry.value, &inner, below);
                }
                self.push("}");
            }
        }
    }

    fn list(&mut self, items: &[Node], path: &str, at: At) {
        let (start, characters, marks) = (self.text.len(), self.characters, self.marks.len());
        let unknown = self.unknown.len();
        let below = if at == At::Alternatives { At::Fields } else { At::Conditions };
        self.push("[");
        let mut first = true;
        for item in items {
            if matches!(self.language.plain(item), Plain::Absent) {
                continue;
            }
            if !std::mem::take(&mut first) {
                self.push(",");
            }
            self.value(item, path, below);
        }
        self.push("]");
        if at == At::Fields && self.unknown.len() > unknown {
            self.text.truncate(start);
            self.characters = characters;
            self.marks.truncate(marks);
            self.push(ANY);
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
