//! A pattern as data.

use std::cmp::Ordering;
use std::fmt;

use super::address::{Address, Cidr};
use super::number::Number;
use super::text::{IgnoreCase, Wildcard};

/// An object of a pattern: all of its members must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub(crate) members: Vec<Member>,
}

impl Object {
    pub(super) fn listing<'a>(
        sources: impl IntoIterator<Item = &'a str>,
        detail_types: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let texts = |texts: &mut dyn Iterator<Item = &'a str>| -> Vec<Condition> {
            texts.map(|text| Condition::String(text.to_owned())).collect()
        };
        let lists = [
            ("source", texts(&mut sources.into_iter())),
            ("detail-type", texts(&mut detail_types.into_iter())),
        ];
        let listed = lists.into_iter().filter(|(_, list)| !list.is_empty());
        Self { members: listed.map(|(name, list)| Member::Values(name.to_owned(), list)).collect() }
    }

    /// The members in the order in which they are written.
    pub fn members(&self) -> &[Member] {
        &self.members
    }
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Member {
    /// A field with an object: its members are conditions on the members of the field.
    Object(String, Object),
    /// A field with a list: one of the conditions must match a value of the field.
    Values(String, Vec<Condition>),
    /// `$or`: one of the objects must match.
    Or(Vec<Object>),
}

/// A condition on one value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// `null`: the value is JSON's null.
    Null,
    /// `true` or `false`: the value is this Boolean.
    Bool(bool),
    /// `5`: the value is this number.
    Number(Number<'static>),
    /// `"text"`: the value is this string. If the string is an IP address, a value that writes the same address
    /// in another way matches, too.
    String(String),
    /// `{"prefix": "text"}`: the value is a string that starts with this text.
    Prefix(String),
    /// `{"prefix": {"equals-ignore-case": "text"}}`.
    PrefixIgnoreCase(IgnoreCase),
    /// `{"suffix": "text"}`: the value is a string that ends with this text.
    Suffix(String),
    /// `{"suffix": {"equals-ignore-case": "text"}}`.
    SuffixIgnoreCase(IgnoreCase),
    /// `{"equals-ignore-case": "text"}`.
    EqualsIgnoreCase(IgnoreCase),
    /// `{"wildcard": "a*b"}`.
    Wildcard(Wildcard),
    /// `{"anything-but": ..}`: the field has a value, and none of these matches it.
    AnythingBut(AnythingBut),
    /// `{"numeric": [">", 0, "<=", 5]}`: the value is a number in this range.
    Numeric(Range),
    /// `{"cidr": "10.0.0.0/8"}`: the value is a string with an IP address of this block.
    Cidr(Cidr),
    /// `{"exists": true}`: the field has a value other than an object; `false`: it has none.
    Exists(bool),
}

/// What `anything-but` excludes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnythingBut {
    /// These strings.
    Strings(Vec<String>),
    /// These numbers.
    Numbers(Vec<Number<'static>>),
    /// Strings that start with one of these texts.
    Prefixes(Vec<String>),
    /// Strings that end with one of these texts.
    Suffixes(Vec<String>),
    /// Strings that are one of these texts, case ignored.
    EqualsIgnoreCase(Vec<IgnoreCase>),
    /// Strings that match one of these wildcards.
    Wildcards(Vec<Wildcard>),
}

/// A range of numbers; a bound that is absent does not limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub(super) low: Option<Bound>,
    pub(super) high: Option<Bound>,
}

/// A bound of a [`Range`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    pub(super) number: f64,
    pub(super) inclusive: bool,
}

/// The number is never NaN: it comes from JSON.
impl Eq for Bound {}

impl Bound {
    /// The number.
    pub fn number(&self) -> f64 {
        self.number
    }

    /// Whether the number itself is in the range.
    pub fn is_inclusive(&self) -> bool {
        self.inclusive
    }
}

/// A value of an event that is not an object or an array.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Leaf<'a> {
    Null,
    Bool(bool),
    Number(Number<'a>),
    String(std::borrow::Cow<'a, str>),
}

impl Condition {
    /// Whether a value matches that is not an object or an array; those match nothing.
    pub(crate) fn takes(&self, value: &serde_json::Value) -> bool {
        use serde_json::Value;
        let leaf = match value {
            Value::Null => Leaf::Null,
            Value::Bool(value) => Leaf::Bool(*value),
            Value::Number(number) => Leaf::Number(Number::new(number.to_string())),
            Value::String(text) => Leaf::String(text.as_str().into()),
            Value::Array(_) | Value::Object(_) => return false,
        };
        self.matches(&leaf)
    }

    /// Whether the value matches. `exists: false` matches no value.
    pub(super) fn matches(&self, leaf: &Leaf<'_>) -> bool {
        match (self, leaf) {
            (Self::Exists(exists), _) => *exists,
            (Self::AnythingBut(excluded), _) => !excluded.contains(leaf),
            (Self::Null, Leaf::Null) => true,
            (Self::Bool(expected), Leaf::Bool(value)) => expected == value,
            (Self::Number(expected), Leaf::Number(value)) => expected.equals(value),
            (Self::Numeric(range), Leaf::Number(value)) => {
                value.as_f64().is_some_and(|n| range.contains(n))
            }
            (Self::String(expected), Leaf::String(value)) => match Address::parse(expected) {
                Some(address) => Address::parse(value).is_some_and(|value| address.begins(&value)),
                None => expected == value,
            },
            (Self::Prefix(prefix), Leaf::String(value)) => value.starts_with(prefix.as_str()),
            (Self::PrefixIgnoreCase(prefix), Leaf::String(value)) => prefix.starts(value),
            (Self::Suffix(suffix), Leaf::String(value)) => value.ends_with(suffix.as_str()),
            (Self::SuffixIgnoreCase(suffix), Leaf::String(value)) => suffix.finishes(value),
            (Self::EqualsIgnoreCase(text), Leaf::String(value)) => text.equals(value),
            (Self::Wildcard(wildcard), Leaf::String(value)) => wildcard.matches(value),
            (Self::Cidr(block), Leaf::String(value)) => block.contains(value),
            _ => false,
        }
    }
}

impl AnythingBut {
    fn contains(&self, leaf: &Leaf<'_>) -> bool {
        match (self, leaf) {
            (Self::Numbers(numbers), Leaf::Number(value)) => {
                numbers.iter().any(|number| number.as_f64().is_some() && number.equals(value))
            }
            (Self::Strings(texts), Leaf::String(value)) => texts.iter().any(|text| text == value),
            (Self::Prefixes(texts), Leaf::String(value)) => {
                texts.iter().any(|text| value.starts_with(text.as_str()))
            }
            (Self::Suffixes(texts), Leaf::String(value)) => {
                texts.iter().any(|text| value.ends_with(text.as_str()))
            }
            (Self::EqualsIgnoreCase(texts), Leaf::String(value)) => {
                texts.iter().any(|text| text.equals(value))
            }
            (Self::Wildcards(wildcards), Leaf::String(value)) => {
                wildcards.iter().any(|wildcard| wildcard.matches(value))
            }
            _ => false,
        }
    }
}

impl Range {
    /// The lower bound.
    pub fn low(&self) -> Option<Bound> {
        self.low
    }

    /// The upper bound.
    pub fn high(&self) -> Option<Bound> {
        self.high
    }

    /// Whether the number is in the range. No number is a negative zero, which is below zero in a total order.
    pub fn contains(&self, number: f64) -> bool {
        let above = self.low.is_none_or(|low| match number.total_cmp(&low.number) {
            Ordering::Greater => true,
            Ordering::Equal => low.inclusive,
            Ordering::Less => false,
        });
        let below = self.high.is_none_or(|high| match number.total_cmp(&high.number) {
            Ordering::Less => true,
            Ordering::Equal => high.inclusive,
            Ordering::Greater => false,
        });
        above && below
    }
}

impl fmt::Display for Object {
    /// The object as compact JSON, members in the order in which they were written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (at, member) in self.members.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            match member {
                Member::Object(name, object) => write!(f, "{}:{object}", quoted(name))?,
                Member::Values(name, conditions) => {
                    write!(f, "{}:[{}]", quoted(name), joined(conditions))?;
                }
                Member::Or(objects) => write!(f, r#""$or":[{}]"#, joined(objects))?,
            }
        }
        f.write_str("}")
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => f.write_str(number.text()),
            Self::String(text) => f.write_str(&quoted(text)),
            Self::Prefix(text) => write!(f, r#"{{"prefix":{}}}"#, quoted(text)),
            Self::PrefixIgnoreCase(text) => {
                write!(f, r#"{{"prefix":{{"equals-ignore-case":{}}}}}"#, quoted(text.as_str()))
            }
            Self::Suffix(text) => write!(f, r#"{{"suffix":{}}}"#, quoted(text)),
            Self::SuffixIgnoreCase(text) => {
                write!(f, r#"{{"suffix":{{"equals-ignore-case":{}}}}}"#, quoted(text.as_str()))
            }
            Self::EqualsIgnoreCase(text) => {
                write!(f, r#"{{"equals-ignore-case":{}}}"#, quoted(text.as_str()))
            }
            Self::Wildcard(wildcard) => {
                write!(f, r#"{{"wildcard":{}}}"#, quoted(wildcard.as_str()))
            }
            Self::AnythingBut(excluded) => write!(f, r#"{{"anything-but":{excluded}}}"#),
            Self::Numeric(range) => write!(f, r#"{{"numeric":[{range}]}}"#),
            Self::Cidr(block) => write!(f, r#"{{"cidr":{}}}"#, quoted(block.as_str())),
            Self::Exists(exists) => write!(f, r#"{{"exists":{exists}}}"#),
        }
    }
}

impl fmt::Display for AnythingBut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list =
            |texts: &mut dyn Iterator<Item = &str>| texts.map(quoted).collect::<Vec<_>>().join(",");
        match self {
            Self::Strings(texts) => write!(f, "[{}]", list(&mut texts.iter().map(String::as_str))),
            Self::Numbers(numbers) => {
                write!(f, "[{}]", numbers.iter().map(Number::text).collect::<Vec<_>>().join(","))
            }
            Self::Prefixes(texts) => {
                write!(f, r#"{{"prefix":[{}]}}"#, list(&mut texts.iter().map(String::as_str)))
            }
            Self::Suffixes(texts) => {
                write!(f, r#"{{"suffix":[{}]}}"#, list(&mut texts.iter().map(String::as_str)))
            }
            Self::EqualsIgnoreCase(texts) => {
                write!(
                    f,
                    r#"{{"equals-ignore-case":[{}]}}"#,
                    list(&mut texts.iter().map(IgnoreCase::as_str))
                )
            }
            Self::Wildcards(texts) => {
                write!(f, r#"{{"wildcard":[{}]}}"#, list(&mut texts.iter().map(Wildcard::as_str)))
            }
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = |bound: Bound, sign: char| {
            let equal = if bound.inclusive { "=" } else { "" };
            format!(r#""{sign}{equal}",{}"#, bound.number)
        };
        match (self.low, self.high) {
            (Some(low), Some(high)) if low == high => write!(f, r#""=",{}"#, low.number),
            (low, high) => {
                let bounds = [low.map(|low| bound(low, '>')), high.map(|high| bound(high, '<'))];
                f.write_str(&bounds.into_iter().flatten().collect::<Vec<_>>().join(","))
            }
        }
    }
}

fn joined(items: &[impl fmt::Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
