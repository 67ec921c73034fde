//! Parses baselines. The text may come from another version or have been edited, so nothing here panics.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{
    Baseline, Def, Enum, FORMAT, Field, Object, ROOT, Scalar, TITLE, Tag, Ty, Variant, Version,
};

impl Baseline {
    /// Parses a baseline file.
    ///
    /// # Errors
    ///
    /// Returns what is wrong and in which line: another version of the tools wrote the file, or it was
    /// edited.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        let mut lines = text.lines().enumerate();
        match lines.next().and_then(|(_, l)| l.strip_prefix(TITLE)) {
            Some(format) if format.parse() == Ok(FORMAT) => {}
            Some(format) => {
                return Err(format!("format {format} is not supported: expected format {FORMAT}"));
            }
            None => return Err(format!("line 1: expected `{TITLE}{FORMAT}`")),
        }
        let mut b =
            Baseline { event: String::new(), registry: String::new(), versions: Vec::new() };
        for (n, line) in lines {
            let at = |what: &str| format!("line {}: {what}", n + 1);
            let mut cols = line.split('\t');
            let key = cols.next().unwrap_or_default();
            let mut col = || cols.next().ok_or_else(|| at("missing column"));
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
                        root: Object {
                            open: true,
                            patterned: false,
                            rest: None,
                            fields: Vec::new(),
                        },
                        defs: Vec::new(),
                    });
                }
                _ => {
                    let v = b.versions.last_mut().ok_or_else(|| at("no versions yet"))?;
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
                            let ty = match col()? {
                                ROOT => Ty::Object(v.root.clone()),
                                text => parse_ty(&unescape(text)).map_err(|e| at(&e))?,
                            };
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

fn unescape(s: &str) -> String {
    if !s.contains('\\') {
        return s.to_string();
    }
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

/// Parses one compact type text, which must end where the type ends.
///
/// # Errors
///
/// Returns what was expected, and at which byte.
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
            Some(b'v') => Ty::Values(self.values()?),
            Some(b'x') => Ty::Opaque(self.name()?),
            _ => return Err(self.fail("a type")),
        };
        self.depth -= 1;
        Ok(ty)
    }

    fn object(&mut self) -> Result<Object, String> {
        let rest = if self.peek() == Some(b'+') {
            self.at += 1;
            Some(Box::new(self.ty()?))
        } else {
            None
        };
        let patterned = rest.is_none() && self.peek() == Some(b'^');
        self.at += usize::from(patterned);
        let open = !patterned && (rest.is_some() || self.open()?);
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
        Ok(Object { open, patterned, rest, fields })
    }

    fn values(&mut self) -> Result<Vec<Scalar>, String> {
        let mut values = Vec::new();
        loop {
            let value = match self.peek() {
                Some(b't') => Scalar::Bool(true),
                Some(b'f') => Scalar::Bool(false),
                Some(b')') => {
                    self.at += 1;
                    return Ok(values);
                }
                _ => {
                    let number = self.int()?.ok_or_else(|| self.fail("a value"))?;
                    self.expect(b';')?;
                    values.push(Scalar::Int(number));
                    continue;
                }
            };
            self.at += 1;
            values.push(value);
        }
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
