//! The date of a sunset.

/// Days since 1970 of a date `yyyy-mm-dd`; `None` if the date does not exist.
///
/// Texts of this form sort in the order of their days.
///
/// ```
/// use event_shape::baseline::days;
///
/// assert_eq!(days("1970-01-02"), Some(1));
/// assert_eq!(days("2026-02-29"), None);
/// ```
pub fn days(date: &str) -> Option<i64> {
    let part = |range: core::ops::Range<usize>| {
        let digits = date.get(range)?;
        if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse::<i64>().ok() } else { None }
    };
    let bytes = date.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // count from March, so that the leap day is the last day of a year
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era_days = 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400);
    Some(era_days + (153 * m + 2) / 5 + day - 1 - 719_468)
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(days("1970-01-01"), Some(0));
        assert_eq!(days("1969-12-31"), Some(-1));
        assert_eq!(days("2000-03-01"), Some(11_017));
        assert_eq!(days("2026-12-31"), Some(20_818));
        for wrong in
            ["2026-02-29", "2026-13-01", "2026-1-1", "26-01-01", "2026-04-31", "2026/04/30", "soon"]
        {
            assert_eq!(days(wrong), None, "{wrong}");
        }
    }
}
