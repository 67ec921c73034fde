//! A pattern out of JSON, with every problem of it and the place of each.

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;

use super::address::Cidr;
use super::json::Json;
use super::model::{AnythingBut, Bound, Condition, Member, Object, Range};
use super::number::Number;
use super::text::{IgnoreCase, Wildcard};

/// How deep the objects of a pattern may be nested.
const DEPTH: usize = 64;

/// Names that EventBridge does not take for fields inside of `$or`, since they are operators, or will be.
/// Source: *Event Ruler*, `Constants.RESERVED_FIELD_NAMES_IN_OR_RELATIONSHIP`.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// A mistake in a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where the mistake is: names of fields with dots between them; empty for the pattern itself.
    pub path: String,
    /// The line in the text, from 1.
    pub line: usize,
    /// The column in the text, in characters, from 1.
    pub column: usize,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path.escape_debug())?;
        }
        f.write_str(&self.message)
    }
}

/// The mistakes of a text that is not a pattern, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPattern {
    /// One at least.
    pub problems: Vec<Problem>,
}

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid event pattern")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for InvalidPattern {}

pub(super) fn read(text: &str) -> Result<Object, InvalidPattern> {
    let mut reader = Reader { text, path: Vec::new(), problems: Vec::new() };
    let object = match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => match reader.open(raw) {
            Some(Json::Object(members)) => reader.object(raw, members, false),
            Some(other) => reader.expected(raw, "an object with fields", &other),
            None => None,
        },
        Err(error) => {
            let problem = Problem {
                path: String::new(),
                line: error.line(),
                column: error.column(),
                message: format!("failed to parse the JSON: {error}"),
            };
            return Err(InvalidPattern { problems: vec![problem] });
        }
    };
    match object {
        Some(object) if reader.problems.is_empty() => Ok(object),
        _ => Err(InvalidPattern { problems: reader.problems }),
    }
}

type Members<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

struct Reader<'a> {
    text: &'a str,
    path: Vec<String>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn problem<T>(&mut self, at: &RawValue, message: impl Into<String>) -> Option<T> {
        let offset = (at.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let before = self.text.get(..offset).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        self.problems.push(Problem {
            path: self.path.join("."),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        });
        None
    }

    fn expected<T>(&mut self, at: &RawValue, expected: &str, found: &Json<'_>) -> Option<T> {
        self.problem(at, format!("expected {expected}, found {}", found.kind()))
    }

    fn open(&mut self, raw: &'a RawValue) -> Option<Json<'a>> {
        match Json::open(raw) {
            Ok(json) => Some(json),
            Err(error) => self.problem(raw, format!("failed to parse the JSON: {error}")),
        }
    }

    fn object(
        &mut self,
        at: &'a RawValue,
        members: Members<'a>,
        inside_or: bool,
    ) -> Option<Object> {
        if members.is_empty() {
            return self.problem(at, "an empty object matches nothing: expected a field at least");
        }
        if self.path.len() >= DEPTH {
            return self.problem(at, format!("nested deeper than {DEPTH} levels"));
        }
        let mut read = Vec::with_capacity(members.len());
        for (name, raw) in members {
            self.path.push(name.clone().into_owned());
            read.extend(self.member(&name, raw, inside_or));
            self.path.pop();
        }
        Some(Object { members: read })
    }

    fn member(&mut self, name: &str, raw: &'a RawValue, inside_or: bool) -> Option<Member> {
        if name == "$or" {
            return self.or(raw);
        }
        if inside_or && RESERVED.contains(&name) {
            return self.problem(raw, "an operator cannot be the name of a field inside of `$or`");
        }
        match self.open(raw)? {
            Json::Object(members) => {
                Some(Member::Object(name.to_owned(), self.object(raw, members, inside_or)?))
            }
            Json::Array(items) if items.is_empty() => {
                self.problem(raw, "an empty list matches nothing: expected a value at least")
            }
            Json::Array(items) => {
                let conditions =
                    items.into_iter().filter_map(|item| self.condition(item)).collect();
                Some(Member::Values(name.to_owned(), conditions))
            }
            other => self.expected(raw, "a list of values or an object", &other),
        }
    }

    fn or(&mut self, raw: &'a RawValue) -> Option<Member> {
        let items = match self.open(raw)? {
            Json::Array(items) if items.len() < 2 => {
                return self.problem(raw, "`$or` needs two objects at least");
            }
            Json::Array(items) => items,
            other => return self.expected(raw, "a list of objects", &other),
        };
        let mut objects = Vec::with_capacity(items.len());
        for item in items {
            objects.extend(match self.open(item)? {
                Json::Object(members) => self.object(item, members, true),
                other => self.expected(item, "an object", &other),
            });
        }
        Some(Member::Or(objects))
    }

    fn condition(&mut self, raw: &'a RawValue) -> Option<Condition> {
        match self.open(raw)? {
            Json::Null => Some(Condition::Null),
            Json::Bool(value) => Some(Condition::Bool(value)),
            Json::Number(text) => Some(Condition::Number(Number::new(text).into_owned())),
            Json::String(text) => Some(Condition::String(text.into_owned())),
            Json::Object(members) => {
                let (operator, operand) = self.single(raw, &members)?;
                self.operator(&operator, operand)
            }
            other @ Json::Array(_) => self.expected(raw, "a value or an operator", &other),
        }
    }

    /// The only member of an object.
    fn single(
        &mut self,
        at: &RawValue,
        members: &[(Cow<'a, str>, &'a RawValue)],
    ) -> Option<(String, &'a RawValue)> {
        match members {
            [(name, value)] => Some((name.clone().into_owned(), value)),
            _ => self.problem(at, format!("expected one operator, found {}", members.len())),
        }
    }

    fn operator(&mut self, operator: &str, raw: &'a RawValue) -> Option<Condition> {
        match operator {
            "prefix" => self.text_or_ignore_case(raw, operator, Condition::Prefix, Condition::PrefixIgnoreCase),
            "suffix" => self.text_or_ignore_case(raw, operator, Condition::Suffix, Condition::SuffixIgnoreCase),
            "equals-ignore-case" => Some(Condition::EqualsIgnoreCase(IgnoreCase::new(&self.string(raw)?))),
            "wildcard" => self.wildcard(raw).map(Condition::Wildcard),
            "anything-but" => self.anything_but(raw).map(Condition::AnythingBut),
            "numeric" => self.numeric(raw).map(Condition::Numeric),
            "cidr" => {
                let text = self.string(raw)?;
                match Cidr::parse(&text) {
                    Ok(block) => Some(Condition::Cidr(block)),
                    Err(expected) => self.problem(raw, format!("invalid block of addresses: {expected}")),
                }
            }
            "exists" => match self.open(raw)? {
                Json::Bool(exists) => Some(Condition::Exists(exists)),
                other => self.expected(raw, "`true` or `false`", &other),
            },
            unknown => self.problem(
                raw,
                format!(
                    "unknown operator `{}`: expected `prefix`, `suffix`, `equals-ignore-case`, `wildcard`, \
                     `anything-but`, `numeric`, `cidr` or `exists`",
                    unknown.escape_debug()
                ),
            ),
        }
    }

    fn string(&mut self, raw: &'a RawValue) -> Option<String> {
        match self.open(raw)? {
            Json::String(text) => Some(text.into_owned()),
            other => self.expected(raw, "a string", &other),
        }
    }

    fn text_or_ignore_case(
        &mut self,
        raw: &'a RawValue,
        operator: &str,
        text: fn(String) -> Condition,
        ignore_case: fn(IgnoreCase) -> Condition,
    ) -> Option<Condition> {
        let Json::Object(members) = self.open(raw)? else { return self.string(raw).map(text) };
        match self.single(raw, &members)? {
            (name, inner) if name == "equals-ignore-case" => {
                Some(ignore_case(IgnoreCase::new(&self.string(inner)?)))
            }
            (name, inner) => {
                let name = name.escape_debug();
                self.problem(
                    inner,
                    format!("`{operator}` does not take `{name}`: expected `equals-ignore-case`"),
                )
            }
        }
    }

    fn wildcard(&mut self, raw: &'a RawValue) -> Option<Wildcard> {
        let text = self.string(raw)?;
        match Wildcard::parse(&text) {
            Ok(wildcard) => Some(wildcard),
            Err(why) => self.problem(raw, format!("invalid wildcard: {why}")),
        }
    }

    fn anything_but(&mut self, raw: &'a RawValue) -> Option<AnythingBut> {
        match self.open(raw)? {
            Json::Object(members) => {
                let (operator, operand) = self.single(raw, &members)?;
                self.anything_but_operator(&operator, operand)
            }
            _ => self.anything_but_values(raw),
        }
    }

    fn anything_but_values(&mut self, raw: &'a RawValue) -> Option<AnythingBut> {
        let (mut strings, mut numbers) = (Vec::new(), Vec::new());
        for item in self.one_or_more(raw)? {
            match self.open(item)? {
                Json::String(text) => strings.push(text.into_owned()),
                Json::Number(text) => {
                    let number = Number::new(text).into_owned();
                    if number.as_f64().is_none() {
                        return self.problem(item, "a double cannot hold this number exactly");
                    }
                    numbers.push(number);
                }
                other => return self.expected(item, "a string or a number", &other),
            }
        }
        match (strings.is_empty(), numbers.is_empty()) {
            (false, true) => Some(AnythingBut::Strings(strings)),
            (true, false) => Some(AnythingBut::Numbers(numbers)),
            _ => self.problem(raw, "`anything-but` takes strings or numbers, not both"),
        }
    }

    fn anything_but_operator(&mut self, operator: &str, raw: &'a RawValue) -> Option<AnythingBut> {
        if !["prefix", "suffix", "equals-ignore-case", "wildcard"].contains(&operator) {
            let operator = operator.escape_debug();
            let expected = "expected `prefix`, `suffix`, `equals-ignore-case` or `wildcard`";
            return self
                .problem(raw, format!("`anything-but` does not take `{operator}`: {expected}"));
        }
        let items = self.one_or_more(raw)?;
        if operator == "wildcard" {
            let wildcards = items.into_iter().map(|item| self.wildcard(item));
            return wildcards.collect::<Option<_>>().map(AnythingBut::Wildcards);
        }
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            let text = self.string(item)?;
            if text.is_empty() && operator != "equals-ignore-case" {
                return self.problem(item, format!("an empty {operator} excludes every string"));
            }
            texts.push(text);
        }
        Some(match operator {
            "prefix" => AnythingBut::Prefixes(texts),
            "suffix" => AnythingBut::Suffixes(texts),
            _ => AnythingBut::EqualsIgnoreCase(
                texts.iter().map(|text| IgnoreCase::new(text)).collect(),
            ),
        })
    }

    /// The items of a list, or the value itself.
    fn one_or_more(&mut self, raw: &'a RawValue) -> Option<Vec<&'a RawValue>> {
        match self.open(raw)? {
            Json::Array(items) if items.is_empty() => {
                self.problem(raw, "an empty list excludes nothing: expected a value at least")
            }
            Json::Array(items) => Some(items),
            _ => Some(vec![raw]),
        }
    }

    fn numeric(&mut self, raw: &'a RawValue) -> Option<Range> {
        const EXPECTED: &str =
            r#"expected one or two comparisons, such as `["=", 5]` or `[">", 0, "<=", 5]`"#;
        let items = match self.open(raw)? {
            Json::Array(items) if matches!(items.len(), 2 | 4) => items,
            _ => return self.problem(raw, EXPECTED),
        };
        let mut range = Range { low: None, high: None };
        for pair in items.chunks_exact(2) {
            let operator = self.string(pair[0])?;
            let number = match self.open(pair[1])? {
                Json::Number(text) => match Number::new(text).as_f64() {
                    Some(number) => number,
                    None => {
                        return self.problem(pair[1], "a double cannot hold this number exactly");
                    }
                },
                other => return self.expected(pair[1], "a number", &other),
            };
            let bound = |inclusive| Some(Bound { number, inclusive });
            match operator.as_str() {
                "=" if items.len() == 2 => range = Range { low: bound(true), high: bound(true) },
                ">" | ">=" if range.low.is_none() && range.high.is_none() => {
                    range.low = bound(operator == ">=");
                }
                "<" | "<=" if range.high.is_none() => range.high = bound(operator == "<="),
                _ => return self.problem(pair[0], EXPECTED),
            }
        }
        match range {
            Range { high: None, .. } if items.len() == 4 => self.problem(raw, EXPECTED),
            Range { low: Some(low), high: Some(high) }
                if items.len() == 4 && low.number >= high.number =>
            {
                self.problem(
                    raw,
                    "the range is empty: the lower bound must be less than the upper one",
                )
            }
            range => Some(range),
        }
    }
}
