//! A JSON text with the place of every value.
//!
//! Strict JSON only; duplicate keys are an error, since readers disagree about which one wins. Depth
//! and size are bounded, because schemas come from registries that others write to.

mod parse;

use std::fmt;
use std::sync::Arc;

/// Largest text that is read, in bytes. The registry's own limit for a schema's content is 100,000
/// characters (Amazon EventBridge quotas, "Schema size"); files of other origin may be larger.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Deepest nesting of arrays and objects that is read. A schema of 500 objects, each inside the one before, has
/// twice as many levels of JSON.
pub const MAX_DEPTH: usize = 1_100;

/// A range of bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

/// A place in a text, for people. Both count from 1; the column counts characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pos {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl fmt::Display for Pos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A parsed text.
#[derive(Debug, Clone)]
pub struct Document {
    /// The name that diagnostics show.
    pub file: Arc<str>,
    /// The text.
    pub text: Arc<str>,
    /// The value.
    pub root: Arc<Json>,
    line_starts: Vec<u32>,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Json {
    /// Where.
    pub span: Span,
    /// What.
    pub value: Value,
}

/// A JSON value whose parts know their place.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object, in the text's order.
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key.
    pub key: String,
    /// Where the key stands, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Json,
}

/// Why a text is not a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub span: Span,
    /// Where, for people.
    pub pos: Pos,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pos, self.message)
    }
}

impl std::error::Error for SyntaxError {}

impl Document {
    /// Parses a text.
    ///
    /// ```
    /// use event_schema::document::Document;
    ///
    /// let doc = Document::parse("a.json", "{\n  \"type\": \"object\"\n}")?;
    /// let ty = doc.root.get("type").unwrap();
    /// assert_eq!((ty.as_str(), doc.pos(ty.span).to_string()), (Some("object"), "2:11".into()));
    /// # Ok::<(), event_schema::document::SyntaxError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first place where the text is not JSON, repeats a key, nests too deep, or is too long.
    pub fn parse(
        file: impl Into<Arc<str>>,
        text: impl Into<Arc<str>>,
    ) -> Result<Document, SyntaxError> {
        let (file, text) = (file.into(), text.into());
        let line_starts = line_starts(&text);
        let fail = |message: String, span: Span| SyntaxError {
            message,
            span,
            pos: position(&text, &line_starts, span.start),
        };
        if text.len() > MAX_BYTES {
            let message =
                format!("the text has {} bytes; at most {MAX_BYTES} are read", text.len());
            return Err(fail(message, Span::default()));
        }
        if text.starts_with('\u{feff}') {
            let message = "the text starts with a byte order mark; save it as UTF-8 without one";
            return Err(fail(message.into(), Span { start: 0, end: 3 }));
        }
        let root = parse::parse(&text).map_err(|(message, span)| fail(message, span))?;
        Ok(Document { file, text: text.clone(), root: Arc::new(root), line_starts })
    }

    /// Where a span starts.
    pub fn pos(&self, span: Span) -> Pos {
        position(&self.text, &self.line_starts, span.start)
    }
}

impl Json {
    /// The member's value, where this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.member(key).map(|m| &m.value)
    }

    /// The member, where this is an object that has it.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().find(|m| m.key == key)
    }

    /// The members; none where this is no object.
    pub fn members(&self) -> &[Member] {
        if let Value::Object(members) = &self.value { members } else { &[] }
    }

    /// The string, where this is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(s) = &self.value { Some(s) } else { None }
    }

    /// The boolean, where this is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self.value { Some(b) } else { None }
    }

    /// The elements, where this is an array.
    pub fn as_array(&self) -> Option<&[Json]> {
        if let Value::Array(a) = &self.value { Some(a) } else { None }
    }

    /// The value behind a JSON pointer (RFC 6901), such as `/components/schemas/a~1b`.
    pub fn pointer(&self, pointer: &str) -> Option<&Json> {
        let mut at = self;
        for part in pointer.strip_prefix('/').map(|p| p.split('/')).into_iter().flatten() {
            let part = part.replace("~1", "/").replace("~0", "~");
            at = match &at.value {
                Value::Array(a) => a.get(part.parse::<usize>().ok()?)?,
                _ => at.get(&part)?,
            };
        }
        (pointer.is_empty() || pointer.starts_with('/')).then_some(at)
    }

    /// The value without places. Numbers that no 64-bit integer or double holds become the nearest
    /// double.
    pub fn to_value(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(b) => serde_json::Value::Bool(*b),
            Value::Number(n) => serde_json::from_str(n).unwrap_or(serde_json::Value::Null),
            Value::String(s) => serde_json::Value::String(s.clone()),
            Value::Array(a) => a.iter().map(Json::to_value).collect(),
            Value::Object(o) => o
                .iter()
                .map(|m| (m.key.clone(), m.value.to_value()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

fn line_starts(text: &str) -> Vec<u32> {
    let after =
        |(i, b): (usize, u8)| (b == b'\n').then(|| u32::try_from(i + 1).unwrap_or(u32::MAX));
    std::iter::once(0).chain(text.bytes().enumerate().filter_map(after)).collect()
}

fn position(text: &str, line_starts: &[u32], offset: u32) -> Pos {
    let line = line_starts.partition_point(|s| *s <= offset).max(1);
    let start = line_starts[line - 1] as usize;
    let column = text.get(start..offset as usize).map_or(1, |s| s.chars().count() + 1);
    let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Pos { line: clamp(line), column: clamp(column) }
}
