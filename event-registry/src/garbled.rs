//! Retries successful answers that cannot be parsed. They come from a proxy or were cut, and the SDK itself does not
//! retry them.

use aws_sdk_schemas::config::interceptors::InterceptorContext;
use aws_sdk_schemas::config::retry::{ClassifyRetry, RetryAction};

/// Retries a request if its answer has a status of success and an invalid body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Garbled;

impl ClassifyRetry for Garbled {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let success = context.response().is_some_and(|r| r.status().is_success());
        let failed = matches!(context.output_or_error(), Some(Err(_)));
        if success && failed {
            RetryAction::transient_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "answer that cannot be parsed"
    }
}
