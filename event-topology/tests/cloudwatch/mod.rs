//! A small CloudWatch: metric math and alarms over recorded series, by its documented rules.
//!
//! Source: *Amazon CloudWatch User Guide*, "Using metric math" and "Configuring how CloudWatch alarms treat missing
//! data".

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

pub(crate) mod alarm;
pub(crate) mod math;

use std::collections::BTreeMap;

/// Values by minute; what is absent was not sent.
pub(crate) type Series = BTreeMap<i64, f64>;
