//! Random sequences of calls by two workers that keep every lease they ever got, so that expired
//! leases are used as often as valid ones.

use std::time::Duration;

use super::super::{Attempt, Claim, Fingerprint, Lease, OnTimeout, Owner, Settled, Terms};
use super::model::{Call, Model, ModelTerms, Response};
use super::probe::Probe;
use crate::DetailType;

const TRACES: u64 = 60;
const CALLS: u64 = 25;

const RESULTS: [Option<&str>; 2] = [None, Some(r#"{"number":7}"#)];

/// Splitmix64: the same traces on every machine and in every release.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % end
    }

    fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).unwrap_or_default()
    }

    /// How long passes before a call: a moment, about a lease, or about the time to keep.
    fn passes(&mut self, terms: ModelTerms) -> i64 {
        let around = |span: i64, wide: i64, drawn: u64| {
            span - wide + i64::try_from(drawn).unwrap_or_default()
        };
        match self.below(6) {
            0..3 => around(0, 0, self.below(3_000)),
            3 | 4 => around(terms.lease_ms, 10, self.below(20)),
            _ => around(terms.keep_ms, 1_500, self.below(3_000)),
        }
    }
}

pub(super) async fn any_sequence_of_calls(probe: Probe) -> Result<(), String> {
    for trace in 0..TRACES {
        let mut draw = Draw(trace);
        let terms = ModelTerms {
            lease_ms: 10_000,
            keep_ms: if trace % 5 == 0 { 5_250 } else { 60_500 },
            blocks: trace % 2 == 1,
        };
        play(&probe, &mut draw, terms).await.map_err(|found| format!("trace {trace}: {found}"))?;
    }
    Ok(())
}

async fn play(probe: &Probe, draw: &mut Draw, model_terms: ModelTerms) -> Result<(), String> {
    let terms = Terms {
        lease: Duration::from_millis(model_terms.lease_ms.unsigned_abs()),
        keep: Duration::from_millis(model_terms.keep_ms.unsigned_abs()),
        on_timeout: if model_terms.blocks { OnTimeout::Block } else { OnTimeout::Retry },
    };
    let detail_type = DetailType::parse("order.placed:v1").ok_or("not a detail-type")?;
    let payloads = ["1", "2"].map(|json| Fingerprint::of(detail_type, json));
    let key = Probe::key()?;
    let begin = probe.at(0).as_millisecond();
    let mut model = Model::Free;
    let mut held: [Vec<Lease>; 2] = Default::default();
    let mut at = 123;
    let mut story = Vec::new();
    for number in 0..CALLS {
        at += draw.passes(model_terms);
        let worker = draw.index(2);
        let back = draw.index(3);
        let leases = &mut held[worker];
        let lease = leases.iter().rev().nth(back).or(leases.last()).cloned();
        let call = next(draw, number, lease.as_ref());
        let expected = model.play(call, begin + at, model_terms);
        let got = match (call, &lease) {
            (Call::Claim { owner, payload }, _) => {
                let payload = Some(payloads[payload].clone());
                let owner = Owner::from_u128(owner);
                let attempt = Attempt { key: key.clone(), owner, payload };
                let claim = probe.claim(&attempt, at, &terms).await?;
                if let Claim::Granted(lease) = &claim {
                    leases.push(lease.clone());
                }
                claimed(&claim)
            }
            (Call::Forget, _) => probe.forget(&key).await.map(|()| Response::Done)?,
            (_, None) => Response::Lost,
            (Call::Renew { .. }, Some(lease)) => settled(probe.renew(lease, at, &terms).await?),
            (Call::Complete { result, .. }, Some(lease)) => {
                settled(probe.complete(lease, at, &terms, RESULTS[result]).await?)
            }
            (Call::Release { .. }, Some(lease)) => settled(probe.release(lease).await?),
        };
        story.push(format!("{at} ms: {call:?} by worker {worker}: {got}"));
        if got != expected {
            let story = story.join("\n    ");
            return Err(format!("{terms:?}\n    {story}\n    expected {expected}"));
        }
    }
    Ok(())
}

/// The next call. Without a lease, a worker can only claim and forget.
fn next(draw: &mut Draw, number: u64, lease: Option<&Lease>) -> Call {
    let claim = |draw: &mut Draw| Call::Claim { owner: u128::from(number), payload: draw.index(2) };
    let Some(lease) = lease else { return claim(draw) };
    let owner = lease.owner.to_u128();
    match draw.below(12) {
        0..4 => claim(draw),
        4 | 5 => Call::Renew { owner },
        6..9 => Call::Complete { owner, result: draw.index(2) },
        9 | 10 => Call::Release { owner },
        _ => Call::Forget,
    }
}

fn claimed(claim: &Claim) -> Response {
    match claim {
        Claim::Granted(_) => Response::Granted,
        Claim::InProgress { until } => Response::InProgress { until_ms: until.as_millisecond() },
        Claim::Blocked { since } => Response::Blocked { since_ms: since.as_millisecond() },
        Claim::Mismatch { .. } => Response::Mismatch,
        Claim::Completed(done) => Response::Completed {
            until_s: done.until.as_second(),
            result: usize::from(done.result.as_deref() == RESULTS[1]),
        },
    }
}

fn settled(settled: Settled) -> Response {
    match settled {
        Settled::Done => Response::Done,
        Settled::LeaseLost => Response::Lost,
    }
}
