//! Names, lengths and counts that the API allows.
//!
//! Sources: the API's model (`schemas`, 2019-12-02) for lengths of members; the EventBridge Schema
//! Registry reference and the `CloudFormation` reference of `AWS::EventSchemas::Schema` for names; the
//! Tagging guide for tags. Lengths are in characters, as the model counts them.

use super::call::Tags;
use super::error::ApiError;

/// Characters of a schema's content, at most (model: `__stringMin1Max100000`).
pub const CONTENT: usize = 100_000;
/// Characters of a description, at most (model: `__stringMin0Max256`).
pub const DESCRIPTION: usize = 256;
/// Characters of a registry's name, at most.
pub const REGISTRY_NAME: usize = 64;
/// Characters of a schema's name, at most.
pub const SCHEMA_NAME: usize = 385;
/// Items of a page, at most, and where nobody says (model: `Limit`).
pub const PAGE: usize = 100;
/// Sample events of one discovery, at most (model: `GetDiscoveredSchemaInput`).
pub const EVENTS: usize = 10;
/// Tags of a resource, at most.
pub const TAGS: usize = 50;

/// Bytes of a request, at most. A content of 100,000 characters is 1.2 MB where a client escapes each
/// as a pair of surrogates.
pub(super) const BODY: usize = 2 * 1024 * 1024;
/// The same for the ten events of a discovery.
pub(super) const BODY_OF_EVENTS: usize = 13 * 1024 * 1024;

pub(super) fn at_most(what: &str, text: &str, max: usize) -> Result<(), ApiError> {
    let n = text.chars().count();
    if n > max {
        let message = format!("`{what}` has {n} characters: the maximum is {max}");
        return Err(ApiError::bad_request(message));
    }
    Ok(())
}

/// Checks a new registry's name.
pub(super) fn registry_name(name: &str) -> Result<(), ApiError> {
    spelling("RegistryName", name, REGISTRY_NAME, "")?;
    if name.starts_with("aws.") {
        let message = "`RegistryName` begins with `aws.`, which is reserved for AWS";
        return Err(ApiError::bad_request(message));
    }
    Ok(())
}

/// Checks a new schema's name.
pub(super) fn schema_name(name: &str) -> Result<(), ApiError> {
    spelling("SchemaName", name, SCHEMA_NAME, "@")
}

fn spelling(what: &str, name: &str, max: usize, also: &str) -> Result<(), ApiError> {
    if name.is_empty() {
        return Err(ApiError::bad_request(format!("`{what}` is empty")));
    }
    at_most(what, name, max)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c) || also.contains(c);
    if let Some(c) = name.chars().find(|c| !allowed(*c)) {
        let message = format!(
            "`{what}` contains `{}`: expected letters, digits, `.`, `-`, `_`{}",
            c.escape_default(),
            if also.is_empty() { "" } else { " and `@`" }
        );
        return Err(ApiError::bad_request(message));
    }
    Ok(())
}

/// Checks a resource's tags.
pub(super) fn tags(tags: &Tags) -> Result<(), ApiError> {
    if tags.len() > TAGS {
        let message = format!("{} tags: the maximum is {TAGS}", tags.len());
        return Err(ApiError::bad_request(message));
    }
    for (key, value) in tags {
        if key.is_empty() || key.to_ascii_lowercase().starts_with("aws:") {
            let message = format!(
                "invalid tag key `{key}`: a key must not be empty and must not begin with `aws:`"
            );
            return Err(ApiError::bad_request(message));
        }
        at_most("tags", key, 128)?;
        at_most("tags", value, 256)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["app-core", "a", "A_1.b", &"r".repeat(64), ".."] {
            assert!(registry_name(good).is_ok(), "{good}");
        }
        for bad in ["", "a/b", "../x", "a@b", "aws.events", "a\0", "ä", " ", &"r".repeat(65)] {
            assert!(registry_name(bad).is_err(), "{bad}");
        }
        for good in ["app.solargenix@proposal.published-v2", &"s".repeat(385)] {
            assert!(schema_name(good).is_ok(), "{good}");
        }
        for bad in ["", "a:b", "a b", "a\\b", "é", &"s".repeat(386)] {
            assert!(schema_name(bad).is_err(), "{bad}");
        }
    }
}
