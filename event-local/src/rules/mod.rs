//! The rules of a bus and how often they matched: the part of EventBridge and of CloudWatch that shows who reads an
//! event, on 127.0.0.1, in memory.
//!
//! | operation | here |
//! |---|---|
//! | EventBridge `ListRules` | the rules of one bus by name, with `NamePrefix`, `Limit` and `NextToken` |
//! | EventBridge `ListTargetsByRule` | the targets of one rule, with `Limit` and `NextToken` |
//! | CloudWatch `GetMetricData` | `AWS/Events` `MatchedEvents` with the statistic `Sum`, in periods, paged; no expressions |
//!
//! Other operations answer with `UnknownOperationException`. Dimensions must be exactly those that EventBridge
//! reports: `EventBusName` and `RuleName` for a custom bus, `RuleName` alone for the default bus (*Amazon EventBridge
//! User Guide*, "Monitoring Amazon EventBridge"). EventBridge speaks JSON 1.1, CloudWatch RPC v2 with CBOR, as the
//! official SDKs do. Signatures are not checked.
//!
//! ```
//! use event_local::rules::{Rule, Server};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let rule = Rule::new("order.placed-v1-emailer", "shop", r#"{"detail-type":["order.placed:v1"]}"#)
//!     .target("queue", "arn:aws:sqs:us-east-1:123456789012:emailer")
//!     .matched(1_780_000_000, 12.0);
//! let server = Server::builder().rules([rule]).serve().await?;
//! assert!(server.endpoint().starts_with("http://127.0.0.1:"));
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod answer;
mod metrics;
mod server;

pub use answer::Operation;
pub use server::{Builder, Server};

/// A rule of a bus.
#[derive(Debug, Clone)]
pub struct Rule {
    pub(crate) name: String,
    pub(crate) bus: String,
    pub(crate) pattern: String,
    pub(crate) enabled: bool,
    pub(crate) targets: Vec<(String, String)>,
    /// Seconds since 1970, and how many events the rule matched then.
    pub(crate) matched: Vec<(i64, f64)>,
}

impl Rule {
    /// A rule without targets, enabled. `pattern` is the JSON of its event pattern.
    pub fn new(name: &str, bus: &str, pattern: &str) -> Rule {
        Rule {
            name: name.to_owned(),
            bus: bus.to_owned(),
            pattern: pattern.to_owned(),
            enabled: true,
            targets: Vec::new(),
            matched: Vec::new(),
        }
    }

    /// Adds a target: its ID and its ARN.
    #[must_use]
    pub fn target(mut self, id: &str, arn: &str) -> Rule {
        self.targets.push((id.to_owned(), arn.to_owned()));
        self
    }

    /// Switches the rule off.
    #[must_use]
    pub fn disabled(mut self) -> Rule {
        self.enabled = false;
        self
    }

    /// Adds events that the rule matched at this time, in seconds since 1970.
    #[must_use]
    pub fn matched(mut self, at: i64, events: f64) -> Rule {
        self.matched.push((at, events));
        self
    }
}
