//! What is wrong with a topology: each problem with why, and with what to write instead.

use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Which rule it breaks: an ID that stays the same when the text changes.
    pub rule: &'static str,
    /// The consumer that it is about, if it is about one.
    pub consumer: Option<String>,
    /// What is wrong.
    pub what: String,
    /// Why that is wrong, one fact a line.
    pub why: String,
    /// What to write instead.
    pub fix: String,
}

impl Problem {
    /// A problem of one consumer, or of the whole topology. For what checks more of a topology than this
    /// crate does.
    pub fn new(
        rule: &'static str,
        consumer: Option<&str>,
        what: impl Into<String>,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        let consumer = consumer.map(ToOwned::to_owned);
        Self { rule, consumer, what: what.into(), why: why.into(), fix: fix.into() }
    }
}

/// Everything that is wrong with a topology, or with the handlers that are attached to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopologyError {
    /// What is wrong; at least one. In the order in which the consumers were declared.
    pub problems: Vec<Problem>,
}

impl TopologyError {
    /// Returns `Ok` if the list is empty.
    ///
    /// # Errors
    ///
    /// All of the problems, where there is one.
    pub fn of(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self { problems }) }
    }
}

impl std::error::Error for TopologyError {}

impl fmt::Display for TopologyError {
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

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] ", self.rule)?;
        if let Some(consumer) = &self.consumer {
            write!(f, "consumer `{consumer}`: ")?;
        }
        write!(f, "{}", self.what)?;
        for line in self.why.lines() {
            write!(f, "\n  = note: {line}")?;
        }
        write!(f, "\n  = help: {}", self.fix)
    }
}
