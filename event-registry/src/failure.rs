//! Turns errors of the SDK into diagnostics, each with the next command to run. Of a request, it knows only the name.

use std::error::Error;
use std::fmt::Write;

use aws_sdk_schemas::config::http::HttpResponse;
use aws_sdk_schemas::error::{ProvideErrorMetadata, SdkError};
use event_folder::problem::{error, help};
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

use crate::client::PAGES;
use crate::endpoint;
use crate::fault;

/// The request that failed: a name for the diagnostic (`registry:app-core`), and the operation of the API.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) what: &'a str,
    pub(super) operation: &'static str,
}

/// Returns whether the API reports that the registry or schema does not exist.
pub(super) fn not_found<E>(failure: &SdkError<E, HttpResponse>) -> bool {
    status(failure) == Some(404)
}

/// Returns whether the request was understood and refused, so that a retry has the same answer.
pub(super) fn refused<E>(failure: &SdkError<E, HttpResponse>) -> bool {
    status(failure).is_some_and(|s| (400..500).contains(&s) && s != 429)
}

fn status<E>(failure: &SdkError<E, HttpResponse>) -> Option<u16> {
    failure.raw_response().map(|r| r.status().as_u16())
}

/// Returns the diagnostic about a failed request.
pub(super) fn diagnose<E>(asked: Asked<'_>, failure: &SdkError<E, HttpResponse>) -> Diagnostic
where
    E: ProvideErrorMetadata + Error + 'static,
    SdkError<E, HttpResponse>: ProvideErrorMetadata,
{
    let Asked { what, operation } = asked;
    let code = &bounded(failure.code().unwrap_or_default());
    let said = failure.message().map(|m| format!(": {}", bounded(m)));
    let said = said.unwrap_or_default();
    match (failure, status(failure)) {
        (SdkError::ServiceError(_), Some(401 | 403)) if is_of_credentials(code) => help(
            fault::registry_credentials(
                what,
                format!("AWS rejected the credentials ({code}){said}"),
            ),
            &[
                "check whose they are: `aws sts get-caller-identity`",
                "sign in again: `aws sso login`",
            ],
        ),
        (SdkError::ServiceError(_), Some(401 | 403)) => help(
            error(
                &rules::REGISTRY_ACCESS_DENIED,
                what,
                format!("`{operation}` is not allowed{said}"),
            ),
            &[
                &format!("allow the caller `schemas:{operation}` on this registry"),
                "check who the caller is: `aws sts get-caller-identity`",
            ],
        ),
        (SdkError::ServiceError(_), Some(404)) => help(
            fault::registry_not_found(
                what,
                format!("`{operation}` did not find the registry or schema{said}"),
            ),
            &[LIST_REGISTRIES],
        ),
        (SdkError::ServiceError(_), Some(status)) if status == 429 || code.contains("Throttl") => {
            help(
                error(
                    &rules::REGISTRY_THROTTLED,
                    what,
                    format!("`{operation}` was throttled after every retry"),
                ),
                &["run the command again in a minute: finished work is not repeated"],
            )
        }
        (SdkError::ServiceError(_), Some(status)) if status >= 500 => help(
            fault::registry_unreachable(
                what,
                format!("`{operation}` failed with {status} after every retry{said}"),
            ),
            &["run the command again in a minute"],
        ),
        (SdkError::ServiceError(_), Some(status)) if status >= 400 => help(
            error(
                &rules::REGISTRY_REFUSED,
                what,
                format!("`{operation}` was refused ({status} {code}){said}"),
            ),
            &["correct what the message states, then run the command again"],
        ),
        (SdkError::ServiceError(_) | SdkError::ResponseError(_), _) => help(
            fault::registry_unreachable(
                what,
                format!("the answer to `{operation}` is not an answer of the Schemas API"),
            ),
            &["check that no proxy answers instead", CHECK_ENDPOINT],
        ),
        _ => unreachable_help(fault::registry_unreachable(
            what,
            format!("`{operation}` did not reach the Schemas API: {}", causes(failure)),
        )),
    }
}

/// The way out where an endpoint may not be a Schemas API.
pub(super) const CHECK_ENDPOINT: &str = "check that `AWS_ENDPOINT_URL_SCHEMAS` and `AWS_ENDPOINT_URL`, if they are set, name a Schemas API";

/// The way out where a registry may have another name.
pub(super) const LIST_REGISTRIES: &str = "list the registries: `aws schemas list-registries`";

/// The diagnostic about a list without an end.
pub(super) fn endless(asked: Asked<'_>) -> Diagnostic {
    let Asked { what, operation } = asked;
    let message = format!("`{operation}` returned {PAGES} pages, and the list does not end");
    help(fault::registry_unreachable(what, message), &[CHECK_ENDPOINT])
}

fn unreachable_help(diagnostic: Diagnostic) -> Diagnostic {
    if let Some((name, value)) = endpoint::named() {
        let set = format!(
            "`{name}` sets the endpoint to {}: start the server there, or unset the variable",
            value.escape_default()
        );
        return help(diagnostic, &[&set, "`cargo event registry serve` prints its endpoint"]);
    }
    help(
        diagnostic,
        &["check the network and the region: `aws schemas list-registries`", WITHOUT_ACCOUNT],
    )
}

/// The way out for somebody without an account.
const WITHOUT_ACCOUNT: &str =
    "without an account, run `cargo event registry serve`, and set the variables that it prints";

/// Returns the error and its causes in one line.
fn causes(failure: &dyn Error) -> String {
    let mut text = failure.to_string();
    let mut cause = failure.source();
    while let Some(inner) = cause {
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    // further lines may list what was tried
    text.lines().next().unwrap_or_default().chars().take(400).collect()
}

/// Makes a text from a server safe for a line of a terminal.
fn bounded(text: &str) -> String {
    const CHARS: usize = 1000;
    let mut out: String = text.chars().take(CHARS).flat_map(char::escape_default).collect();
    if text.chars().nth(CHARS).is_some() {
        out.push('…');
    }
    out
}

fn is_of_credentials(code: &str) -> bool {
    const CODES: &[&str] = &[
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ];
    CODES.contains(&code)
}

/// The diagnostic about missing credentials.
pub(super) fn no_credentials(why: &dyn Error) -> Diagnostic {
    let causes = causes(why);
    let causes = causes.split(". Attempted").next().unwrap_or_default();
    let message = format!("no AWS credentials found: {causes}");
    help(
        fault::registry_credentials("registry", message),
        &[
            "sign in: `aws sso login`, or set `AWS_PROFILE`, or `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`",
            WITHOUT_ACCOUNT,
        ],
    )
}

/// The diagnostic about a missing region.
pub(super) fn no_region() -> Diagnostic {
    help(
        error(&rules::REGISTRY_REGION_MISSING, "registry", "no AWS region is set"),
        &["set `AWS_REGION`, such as `export AWS_REGION=eu-central-1`, or `region` in the profile"],
    )
}
