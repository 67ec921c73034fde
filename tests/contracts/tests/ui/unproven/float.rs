//! NaN is written as `null`: a warning that says so, and one that is silenced.
#![deny(deprecated)]
#![allow(dead_code)]

use event_runtime::EventData;
use serde::{Deserialize, Serialize};

#[derive(EventData, Serialize, Deserialize)]
struct Weights {
    one: f64,
    many: Vec<f32>,
    #[event(finite)]
    sure: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    maybe: Option<f64>,
}

#[derive(EventData, Serialize, Deserialize)]
#[allow(deprecated)]
struct Silent {
    one: f64,
}

fn main() {}
