//! Integer types by their ranges.

/// Rust's integer types by their ranges, in the order in which messages name them.
pub(crate) const INTEGERS: [(&str, i128, i128); 8] = [
    ("i64", i64::MIN as i128, i64::MAX as i128),
    ("u64", 0, u64::MAX as i128),
    ("i32", i32::MIN as i128, i32::MAX as i128),
    ("u32", 0, u32::MAX as i128),
    ("i16", i16::MIN as i128, i16::MAX as i128),
    ("u16", 0, u16::MAX as i128),
    ("i8", i8::MIN as i128, i8::MAX as i128),
    ("u8", 0, u8::MAX as i128),
];

/// Whether a Rust integer type has exactly this range.
#[cfg(feature = "check")]
pub(crate) const fn is_rust_range(lo: i128, hi: i128) -> bool {
    let mut i = 0;
    while i < INTEGERS.len() {
        if INTEGERS[i].1 == lo && INTEGERS[i].2 == hi {
            return true;
        }
        i += 1;
    }
    false
}
