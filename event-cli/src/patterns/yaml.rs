//! YAML as CloudFormation, SAM and Serverless write it: the core schema, anchors, merge keys, and short forms of
//! functions (`!Ref name`), which become the long ones (`{"Ref": "name"}`).
//!
//! Where YAML 1.1 and 1.2 disagree about a plain scalar, its value is unknown: tools differ.

use std::collections::{HashMap, HashSet};

use event_schema::document::{Pos, Span};
use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marked, Tag};

use super::node::{Entry, Node, Place, Value};

/// How deep lists and objects may be nested.
const DEPTH: usize = 128;

/// How many values a file may have, those behind aliases counted at each use.
const VALUES: usize = 1_000_000;

type Problem = (Place, String);

/// Reads all documents of a text.
pub(super) fn read(text: &str) -> Result<Vec<Node>, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        places: Places::of(text),
        open: Vec::new(),
        anchors: HashMap::new(),
        values: 0,
        done: Vec::new(),
    };
    for event in Parser::new_from_str(text) {
        let (event, at) = event.map_err(|error| {
            let marker = *error.marker();
            let at = Marked { start: marker, end: marker };
            (reader.places.place(at), error.info().to_owned())
        })?;
        reader.event(event, at)?;
    }
    Ok(reader.done)
}

/// Places of markers, which count characters.
struct Places {
    /// The byte of each character, where the text has others than ASCII.
    bytes: Option<Vec<u32>>,
}

impl Places {
    fn of(text: &str) -> Places {
        let byte = |(at, _)| u32::try_from(at).unwrap_or(u32::MAX);
        let bytes = (!text.is_ascii()).then(|| text.char_indices().map(byte).collect());
        Places { bytes }
    }

    fn byte(&self, character: usize) -> u32 {
        match &self.bytes {
            Some(bytes) => bytes.get(character).or(bytes.last()).copied().unwrap_or_default(),
            None => number(character),
        }
    }

    fn place(&self, at: Marked) -> Place {
        let (start, end) = (self.byte(at.start.index()), self.byte(at.end.index()));
        let (line, column) = (number(at.start.line()), number(at.start.col()).saturating_add(1));
        Place { span: Span { start, end: end.max(start) }, pos: Pos { line, column } }
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// A list or an object that is not complete.
struct Open {
    place: Place,
    anchor: usize,
    tag: Option<String>,
    parts: Parts,
}

enum Parts {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<(String, Place)> },
}

struct Reader {
    places: Places,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    values: usize,
    done: Vec<Node>,
}

impl Reader {
    fn event(&mut self, event: Event<'_>, at: Marked) -> Result<(), Problem> {
        let place = self.places.place(at);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.as_deref();
                let open = self.open.last().map(|open| &open.parts);
                let is_key = matches!(open, Some(Parts::Map { key: None, .. }));
                let value = match tag {
                    _ if is_key => Value::String(text.into_owned()),
                    Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => {
                        Value::String(text.into_owned())
                    }
                    Some(tag) if !tag.is_yaml_core_schema() => Value::String(text.into_owned()),
                    _ if style == ScalarStyle::Plain => plain(&text),
                    _ => Value::String(text.into_owned()),
                };
                let node = function(Node { value, place }, tag.and_then(short).as_deref());
                self.value(node, anchor, 1)
            }
            Event::SequenceStart(anchor, tag) => {
                let tag = tag.as_deref().and_then(short);
                self.begin(Open { place, anchor, tag, parts: Parts::List(Vec::new()) })
            }
            Event::MappingStart(anchor, tag) => {
                let tag = tag.as_deref().and_then(short);
                let parts = Parts::Map { entries: Vec::new(), key: None };
                self.begin(Open { place, anchor, tag, parts })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(place),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some((node, size)) => {
                    let (node, size) = (node.clone(), *size);
                    self.count(size, place)?;
                    self.value(node, 0, 0)
                }
                None => Err((place, "an alias inside of what it stands for".to_owned())),
            },
            _ => Ok(()),
        }
    }

    fn count(&mut self, values: usize, place: Place) -> Result<(), Problem> {
        self.values = self.values.saturating_add(values);
        if self.values > VALUES {
            return Err((place, format!("more than {VALUES} values")));
        }
        Ok(())
    }

    fn begin(&mut self, open: Open) -> Result<(), Problem> {
        if self.open.len() >= DEPTH {
            return Err((open.place, format!("nested deeper than {DEPTH} levels")));
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self, end: Place) -> Result<(), Problem> {
        let Some(Open { mut place, anchor, tag, parts }) = self.open.pop() else { return Ok(()) };
        place.span.end = end.span.end.max(place.span.start);
        let value = match parts {
            Parts::List(items) => Value::List(items),
            Parts::Map { entries, .. } => Value::Map(merged(entries)?),
        };
        self.value(function(Node { value, place }, tag.as_deref()), anchor, 1)
    }

    /// A complete value: it goes where it belongs.
    fn value(&mut self, node: Node, anchor: usize, values: usize) -> Result<(), Problem> {
        self.count(values, node.place)?;
        if anchor != 0 {
            let size = size(&node);
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut().map(|open| &mut open.parts) {
            None => self.done.push(node),
            Some(Parts::List(items)) => items.push(node),
            Some(Parts::Map { entries, key }) => {
                if let Some((key, place)) = key.take() {
                    entries.push(Entry { key, place, value: node });
                } else {
                    let Value::String(text) = node.value else {
                        return Err((node.place, "expected text as a key".to_owned()));
                    };
                    *key = Some((text, node.place));
                }
            }
        }
        Ok(())
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|entry| size(&entry.value)).sum::<usize>(),
        _ => 1,
    }
}

/// Members with what `<<` brings in; what stands there itself counts.
fn merged(entries: Vec<Entry>) -> Result<Vec<Entry>, Problem> {
    let mut names = HashSet::new();
    for entry in &entries {
        if !names.insert(entry.key.clone()) {
            return Err((entry.place, format!("the key `{}` is there twice", entry.key)));
        }
    }
    if !names.contains("<<") {
        return Ok(entries);
    }
    let (merges, mut own): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| e.key == "<<");
    let mut take = |node: &Node| {
        for entry in node.entries() {
            if names.insert(entry.key.clone()) {
                own.push(entry.clone());
            }
        }
    };
    for merge in &merges {
        take(&merge.value);
        merge.value.items().iter().for_each(&mut take);
    }
    Ok(own)
}

/// The long name of a function that a tag stands for.
fn short(tag: &Tag) -> Option<String> {
    if tag.is_yaml_core_schema() {
        return None;
    }
    Some(match tag.suffix.as_str() {
        "Ref" | "Condition" => tag.suffix.clone(),
        name => format!("Fn::{name}"),
    })
}

fn function(node: Node, name: Option<&str>) -> Node {
    let Some(name) = name else { return node };
    let place = node.place;
    let entry = Entry { key: name.to_owned(), place, value: node };
    Node { value: Value::Map(vec![entry]), place }
}

/// A plain scalar by the core schema of YAML 1.2.
fn plain(text: &str) -> Value {
    let unknown = |as_what: &str| {
        Value::Unknown(format!(
            "a plain `{text}` is {as_what} in YAML 1.1 and not in 1.2: quote it"
        ))
    };
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let lower = text.to_ascii_lowercase();
    if matches!(lower.as_str(), "yes" | "no" | "on" | "off" | "y" | "n") {
        return unknown("a Boolean");
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if all_digits(digits) && digits.len() > 1 && digits.starts_with('0') {
        return unknown("an octal number");
    }
    let json = text.strip_prefix('+').unwrap_or(text);
    if serde_json::from_str::<serde_json::Number>(json).is_ok() {
        return Value::Number(json.to_owned());
    }
    let sexagesimal = digits.split(':').count() > 1 && digits.split(':').all(all_digits);
    let underscores = digits.contains('_') && digits.starts_with(|c: char| c.is_ascii_digit());
    if sexagesimal || underscores && all_digits(&digits.replace(['_', '.'], "")) {
        return unknown("a number");
    }
    let prefixed = ["0x", "0o", "0b"].iter().any(|p| digits.starts_with(p));
    let float = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.parse::<f64>().is_ok();
    if prefixed || float {
        return Value::Unknown(format!(
            "a plain `{text}` is a number in a form that JSON does not have: write it as JSON does, or quote it"
        ));
    }
    Value::String(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Node {
        read(text).unwrap().pop().unwrap()
    }

    #[test]
    fn values_have_their_types_and_places() {
        let node = one("é: &a\n  - x\n  - 5\n  - true\n  - ~\nb: *a\n");
        let list = node.get("é").unwrap();
        assert_eq!(list.items().len(), 4);
        assert_eq!((list.items()[0].place.pos.line, list.items()[0].place.pos.column), (2, 5));
        let span = list.items()[0].place.span;
        assert_eq!((span.start, span.end), (11, 12));
        assert!(matches!(&list.items()[1].value, Value::Number(n) if n == "5"));
        assert!(matches!(list.items()[2].value, Value::Bool(true)));
        assert!(matches!(list.items()[3].value, Value::Null));
        assert_eq!(node.get("b").unwrap().items().len(), 4);
    }

    #[test]
    fn short_functions_become_long_ones() {
        let node = one("a: !Ref X\nb: !Sub '${A}'\nc: !If [x, !Ref Y, 1]\n");
        assert_eq!(node.at(&["a", "Ref"]).and_then(Node::text), Some("X"));
        assert_eq!(node.at(&["b", "Fn::Sub"]).and_then(Node::text), Some("${A}"));
        assert_eq!(node.at(&["c", "Fn::If"]).unwrap().items().len(), 3);
    }

    #[test]
    fn scalars_that_versions_of_yaml_read_differently_are_unknown() {
        for text in ["on", "No", "012345678901", "1:30", "1_000", "0x1F", ".5"] {
            assert!(
                matches!(one(&format!("a: {text}")).get("a").unwrap().value, Value::Unknown(_)),
                "{text}"
            );
        }
        for text in
            ["'on'", "\"012345678901\"", "app.shop", "order.placed:v1", "1.2.3", "10.0.0.0/8"]
        {
            assert!(one(&format!("a: {text}")).get("a").unwrap().text().is_some(), "{text}");
        }
    }

    #[test]
    fn merge_keys_bring_members_in() {
        let node = one("base: &b {x: 1, y: 2}\na:\n  <<: *b\n  y: 3\n");
        let a = node.get("a").unwrap();
        assert!(matches!(&a.get("y").unwrap().value, Value::Number(n) if n == "3"));
        assert!(a.get("x").is_some() && a.get("<<").is_none());
    }

    #[test]
    fn hostile_documents_are_errors() {
        let deep = "[".repeat(100_000);
        let mut laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for n in 1..12 {
            let items = vec![format!("*a{}", n - 1); 10].join(",");
            laughs = format!("{laughs}a{n}: &a{n} [{items}]\n");
        }
        for text in [
            deep.as_str(),
            &laughs,
            "a: 1\na: 2",
            "a: [",
            "a: &x [*x]",
            "? [1]\n: 2",
            "\t- a:\n- b",
        ] {
            assert!(read(text).is_err(), "{}", &text[..text.len().min(40)]);
        }
    }
}
