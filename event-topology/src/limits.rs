//! The limits of AWS that a publisher and a bus must keep, each with its source.
//!
//! The constants are what AWS documents; [`Limits`] is what a publisher goes by, because AWS raises
//! some of them and an account may have older ones.
//!
//! Each is in the document that it names. *Model* means that the service's API model has it as a
//! constraint or in the text of the member, where it was read in November 2026: `events` 2015-10-07,
//! `sqs` 2012-11-05, `lambda` 2015-03-31, `dynamodb` 2012-08-10. What is not in a model is a quota of a
//! guide.

use std::time::Duration;

/// Entries in one `PutEvents` call. Source: *Amazon EventBridge API Reference*, `PutEvents` (model:
/// `PutEventsRequestEntryList`).
pub const MAX_ENTRIES: usize = 10;

/// Bytes of all entries of one `PutEvents` call together, and so of each: 1 MB since January 2026,
/// 256 KB before. Source: *Amazon EventBridge API Reference*, `PutEvents` (model, in its text, which
/// says "less than 1MB"); *AWS Compute Blog*, payload sizes of Lambda, SQS and EventBridge.
pub const MAX_REQUEST_BYTES: usize = 1024 * 1024;

/// Bytes of a message of SQS, attributes included. Source: *Amazon SQS API Reference*, `SendMessage`
/// (model, in its text: 1 MiB since August 2025, 256 KiB before).
pub const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

/// Bytes that `Time` counts for in an entry when it is set. Source: *Amazon EventBridge User
/// Guide*, "Calculating `PutEvents` event entry size".
pub const TIME_BYTES: usize = 14;

/// Characters of a detail-type. Source: *Amazon EventBridge API Reference*, `PutEventsRequestEntry`
/// (model).
pub const MAX_DETAIL_TYPE_CHARS: usize = 128;

/// What the sources of AWS services begin with, and no one else's may. Source: *Amazon EventBridge
/// API Reference*, `PutEventsRequestEntry`.
pub const RESERVED_SOURCE: &str = "aws.";

/// Characters of the name of a rule. Source: *Amazon EventBridge API Reference*, `PutRule` (model:
/// `RuleName`).
pub const MAX_RULE_NAME_CHARS: usize = 64;

/// How long a rule tries to deliver to its target at most, and by default. Source: *Amazon
/// EventBridge API Reference*, `RetryPolicy` (model: 60 to 86,400 seconds).
pub const MAX_RULE_RETRY: Duration = Duration::from_hours(24);

/// How short a rule may be told to try. Source: *Amazon EventBridge API Reference*, `RetryPolicy`,
/// `MaximumEventAgeInSeconds`.
pub const MIN_RULE_RETRY: Duration = Duration::from_mins(1);

/// How long a queue keeps a message if not told otherwise: 4 days. Source: *Amazon SQS API
/// Reference*, `SetQueueAttributes` (model: 345,600 seconds, out of 60 to 1,209,600).
pub const QUEUE_RETENTION: Duration = Duration::from_hours(4 * 24);

/// How short a queue may be told to keep a message. Source: *Amazon SQS API Reference*,
/// `SetQueueAttributes`, `MessageRetentionPeriod`.
pub const MIN_QUEUE_RETENTION: Duration = Duration::from_mins(1);

/// How long a queue may be told to keep a message: 14 days. Source: *Amazon SQS API Reference*,
/// `SetQueueAttributes`, `MessageRetentionPeriod`.
pub const MAX_QUEUE_RETENTION: Duration = Duration::from_hours(14 * 24);

/// How long Lambda keeps an event of an asynchronous invocation, at most and by default. Source:
/// *AWS Lambda API Reference*, `PutFunctionEventInvokeConfig`, `MaximumEventAgeInSeconds` (model: 60
/// to 21,600 seconds).
pub const MAX_INVOKE_AGE: Duration = Duration::from_hours(6);

/// How short Lambda may be told to keep such an event. Source: as for [`MAX_INVOKE_AGE`].
pub const MIN_INVOKE_AGE: Duration = Duration::from_mins(1);

/// How often a rule may be told to try its target again, at most and by default. Source: *Amazon
/// EventBridge API Reference*, `RetryPolicy`, `MaximumRetryAttempts` (model: 0 to 185).
pub const MAX_RULE_ATTEMPTS: u32 = 185;

/// Characters of the name of a bus. Source: *Amazon EventBridge API Reference*, `CreateEventBus`
/// (model: `NonPartnerEventBusName`).
pub const MAX_BUS_NAME_CHARS: usize = 256;

/// Characters of an event pattern, where an account's quota was not raised. Source: *Amazon
/// EventBridge User Guide*, "Amazon EventBridge quotas", event pattern size. (The model's 4,096 is the
/// most that a quota is raised to.)
pub const MAX_PATTERN_CHARS: usize = 2048;

/// Characters of the name of a queue, `.fifo` included. Source: *Amazon SQS API Reference*,
/// `CreateQueue` (model).
pub const MAX_QUEUE_NAME_CHARS: usize = 80;

/// How long a received message may be hidden: 12 hours. Source: *Amazon SQS API Reference*,
/// `SetQueueAttributes` and `ChangeMessageVisibility`, `VisibilityTimeout` (model).
pub const MAX_VISIBILITY: Duration = Duration::from_hours(12);

/// How often a message may be received before it is a dead letter. Source: *Amazon SQS Developer
/// Guide*, "Amazon SQS message quotas"; `maxReceiveCount` of a `RedrivePolicy`. No model has it.
pub const MAX_RECEIVE_COUNT: u32 = 1000;

/// Messages in one call to SQS: received, deleted or changed. Source: *Amazon SQS API Reference*,
/// `ReceiveMessage`, `DeleteMessageBatch`, `ChangeMessageVisibilityBatch` (model).
pub const MAX_QUEUE_BATCH: usize = 10;

/// How long one call to SQS waits for messages at most. Source: *Amazon SQS API Reference*,
/// `ReceiveMessage` (model: `ReceiveMessageWaitTimeSeconds`).
pub const MAX_QUEUE_WAIT: Duration = Duration::from_secs(20);

/// Bytes of a partition key. Source: *Amazon DynamoDB Developer Guide*, "Constraints in Amazon
/// DynamoDB". No model has it.
pub const MAX_KEY_BYTES: usize = 2048;

/// Bytes of a result that is kept with a completion, whatever the store: an item of DynamoDB may have
/// 400 KB, and the rest is for its other attributes. Source: *Amazon DynamoDB Developer Guide*,
/// "Constraints in Amazon DynamoDB". No model has it.
pub const MAX_RESULT_BYTES: usize = 350 * 1024;

/// Actions of one `TransactWriteItems` call. Source: *Amazon DynamoDB API Reference*,
/// `TransactWriteItems` (model: `TransactWriteItemList`).
pub const MAX_TRANSACT_ITEMS: usize = 100;

/// What one `PutEvents` call may hold.
///
/// # Example
///
/// ```
/// use event_topology::limits::Limits;
///
/// let before_2026 = Limits { request_bytes: 256 * 1024, ..Limits::default() };
/// assert_eq!(before_2026.entries, 10);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Entries in one call; a 0 is taken for 1.
    pub entries: usize,
    /// Bytes of one call's entries together, by AWS's formula. An entry of exactly this size is
    /// sent, alone.
    pub request_bytes: usize,
    /// Bytes of the event that a queue gets: the entry with what EventBridge puts around it. Where no
    /// target of the bus is a queue, `usize::MAX` takes the limit away.
    pub message_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: MAX_ENTRIES,
            request_bytes: MAX_REQUEST_BYTES,
            message_bytes: MAX_MESSAGE_BYTES,
        }
    }
}

/// Characters of the name of a stage, such as `prod`, with which the names of a bus and of queues end. A bound of
/// ours, so that names are known to fit before anybody deploys them.
pub const MAX_STAGE_CHARS: usize = 16;

/// Rules on a bus, where an account's quota was not raised. Source: *Amazon EventBridge User Guide*, "Amazon
/// EventBridge quotas", number of rules.
pub const MAX_RULES: usize = 300;

/// Resources of a CloudFormation stack. Source: *AWS CloudFormation User Guide*, "Understand CloudFormation quotas".
pub const MAX_STACK_RESOURCES: usize = 500;

/// Bytes of a template that lies in S3. Source: as for [`MAX_STACK_RESOURCES`].
pub const MAX_TEMPLATE_BYTES: usize = 1024 * 1024;

/// How long an invocation of a Lambda function may take. Source: *AWS Lambda API Reference*, `CreateFunction`,
/// `Timeout`, and *AWS Lambda Developer Guide*, "Lambda quotas": 15 minutes.
pub const MAX_FUNCTION_TIMEOUT: Duration = Duration::from_mins(15);

/// Characters of the name of a Lambda function. Source: *AWS Lambda API Reference*, `CreateFunction`, `FunctionName`.
pub const MAX_FUNCTION_NAME_CHARS: usize = 64;

/// The memory of a Lambda function in megabytes. Source: *AWS Lambda API Reference*, `CreateFunction`, `MemorySize`
/// (model: 128 to 10,240, where the account has not less).
pub const FUNCTION_MEMORY_MEGABYTES: std::ops::RangeInclusive<u32> = 128..=10_240;

/// Messages that a queue gives a Lambda function at once without a window for collecting them. Source: *AWS Lambda
/// API Reference*, `CreateEventSourceMapping`, `BatchSize`: more than 10 need `MaximumBatchingWindowInSeconds`.
pub const MAX_BATCH_SIZE: u32 = 10;

/// Characters of the name of a table. Source: *Amazon DynamoDB API Reference*, `CreateTable`, `TableName` (model: 3 to
/// 255; the model's 1,024 is for ARNs).
pub const MAX_TABLE_NAME_CHARS: usize = 255;

/// Characters of a managed policy without spaces. Source: *AWS IAM User Guide*, "IAM and AWS STS quotas".
pub const MAX_POLICY_CHARS: usize = 6144;
