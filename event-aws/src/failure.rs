//! What failed in a call of the SDK, and whether another one may help.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use event_runtime::__internal::shown;
use event_runtime::publish::REQUEST_TOO_LARGE;

/// A call to AWS that failed, after whatever retries its client makes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", shown(.code), shown(.message))]
pub struct CallError {
    /// AWS's error code, or a name for what broke on the way.
    pub code: String,
    /// What it says.
    pub message: String,
    /// Whether the same call may succeed later.
    pub retryable: bool,
}

/// The codes by which AWS services throttle a request, or refuse it for what is going on besides. Source: *AWS SDKs and Tools Reference Guide*,
/// "Retry behavior"; *Amazon SQS API Reference*, `ReceiveMessage`.
const THROTTLED: [&str; 16] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "KMS.ThrottlingException",
    "KmsThrottled",
    "LimitExceededException",
    "OverLimit",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// The codes of credentials that have expired: a provider brings new ones.
const EXPIRED: [&str; 3] = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"];

/// Answers that pass: too late, too many, everything that is the server's fault, and a success that is
/// not an answer of the service, such as a proxy's page.
fn passes(status: u16) -> bool {
    matches!(status, 200..=299 | 408 | 429 | 500..)
}

/// Whether a request was refused for its size as a whole: `PutEvents` says so with status 400 and
/// "Total size of the entries in the request is over the limit".
fn is_too_large(message: &str) -> bool {
    message.contains("size of the entries in the request")
}

/// A call whose answer did not come may have been made all the same.
pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let told = |code: &str, retryable| CallError {
        code: code.to_owned(),
        message: DisplayErrorContext(error).to_string(),
        retryable,
    };
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let code = answer.err().code().map_or_else(|| format!("Http{status}"), str::to_owned);
            let message = answer.err().message().unwrap_or("no message").to_owned();
            if status == 413 || is_too_large(&message) {
                let message = format!("{code} (status {status}): {message}");
                return CallError { code: REQUEST_TOO_LARGE.to_owned(), message, retryable: false };
            }
            let known = THROTTLED.iter().chain(&EXPIRED).any(|it| *it == code);
            let retryable = known || passes(status);
            CallError { code, message, retryable }
        }
        SdkError::TimeoutError(_) => told("TimedOut", true),
        // What is no answer of the service: cut short, or from something in between.
        SdkError::ResponseError(_) => told("AnswerLost", true),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => told("TimedOut", true),
        SdkError::DispatchFailure(failure) if failure.is_io() => told("ConnectionLost", true),
        SdkError::DispatchFailure(failure) if failure.is_user() => told("NotSent", false),
        SdkError::DispatchFailure(_) => told("NotSent", true),
        SdkError::ConstructionFailure(_) => told("NotSent", false),
        _ => told("Unknown", false),
    }
}
