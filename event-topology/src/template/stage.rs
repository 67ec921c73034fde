//! The stage of a deployment.

use crate::limits::MAX_STAGE_CHARS;

/// What CloudFormation checks a stage with.
pub(super) const PATTERN: &str = "^[a-z0-9][a-z0-9-]{0,15}$";

/// The name of a stage, such as `prod`: 1 to 16 lower-case letters, digits and hyphens, the first no hyphen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage(String);

/// A text that does not name a stage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid stage `{}`: expected 1 to {MAX_STAGE_CHARS} lower-case letters, digits and hyphens, the first no hyphen",
    .0.escape_debug()
)]
pub struct InvalidStage(String);

impl Stage {
    /// A stage by its name.
    ///
    /// # Errors
    ///
    /// [`InvalidStage`] if names of AWS cannot end with it.
    pub fn new(name: &str) -> Result<Self, InvalidStage> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=MAX_STAGE_CHARS).contains(&name.len());
        if fits && name.bytes().all(allowed) && !name.starts_with('-') {
            Ok(Self(name.to_owned()))
        } else {
            Err(InvalidStage(name.to_owned()))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_is_a_short_lower_case_name() {
        for name in ["prod", "a", "0", "pr-123", &"x".repeat(16)] {
            assert!(Stage::new(name).is_ok(), "{name}");
        }
        for name in ["", "-a", "Prod", "a_b", "a.b", "é", &"x".repeat(17)] {
            assert!(Stage::new(name).is_err(), "{name}");
        }
    }
}
