//! Nothing, in place of the instruments, if the feature is off.

#![allow(clippy::unused_self, reason = "the same signatures as with the feature")]

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;

use super::Unpublished;
use crate::consume::Outcome;
use crate::name::ConsumerName;

#[derive(Debug, Default)]
pub(crate) struct PublisherMetrics;

#[allow(clippy::ptr_arg, reason = "a borrowed static name is kept without a copy")]
impl PublisherMetrics {
    /// Whether anything is measured.
    pub(crate) const ON: bool = false;

    pub(crate) fn published(&self, _: &Cow<'static, str>) {}

    pub(crate) fn rejected(&self, _: &Cow<'static, str>, _: Unpublished) {}

    pub(crate) fn retried(&self, _: &Cow<'static, str>) {}

    pub(crate) fn called(&self, _: usize, _: bool, _: Duration) {}
}

#[derive(Debug)]
pub(crate) struct ConsumerMetrics;

impl ConsumerMetrics {
    pub(crate) fn new(_: &ConsumerName) -> Self {
        Self
    }

    pub(crate) fn outcome(&self, _: &Outcome) {}

    pub(crate) fn batch(&self, _: usize) {}
}

#[derive(Debug, Default)]
pub(crate) struct HandlerMetrics;

impl HandlerMetrics {
    pub(crate) fn start(&self, _: &ConsumerName, _: &str, _: Timestamp) -> Timer {
        Timer
    }
}

#[derive(Debug)]
pub(crate) struct Timer;

impl Timer {
    pub(crate) fn ended(self, _: bool) {}
}
