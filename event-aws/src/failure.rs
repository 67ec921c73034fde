//! The errors of SDK calls, and whether a retry may help.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use event_runtime::__internal::shown;

/// A call to AWS that failed, after the retries of its client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", shown(.code), shown(.message))]
#[non_exhaustive]
pub struct CallError {
    /// AWS's error code, or a name for a failure on the way.
    pub code: String,
    /// AWS's error message.
    pub message: String,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// Whether the request as a whole was too large.
    pub too_large: bool,
}

impl CallError {
    pub(crate) fn new(
        code: impl Into<String>,
        message: impl Into<String>,
        retryable: bool,
    ) -> Self {
        Self { code: code.into(), message: message.into(), retryable, too_large: false }
    }
}

/// The codes with which AWS services throttle a request, or refuse it because of other requests.
/// Source: *AWS SDKs and Tools Reference Guide*, "Retry behavior"; *Amazon SQS API Reference*,
/// `ReceiveMessage`.
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

/// The codes of expired credentials: the provider renews them.
const EXPIRED: [&str; 3] = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"];

/// Transient statuses: too late, too many requests, server errors, and a success that does not come
/// from the service, such as a proxy's page.
fn passes(status: u16) -> bool {
    matches!(status, 200..=299 | 408 | 429 | 500..)
}

/// Whether a request as a whole was too large: `PutEvents` reports it with status 400 and "Total
/// size of the entries in the request is over the limit".
fn is_too_large(message: &str) -> bool {
    message.contains("size of the entries in the request")
}

/// Converts the error of an SDK call, for a transport or a store of your own. A call without a
/// response may have taken effect nevertheless.
impl<E> From<&SdkError<E, HttpResponse>> for CallError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn from(error: &SdkError<E, HttpResponse>) -> Self {
        of(error)
    }
}

/// A call without a response may have taken effect nevertheless.
pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let told = |code: &str, retryable| {
        CallError::new(code, DisplayErrorContext(error).to_string(), retryable)
    };
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let code = answer.err().code().map_or_else(|| format!("Http{status}"), str::to_owned);
            let message = answer.err().message().unwrap_or("no message").to_owned();
            if status == 413 || is_too_large(&message) {
                let error = CallError::new(code, message, false);
                return CallError { too_large: true, ..error };
            }
            let known = THROTTLED.iter().chain(&EXPIRED).any(|it| *it == code);
            let retryable = known || passes(status);
            CallError::new(code, message, retryable)
        }
        SdkError::TimeoutError(_) => told("TimedOut", true),
        // A response that is not the service's: cut short, or from something in between.
        SdkError::ResponseError(_) => told("AnswerLost", true),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => told("TimedOut", true),
        SdkError::DispatchFailure(failure) if failure.is_io() => told("ConnectionLost", true),
        SdkError::DispatchFailure(failure) if failure.is_user() => told("NotSent", false),
        SdkError::DispatchFailure(_) => told("NotSent", true),
        SdkError::ConstructionFailure(_) => told("NotSent", false),
        _ => told("Unknown", false),
    }
}
