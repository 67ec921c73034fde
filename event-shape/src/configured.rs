//! Whether a type that a build configures for a format or for numbers writes what the schemas state;
//! checked in generated code, in const evaluation.

use crate::formats::{has_type, same};
use crate::{Ref, Shape};

/// The number of wrappers that are followed.
const DEPTH: usize = 16;

/// Whether the type writes a JSON number of double precision.
pub const fn writes_number(shape: Ref) -> bool {
    matches!(inner(shape), Shape::Num(false) | Shape::Unknown)
}

/// Whether the type writes strings of the format. A type that is written as plain text is accepted for a
/// format that no known type parses.
pub const fn writes_string(shape: Ref, format: &str) -> bool {
    match inner(shape) {
        Shape::Str(own) => same(own, format) || (own.is_empty() && !has_type(format)),
        Shape::Unknown => true,
        _ => false,
    }
}

const fn inner(mut shape: Ref) -> &'static Shape {
    let mut left = DEPTH;
    while let Shape::Newtype(to) = shape.get() {
        if left == 0 {
            break;
        }
        left -= 1;
        shape = *to;
    }
    shape.get()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventData;

    #[test]
    fn type_writes_what_it_is_configured_for() {
        assert!(writes_number(f64::SHAPE));
        assert!(!writes_number(f32::SHAPE));
        assert!(!writes_number(alloc::string::String::SHAPE));
        assert!(!writes_string(alloc::string::String::SHAPE, "uuid"));
        assert!(writes_string(alloc::string::String::SHAPE, "email"));
        assert!(!writes_string(bool::SHAPE, "email"));
    }
}
