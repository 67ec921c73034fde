//! The rules of an idempotency store, as checks that a store of your own can run (feature
//! `conformance`).
//!
//! [`check`] runs every rule of an [`IdempotencyStore`], and [`check_transactional`] also those of
//! a [`TransactionalStore`]. `MemoryStore`, `RedbStore`, the DynamoDB store of `event-aws` and the
//! Redis store of `event-redis` pass them. A store that passes can replace any of these: the
//! consumer relies on nothing else.
//!
//! The checks use keys of their own, so a store that contains other keys can be checked too, but
//! not one with live traffic: the times of the checks go up to a year ahead of the clock, and some
//! keys are left behind. One run makes a few thousand calls, so check a real service in a table of
//! its own. Each call must respond within 30 seconds.
//!
//! The time is an argument of each call, so no check waits. Do not pause tokio's clock if the store
//! uses a network: the limit of 30 seconds would pass at once.
//!
//! # Example
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! use event_runtime::idempotency::{MemoryStore, conformance};
//!
//! if let Err(broken) = conformance::check(MemoryStore::new()).await {
//!     panic!("{broken}");
//! }
//! # }
//! ```

mod model;
mod probe;
mod races;
mod rules;
mod traces;
mod transactions;

use std::fmt;
use std::sync::Arc;

use self::probe::Probe;
pub use self::transactions::Ledger;
use super::{IdempotencyStore, TransactionalStore};
use crate::store::BoxFuture;

/// A rule of the stores.
#[derive(Clone, Copy)]
struct Rule {
    id: &'static str,
    says: &'static str,
    run: fn(Probe) -> BoxFuture<'static, Result<(), String>>,
}

/// The rules of every store, in the order in which they run.
const RULES: &[Rule] = &[
    Rule {
        id: "unknown-key-is-granted",
        says: "a claim of an unknown key is granted until the end of its lease",
        run: |probe| Box::pin(rules::unknown_key_is_granted(probe)),
    },
    Rule {
        id: "held-key-is-refused",
        says: "a claim of a key that another owner holds is refused, with the end of its lease",
        run: |probe| Box::pin(rules::held_key_is_refused(probe)),
    },
    Rule {
        id: "repeated-claim-is-granted",
        says: "a repeated claim by the same owner is granted again, with the same lease",
        run: |probe| Box::pin(rules::repeated_claim_is_granted(probe)),
    },
    Rule {
        id: "expired-lease-is-taken-over",
        says: "after its last millisecond a lease can be taken over, and its owner has lost it",
        run: |probe| Box::pin(rules::expired_lease_is_taken_over(probe)),
    },
    Rule {
        id: "renewal-extends-lease",
        says: "a renewal extends the lease from now, also one that expired and was not taken over",
        run: |probe| Box::pin(rules::renewal_extends_lease(probe)),
    },
    Rule {
        id: "renewal-after-completion-is-done",
        says: "a renewal after the lease's own completion is `Done` and changes nothing",
        run: |probe| Box::pin(rules::renewal_after_completion_is_done(probe)),
    },
    Rule {
        id: "completion-is-remembered",
        says: "a completed key is remembered for `keep`, rounded up to whole seconds, and then free",
        run: |probe| Box::pin(rules::completion_is_remembered(probe)),
    },
    Rule {
        id: "first-completion-stays",
        says: "a repeated completion is `Done`, and the first result stays",
        run: |probe| Box::pin(rules::first_completion_stays(probe)),
    },
    Rule {
        id: "result-is-returned-as-stored",
        says: "a result of up to `MAX_RESULT_BYTES` is returned to duplicates byte by byte",
        run: |probe| Box::pin(rules::result_is_returned_as_stored(probe)),
    },
    Rule {
        id: "released-key-is-free",
        says: "a released key is free, and its lease is lost",
        run: |probe| Box::pin(rules::released_key_is_free(probe)),
    },
    Rule {
        id: "completed-key-is-not-released",
        says: "a completed key stays completed when its lease is released",
        run: |probe| Box::pin(rules::completed_key_is_not_released(probe)),
    },
    Rule {
        id: "only-the-owner-settles",
        says: "only the owner of a lease can renew, complete and release it",
        run: |probe| Box::pin(rules::only_the_owner_settles(probe)),
    },
    Rule {
        id: "blocked-key-stays-blocked",
        says: "with `OnTimeout::Block`, a key with an expired lease is blocked until it is forgotten \
               or `keep` has passed",
        run: |probe| Box::pin(rules::blocked_key_stays_blocked(probe)),
    },
    Rule {
        id: "timeout-is-the-claimant-s",
        says: "whether an expired lease can be taken over is decided by the terms of its own claim \
               or renewal",
        run: |probe| Box::pin(rules::timeout_is_the_claimants(probe)),
    },
    Rule {
        id: "forgotten-key-is-free",
        says: "a forgotten key is free, whatever its state was",
        run: |probe| Box::pin(rules::forgotten_key_is_free(probe)),
    },
    Rule {
        id: "other-payload-is-mismatch",
        says: "a completed key answers another payload of the same major with `Mismatch`",
        run: |probe| Box::pin(rules::other_payload_is_mismatch(probe)),
    },
    Rule {
        id: "keys-are-independent",
        says: "keys of any text and up to `MAX_KEY_BYTES` do not affect each other",
        run: |probe| Box::pin(rules::keys_are_independent(probe)),
    },
    Rule {
        id: "owners-of-any-value",
        says: "owners are compared in all of their 128 bits",
        run: |probe| Box::pin(rules::owners_of_any_value(probe)),
    },
    Rule {
        id: "spans-of-any-length",
        says: "a lease and a completion of no length last a millisecond, and endless ones are stored",
        run: |probe| Box::pin(rules::spans_of_any_length(probe)),
    },
    Rule {
        id: "lease-outlasts-keep",
        says: "a lease that is longer than `keep` is held until its end",
        run: |probe| Box::pin(rules::lease_outlasts_keep(probe)),
    },
    Rule {
        id: "one-of-many-claims-wins",
        says: "of many claims of a free key at the same time, one is granted",
        run: |probe| Box::pin(races::one_of_many_claims_wins(probe)),
    },
    Rule {
        id: "completion-or-takeover-wins",
        says: "of a completion and a takeover of an expired lease at the same time, one succeeds",
        run: |probe| Box::pin(races::completion_or_takeover_wins(probe)),
    },
    Rule {
        id: "any-sequence-of-calls",
        says: "each response of a random sequence of calls is that of a model of the rules",
        run: |probe| Box::pin(traces::any_sequence_of_calls(probe)),
    },
];

/// A rule that a store breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The ID of the rule: `held-key-is-refused`.
    pub rule: &'static str,
    /// The rule in a sentence.
    pub says: &'static str,
    /// What the store did, and what was expected.
    pub found: String,
}

/// A store that breaks rules: all of them, one per paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotConformant {
    /// The broken rules; at least one.
    pub violations: Vec<Violation>,
}

impl std::error::Error for NotConformant {}

impl fmt::Display for NotConformant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.violations.len();
        let rules = if count == 1 { "rule" } else { "rules" };
        write!(f, "the store breaks {count} {rules} of idempotency stores")?;
        for Violation { rule, says, found } in &self.violations {
            write!(f, "\n[{rule}] {says}\n  {found}")?;
        }
        Ok(())
    }
}

/// Checks every rule of an [`IdempotencyStore`].
///
/// # Errors
///
/// [`NotConformant`] with all broken rules. A call that fails or does not respond within 30 seconds
/// breaks the rule that it was made for.
pub async fn check(store: impl IdempotencyStore + 'static) -> Result<(), NotConformant> {
    let store: Arc<dyn IdempotencyStore> = Arc::new(store);
    conclude(violations(&store, RULES).await)
}

/// Checks every rule of a [`TransactionalStore`], including those of [`check`].
///
/// # Errors
///
/// Like [`check`].
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use std::collections::HashMap;
/// use std::sync::{Arc, Mutex};
/// use event_runtime::idempotency::{MemoryStore, conformance};
/// use event_runtime::store::{BoxFuture, StoreError};
///
/// /// Counts effects in memory, which is where the effects of a `MemoryStore` happen.
/// #[derive(Default)]
/// struct Counts(Arc<Mutex<HashMap<String, u64>>>);
///
/// impl conformance::Ledger<MemoryStore> for Counts {
///     fn effect(&self, name: &str) -> Box<dyn FnOnce() + Send> {
///         let (counts, name) = (self.0.clone(), name.to_owned());
///         Box::new(move || *counts.lock().expect("not poisoned").entry(name).or_default() += 1)
///     }
///
///     fn applied<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<u64, StoreError>> {
///         let counts = self.0.lock().expect("not poisoned");
///         Box::pin(std::future::ready(Ok(counts.get(name).copied().unwrap_or_default())))
///     }
/// }
///
/// let checked = conformance::check_transactional(MemoryStore::new(), Counts::default()).await;
/// assert!(checked.is_ok());
/// # }
/// ```
pub async fn check_transactional<S>(
    store: S,
    ledger: impl Ledger<S> + 'static,
) -> Result<(), NotConformant>
where
    S: TransactionalStore + 'static,
{
    let store = Arc::new(store);
    let plain: Arc<dyn IdempotencyStore> = store.clone();
    let mut broken = violations(&plain, RULES).await;
    broken.extend(transactions::violations(&store, &ledger).await);
    conclude(broken)
}

async fn violations(store: &Arc<dyn IdempotencyStore>, rules: &[Rule]) -> Vec<Violation> {
    let mut broken = Vec::new();
    for Rule { id, says, run } in rules {
        if let Err(found) = run(Probe::new(Arc::clone(store))).await {
            broken.push(Violation { rule: id, says, found });
        }
    }
    broken
}

fn conclude(violations: Vec<Violation>) -> Result<(), NotConformant> {
    if violations.is_empty() { Ok(()) } else { Err(NotConformant { violations }) }
}
