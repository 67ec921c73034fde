//! Numbers as EventBridge compares them: as doubles, where a double holds the number exactly as written.

use std::borrow::Cow;

/// A JSON number with its text.
///
/// Two numbers are equal if they are the same double. A number that a double cannot hold, such as an integer of
/// twenty digits, equals only a number with the same text. Source: *Event Ruler*, "Numeric matching": the precision
/// and range of IEEE 754 `binary64`.
#[derive(Debug, Clone, PartialEq)]
pub struct Number<'a> {
    text: Cow<'a, str>,
    double: Option<f64>,
}

/// The double is never NaN.
impl Eq for Number<'_> {}

impl<'a> Number<'a> {
    /// A number from its JSON text; `text` must be a JSON number.
    pub(super) fn new(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        let double = double(&text);
        Self { text, double }
    }

    /// The number as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The double that holds this number, if one does.
    pub fn as_f64(&self) -> Option<f64> {
        self.double
    }

    pub(super) fn into_owned(self) -> Number<'static> {
        Number { text: Cow::Owned(self.text.into_owned()), double: self.double }
    }

    /// Whether a value of an event equals this number of a pattern.
    pub(super) fn equals(&self, value: &Number<'_>) -> bool {
        match (self.double, value.double) {
            (Some(ours), Some(theirs)) => ours.total_cmp(&theirs).is_eq(),
            (None, None) => self.text == value.text,
            _ => false,
        }
    }
}

/// The double that is exactly this decimal, in the sense that the double's shortest decimal is the same number.
fn double(text: &str) -> Option<f64> {
    let double: f64 = text.parse().ok()?;
    if !double.is_finite() {
        return None;
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() <= 15 && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some(double + 0.0);
    }
    (decimal(text)? == decimal(&format!("{double:e}"))?).then_some(double + 0.0)
}

/// Sign, significant digits and the power of ten of the last one.
fn decimal(text: &str) -> Option<(bool, Vec<u8>, i64)> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    let mut power = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    while digits.last() == Some(&b'0') {
        digits.pop();
        power = power.checked_add(1)?;
    }
    let leading = digits.iter().take_while(|&&digit| digit == b'0').count();
    digits.drain(..leading);
    if digits.is_empty() {
        return Some((false, digits, 0));
    }
    Some((negative, digits, power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_equal_as_doubles() {
        for (a, b) in
            [("1", "1.0"), ("1", "10e-1"), ("0.1", "0.10"), ("-0", "0.0"), ("300", "3.0E+2")]
        {
            assert!(Number::new(a).equals(&Number::new(b)), "{a} {b}");
        }
        for (a, b) in [("1", "2"), ("0.1", "0.1000000000000000055511151231257827")] {
            assert!(!Number::new(a).equals(&Number::new(b)), "{a} {b}");
        }
    }

    #[test]
    fn numbers_beyond_doubles_are_equal_as_text() {
        let big = "12345678901234567890123";
        assert_eq!(Number::new(big).as_f64(), None);
        assert!(Number::new(big).equals(&Number::new(big)));
        assert!(!Number::new(big).equals(&Number::new("12345678901234567890124")));
        assert_eq!(Number::new("1e400").as_f64(), None);
        assert_eq!(Number::new("1e-400").as_f64(), None);
    }
}
