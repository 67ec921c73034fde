//! String formats that a Rust type parses and formats.

/// Formats that a plain `String` does not guarantee, sorted. All other formats are annotations: a `String`
/// satisfies them.
pub const TYPED_FORMATS: [&str; 10] =
    ["char", "date", "date-time", "decimal", "duration", "ip", "ipv4", "ipv6", "ulid", "uuid"];

/// Prefix of a format of [`TYPED_FORMATS`] that the build configures no type for (`Config::format` of
/// `event-codegen`): generated code uses a `String`, and a struct may too, besides the format's own type.
pub const UNTYPED: char = '~';

/// The format without [`UNTYPED`]; `None` if it does not have the prefix.
#[cfg(feature = "check")]
pub(crate) const fn untyped(format: &str) -> Option<&str> {
    match format.as_bytes() {
        [b'~', rest @ ..] => match core::str::from_utf8(rest) {
            Ok(format) => Some(format),
            Err(_) => None,
        },
        _ => None,
    }
}

/// Whether the format is one of [`TYPED_FORMATS`].
pub const fn has_type(format: &str) -> bool {
    let mut i = 0;
    while i < TYPED_FORMATS.len() {
        if same(TYPED_FORMATS[i], format) {
            return true;
        }
        i += 1;
    }
    false
}

pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}
