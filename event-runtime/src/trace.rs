//! The trace that a message belongs to, passed from a handled message to the events that its handler publishes.
//!
//! A trace has two notations. AWS X-Ray writes a header that EventBridge and SQS pass on by
//! themselves (`TraceHeader`, `AWSTraceHeader`). W3C Trace Context, which OpenTelemetry uses, writes
//! `traceparent` and `tracestate`, which travel as message attributes where a sender sets them. Both
//! name the trace, the span and whether it is sampled, so a [`Trace`] that has only one of them
//! returns the other too: an event keeps its W3C trace on a bus that passes only X-Ray headers.
//!
//! A consumer runs each handler [`within`] the trace of its message, and a transport uses the
//! [`current`] one. A future that is spawned as a task of its own leaves the scope.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::future::Future;

/// The variable with the header of the current Lambda invocation. Source: *AWS Lambda Developer
/// Guide*, "Defined runtime environment variables".
pub const TRACE_VARIABLE: &str = "_X_AMZN_TRACE_ID";

/// The message attribute with the W3C trace. Source: *W3C Trace Context*, "Traceparent Header".
pub const TRACEPARENT: &str = "traceparent";

/// The message attribute with the vendors' part of the W3C trace.
pub const TRACESTATE: &str = "tracestate";

/// The longest `tracestate` that must be passed on. Source: *W3C Trace Context*, "tracestate Limits".
const MAX_TRACESTATE_CHARS: usize = 512;

tokio::task_local! {
    static CURRENT: Trace;
}

/// The trace of a message: its X-Ray header, its W3C `traceparent`, or both.
///
/// # Example
///
/// ```
/// use event_runtime::trace::Trace;
///
/// let trace = Trace::of_xray("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1");
/// let w3c = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";
/// assert_eq!(trace.traceparent().as_deref(), Some(w3c));
///
/// let trace = Trace::of_w3c(w3c, None);
/// let xray = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
/// assert_eq!(trace.xray().as_deref(), Some(xray));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    xray: Option<String>,
    traceparent: Option<String>,
    tracestate: Option<String>,
}

impl Trace {
    /// No trace.
    pub const NONE: Self = Self { xray: None, traceparent: None, tracestate: None };

    /// Returns the trace of an X-Ray header, which is passed on as it is. An empty header is not a
    /// trace.
    pub fn of_xray(header: impl Into<String>) -> Self {
        let xray = Some(header.into()).filter(|header| !header.is_empty());
        Self { xray, ..Self::default() }
    }

    /// Returns the trace of a W3C `traceparent` and its `tracestate`. An invalid `traceparent` is not
    /// a trace, as the recommendation requires, and neither is a `tracestate` alone.
    pub fn of_w3c(traceparent: &str, tracestate: Option<&str>) -> Self {
        if Span::of_traceparent(traceparent).is_none() {
            return Self::default();
        }
        let state = tracestate.filter(|it| !it.is_empty() && it.len() <= MAX_TRACESTATE_CHARS);
        Self {
            xray: None,
            traceparent: Some(traceparent.to_owned()),
            tracestate: state.map(str::to_owned),
        }
    }

    /// Returns the trace of a message: its X-Ray header, and the W3C trace in the attributes that its
    /// sender set.
    pub fn of_message(xray: Option<String>, attributes: &BTreeMap<String, String>) -> Self {
        let w3c = attributes.get(TRACEPARENT).map(|traceparent| {
            let state = attributes.get(TRACESTATE).map(String::as_str);
            Self::of_w3c(traceparent, state)
        });
        let xray = xray.filter(|header| !header.is_empty());
        Self { xray, ..w3c.unwrap_or_default() }
    }

    /// Whether the message does not belong to a trace.
    pub fn is_empty(&self) -> bool {
        self.xray.is_none() && self.traceparent.is_none()
    }

    /// Returns the X-Ray header: the message's own, or its W3C trace in that notation.
    pub fn xray(&self) -> Option<Cow<'_, str>> {
        match (&self.xray, &self.traceparent) {
            (Some(header), _) => Some(Cow::Borrowed(header)),
            (None, Some(text)) => Span::of_traceparent(text).map(|it| Cow::Owned(it.xray())),
            (None, None) => None,
        }
    }

    /// Returns the W3C `traceparent`: the message's own, or its X-Ray header in that notation, if
    /// that names a span.
    pub fn traceparent(&self) -> Option<Cow<'_, str>> {
        match (&self.traceparent, &self.xray) {
            (Some(text), _) => Some(Cow::Borrowed(text)),
            (None, Some(header)) => Span::of_xray(header).map(|it| Cow::Owned(it.traceparent())),
            (None, None) => None,
        }
    }

    /// Returns the W3C `tracestate`.
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_deref()
    }
}

impl From<Option<String>> for Trace {
    /// The trace of an X-Ray header, if there is one.
    fn from(xray: Option<String>) -> Self {
        xray.map_or_else(Self::default, Self::of_xray)
    }
}

/// What both notations state: 32 and 16 hexadecimal digits in lower case, and whether the span is
/// sampled.
struct Span {
    trace: String,
    id: String,
    sampled: bool,
}

/// A hexadecimal digit in lower case.
fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

impl Span {
    fn new(trace: String, span: &str, sampled: bool) -> Option<Self> {
        let is_id = |text: &str, digits| {
            text.len() == digits && text.bytes().all(is_hex) && text.bytes().any(|it| it != b'0')
        };
        let valid = is_id(&trace, 32) && is_id(span, 16);
        valid.then(|| Self { trace, id: span.to_owned(), sampled })
    }

    /// `00-` trace `-` span `-` flags. A later version may have more parts. Source: *W3C Trace
    /// Context*, "Versioning of traceparent".
    fn of_traceparent(text: &str) -> Option<Self> {
        /// The longest text that is looked at.
        const MAX_CHARS: usize = 512;
        let hex = |text: &str| {
            let valid = text.len() == 2 && text.bytes().all(is_hex);
            valid.then(|| u8::from_str_radix(text, 16).ok())?
        };
        if text.len() > MAX_CHARS || !text.is_ascii() {
            return None;
        }
        let mut parts = text.split('-');
        let version = hex(parts.next()?)?;
        let (trace, span, flags) = (parts.next()?, parts.next()?, hex(parts.next()?)?);
        if version == 0xff || (version == 0 && parts.next().is_some()) {
            return None;
        }
        Self::new(trace.to_owned(), span, flags & 1 == 1)
    }

    /// `Root=1-` 8 digits `-` 24 digits `;Parent=` 16 digits `;Sampled=` 0 or 1, in any order. Source:
    /// *AWS X-Ray Developer Guide*, "Tracing header".
    fn of_xray(header: &str) -> Option<Self> {
        let part = |name: &str| {
            let mut parts = header.split(';').filter_map(|part| part.trim().split_once('='));
            parts.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let (epoch, rest) = part("Root")?.strip_prefix("1-")?.split_once('-')?;
        let trace = if epoch.len() == 8 { format!("{epoch}{rest}") } else { return None };
        Self::new(trace, part("Parent")?, part("Sampled") == Some("1"))
    }

    fn traceparent(&self) -> String {
        format!("00-{}-{}-{:02x}", self.trace, self.id, u8::from(self.sampled))
    }

    fn xray(&self) -> String {
        let (epoch, rest) = self.trace.split_at(8);
        format!("Root=1-{epoch}-{rest};Parent={};Sampled={}", self.id, u8::from(self.sampled))
    }
}

/// Runs a future within a trace; without one, in the current trace.
pub async fn within<F: Future>(trace: impl Into<Trace>, work: F) -> F::Output {
    let trace = trace.into();
    if trace.is_empty() { work.await } else { CURRENT.scope(trace, work).await }
}

/// Returns the current trace: that of the scope, or that of the current Lambda invocation.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use event_runtime::trace::{self, Trace};
///
/// let trace = Trace::of_w3c("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None);
/// let seen = trace::within(trace.clone(), async { trace::current() }).await;
/// assert_eq!(seen, trace);
/// # }
/// ```
pub fn current() -> Trace {
    scoped().unwrap_or_else(|| std::env::var(TRACE_VARIABLE).ok().into())
}

/// Returns the trace of the scope.
pub(crate) fn scoped() -> Option<Trace> {
    CURRENT.try_with(Clone::clone).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const W3C: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const XRAY: &str = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1";

    #[test]
    fn each_notation_is_converted_to_the_other() {
        assert_eq!(Trace::of_w3c(W3C, None).xray().as_deref(), Some(XRAY));
        assert_eq!(Trace::of_xray(XRAY).traceparent().as_deref(), Some(W3C));
        let reordered = "Self=1-2-3; Sampled=1;Parent=00f067aa0ba902b7;Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Lineage=a";
        assert_eq!(Trace::of_xray(reordered).traceparent().as_deref(), Some(W3C));
        assert_eq!(Trace::of_xray(reordered).xray().as_deref(), Some(reordered));
        for undecided in [XRAY.replace("Sampled=1", "Sampled=?"), XRAY.replace(";Sampled=1", "")] {
            let parent = Trace::of_xray(undecided).traceparent().map(Cow::into_owned);
            assert_eq!(parent, Some(W3C.replace("-01", "-00")));
        }
    }

    #[test]
    fn own_notation_is_kept_where_both_exist() {
        let attributes = [(TRACEPARENT, W3C), (TRACESTATE, "a=1")];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let other = "Root=1-5759e988-bd862e3fe1be46a994272793";
        let trace = Trace::of_message(Some(other.to_owned()), &attributes.into());
        assert_eq!(trace.xray().as_deref(), Some(other));
        assert_eq!(trace.traceparent().as_deref(), Some(W3C));
        assert_eq!(trace.tracestate(), Some("a=1"));
    }

    #[test]
    fn invalid_texts_are_not_traces() {
        let long = format!("{W3C}{}", "-x".repeat(300));
        for text in [
            "",
            "-",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-+1",
            "é0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            &long,
        ] {
            let trace = Trace::of_w3c(text, Some("a=1"));
            assert_eq!(trace, Trace::default(), "{text}");
        }
        let later = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-09-more";
        assert_eq!(Trace::of_w3c(later, None).xray().as_deref(), Some(XRAY));
        for header in
            ["", "Root=1-5759e988-bd862e3fe1be46a994272793", "Root=é-é-é;Parent=é", ";;==;Root"]
        {
            assert_eq!(Trace::of_xray(header).traceparent(), None, "{header}");
        }
        assert!(Trace::from(Some(String::new())).is_empty() && Trace::from(None).is_empty());
    }

    #[tokio::test]
    async fn message_without_trace_keeps_the_current_one() {
        let seen = within(Trace::of_xray(XRAY), within(None, async { current() })).await;
        assert_eq!(seen, Trace::of_xray(XRAY));
    }
}
