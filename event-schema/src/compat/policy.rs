//! What is asked of a change.

use std::fmt;
use std::str::FromStr;

/// What is asked of a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// Stored events stay readable, old consumers read new events, no declared name vanishes, and Rust
    /// code that uses the generated types keeps compiling. Publishers write only declared names.
    #[default]
    Additive,
    /// Every instance of the old schema is one of the new schema, as JSON Schema means it.
    Backward,
    /// Every instance of the new schema is one of the old schema.
    Forward,
    /// Both schemas have the same instances.
    Full,
    /// Nothing: changes are only reported.
    None,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Policy; 5] =
        [Policy::Additive, Policy::Backward, Policy::Forward, Policy::Full, Policy::None];

    /// Whether it asks that stored events stay readable. Where it does not, nobody looks for one that does not.
    pub(super) const fn asks_back(self) -> bool {
        !matches!(self, Policy::Forward)
    }

    /// Whether it asks that old consumers read new events.
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

/// The name of no policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownPolicy {
    /// What was given.
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
    /// The policy is kept.
    Compatible,
    /// It isn't, or it can't be told.
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
