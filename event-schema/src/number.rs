//! Exact decimal numbers, for the bounds and `multipleOf` of a schema.
//!
//! A number is a mantissa of at most 38 digits and a power of ten, so `0.1` is one tenth and not the
//! nearest double. Comparing never overflows; other operations return `None` if the result does not fit.

use std::cmp::Ordering;
use std::fmt;

/// The number of significant digits of a [`Decimal`].
const DIGITS: usize = 38;

/// The maximum exponent. Larger ones are rejected: they have no use and would overflow sums of exponents.
const EXPONENT: i64 = 1_000_000;

/// `mantissa × 10^exponent`, in lowest terms: the mantissa does not end in a zero digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i128,
    exponent: i32,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal { mantissa: 0, exponent: 0 };
    /// One.
    pub const ONE: Decimal = Decimal { mantissa: 1, exponent: 0 };

    /// Parses a JSON number. `None` if it has more than 38 significant digits or an exponent above a
    /// million.
    ///
    /// ```
    /// use event_schema::number::Decimal;
    ///
    /// let tenth = Decimal::parse("1e-1").unwrap();
    /// assert_eq!(tenth.to_string(), "0.1");
    /// assert!(Decimal::parse("0.3").unwrap().is_multiple_of(&tenth));
    /// ```
    pub fn parse(text: &str) -> Option<Decimal> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (digits, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0').trim_end_matches('0');
        if significant.is_empty() {
            return Some(Decimal::ZERO);
        }
        if significant.len() > DIGITS {
            return None;
        }
        let trailing = all.len() - all.trim_end_matches('0').len();
        let exponent = exponent
            .checked_sub(i64::try_from(fraction.len()).ok()?)?
            .checked_add(i64::try_from(trailing).ok()?)?;
        if exponent.abs() > EXPONENT {
            return None;
        }
        let mantissa: i128 = significant.parse().ok()?;
        let mantissa = if negative { -mantissa } else { mantissa };
        Some(Decimal { mantissa, exponent: i32::try_from(exponent).ok()? })
    }

    /// The number of a JSON value. A double counts as its shortest decimal, and so does a number with too
    /// many digits: `serde_json` keeps those with `arbitrary_precision`.
    pub fn from_number(number: &serde_json::Number) -> Option<Decimal> {
        match (number.as_i64(), number.as_u64()) {
            (Some(n), _) => Some(Decimal::from(i128::from(n))),
            (_, Some(n)) => Some(Decimal::from(i128::from(n))),
            _ => Decimal::parse(&number.to_string())
                .or_else(|| Decimal::parse(&number.as_f64()?.to_string())),
        }
    }

    /// As a JSON number, if a 64-bit integer or a double represents it exactly.
    pub fn to_number(&self) -> Option<serde_json::Number> {
        if let Some(n) = self.to_i128() {
            if let Ok(n) = i64::try_from(n) {
                return Some(n.into());
            }
            if let Ok(n) = u64::try_from(n) {
                return Some(n.into());
            }
        }
        self.to_double()
    }

    /// As a JSON number that is written with a point, if a double represents it exactly.
    pub fn to_double(&self) -> Option<serde_json::Number> {
        let double: f64 = format!("{}e{}", self.mantissa, self.exponent).parse().ok()?;
        let number = serde_json::Number::from_f64(double)?;
        (Decimal::from_number(&number).as_ref() == Some(self)).then_some(number)
    }

    /// The nearest double.
    pub(crate) fn nearest_double(&self) -> Option<f64> {
        format!("{}e{}", self.mantissa, self.exponent).parse().ok()
    }

    /// Whether it is an integer.
    pub fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.mantissa == 0
    }

    /// Whether it is positive.
    pub fn is_positive(&self) -> bool {
        self.mantissa > 0
    }

    /// As an integer, if it is one that fits.
    pub fn to_i128(&self) -> Option<i128> {
        let exponent = u32::try_from(self.exponent).ok()?;
        self.mantissa.checked_mul(10i128.checked_pow(exponent)?)
    }

    /// The greatest integer not above it or, with `up`, the least integer not below it. `None` if it does
    /// not fit.
    pub fn to_integer(&self, up: bool) -> Option<i128> {
        if self.is_integer() {
            return self.to_i128();
        }
        let Some(divisor) = 10i128.checked_pow(self.exponent.unsigned_abs()) else {
            return Some(match (up, self.mantissa > 0) {
                (true, true) => 1,
                (false, false) => -1,
                _ => 0,
            });
        };
        let floor = self.mantissa.div_euclid(divisor);
        Some(if up { floor + 1 } else { floor })
    }

    /// Whether it is an integer multiple of `step`. Only zero is a multiple of zero.
    pub fn is_multiple_of(&self, step: &Decimal) -> bool {
        if self.mantissa == 0 {
            return true;
        }
        if step.mantissa == 0 {
            return false;
        }
        let (ours, theirs) = (self.mantissa.unsigned_abs(), step.mantissa.unsigned_abs());
        let shift = i64::from(self.exponent) - i64::from(step.exponent);
        if shift >= 0 {
            let power = power_mod(10, shift.unsigned_abs(), theirs);
            return multiply_mod(ours % theirs, power, theirs) == 0;
        }
        u32::try_from(-shift)
            .ok()
            .and_then(|shift| 10u128.checked_pow(shift))
            .and_then(|power| theirs.checked_mul(power))
            .is_some_and(|divisor| ours % divisor == 0)
    }

    /// The least positive number that is a multiple of both; `None` if it does not fit.
    pub fn least_common_multiple(&self, other: &Decimal) -> Option<Decimal> {
        let exponent = self.exponent.min(other.exponent);
        let (a, b) = (self.at_exponent(exponent)?, other.at_exponent(exponent)?);
        if a == 0 || b == 0 {
            return None;
        }
        let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
        let product = (a / gcd(a, b)).checked_mul(b)?;
        Some(Decimal::new(i128::try_from(product).ok()?, exponent))
    }

    /// The sum, if it fits.
    pub fn checked_add(&self, other: &Decimal) -> Option<Decimal> {
        let exponent = self.exponent.min(other.exponent);
        let sum = self.at_exponent(exponent)?.checked_add(other.at_exponent(exponent)?)?;
        Some(Decimal::new(sum, exponent))
    }

    /// The product with an integer, if it fits.
    pub fn checked_times(&self, factor: i128) -> Option<Decimal> {
        Some(Decimal::new(self.mantissa.checked_mul(factor)?, self.exponent))
    }

    /// Half of it, if it fits.
    pub fn half(&self) -> Option<Decimal> {
        Some(Decimal::new(self.mantissa.checked_mul(5)?, self.exponent - 1))
    }

    /// `self / step`, rounded towards minus infinity or, with `up`, towards plus infinity, if the result
    /// fits.
    pub fn quotient(&self, step: &Decimal, up: bool) -> Option<i128> {
        let exponent = self.exponent.min(step.exponent);
        let (a, b) = (self.at_exponent(exponent)?, step.at_exponent(exponent)?);
        if b <= 0 {
            return None;
        }
        let floor = a.div_euclid(b);
        Some(if up && a.rem_euclid(b) != 0 { floor + 1 } else { floor })
    }

    fn new(mut mantissa: i128, mut exponent: i32) -> Decimal {
        if mantissa == 0 {
            return Decimal::ZERO;
        }
        while mantissa % 10 == 0 {
            mantissa /= 10;
            exponent += 1;
        }
        Decimal { mantissa, exponent }
    }

    fn at_exponent(&self, exponent: i32) -> Option<i128> {
        if self.mantissa == 0 {
            return Some(0);
        }
        let shift = u32::try_from(self.exponent.checked_sub(exponent)?).ok()?;
        self.mantissa.checked_mul(10i128.checked_pow(shift)?)
    }

    /// The power of ten of the first digit, plus one.
    fn magnitude(&self) -> i64 {
        let digits = self.mantissa.unsigned_abs().checked_ilog10().map_or(0, |n| i64::from(n) + 1);
        digits + i64::from(self.exponent)
    }
}

impl From<i128> for Decimal {
    fn from(n: i128) -> Self {
        Decimal::new(n, 0)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_sign = self.mantissa.signum().cmp(&other.mantissa.signum());
        if by_sign != Ordering::Equal || self.mantissa == 0 {
            return by_sign;
        }
        let by_magnitude = self.magnitude().cmp(&other.magnitude());
        let by_size = by_magnitude.then_with(|| {
            // both have as many digits before the point: the longer fraction determines how far both are
            // scaled, by fewer digits than a mantissa has
            let exponent = self.exponent.min(other.exponent);
            let scaled = |d: &Decimal| scale(d.mantissa.unsigned_abs(), d.exponent - exponent);
            scaled(self).cmp(&scaled(other))
        });
        if self.mantissa > 0 { by_size } else { by_size.reverse() }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        match self.exponent {
            0 => write!(f, "{sign}{digits}"),
            e @ 1..=20 => write!(f, "{sign}{digits}{}", "0".repeat(e.unsigned_abs() as usize)),
            e @ -20..=-1 => {
                let places = e.unsigned_abs() as usize;
                let padded = format!("{digits:0>width$}", width = places + 1);
                let (whole, fraction) = padded.split_at(padded.len() - places);
                write!(f, "{sign}{whole}.{fraction}")
            }
            e => write!(f, "{sign}{digits}e{e}"),
        }
    }
}

fn scale(n: u128, by: i32) -> u128 {
    10u128.checked_pow(by.unsigned_abs()).and_then(|p| n.checked_mul(p)).unwrap_or(u128::MAX)
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// `a × b mod m`, for `a, b < m < 2^127`.
fn multiply_mod(mut a: u128, mut b: u128, m: u128) -> u128 {
    if let Some(product) = a.checked_mul(b) {
        return product % m;
    }
    let mut sum = 0;
    while b > 0 {
        if b & 1 == 1 {
            sum = (sum + a) % m;
        }
        a = (a << 1) % m;
        b >>= 1;
    }
    sum
}

fn power_mod(base: u128, mut exponent: u64, m: u128) -> u128 {
    let (mut result, mut base) = (1 % m, base % m);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply_mod(result, base, m);
        }
        base = multiply_mod(base, base, m);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        for (a, b) in
            [("1", "1.0"), ("100", "1e2"), ("0.10", "1e-1"), ("-0", "0"), ("12e-1", "1.2")]
        {
            assert_eq!(dec(a), dec(b));
        }
        assert!(Decimal::parse(&"9".repeat(39)).is_none());
        assert!(Decimal::parse("1e99999999").is_none());
    }

    #[test]
    fn order_is_that_of_numbers() {
        let sorted = [
            "-1e300", "-2", "-1.5", "-1e-9", "0", "1e-300", "0.1", "0.11", "9", "10", "1e30",
            "1e300",
        ];
        for pair in sorted.windows(2) {
            assert!(dec(pair[0]) < dec(pair[1]), "{pair:?}");
        }
        let (long, next) = (&"9".repeat(38), "1e38");
        assert!(dec(long) < dec(next));
    }

    #[test]
    fn divisibility_is_exact() {
        for (n, step, yes) in [
            ("0.3", "0.1", true),
            ("1e300", "3", false),
            ("3e300", "3", true),
            ("1e300", "0.0007", false),
            ("7", "3.5", true),
            ("0", "5", true),
            ("19.99", "0.01", true),
            ("0.001", "0.01", false),
        ] {
            assert_eq!(dec(n).is_multiple_of(&dec(step)), yes, "{n} / {step}");
        }
        assert_eq!(dec("0.4").least_common_multiple(&dec("6")), Some(dec("6")));
        assert_eq!(dec("4").least_common_multiple(&dec("6")), Some(dec("12")));
    }

    #[test]
    fn integers_below_and_above() {
        assert_eq!((dec("1.5").to_integer(false), dec("1.5").to_integer(true)), (Some(1), Some(2)));
        assert_eq!(
            (dec("-1.5").to_integer(false), dec("-1.5").to_integer(true)),
            (Some(-2), Some(-1))
        );
        assert_eq!(
            (dec("1e-90").to_integer(false), dec("-1e-90").to_integer(true)),
            (Some(0), Some(0))
        );
        assert_eq!(dec("7").quotient(&dec("2"), true), Some(4));
        assert_eq!(dec("-7").quotient(&dec("2"), false), Some(-4));
    }

    #[test]
    fn printed_numbers_parse_back() {
        for text in ["0", "-12.05", "1e40", "123000", "1e-25", "0.5"] {
            assert_eq!(dec(&dec(text).to_string()), dec(text));
        }
    }
}
