//! An enum with numbers may be written by `serde_repr`: a warning that says so, and one that is silenced.
#![deny(warnings)]
#![allow(dead_code)]

use event_runtime::EventData;
use serde::{Deserialize, Serialize};

#[derive(EventData, Serialize, Deserialize)]
#[repr(u8)]
enum Level {
    Low = 1,
    High = 2,
}

#[derive(EventData, Serialize, Deserialize)]
#[allow(deprecated)]
#[repr(u8)]
enum Silent {
    Low = 1,
}

fn main() {}
