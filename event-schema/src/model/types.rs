//! Sets of JSON types.

/// A set of JSON types. `NUMBER` always includes `INTEGER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Types(u8);

impl Types {
    /// `null`.
    pub const NULL: Types = Types(1);
    /// `boolean`.
    pub const BOOLEAN: Types = Types(2);
    /// `integer`: numbers without a fraction (1.0 is one).
    pub const INTEGER: Types = Types(4);
    /// `number`: integers too.
    pub const NUMBER: Types = Types(4 | 8);
    /// `string`.
    pub const STRING: Types = Types(16);
    /// `array`.
    pub const ARRAY: Types = Types(32);
    /// `object`.
    pub const OBJECT: Types = Types(64);
    /// Integers written with a point, such as 1.0, which are integers in some dialects. Only the kernel
    /// distinguishes them.
    pub(crate) const POINT: Types = Types(128);
    /// Numbers in any form.
    pub(crate) const NUMERIC: Types = Types(4 | 8 | 128);
    /// Every type.
    pub const ALL: Types = Types(127);
    /// No type.
    pub const NONE: Types = Types(0);

    /// Whether it includes all of `other`.
    pub const fn contains(self, other: Types) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether it includes some of `other`.
    pub const fn intersects(self, other: Types) -> bool {
        self.0 & other.0 != 0
    }

    /// The union.
    #[must_use]
    pub const fn union(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    /// The intersection.
    #[must_use]
    pub const fn intersection(self, other: Types) -> Types {
        Types(self.0 & other.0)
    }

    /// The difference. Removing `integer` leaves `number` without its integers: only the bit for fractions.
    #[must_use]
    pub const fn difference(self, other: Types) -> Types {
        Types(self.0 & !other.0)
    }

    /// With a separate bit for integers written with a point: a number always, an integer if not `strict`.
    #[must_use]
    pub(crate) const fn with_point(self, strict: bool) -> Types {
        let deciding = if strict { 8 } else { 4 };
        Types(if self.0 & deciding == 0 { self.0 & 127 } else { self.0 | 128 })
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Default for Types {
    fn default() -> Self {
        Types::ALL
    }
}
