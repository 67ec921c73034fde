//! Writes baselines as text.

use alloc::string::String;
use core::fmt::Write;

use super::{Baseline, FORMAT, Field, Object, ROOT, Scalar, TITLE, Tag, Ty};

fn name(out: &mut String, s: &str) {
    let _ = write!(out, "{}:{s}", s.len());
}

/// A lock without definitions, as `event_shape::Locked::read` reads it: event, version, the version that
/// the type is checked against and its file; whether that version is locked, whether it is the declared
/// version, and whether the type is generated; then the compact text of the root.
pub fn lock_text(names: [&str; 4], flags: [bool; 3], root: &str) -> String {
    let mut out = String::new();
    for text in names {
        name(&mut out, text);
    }
    out.extend(flags.map(|set| if set { '!' } else { '.' }));
    out.push_str(root);
    out
}

impl Object {
    /// Writes the part before the fields.
    pub fn write_head(&self, out: &mut String) {
        out.push('o');
        match &self.rest {
            Some(rest) => {
                out.push('+');
                rest.write(out);
            }
            None if self.patterned => out.push('^'),
            None => out.push(if self.open { '~' } else { '!' }),
        }
    }

    /// Writes the compact text of the object.
    pub fn write(&self, out: &mut String) {
        self.write_head(out);
        for f in &self.fields {
            f.write(out);
        }
        out.push(')');
    }
}

impl Field {
    /// Writes the compact text of a field: its head and its type.
    pub fn write(&self, out: &mut String) {
        self.write_head(out);
        self.ty.write(out);
    }

    /// Writes the part before the type.
    pub fn write_head(&self, out: &mut String) {
        let _ = write!(out, "{},", self.line);
        out.push(if self.optional { '?' } else { '!' });
        name(out, &self.name);
        name(out, &self.rust);
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
            Ty::Values(values) => {
                out.push('v');
                for value in values {
                    match value {
                        Scalar::Bool(true) => out.push('t'),
                        Scalar::Bool(false) => out.push('f'),
                        Scalar::Int(n) => {
                            let _ = write!(out, "{n};");
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
        let _ = writeln!(out, "{TITLE}{FORMAT}\ntype\t{}\nregistry\t{}", self.event, self.registry);
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
                let ty = match &d.ty {
                    Ty::Object(o) if *o == v.root => ROOT.into(),
                    ty => escape(&ty.to_text()),
                };
                let _ = writeln!(out, "def\t{}\t{}\t{ty}", d.rust, d.line);
            }
        }
        out
    }
}

/// a tab, line feed, carriage return or backslash would break the line format
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
