//! Warnings. Stable Rust has no diagnostics from a macro: the use of a deprecated constant, with the
//! user's span, is the one warning that a macro can word.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// A warning at the span; `name` is what rustc says is deprecated.
pub(crate) fn emit(name: &str, span: Span, text: &str) -> TokenStream {
    let declared = Ident::new(name, Span::call_site());
    let used = Ident::new(name, span);
    quote! {
        const _: () = {
            #[deprecated(note = #text)]
            const #declared: () = ();
            #used
        };
    }
}

/// Days since 1970 of a date `yyyy-mm-dd`, if it is one.
pub(crate) fn days(date: &str) -> Option<i64> {
    let part = |range: std::ops::Range<usize>| {
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
    // Count from March, so that the leap day is a year's last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era_days = 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400);
    Some(era_days + (153 * m + 2) / 5 + day - 1 - 719_468)
}

/// Days since 1970 now. `SOURCE_DATE_EPOCH` (seconds) stands for now where a build is to be the same on
/// every day.
pub(crate) fn today() -> Option<i64> {
    if let Some(seconds) =
        std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|s| s.parse::<i64>().ok())
    {
        return Some(seconds.div_euclid(86_400));
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(now.as_secs() / 86_400).ok()
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn dates_are_counted_from_1970() {
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
