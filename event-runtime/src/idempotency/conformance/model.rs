//! The state of one key, in plain code that shares nothing with the stores.

use std::fmt;

/// The terms of a trace: a lease, a time to keep that is not a whole number of seconds, and what
/// happens after the end of a lease.
#[derive(Debug, Clone, Copy)]
pub(super) struct ModelTerms {
    pub(super) lease_ms: i64,
    pub(super) keep_ms: i64,
    pub(super) blocks: bool,
}

/// A call, with an owner.
#[derive(Debug, Clone, Copy)]
pub(super) enum Call {
    Claim { owner: u128, payload: usize },
    Renew { owner: u128 },
    Complete { owner: u128, result: usize },
    Release { owner: u128 },
    Forget,
}

/// What a store responds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Response {
    Granted,
    InProgress { until_ms: i64 },
    Blocked { since_ms: i64 },
    Mismatch,
    Completed { until_s: i64, result: usize },
    Done,
    Lost,
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Model {
    Free,
    Leased { owner: u128, payload: usize, until_ms: i64, gone_s: i64, blocks: bool },
    Done { owner: u128, payload: usize, result: usize, gone_s: i64 },
}

fn round_up(ms: i64) -> i64 {
    ms.div_euclid(1000) + i64::from(ms.rem_euclid(1000) > 0)
}

impl Model {
    fn is_free(&self, now_ms: i64) -> bool {
        let second = now_ms.div_euclid(1000);
        match self {
            Self::Free => true,
            Self::Leased { until_ms, gone_s, blocks, .. } => {
                second > *gone_s || (!blocks && now_ms > *until_ms)
            }
            Self::Done { gone_s, .. } => second > *gone_s,
        }
    }

    fn leases_to(&self, by: u128) -> bool {
        matches!(self, Self::Leased { owner, .. } if *owner == by)
    }

    pub(super) fn play(&mut self, call: Call, now_ms: i64, terms: ModelTerms) -> Response {
        let leased = |owner, payload| {
            let kept = terms.keep_ms.max(terms.lease_ms);
            let (until_ms, gone_s) = (now_ms + terms.lease_ms, round_up(now_ms + kept));
            Self::Leased { owner, payload, until_ms, gone_s, blocks: terms.blocks }
        };
        match call {
            Call::Claim { owner, payload } => {
                if self.is_free(now_ms) {
                    *self = leased(owner, payload);
                    return Response::Granted;
                }
                match *self {
                    Self::Leased { owner: by, .. } if by == owner => Response::Granted,
                    Self::Leased { until_ms, .. } if now_ms > until_ms => {
                        Response::Blocked { since_ms: until_ms }
                    }
                    Self::Leased { until_ms, .. } => Response::InProgress { until_ms },
                    Self::Done { payload: handled, .. } if handled != payload => Response::Mismatch,
                    Self::Done { result, gone_s, .. } => {
                        Response::Completed { until_s: gone_s, result }
                    }
                    Self::Free => Response::Granted,
                }
            }
            Call::Renew { owner } => match *self {
                Self::Leased { owner: by, payload, .. } if by == owner => {
                    *self = leased(owner, payload);
                    Response::Done
                }
                Self::Done { owner: by, .. } if by == owner => Response::Done,
                _ => Response::Lost,
            },
            Call::Complete { owner, result } => match *self {
                Self::Leased { owner: by, payload, .. } if by == owner => {
                    let gone_s = round_up(now_ms + terms.keep_ms);
                    *self = Self::Done { owner, payload, result, gone_s };
                    Response::Done
                }
                Self::Done { owner: by, .. } if by == owner => Response::Done,
                _ => Response::Lost,
            },
            Call::Release { owner } if self.leases_to(owner) => {
                *self = Self::Free;
                Response::Done
            }
            Call::Release { .. } => Response::Lost,
            Call::Forget => {
                *self = Self::Free;
                Response::Done
            }
        }
    }
}
