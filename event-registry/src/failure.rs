//! What the SDK's errors mean for who waits for a pull or a push: one diagnostic each, with the next
//! command. Knows nothing of what was asked but its name.

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

/// What failed: a name for the diagnostic (`registry:app-core`), and the API's operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) what: &'a str,
    pub(super) operation: &'static str,
}

/// Whether the API says that there is no such thing.
pub(super) fn not_found<E>(failure: &SdkError<E, HttpResponse>) -> bool {
    status(failure) == Some(404)
}

/// Whether the request was understood and refused: trying it again answers the same.
pub(super) fn refused<E>(failure: &SdkError<E, HttpResponse>) -> bool {
    status(failure).is_some_and(|s| (400..500).contains(&s) && s != 429)
}

fn status<E>(failure: &SdkError<E, HttpResponse>) -> Option<u16> {
    failure.raw_response().map(|r| r.status().as_u16())
}

/// The diagnostic.
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
                format!("AWS doesn't take the credentials ({code}){said}"),
            ),
            &["see whose they are: `aws sts get-caller-identity`", "sign in anew: `aws sso login`"],
        ),
        (SdkError::ServiceError(_), Some(401 | 403)) => help(
            error(
                &rules::REGISTRY_ACCESS_DENIED,
                what,
                format!("`{operation}` is not allowed{said}"),
            ),
            &[
                &format!("allow the caller `schemas:{operation}` on this registry"),
                "see who the caller is: `aws sts get-caller-identity`",
            ],
        ),
        (SdkError::ServiceError(_), Some(404)) => help(
            fault::registry_not_found(what, format!("`{operation}` finds no such thing{said}")),
            &["see what there is: `aws schemas list-registries`"],
        ),
        (SdkError::ServiceError(_), Some(status)) if status == 429 || code.contains("Throttl") => {
            help(
                error(
                    &rules::REGISTRY_THROTTLED,
                    what,
                    format!("`{operation}` was throttled, again and again"),
                ),
                &["run the command again in a minute: what is done is not done again"],
            )
        }
        (SdkError::ServiceError(_), Some(status)) if status >= 500 => help(
            fault::registry_unreachable(
                what,
                format!("`{operation}` failed with {status}, again and again{said}"),
            ),
            &["run the command again in a minute"],
        ),
        (SdkError::ServiceError(_), Some(status)) if status >= 400 => help(
            error(
                &rules::REGISTRY_REFUSED,
                what,
                format!("`{operation}` was refused ({status} {code}){said}"),
            ),
            &["correct what the API reports, then run the command again"],
        ),
        (SdkError::ServiceError(_) | SdkError::ResponseError(_), _) => help(
            fault::registry_unreachable(
                what,
                format!("`{operation}` was answered with what is no answer of the Schemas API"),
            ),
            &[
                "see that no proxy answers in between",
                "and that `AWS_ENDPOINT_URL_SCHEMAS` and `AWS_ENDPOINT_URL`, where they are set, name a Schemas API",
            ],
        ),
        _ => unreachable_help(fault::registry_unreachable(
            what,
            format!("`{operation}` did not reach the Schemas API: {}", causes(failure)),
        )),
    }
}

/// A list that has not ended where it had to.
pub(super) fn endless(asked: Asked<'_>) -> Diagnostic {
    let Asked { what, operation } = asked;
    let message = format!("`{operation}` returned {PAGES} pages, and the list does not end");
    help(
        fault::registry_unreachable(what, message),
        &[
            "see that `AWS_ENDPOINT_URL_SCHEMAS` and `AWS_ENDPOINT_URL`, where they are set, name a Schemas API",
        ],
    )
}

fn unreachable_help(diagnostic: Diagnostic) -> Diagnostic {
    if let Some((name, value)) = endpoint::named() {
        let set = format!(
            "`{name}` sets the endpoint to {}: see that it is served, or unset it",
            value.escape_default()
        );
        return help(diagnostic, &[&set, "`cargo event registry serve` prints where it serves"]);
    }
    help(
        diagnostic,
        &[
            "see that the network is there, and that the region is one that exists: `aws schemas list-registries`",
            "without an account: `cargo event registry serve`, and set the variables that it prints",
        ],
    )
}

/// The error and its causes in one line.
fn causes(failure: &dyn Error) -> String {
    let mut text = failure.to_string();
    let mut cause = failure.source();
    while let Some(inner) = cause {
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    // a list of what was tried may follow in lines of its own
    text.lines().next().unwrap_or_default().chars().take(400).collect()
}

/// What a server says, as it may stand in a line of a terminal.
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

/// No credentials were found.
pub(super) fn no_credentials(why: &dyn Error) -> Diagnostic {
    let causes = causes(why);
    let causes = causes.split(". Attempted").next().unwrap_or_default();
    let message = format!("there are no AWS credentials: {causes}");
    help(
        fault::registry_credentials("registry", message),
        &[
            "sign in: `aws sso login`, or set `AWS_PROFILE`, or `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`",
            "without an account: `cargo event registry serve`, and set the variables that it prints",
        ],
    )
}

/// No region is set.
pub(super) fn no_region() -> Diagnostic {
    help(
        error(&rules::REGISTRY_REGION_MISSING, "registry", "no AWS region is set"),
        &["set `AWS_REGION`, such as `export AWS_REGION=eu-central-1`, or `region` in the profile"],
    )
}
