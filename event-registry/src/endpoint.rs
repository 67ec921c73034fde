//! The endpoint that the environment names, for diagnostics about an invalid one or one without a server.

use event_folder::problem::help;
use event_schema::diagnostic::Diagnostic;

use crate::fault;

/// The variables that name an endpoint, the more specific one first, as AWS's SDKs read them.
const VARIABLES: [&str; 2] = ["AWS_ENDPOINT_URL_SCHEMAS", "AWS_ENDPOINT_URL"];

/// Returns the variable that applies, and its value.
pub(super) fn named() -> Option<(&'static str, String)> {
    VARIABLES.into_iter().find_map(|name| {
        let value = std::env::var(name).ok().filter(|v| !v.is_empty())?;
        Some((name, value))
    })
}

/// Returns the diagnostic about an invalid endpoint. The SDK would report it in its own terms with the first request.
pub(super) fn problem() -> Option<Diagnostic> {
    let (name, value) = named()?;
    if is_url(&value) {
        return None;
    }
    let message = format!(
        "invalid endpoint `{}` in `{name}`: expected a URL such as `http://127.0.0.1:8787`",
        value.escape_default()
    );
    Some(help(
        fault::registry_unreachable("registry", message),
        &["correct the variable, or unset it"],
    ))
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let host = rest.map(|r| r.split('/').next().unwrap_or_default());
    host.is_some_and(|h| !h.is_empty() && !h.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_a_scheme_and_a_host() {
        for good in ["http://127.0.0.1:8787", "https://a.b/c", "http://[::1]:1"] {
            assert!(is_url(good), "{good}");
        }
        for bad in ["nonsense", "127.0.0.1:8787", "http://", "ftp://a", "http:// a", "http:///x"] {
            assert!(!is_url(bad), "{bad}");
        }
    }
}
