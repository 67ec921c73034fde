//! The baseline: a locked event as the derive and const evaluation read it.
//!
//! `event-codegen` writes one file an event from its schemas ([`Baseline::to_text`]), the derive reads
//! it ([`Baseline::parse`]) and passes each field's type on as one compact string, which the const
//! checks walk without building a tree. Writer and readers share this module, so the format can't drift.
//!
//! # The compact type text
//!
//! ```text
//! type    := '*'                                any JSON
//!          | '0'                                only null
//!          | 'b'                                boolean
//!          | 'i' [int] ',' [int] ';'            integer, inclusive bounds where the schema proves them
//!          | 'n' ('4' | '8')                    number: float, double
//!          | 's' name                           string; name = its format, or empty
//!          | '?' type                           type or null
//!          | '[' type                           array
//!          | '(' type* ')'                      tuple
//!          | '{' type                           map with string keys
//!          | '@' int ';'                        definition, by index
//!          | 'o' open field* ')'                object
//!          | 'e' open tag variant* ')'          enum
//!          | 'x' name                           no Rust shape can be held to it; name = the reason
//! open    := '~' | '!'                          open: unknown fields or variants may come; closed
//! field   := line ',' ('!' | '?') name name type    required or optional; wire name; Rust name
//! tag     := 'x' | 'u' | 'i' name | 'a' name name   external, untagged, internal, adjacent (tag, content)
//! variant := line ',' name name ('.' | '=' type)    wire name; Rust name; unit or with content
//! name    := length ':' bytes                   length in bytes, decimal
//! ```
//!
//! Fields stand sorted by wire name, so that two sides compare in one merge; variants too (untagged
//! ones, which have no wire name, in the schema's order).

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

/// First line of every baseline file; another one means another version of the tools wrote it.
pub const HEADER: &str = "event-contracts baseline 1";

/// One event: every version of it that `schemas/` holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The event type, such as `proposal.published`.
    pub event: String,
    /// The registry (folder) that it belongs to, such as `app-core`.
    pub registry: String,
    /// The versions, ascending.
    pub versions: Vec<Version>,
}

/// One version of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The major.
    pub major: u32,
    /// The minor.
    pub minor: u32,
    /// Whether `schemas.lock` lists it.
    pub locked: bool,
    /// The schema file, relative to the package's root, with `/` between parts.
    pub file: String,
    /// The `source` of `EventBridge`, where the schema or the configuration says it.
    pub source: Option<String>,
    /// The `detail-type` of `EventBridge`, where it is another than `type:vMAJOR`.
    pub detail_type: Option<String>,
    /// The day from which on the major before should be retired, `yyyy-mm-dd` (`x-event-sunset`).
    pub sunset: Option<String>,
    /// The payload's root object.
    pub root: Object,
    /// What [`Ty::Ref`] points to.
    pub defs: Vec<Def>,
}

/// A named definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Def {
    /// The Rust name that generated code gives it.
    pub rust: String,
    /// Line of the definition in the schema file, from 1.
    pub line: u32,
    /// The type.
    pub ty: Ty,
}

/// An object: its fields, sorted by wire name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Whether fields that aren't listed may come (`additionalProperties` isn't `false`).
    pub open: bool,
    /// The fields.
    pub fields: Vec<Field>,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name on the wire.
    pub name: String,
    /// The Rust name that generated code gives it.
    pub rust: String,
    /// Line of the property in the schema file, from 1.
    pub line: u32,
    /// Whether it may be absent.
    pub optional: bool,
    /// The type of what is written when it is there.
    pub ty: Ty,
}

/// A type on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ty {
    /// Any JSON.
    Any,
    /// Only `null`.
    Null,
    /// A boolean.
    Bool,
    /// An integer between inclusive bounds; `None`: the schema doesn't bound that side.
    Int(Option<i128>, Option<i128>),
    /// A number; `true`: only `float` (32 bits).
    Num(bool),
    /// A string with a format, or with the empty format.
    Str(String),
    /// The type, or null.
    Nullable(Box<Ty>),
    /// An array.
    Array(Box<Ty>),
    /// A tuple.
    Tuple(Vec<Ty>),
    /// An object with any keys and values of one type.
    Map(Box<Ty>),
    /// A definition, by index into [`Version::defs`].
    Ref(u32),
    /// An object.
    Object(Object),
    /// An enum.
    Enum(Enum),
    /// A schema that no Rust shape can be held to, and why.
    Opaque(String),
}

/// An enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    /// Whether unknown variants may come (`x-open`).
    pub open: bool,
    /// How a variant is told.
    pub tag: Tag,
    /// The variants.
    pub variants: Vec<Variant>,
}

/// How serde tells variants apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// `{"variant": …}`, or `"variant"` where it is a unit.
    External,
    /// `{"tag": "variant", …}`.
    Internal(String),
    /// `{"tag": "variant", "content": …}`.
    Adjacent(String, String),
    /// By what fits.
    Untagged,
}

/// A variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The name on the wire (empty where untagged).
    pub name: String,
    /// The Rust name that generated code gives it.
    pub rust: String,
    /// Line in the schema file, from 1.
    pub line: u32,
    /// What it carries.
    pub ty: Option<Ty>,
}

fn name(out: &mut String, s: &str) {
    let _ = write!(out, "{}:{s}", s.len());
}

impl Object {
    /// Writes the compact text of the object.
    pub fn write(&self, out: &mut String) {
        out.push('o');
        out.push(if self.open { '~' } else { '!' });
        for f in &self.fields {
            f.write(out);
        }
        out.push(')');
    }
}

impl Field {
    /// Writes the compact text of the field: its head and its type.
    pub fn write(&self, out: &mut String) {
        let _ = write!(out, "{},", self.line);
        out.push(if self.optional { '?' } else { '!' });
        name(out, &self.name);
        name(out, &self.rust);
        self.ty.write(out);
    }
}

impl Ty {
    /// Writes the compact text.
    pub fn write(&self, out: &mut String) {
        match self {
            Ty::Any => out.push('*'),
            Ty::Null => out.push('0'),
            Ty::Bool => out.push('b'),
            Ty::Int(lo, hi) => {
                out.push('i');
                if let Some(lo) = lo {
                    let _ = write!(out, "{lo}");
                }
                out.push(',');
                if let Some(hi) = hi {
                    let _ = write!(out, "{hi}");
                }
                out.push(';');
            }
            Ty::Num(single) => out.push_str(if *single { "n4" } else { "n8" }),
            Ty::Str(format) => {
                out.push('s');
                name(out, format);
            }
            Ty::Nullable(t) => {
                out.push('?');
                t.write(out);
            }
            Ty::Array(t) => {
                out.push('[');
                t.write(out);
            }
            Ty::Tuple(ts) => {
                out.push('(');
                for t in ts {
                    t.write(out);
                }
                out.push(')');
            }
            Ty::Map(t) => {
                out.push('{');
                t.write(out);
            }
            Ty::Ref(i) => {
                let _ = write!(out, "@{i};");
            }
            Ty::Object(o) => o.write(out),
            Ty::Enum(e) => {
                out.push('e');
                out.push(if e.open { '~' } else { '!' });
                match &e.tag {
                    Tag::External => out.push('x'),
                    Tag::Untagged => out.push('u'),
                    Tag::Internal(t) => {
                        out.push('i');
                        name(out, t);
                    }
                    Tag::Adjacent(t, c) => {
                        out.push('a');
                        name(out, t);
                        name(out, c);
                    }
                }
                for v in &e.variants {
                    let _ = write!(out, "{},", v.line);
                    name(out, &v.name);
                    name(out, &v.rust);
                    match &v.ty {
                        None => out.push('.'),
                        Some(t) => {
                            out.push('=');
                            t.write(out);
                        }
                    }
                }
                out.push(')');
            }
            Ty::Opaque(why) => {
                out.push('x');
                name(out, why);
            }
        }
    }

    /// The compact text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }
}

impl Baseline {
    /// The file's text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{HEADER}\ntype\t{}\nregistry\t{}", self.event, self.registry);
        for v in &self.versions {
            let state = if v.locked { "locked" } else { "unlocked" };
            let _ = writeln!(out, "version\t{}.{}\t{state}\t{}", v.major, v.minor, v.file);
            if let Some(s) = &v.source {
                let _ = writeln!(out, "source\t{}", escape(s));
            }
            if let Some(d) = &v.detail_type {
                let _ = writeln!(out, "detail-type\t{}", escape(d));
            }
            if let Some(day) = &v.sunset {
                let _ = writeln!(out, "sunset\t{}", escape(day));
            }
            let mut text = String::new();
            v.root.write(&mut text);
            let _ = writeln!(out, "root\t{}", escape(&text));
            for d in &v.defs {
                let _ = writeln!(out, "def\t{}\t{}\t{}", d.rust, d.line, escape(&d.ty.to_text()));
            }
        }
        out
    }

    /// Reads the file's text.
    ///
    /// # Errors
    ///
    /// What is wrong and in which line: another version of the tools wrote the file, or it was edited.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        let mut lines = text.lines().enumerate();
        if lines.next().map(|(_, l)| l) != Some(HEADER) {
            return Err(format!("line 1: expected `{HEADER}`"));
        }
        let mut b =
            Baseline { event: String::new(), registry: String::new(), versions: Vec::new() };
        for (n, line) in lines {
            let at = |what: &str| format!("line {}: {what}", n + 1);
            let mut cols = line.split('\t');
            let key = cols.next().unwrap_or_default();
            let mut col = || cols.next().ok_or_else(|| at("a column is missing"));
            match key {
                "type" => b.event = col()?.to_string(),
                "registry" => b.registry = col()?.to_string(),
                "version" => {
                    let (major, minor) = col()?
                        .split_once('.')
                        .and_then(|(a, c)| Some((a.parse().ok()?, c.parse().ok()?)))
                        .ok_or_else(|| at("not a version"))?;
                    let locked = col()? == "locked";
                    let file = col()?.to_string();
                    b.versions.push(Version {
                        major,
                        minor,
                        locked,
                        file,
                        source: None,
                        detail_type: None,
                        sunset: None,
                        root: Object { open: true, fields: Vec::new() },
                        defs: Vec::new(),
                    });
                }
                _ => {
                    let v = b.versions.last_mut().ok_or_else(|| at("no version yet"))?;
                    match key {
                        "source" => v.source = Some(unescape(col()?)),
                        "detail-type" => v.detail_type = Some(unescape(col()?)),
                        "sunset" => v.sunset = Some(unescape(col()?)),
                        "root" => match parse_ty(&unescape(col()?)).map_err(|e| at(&e))? {
                            Ty::Object(o) => v.root = o,
                            _ => return Err(at("the root is not an object")),
                        },
                        "def" => {
                            let rust = col()?.to_string();
                            let line = col()?.parse().map_err(|_| at("not a line number"))?;
                            let ty = parse_ty(&unescape(col()?)).map_err(|e| at(&e))?;
                            v.defs.push(Def { rust, line, ty });
                        }
                        _ => return Err(at("unknown key")),
                    }
                }
            }
        }
        Ok(b)
    }
}

/// Tab, line feed, carriage return and backslash would break the line format.
fn escape(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        match c {
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\\' => out.push_str("\\\\"),
            c => out.push(c),
        }
    }
    out
}

fn unescape(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut chars = s.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('t') => out.push('\t'),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some(c) => out.push(c),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

/// Reads one compact type text, all of it.
///
/// # Errors
///
/// What was expected, and at which byte.
pub fn parse_ty(text: &str) -> Result<Ty, String> {
    let mut p = Parser { text, at: 0, depth: 0 };
    let ty = p.ty()?;
    if p.at == text.len() { Ok(ty) } else { Err(p.fail("the end")) }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl Parser<'_> {
    fn fail(&self, expected: &str) -> String {
        format!("expected {expected} at byte {}", self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    fn expect(&mut self, c: u8) -> Result<(), String> {
        if self.next() == Some(c) { Ok(()) } else { Err(self.fail(&format!("`{}`", c as char))) }
    }

    fn digits(&mut self) -> &str {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-')) {
            self.at += 1;
        }
        &self.text[from..self.at]
    }

    fn int<T: core::str::FromStr>(&mut self) -> Result<Option<T>, String> {
        let digits = self.digits();
        if digits.is_empty() {
            return Ok(None);
        }
        let parsed = digits.parse().ok();
        parsed.map(Some).ok_or_else(|| self.fail("a number"))
    }

    fn number(&mut self) -> Result<u32, String> {
        self.int()?.ok_or_else(|| self.fail("a number"))
    }

    fn name(&mut self) -> Result<String, String> {
        let len: usize = self.int()?.ok_or_else(|| self.fail("a length"))?;
        self.expect(b':')?;
        let end = self.at.checked_add(len).ok_or_else(|| self.fail("a length"))?;
        let s = self.text.get(self.at..end).ok_or_else(|| self.fail("a name"))?.to_string();
        self.at = end;
        Ok(s)
    }

    fn open(&mut self) -> Result<bool, String> {
        match self.next() {
            Some(b'~') => Ok(true),
            Some(b'!') => Ok(false),
            _ => Err(self.fail("`~` or `!`")),
        }
    }

    fn ty(&mut self) -> Result<Ty, String> {
        self.depth += 1;
        if self.depth > 256 {
            return Err(self.fail("less nesting"));
        }
        let ty = match self.next() {
            Some(b'*') => Ty::Any,
            Some(b'0') => Ty::Null,
            Some(b'b') => Ty::Bool,
            Some(b'i') => {
                let lo = self.int()?;
                self.expect(b',')?;
                let hi = self.int()?;
                self.expect(b';')?;
                Ty::Int(lo, hi)
            }
            Some(b'n') => match self.next() {
                Some(b'4') => Ty::Num(true),
                Some(b'8') => Ty::Num(false),
                _ => return Err(self.fail("`4` or `8`")),
            },
            Some(b's') => Ty::Str(self.name()?),
            Some(b'?') => Ty::Nullable(Box::new(self.ty()?)),
            Some(b'[') => Ty::Array(Box::new(self.ty()?)),
            Some(b'{') => Ty::Map(Box::new(self.ty()?)),
            Some(b'(') => {
                let mut ts = Vec::new();
                while self.peek() != Some(b')') {
                    ts.push(self.ty()?);
                }
                self.expect(b')')?;
                Ty::Tuple(ts)
            }
            Some(b'@') => {
                let i = self.number()?;
                self.expect(b';')?;
                Ty::Ref(i)
            }
            Some(b'o') => Ty::Object(self.object()?),
            Some(b'e') => Ty::Enum(self.enumeration()?),
            Some(b'x') => Ty::Opaque(self.name()?),
            _ => return Err(self.fail("a type")),
        };
        self.depth -= 1;
        Ok(ty)
    }

    fn object(&mut self) -> Result<Object, String> {
        let open = self.open()?;
        let mut fields = Vec::new();
        while self.peek() != Some(b')') {
            let line = self.number()?;
            self.expect(b',')?;
            let optional = match self.next() {
                Some(b'?') => true,
                Some(b'!') => false,
                _ => return Err(self.fail("`?` or `!`")),
            };
            let name = self.name()?;
            let rust = self.name()?;
            let ty = self.ty()?;
            fields.push(Field { name, rust, line, optional, ty });
        }
        self.expect(b')')?;
        Ok(Object { open, fields })
    }

    fn enumeration(&mut self) -> Result<Enum, String> {
        let open = self.open()?;
        let tag = match self.next() {
            Some(b'x') => Tag::External,
            Some(b'u') => Tag::Untagged,
            Some(b'i') => Tag::Internal(self.name()?),
            Some(b'a') => Tag::Adjacent(self.name()?, self.name()?),
            _ => return Err(self.fail("a tag")),
        };
        let mut variants = Vec::new();
        while self.peek() != Some(b')') {
            let line = self.number()?;
            self.expect(b',')?;
            let name = self.name()?;
            let rust = self.name()?;
            let ty = match self.next() {
                Some(b'.') => None,
                Some(b'=') => Some(self.ty()?),
                _ => return Err(self.fail("`.` or `=`")),
            };
            variants.push(Variant { name, rust, line, ty });
        }
        self.expect(b')')?;
        Ok(Enum { open, tag, variants })
    }
}
