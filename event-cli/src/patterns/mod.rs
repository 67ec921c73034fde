//! Event patterns of consumers, wherever they are written: found, read, and judged by the schemas of the events.
//!
//! [`find()`] knows templates and plans, [`lower`] makes a pattern of what stands there, [`judge()`] compares it with the
//! majors of a schema folder ([`known`]). Nothing here writes output.

mod allowed;
pub(crate) mod find;
mod functions;
pub(crate) mod judge;
pub(crate) mod known;
mod lower;
mod node;
mod reach;
mod yaml;

pub(crate) use find::{Found, Kind, find};
pub(crate) use judge::{Judged, judge};
pub(crate) use known::{Major, majors};
