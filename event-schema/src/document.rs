//! A JSON text with the position of every value.
//!
//! Only strict JSON is accepted. Duplicate keys are an error, because readers disagree about which one
//! counts. Depth and size are bounded, because registries may contain untrusted documents.

mod parse;

use std::fmt;
use std::sync::Arc;

/// The maximum size of a text in bytes. The registry's own limit for a schema's content is 100,000
/// characters (Amazon EventBridge quotas, "Schema size"); files from other sources may be larger.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The maximum nesting of arrays and objects. A schema of 500 objects, each inside the previous one, has
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

/// A position in a text, for people. Both numbers start at 1; the column counts characters.
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
    /// The name in diagnostics.
    pub file: Arc<str>,
    /// The text.
    pub text: Arc<str>,
    /// The value.
    pub root: Arc<Json>,
    lines: Lines,
}

/// A value and its position.
#[derive(Debug, Clone, PartialEq)]
pub struct Json {
    /// The position.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A JSON value whose parts have positions.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object, in the order of the text.
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key.
    pub key: String,
    /// The position of the key, including its quotes.
    pub key_span: Span,
    /// The value.
    pub value: Json,
}

/// Why a text is not a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// The position in bytes.
    pub span: Span,
    /// The line and column.
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
    /// Returns the first place where the text is not JSON, repeats a key, nests too deep, or is too long.
    pub fn parse(
        file: impl Into<Arc<str>>,
        text: impl Into<Arc<str>>,
    ) -> Result<Document, SyntaxError> {
        let (file, text) = (file.into(), text.into());
        let lines = Lines::of(&text);
        let fail = |message: String, span: Span| SyntaxError {
            message,
            span,
            pos: lines.position(&text, span.start),
        };
        if text.len() > MAX_BYTES {
            let message =
                format!("the text is too long: {} bytes, expected at most {MAX_BYTES}", text.len());
            return Err(fail(message, Span::default()));
        }
        if text.starts_with('\u{feff}') {
            let message = "the text starts with a byte order mark; save it as UTF-8 without one";
            return Err(fail(message.into(), Span { start: 0, end: 3 }));
        }
        let root = parse::parse(&text).map_err(|(message, span)| fail(message, span))?;
        Ok(Document { file, text: text.clone(), root: Arc::new(root), lines })
    }

    /// The line and column where a span starts.
    pub fn pos(&self, span: Span) -> Pos {
        self.lines.position(&self.text, span.start)
    }
}

impl Json {
    /// The value of the member with this key, if the value is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.member(key).map(|m| &m.value)
    }

    /// The member with this key, if the value is an object that has it.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().find(|m| m.key == key)
    }

    /// The members; empty if the value is not an object.
    pub fn members(&self) -> &[Member] {
        if let Value::Object(members) = &self.value { members } else { &[] }
    }

    /// The string, if the value is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(s) = &self.value { Some(s) } else { None }
    }

    /// The boolean, if the value is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self.value { Some(b) } else { None }
    }

    /// The elements, if the value is an array.
    pub fn as_array(&self) -> Option<&[Json]> {
        if let Value::Array(a) = &self.value { Some(a) } else { None }
    }

    /// The value at a JSON pointer (RFC 6901), such as `/components/schemas/a~1b`.
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

    /// The value without positions. A number that does not fit into a 64-bit integer or a double becomes
    /// the nearest double.
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

/// An index of positions whose lookup time does not depend on the length of a line, because registry
/// documents have only one.
#[derive(Debug, Clone)]
struct Lines {
    /// The offset of the start of each line.
    starts: Vec<u32>,
    /// The number of characters before each [`BLOCK`] of bytes.
    before: Vec<u32>,
}

/// The number of bytes between two counts of characters.
const BLOCK: usize = 512;

impl Lines {
    fn of(text: &str) -> Lines {
        let after =
            |(i, b): (usize, u8)| (b == b'\n').then(|| u32::try_from(i + 1).unwrap_or(u32::MAX));
        let starts = std::iter::once(0).chain(text.bytes().enumerate().filter_map(after)).collect();
        let (mut before, mut count) = (Vec::with_capacity(text.len() / BLOCK + 2), 0_u32);
        for block in text.as_bytes().chunks(BLOCK) {
            before.push(count);
            count = count.saturating_add(characters(block));
        }
        // for an offset at the end
        before.push(count);
        Lines { starts, before }
    }

    /// The number of characters before an offset.
    fn characters(&self, text: &str, offset: usize) -> u32 {
        let block = offset / BLOCK;
        let rest = text.as_bytes().get(block * BLOCK..offset).unwrap_or_default();
        self.before.get(block).copied().unwrap_or_default() + characters(rest)
    }

    fn position(&self, text: &str, offset: u32) -> Pos {
        let line = self.starts.partition_point(|s| *s <= offset).max(1);
        let end = (offset as usize).min(text.len());
        let start = (self.starts[line - 1] as usize).min(end);
        let column = self.characters(text, end).saturating_sub(self.characters(text, start)) + 1;
        Pos { line: u32::try_from(line).unwrap_or(u32::MAX), column }
    }
}

/// The number of characters that start in these bytes.
fn characters(bytes: &[u8]) -> u32 {
    let count = bytes.iter().filter(|b| **b & 0xC0 != 0x80).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The column as counted from the start of the line.
    fn counted(text: &str, offset: usize) -> Pos {
        let before = &text[..offset];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        let column = text[start..offset].chars().count() + 1;
        Pos { line: u32::try_from(line).unwrap(), column: u32::try_from(column).unwrap() }
    }

    #[test]
    fn position_of_every_character_is_as_counted() {
        let long = "aé€𝄞".repeat(3 * BLOCK / 10);
        let exact = "x".repeat(2 * BLOCK);
        for text in ["", "a", "\n", "é\n\né", &long, &format!("{long}\n{long}é\n"), &exact] {
            let lines = Lines::of(text);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let offset32 = u32::try_from(offset).unwrap();
                assert_eq!(lines.position(text, offset32), counted(text, offset), "{offset}");
            }
            let far = u32::try_from(text.len() + 7).unwrap();
            assert_eq!(lines.position(text, far), counted(text, text.len()));
        }
    }
}
