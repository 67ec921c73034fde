//! What is wrong with the rules of a bus: all of it in one error.

use std::fmt;

use crate::name::InvalidName;

/// Why a bus cannot be built: everything that is wrong with its rules, one problem a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusBuildError {
    /// What is wrong; at least one.
    pub problems: Vec<BusProblem>,
}

/// One rule that EventBridge would not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BusProblem {
    /// A consumer has a name that no EventBridge rule can have.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// Two rules have one consumer: metrics and retries are told apart by rule.
    #[error("consumer `{consumer}` has two rules; put the patterns into one")]
    TwoRules {
        /// The consumer.
        consumer: String,
    },
    /// A rule names neither a source nor a detail-type; EventBridge takes no empty pattern.
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
