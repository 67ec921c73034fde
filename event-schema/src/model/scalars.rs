//! Keywords for numbers and strings.

use super::Decimal;

/// Keywords for numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NumberRules {
    /// `minimum` or `exclusiveMinimum`, whichever is tighter.
    pub min: Option<Bound>,
    /// `maximum` or `exclusiveMaximum`, whichever is tighter.
    pub max: Option<Bound>,
    /// `multipleOf`.
    pub multiple_of: Option<Decimal>,
    /// `int32`, `int64`, `uint8` …, `float`, `double`, or another text.
    pub format: Option<String>,
}

impl NumberRules {
    /// The interval of the allowed numbers: `minimum` and `maximum` in both forms, narrowed by the formats
    /// `int8` to `int64`, `uint8` to `uint64`, and `float`.
    pub fn interval(&self) -> (Option<Bound>, Option<Bound>) {
        let range = self.format.as_deref().and_then(format_bounds);
        let Some((low, high)) = range else { return (self.min, self.max) };
        let narrowed = |own: &Option<Bound>, value: Decimal, lower: bool| match own {
            Some(own) if (own.value >= value) == lower || own.value == value => *own,
            _ => Bound { value, exclusive: false },
        };
        (Some(narrowed(&self.min, low, true)), Some(narrowed(&self.max, high, false)))
    }

    /// The allowed integers, both ends included, as far as they are bounded: `minimum` and `maximum` in
    /// both forms, and the formats `int8` to `int64` and `uint8` to `uint64`.
    pub fn integer_range(&self) -> (Option<i128>, Option<i128>) {
        let end = |bound: &Bound, lower: bool| {
            let n = bound.value.to_integer(lower)?;
            let outside = bound.exclusive && bound.value.is_integer();
            Some(if !outside {
                n
            } else if lower {
                n + 1
            } else {
                n - 1
            })
        };
        let min = self.min.as_ref().and_then(|b| end(b, true));
        let max = self.max.as_ref().and_then(|b| end(b, false));
        match self.format.as_deref().and_then(format_range) {
            Some((low, high)) => {
                (Some(min.map_or(low, |n| n.max(low))), Some(max.map_or(high, |n| n.min(high))))
            }
            None => (min, max),
        }
    }
}

/// The range of a number format. `double` has none, because every number of a JSON text is read as one.
fn format_bounds(format: &str) -> Option<(Decimal, Decimal)> {
    if format == "float" {
        let max = Decimal::parse("340282346638528859811704183484516925440")?;
        return Some((max.checked_times(-1)?, max));
    }
    format_range(format).map(|(low, high)| (low.into(), high.into()))
}

/// The range of an integer format such as `int32`.
pub fn format_range(format: &str) -> Option<(i128, i128)> {
    let (signed, bits) = match format.strip_prefix('u') {
        Some(rest) => (false, rest),
        None => (true, format),
    };
    let bits: u32 =
        bits.strip_prefix("int")?.parse().ok().filter(|b| [8, 16, 32, 64].contains(b))?;
    Some(if signed { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1 << bits) - 1) })
}

/// A bound of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The value.
    pub value: Decimal,
    /// Whether the value itself is excluded.
    pub exclusive: bool,
}

/// Keywords for strings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StringRules {
    /// `minLength`, in characters.
    pub min_length: u64,
    /// `maxLength`, in characters.
    pub max_length: Option<u64>,
    /// `pattern`, an ECMA 262 regular expression, not anchored.
    pub pattern: Option<String>,
    /// `format`.
    pub format: Option<String>,
    /// `contentEncoding`.
    pub content_encoding: Option<String>,
}
