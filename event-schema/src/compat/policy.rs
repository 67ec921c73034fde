//! The compatibility that a change must have.

use std::fmt;
use std::str::FromStr;

/// The compatibility that a change must have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// Stored events stay readable, old consumers read new events, no declared name is removed, and Rust
    /// code that uses the generated types still compiles. Publishers only write declared names.
    #[default]
    Additive,
    /// Every instance of the old schema is valid for the new schema, by JSON Schema's rules.
    Backward,
    /// Every instance of the new schema is valid for the old schema.
    Forward,
    /// Both schemas have the same instances.
    Full,
    /// None: changes are only reported.
    None,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Policy; 5] =
        [Policy::Additive, Policy::Backward, Policy::Forward, Policy::Full, Policy::None];

    /// Whether stored events must stay readable. If not, breaks of that kind are not searched for.
    pub(super) const fn asks_back(self) -> bool {
        !matches!(self, Policy::Forward)
    }

    /// Whether old consumers must read new events.
    pub(super) const fn asks_forth(self) -> bool {
        !matches!(self, Policy::Backward)
    }

    /// `additive`, `backward`, `forward`, `full`, `none`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Policy::Additive => "additive",
            Policy::Backward => "backward",
            Policy::Forward => "forward",
            Policy::Full => "full",
            Policy::None => "none",
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An unknown policy name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownPolicy {
    /// The name.
    pub given: String,
}

impl fmt::Display for UnknownPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a policy: expected additive, backward, forward, full or none",
            self.given.escape_default()
        )
    }
}

impl std::error::Error for UnknownPolicy {}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let named = Policy::ALL.into_iter().find(|p| p.as_str() == s);
        named.ok_or_else(|| UnknownPolicy { given: s.to_owned() })
    }
}

/// The outcome of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The change satisfies the policy.
    Compatible,
    /// The change does not satisfy the policy, or that could not be decided.
    Breaking,
}

impl Verdict {
    /// `compatible`, `breaking`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Verdict::Compatible => "compatible",
            Verdict::Breaking => "breaking",
        }
    }
}
