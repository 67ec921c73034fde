//! Two majors of one event, written by hand, and a bus that fails on demand.

#![allow(
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "each test binary uses a part of it"
)]

pub mod odd;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use event_runtime::backoff::Backoff;
use event_runtime::publish::{Entry, EntryOutcome, Refusal, Transport, TransportError};
use event_runtime::store::BoxFuture;
use event_runtime::{Event, Renditions};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublishedV1 {
    pub proposal_id: String,
    pub amount: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublishedV2 {
    pub proposal_id: String,
    pub amount_cents: i64,
}

impl Event for PublishedV1 {
    const TYPE: &'static str = "proposal.published";
    const MAJOR: u32 = 1;
    const MINOR: u32 = 1;
    const VERSION: &'static str = "v1";
    const SOURCE: &'static str = "app.solar";
    const DETAIL_TYPE: &'static str = "proposal.published:v1";
}

impl Event for PublishedV2 {
    const TYPE: &'static str = "proposal.published";
    const MAJOR: u32 = 2;
    const MINOR: u32 = 0;
    const VERSION: &'static str = "v2";
    const SOURCE: &'static str = "app.solar";
    const DETAIL_TYPE: &'static str = "proposal.published:v2";

    fn renditions(self, out: &mut Renditions) {
        out.push(&self);
        if self.amount_cents % 100 == 0 {
            let amount = self.amount_cents / 100;
            PublishedV1 { proposal_id: self.proposal_id, amount }.renditions(out);
        } else {
            out.fail::<PublishedV1>("`amount` has no cents");
        }
    }
}

pub fn v1(id: &str) -> PublishedV1 {
    PublishedV1 { proposal_id: id.to_owned(), amount: 42 }
}

pub fn v2(id: &str) -> PublishedV2 {
    PublishedV2 { proposal_id: id.to_owned(), amount_cents: 4200 }
}

/// Tries this often, without a delay.
pub fn at_once(attempts: u32) -> Backoff {
    Backoff { base: Duration::ZERO, cap: Duration::ZERO, attempts }
}

/// The scripted response to a call.
pub enum Answer {
    /// An error code for each entry that fails; the others succeed.
    Entries(Vec<(usize, &'static str)>),
    /// The whole call fails, and nothing arrived.
    Fail(TransportError),
    /// The entries arrive, but the response is lost.
    Lost,
    /// A response for fewer entries than were sent.
    Short,
}

/// The codes that this bus says may pass.
const RETRYABLE_CODES: [&str; 2] = ["ThrottlingException", "InternalFailure"];

/// Answers the first calls as told and the rest with success. Remembers what was sent and arrived.
#[derive(Default)]
pub struct Faulty {
    pub answers: Mutex<VecDeque<Answer>>,
    pub calls: Mutex<Vec<Vec<Entry>>>,
    pub arrived: Mutex<Vec<Entry>>,
}

impl Faulty {
    pub fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), ..Self::default() }
    }

    pub fn arrived(&self) -> Vec<Entry> {
        self.arrived.lock().unwrap().clone()
    }

    pub fn calls(&self) -> Vec<Vec<Entry>> {
        self.calls.lock().unwrap().clone()
    }
}

impl Transport for Faulty {
    fn put<'a>(
        &'a self,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Vec<EntryOutcome>, TransportError>> {
        Box::pin(async move {
            self.calls.lock().unwrap().push(entries.to_vec());
            let answer = self.answers.lock().unwrap().pop_front();
            let failing = match &answer {
                Some(Answer::Fail(error)) => return Err(error.clone()),
                Some(Answer::Entries(failing)) => failing.as_slice(),
                _ => &[],
            };
            let mut outcomes = Vec::new();
            for (at, entry) in entries.iter().enumerate() {
                if let Some(&(_, code)) = failing.iter().find(|(failing, _)| *failing == at) {
                    let passes = RETRYABLE_CODES.contains(&code);
                    let refusal = if passes { Refusal::retryable } else { Refusal::permanent };
                    outcomes.push(EntryOutcome::Refused(refusal(code, "told to")));
                } else {
                    self.arrived.lock().unwrap().push(entry.clone());
                    outcomes.push(EntryOutcome::accepted(at.to_string()));
                }
            }
            match answer {
                Some(Answer::Lost) => Err(TransportError::retryable("TimedOut", "no answer")),
                Some(Answer::Short) => Ok(outcomes.split_off(1)),
                _ => Ok(outcomes),
            }
        })
    }
}
