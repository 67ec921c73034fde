//! The problems of a bus's rules, all in one error.

use std::fmt;

use crate::name::InvalidName;

/// Why a bus cannot be built: all problems of its rules, one per line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusBuildError {
    /// The problems; at least one.
    pub problems: Vec<BusProblem>,
}

/// A rule that EventBridge would refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BusProblem {
    /// The name of a consumer is not valid for an EventBridge rule.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// Two rules have the same consumer: metrics and retries are counted per rule.
    #[error("consumer `{consumer}` has two rules: put the patterns into one rule")]
    TwoRules {
        /// The consumer.
        consumer: String,
    },
    /// A rule lists neither a source nor a detail-type. EventBridge does not allow an empty
    /// pattern.
    #[error("the rule of consumer `{consumer}` lists neither a source nor a detail-type")]
    EmptyPattern {
        /// The consumer.
        consumer: String,
    },
}

impl std::error::Error for BusBuildError {}

impl fmt::Display for BusBuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}
