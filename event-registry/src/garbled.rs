//! An answer of success that can't be read came from something in between, or was cut: it is worth
//! another try, which the SDK by itself doesn't make.

use aws_sdk_schemas::config::interceptors::InterceptorContext;
use aws_sdk_schemas::config::retry::{ClassifyRetry, RetryAction};

/// Has a request tried again whose answer has a status of success and a body that is none.
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
        "an answer that can't be read"
    }
}
