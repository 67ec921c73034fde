//! Parses an `event.toml` into settings, and reports all mistakes with their places.

use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::near::did_you_mean;
use super::{Derive, Place, Settings, Stated, Undeclared};
use crate::compat::{Constraints, Null, Policy, Terms};
use crate::diagnostic::Diagnostic;
use crate::document::{Pos, Span};
use crate::read::Layer;

const KEYS: [&str; 10] = [
    "runtime",
    "number",
    "derives",
    "home",
    "undeclared",
    "tolerant",
    "sources",
    "formats",
    "readers",
    "layer",
];

/// Parses the text of the file that is shown as `shown`. Returns the settings that could be read, and the
/// problems.
pub(super) fn read(text: &str, shown: &str) -> (Settings, Vec<Diagnostic>) {
    let mut reader = Reader { text, file: shown.into(), problems: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // the text after a syntax error may be read as something that nobody wrote
        let say = |e: toml::de::Error| {
            reader.place(e.span().unwrap_or(0..0)).wrong(format!("not TOML: {}", e.message()))
        };
        return (Settings::default(), errors.into_iter().map(say).collect());
    }
    let settings = reader.settings(table.get_ref());
    // a table has its keys sorted
    reader.problems.sort_by_key(|d| d.pos);
    (settings, reader.problems)
}

type Value<'i> = toml::Spanned<DeValue<'i>>;

struct Reader<'t> {
    text: &'t str,
    file: Arc<str>,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn settings(&mut self, table: &DeTable<'_>) -> Settings {
        let terms = Terms { policy: Policy::Additive, ..Terms::default() };
        let mut out = Settings { terms, ..Settings::default() };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "runtime" => out.runtime = self.stated("runtime", value),
                "number" => out.number = self.stated("number", value),
                "derives" => {
                    for (name, place) in self.list("derives", value) {
                        let all = [Derive::Eq, Derive::Hash, Derive::Default];
                        match all.into_iter().find(|d| d.name() == name) {
                            Some(derive) => out.derives.push(derive),
                            None => self.unknown("derive", &name, &place, &all.map(Derive::name)),
                        }
                    }
                }
                "home" => {
                    out.home = self.stated("home", value);
                }
                "undeclared" => {
                    let all = [("ignore", Undeclared::Ignore), ("keep", Undeclared::Keep)];
                    let mut said = Undeclared::Ignore;
                    self.one_of("undeclared", value, &all, &mut said);
                    out.undeclared = Some(said);
                }
                "tolerant" => out.tolerant = self.list("tolerant", value),
                "sources" => {
                    for (registry, value, place) in self.table("sources", value) {
                        let source = self.string(&format!("sources.{registry}"), value);
                        out.sources.extend(source.map(|s| (registry, (s, place))));
                    }
                }
                "formats" => {
                    for (format, value, place) in self.table("formats", value) {
                        let rust = self.stated(&format!("formats.{format}"), value);
                        out.formats.extend(rust.map(|r| (format, (r, place))));
                    }
                }
                "readers" => self.readers(value, &mut out.terms),
                "layer" => {
                    for (name, value, place) in self.table("layer", value) {
                        let all = Layer::ALL.map(|layer| (layer.as_str(), layer));
                        let mut layer = None;
                        let wanted = all.map(|(text, layer)| (text, Some(layer)));
                        self.one_of(&format!("layer.{name}"), value, &wanted, &mut layer);
                        out.layers.extend(layer.map(|layer| (name, (layer, place))));
                    }
                }
                other => {
                    let place = self.place(key.span());
                    self.unknown("key", other, &place, &KEYS);
                }
            }
        }
        out
    }

    fn readers(&mut self, value: &Value<'_>, terms: &mut Terms) {
        for (key, value, place) in self.table("readers", value) {
            match key.as_str() {
                "constraints" => {
                    let all = [
                        ("enforced", Constraints::Enforced),
                        ("documentation", Constraints::Documentation),
                    ];
                    self.one_of("readers.constraints", value, &all, &mut terms.constraints);
                }
                "null" => {
                    let all = [("value", Null::Value), ("absent", Null::Absent)];
                    self.one_of("readers.null", value, &all, &mut terms.null);
                }
                other => self.unknown("key", other, &place, &["constraints", "null"]),
            }
        }
    }

    fn one_of<T: Copy>(&mut self, key: &str, value: &Value<'_>, all: &[(&str, T)], to: &mut T) {
        let Some(said) = self.string(key, value) else { return };
        if let Some((_, meant)) = all.iter().find(|(name, _)| *name == said) {
            *to = *meant;
        } else {
            let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
            let place = self.place(value.span());
            self.unknown(&format!("value of `{key}`"), &said, &place, &names);
        }
    }

    fn stated(&mut self, key: &str, value: &Value<'_>) -> Option<Stated> {
        let place = self.place(value.span());
        self.string(key, value).map(|text| (text, place))
    }

    fn string(&mut self, key: &str, value: &Value<'_>) -> Option<String> {
        let said = value.get_ref().as_str().map(str::to_owned);
        match &said {
            None => self.type_of(key, "a string", value),
            Some(text) if text.trim().is_empty() => {
                let message = format!("`{key}` is empty");
                self.problems.push(self.place(value.span()).wrong(message));
                return None;
            }
            Some(_) => {}
        }
        said
    }

    fn list(&mut self, key: &str, value: &Value<'_>) -> Vec<Stated> {
        let Some(list) = value.get_ref().as_array() else {
            self.type_of(key, "a list of strings", value);
            return Vec::new();
        };
        let entry = |entry: &Value<'_>| self.stated(key, entry);
        list.iter().filter_map(entry).collect()
    }

    fn table<'v, 'i>(
        &mut self,
        key: &str,
        value: &'v Value<'i>,
    ) -> Vec<(String, &'v Value<'i>, Place)> {
        let Some(table) = value.get_ref().as_table() else {
            self.type_of(key, "a table", value);
            return Vec::new();
        };
        let entry = |(key, value): (&toml::Spanned<toml::de::DeString<'i>>, &'v Value<'i>)| {
            (key.get_ref().clone().into_owned(), value, self.place(key.span()))
        };
        table.iter().map(entry).collect()
    }

    fn type_of(&mut self, key: &str, wanted: &str, value: &Value<'_>) {
        let is = value.get_ref().type_str();
        let article = if is.starts_with(['a', 'i']) { "an" } else { "a" };
        let message = format!("`{key}` must be {wanted}, found {article} {is}");
        self.problems.push(self.place(value.span()).wrong(message));
    }

    fn unknown(&mut self, what: &str, name: &str, place: &Place, known: &[&str]) {
        let d = place.wrong(format!("unknown {what} `{name}`"));
        self.problems.push(d.with_help(did_you_mean(name, known.iter().copied())));
    }

    fn place(&self, range: Range<usize>) -> Place {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let before = self.text.get(..range.start).unwrap_or(self.text);
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let pos = Pos {
            line: clamp(before.matches('\n').count() + 1),
            column: clamp(before[line..].chars().count() + 1),
        };
        let span = Span { start: clamp(range.start), end: clamp(range.end) };
        Place { file: self.file.clone(), span, pos }
    }
}
