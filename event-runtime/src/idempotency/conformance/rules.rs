//! The rules that one worker after the other shows.

use std::time::Duration;

use super::super::{Attempt, Claim, Fingerprint, Key, Lease, OnTimeout, Owner, Settled, Terms};
use super::probe::{KEEP_MS, LEASE_MS, Probe, TERMS, expect, same};
use crate::DetailType;
use crate::limits::{MAX_KEY_BYTES, MAX_RESULT_BYTES};

/// The end of a completion that was made one millisecond after the beginning: the next second.
const KEPT_MS: i64 = KEEP_MS + 1_000;

const BLOCKING: Terms = Terms { on_timeout: OnTimeout::Block, ..TERMS };

fn fingerprint(detail_type: &str, json: &str) -> Result<Fingerprint, String> {
    let detail_type = DetailType::parse(detail_type).ok_or("not a detail-type")?;
    Ok(Fingerprint::of(detail_type, json))
}

pub(super) async fn unknown_key_is_granted(probe: Probe) -> Result<(), String> {
    let key = Probe::key()?;
    let payload = Some(fingerprint("order.placed:v1", "{}")?);
    let attempt = Attempt { key: key.clone(), owner: Owner::unique(), payload: payload.clone() };
    let claim = probe.claim(&attempt, 0, &TERMS).await?;
    let lease = Lease { key, owner: attempt.owner, until: probe.at(LEASE_MS), payload };
    same("a claim of an unknown key", &claim, &Claim::Granted(lease))
}

pub(super) async fn held_key_is_refused(probe: Probe) -> Result<(), String> {
    let key = Probe::key()?;
    probe.granted(&key, 0, &TERMS).await?;
    for at in [0, 1, LEASE_MS - 1, LEASE_MS] {
        probe.held(&key, at, LEASE_MS).await?;
    }
    Ok(())
}

pub(super) async fn repeated_claim_is_granted(probe: Probe) -> Result<(), String> {
    let key = Probe::key()?;
    let attempt = Attempt::new(key.clone());
    let first = probe.claim(&attempt, 0, &TERMS).await?;
    for at in [0, 5_000, LEASE_MS] {
        same("a repeated claim", &probe.claim(&attempt, at, &TERMS).await?, &first)?;
    }
    // It did not extend the lease.
    probe.granted(&key, LEASE_MS + 1, &TERMS).await.map(drop)
}

pub(super) async fn expired_lease_is_taken_over(probe: Probe) -> Result<(), String> {
    let key = Probe::key()?;
    let zombie = probe.granted(&key, 0, &TERMS).await?;
    let successor = probe.granted(&key, LEASE_MS + 1, &TERMS).await?;
    let at = LEASE_MS + 2;
    let lost = Settled::LeaseLost;
    same("a renewal without the lease", &probe.renew(&zombie, at, &TERMS).await?, &lost)?;
    let completed = probe.complete(&zombie, at, &TERMS, Some("1")).await?;
    same("a completion without the lease", &completed, &lost)?;
    same("a release without the lease", &probe.release(&zombie).await?, &lost)?;
    probe.held(&key, at, 2 * LEASE_MS + 1).await?;
    let settled = probe.complete(&successor, at, &TERMS, Some("2")).await?;
    same("the successor's completion", &settled, &Settled::Done)?;
    let done = probe.completed(&key, at + 1).await?;
    same("the result", &done.result.as_deref(), &Some("2"))?;
    // The end of a lease is not the end of an owner that nobody has replaced.
    let key = Probe::key()?;
    let late = probe.granted(&key, 0, &TERMS).await?;
    let settled = probe.complete(&late, 5 * LEASE_MS, &TERMS, None).await?;
    same("a late completion that nobody has overtaken", &settled, &Settled::Done)?;
    probe.completed(&key, 5 * LEASE_MS).await.map(drop)
}

pub(super) async fn renewal_extends_lease(probe: Probe) -> Result<(), String> {
    let key = Probe::key()?;
    let lease = probe.granted(&key, 0, &TERMS).await?;
    // The second one is of an expired lease.
    for at in [5_000, 5_000 + 3 * LEASE_MS] {
        let settled = probe.renew(&lease, at, &TERMS).await?;
        same("a renewal by the owner", &settled, &Settled::Done)?;
        probe.held(&key, at + LEASE_MS, at + LEASE_MS).await?;
    }
    probe.granted(&key, 5_001 + 4 * LEASE_MS, &TERMS).await?;
    // A key is held for as long as its lease is renewed, also longer than `keep`.
    let key = Probe::key()?;
    let lease = probe.granted(&key, 0, &TERMS).await?;
    let mut at = 0;
    while at <= 2 * KEEP_MS {
        at += LEASE_MS;
        let settled = probe.renew(&lease, at, &TERMS).await?;
        same("a renewal by the owner", &settled, &Settled::Done)?;
    }
    probe.held(&key, at + LEASE_MS, at + LEASE_MS).await
}

pub(super) async fn renewal_after_completion_is_done(probe: Probe) -> Result<(), String> {
    let key = Probe::key()?;
    let lease = probe.done(&key, Some("7")).await?;
    let settled = probe.renew(&lease, 5_000, &TERMS).await?;
    same("a renewal after the completion", &settled, &Settled::Done)?;
    let done = probe.completed(&key, 3 * LEASE_MS).await?;
    same("its end", &done.until, &probe.at(KEPT_MS))?;
    same("its result", &done.result.as_deref(), &Some("7"))?;
    let other = Lease { owner: Owner::unique(), ..lease };
    let settled = probe.renew(&other, 5_000, &TERMS).await?;
    same("a renewal by another owner", &settled, &Settled::LeaseLost)
}

pub(super) async fn completion_is_remembered(probe: Probe) -> Result<(), String> {
    let key = Probe::key()?;
    let payload = fingerprint("order.placed:v1", "{}")?;
    let attempt = Attempt::new(key.clone()).with_payload(payload.clone());
    let Claim::Granted(lease) = probe.claim(&attempt, 0, &TERMS).await? else {
        return Err("an unknown key is not granted".to_owned());
    };
    let settled = probe.complete(&lease, 1, &TERMS, None).await?;
    same("a completion by the owner", &settled, &Settled::Done)?;
    for at in [1, LEASE_MS + 1, KEEP_MS, KEPT_MS, KEPT_MS + 999] {
        let done = probe.completed(&key, at).await?;
        same("its end", &done.until, &probe.at(KEPT_MS))?;
        same("its result", &done.result, &None)?;
        let text = done.payload.map(|payload| payload.to_string());
        same("its payload", &text, &Some(payload.to_string()))?;
        let repeated = probe.claim(&attempt, at, &TERMS).await?;
        expect(matches!(repeated, Claim::Completed(_)), || {
            format!("a claim by the owner after its completion: {repeated:?}")
        })?;
    }
    probe.granted(&key, KEPT_MS + 1_000, &TERMS).await.map(drop)
}

pub(super) async fn first_completion_stays(probe: Probe) -> Result<(), String> {
    for first in [Some("1"), None] {
        let key = Probe::key()?;
        let lease = probe.done(&key, first).await?;
        let settled = probe.complete(&lease, 20_000, &TERMS, Some("2")).await?;
        same("a repeated completion", &settled, &Settled::Done)?;
        let done = probe.completed(&key, 20_000).await?;
        same("its result", &done.result.as_deref(), &first)?;
        same("its end", &done.until, &probe.at(KEPT_MS))?;
    }
    Ok(())
}

pub(super) async fn result_is_returned_as_stored(probe: Probe) -> Result<(), String> {
    let longest = format!("\"{}\"", "é".repeat(MAX_RESULT_BYTES / 2 - 1));
    let texts =
        ["null", "\"\"", "{ \"b\":1.0, \"a\":[ ] } \n", "\"\\u0000 \u{1f600}\n\"", &longest];
    for text in texts {
        let key = Probe::key()?;
        probe.done(&key, Some(text)).await?;
        let done = probe.completed(&key, 2).await?;
        expect(done.result.as_deref() == Some(text), || {
            let shown: String = text.chars().take(40).collect();
            format!("the result `{shown}` of {} bytes is not returned as it was", text.len())
        })?;
    }
    Ok(())
}

pub(super) async fn released_key_is_free(probe: Probe) -> Result<(), String> {
    let key = Probe::key()?;
    let lease = probe.granted(&key, 0, &TERMS).await?;
    same("a release by the owner", &probe.release(&lease).await?, &Settled::Done)?;
    same("a repeated release", &probe.release(&lease).await?, &Settled::LeaseLost)?;
    let completed = probe.complete(&lease, 1, &TERMS, None).await?;
    same("a completion after the release", &completed, &Settled::LeaseLost)?;
    let renewed = probe.renew(&lease, 1, &TERMS).await?;
    same("a renewal after the release", &renewed, &Settled::LeaseLost)?;
    probe.granted(&key, 1, &TERMS).await.map(drop)
}

pub(super) async fn completed_key_is_not_released(probe: Probe) -> Result<(), String> {
    let key = Probe::key()?;
    let lease = probe.done(&key, Some("7")).await?;
    let released = probe.release(&lease).await?;
    same("a release after the completion", &released, &Settled::LeaseLost)?;
    probe.completed(&key, 2).await.map(drop)
}

pub(super) async fn only_the_owner_settles(probe: Probe) -> Result<(), String> {
    let key = Probe::key()?;
    let lease = probe.granted(&key, 0, &TERMS).await?;
    let other = Lease { owner: Owner::unique(), ..lease.clone() };
    let lost = Settled::LeaseLost;
    same("a renewal by another owner", &probe.renew(&other, 1, &TERMS).await?, &lost)?;
    let completed = probe.complete(&other, 1, &TERMS, None).await?;
    same("a completion by another owner", &completed, &lost)?;
    same("a release by another owner", &probe.release(&other).await?, &lost)?;
    probe.held(&key, 1, LEASE_MS).await?;
    // Nobody settles an unknown key, and nothing is left of the attempt.
    let key = Probe::key()?;
    let nobody = Lease { key: key.clone(), ..other };
    same("a renewal of an unknown key", &probe.renew(&nobody, 1, &TERMS).await?, &lost)?;
    let completed = probe.complete(&nobody, 1, &TERMS, None).await?;
    same("a completion of an unknown key", &completed, &lost)?;
    same("a release of an unknown key", &probe.release(&nobody).await?, &lost)?;
    probe.granted(&key, 1, &TERMS).await.map(drop)
}

pub(super) async fn blocked_key_stays_blocked(probe: Probe) -> Result<(), String> {
    let key = Probe::key()?;
    let lease = probe.granted(&key, 0, &BLOCKING).await?;
    probe.held(&key, LEASE_MS, LEASE_MS).await?;
    let blocked = async |key: &Key, at: i64, since: i64| {
        let claim = probe.claim(&Attempt::new(key.clone()), at, &BLOCKING).await?;
        let expected = Claim::Blocked { since: probe.at(since) };
        same("a claim of a blocked key", &claim, &expected)
    };
    blocked(&key, LEASE_MS + 1, LEASE_MS).await?;
    // Its worker may still come back.
    let at = LEASE_MS + 2;
    same("a renewal", &probe.renew(&lease, at, &BLOCKING).await?, &Settled::Done)?;
    probe.held(&key, at + LEASE_MS, at + LEASE_MS).await?;
    blocked(&key, at + LEASE_MS + 1, at + LEASE_MS).await?;
    let settled = probe.complete(&lease, at + 2 * LEASE_MS, &BLOCKING, None).await?;
    same("a late completion of a blocked key", &settled, &Settled::Done)?;
    probe.completed(&key, at + 2 * LEASE_MS).await?;

    let key = Probe::key()?;
    probe.granted(&key, 0, &BLOCKING).await?;
    blocked(&key, KEEP_MS + 999, LEASE_MS).await?;
    probe.granted(&key, KEEP_MS + 1_000, &BLOCKING).await.map(drop)
}

pub(super) async fn timeout_is_the_claimants(probe: Probe) -> Result<(), String> {
    // A claim with other terms does not take over what its owner has blocked.
    let key = Probe::key()?;
    let lease = probe.granted(&key, 0, &BLOCKING).await?;
    let claim = probe.claim(&Attempt::new(key.clone()), LEASE_MS + 1, &TERMS).await?;
    let blocked = Claim::Blocked { since: probe.at(LEASE_MS) };
    same("a claim of a blocked key", &claim, &blocked)?;
    // The owner's renewal sets its terms again.
    let settled = probe.renew(&lease, LEASE_MS + 2, &TERMS).await?;
    same("a renewal", &settled, &Settled::Done)?;
    probe.granted(&key, 2 * LEASE_MS + 3, &BLOCKING).await?;
    let key = Probe::key()?;
    let lease = probe.granted(&key, 0, &TERMS).await?;
    same("a renewal", &probe.renew(&lease, 1, &BLOCKING).await?, &Settled::Done)?;
    let claim = probe.claim(&Attempt::new(key), LEASE_MS + 2, &TERMS).await?;
    let blocked = Claim::Blocked { since: probe.at(LEASE_MS + 1) };
    same("a claim of a blocked key", &claim, &blocked)
}

pub(super) async fn forgotten_key_is_free(probe: Probe) -> Result<(), String> {
    let [unknown, held, done, blocked] = [(); 4].map(|()| Probe::key());
    let (unknown, held, done, blocked) = (unknown?, held?, done?, blocked?);
    let lease = probe.granted(&held, 0, &TERMS).await?;
    probe.done(&done, Some("1")).await?;
    probe.granted(&blocked, 0, &BLOCKING).await?;
    for key in [&unknown, &held, &done, &blocked] {
        probe.forget(key).await?;
        let at = if key == &blocked { LEASE_MS + 1 } else { 2 };
        let next = probe.granted(key, at, &TERMS).await?;
        let settled = probe.complete(&next, at, &TERMS, None).await?;
        same("a completion after `forget`", &settled, &Settled::Done)?;
        same("the result", &probe.completed(key, at).await?.result, &None)?;
    }
    let settled = probe.renew(&lease, 3, &TERMS).await?;
    same("a renewal of a forgotten lease", &settled, &Settled::LeaseLost)
}

pub(super) async fn other_payload_is_mismatch(probe: Probe) -> Result<(), String> {
    let key = Probe::key()?;
    let with = |payload: &Fingerprint| Attempt::new(key.clone()).with_payload(payload.clone());
    let handled = fingerprint("order.placed:v1", r#"{"total":1}"#)?;
    let other = fingerprint("order.placed:v1", r#"{"total":2}"#)?;
    let Claim::Granted(lease) = probe.claim(&with(&handled), 0, &TERMS).await? else {
        return Err("an unknown key is not granted".to_owned());
    };
    let claim = probe.claim(&with(&other), 1, &TERMS).await?;
    let busy = Claim::InProgress { until: probe.at(LEASE_MS) };
    same("another payload while the key is held", &claim, &busy)?;
    let settled = probe.complete(&lease, 1, &TERMS, None).await?;
    same("a completion", &settled, &Settled::Done)?;
    let claim = probe.claim(&with(&other), 2, &TERMS).await?;
    let mismatch = Claim::Mismatch { handled: handled.clone() };
    same("another payload of the same major", &claim, &mismatch)?;
    let other_type = fingerprint("order.cancelled:v1", r#"{"total":1}"#)?;
    same("another event type", &probe.claim(&with(&other_type), 2, &TERMS).await?, &mismatch)?;
    let newer = fingerprint("order.placed:v2", r#"{"cents":100}"#)?;
    for attempt in [with(&handled), with(&newer), Attempt::new(key.clone())] {
        let claim = probe.claim(&attempt, 2, &TERMS).await?;
        expect(matches!(claim, Claim::Completed(_)), || {
            format!("the same payload, another major, or none: {claim:?}, expected `Completed`")
        })?;
    }
    // A completion without a payload matches every one.
    let key = Probe::key()?;
    probe.done(&key, None).await?;
    let claim = probe.claim(&Attempt::new(key).with_payload(other), 2, &TERMS).await?;
    expect(matches!(claim, Claim::Completed(_)), || {
        format!("a payload after a completion without one: {claim:?}, expected `Completed`")
    })
}

pub(super) async fn keys_are_independent(probe: Probe) -> Result<(), String> {
    let key = Probe::key()?;
    let room = MAX_KEY_BYTES - key.as_str().len() - 1;
    let long = "k".repeat(room - 1);
    let mut keys = vec![key.clone(), Probe::key()?];
    keys.extend(
        ["", "a", "A", "a ", "a#b", "b", "{a}", "a:b", "a*", "é", "e\u{301}", "\u{1f600}", "\n"]
            .map(|part| key.sub(part)),
    );
    keys.extend(
        [format!("{long}1"), format!("{long}2"), "k".repeat(5_000), "k".repeat(5_001)]
            .map(|part| key.sub(&part)),
    );
    let mut leases = Vec::new();
    for key in &keys {
        let lease = probe.granted(key, 0, &TERMS).await;
        leases.push(lease.map_err(|found| format!("key `{}`: {found}", short(key)))?);
    }
    for (at, (key, lease)) in keys.iter().zip(&leases).enumerate() {
        let result = at.to_string();
        let settled = probe.complete(lease, 1, &TERMS, Some(&result)).await?;
        expect(settled == Settled::Done, || format!("key `{}`: {settled:?}", short(key)))?;
    }
    for (at, key) in keys.iter().enumerate() {
        let done = probe.completed(key, 2).await?;
        same(
            &format!("the result of key `{}`", short(key)),
            &done.result.as_deref(),
            &Some(&*at.to_string()),
        )?;
    }
    Ok(())
}

fn short(key: &Key) -> String {
    key.as_str().chars().take(80).flat_map(char::escape_default).collect()
}

pub(super) async fn owners_of_any_value(probe: Probe) -> Result<(), String> {
    let owners = [0, 1, u128::from(u64::MAX), 1 << 64, 1 << 127, u128::MAX];
    for token in owners {
        let key = Probe::key()?;
        let attempt = Attempt { key: key.clone(), owner: Owner::from_u128(token), payload: None };
        let Claim::Granted(lease) = probe.claim(&attempt, 0, &TERMS).await? else {
            return Err(format!("a claim by the owner {token:#x} is not granted"));
        };
        same("the owner", &lease.owner, &attempt.owner)?;
        for other in owners.into_iter().filter(|other| *other != token) {
            let other = Lease { owner: Owner::from_u128(other), ..lease.clone() };
            let settled = probe.complete(&other, 1, &TERMS, None).await?;
            expect(settled == Settled::LeaseLost, || {
                format!("the owner {:#x} completed a lease of {token:#x}", other.owner.to_u128())
            })?;
        }
        let settled = probe.complete(&lease, 1, &TERMS, None).await?;
        same(&format!("a completion by the owner {token:#x}"), &settled, &Settled::Done)?;
    }
    Ok(())
}

pub(super) async fn spans_of_any_length(probe: Probe) -> Result<(), String> {
    let none = Terms { lease: Duration::ZERO, keep: Duration::ZERO, ..TERMS };
    let key = Probe::key()?;
    let lease = probe.granted(&key, 0, &none).await?;
    probe.held(&key, 0, 1).await?;
    let settled = probe.complete(&lease, 0, &none, None).await?;
    same("a completion", &settled, &Settled::Done)?;
    probe.completed(&key, 1_999).await?;
    probe.granted(&key, 2_000, &TERMS).await?;

    let endless = Terms { lease: Duration::MAX, keep: Duration::MAX, ..TERMS };
    let year = 365 * 24 * 3_600_000;
    let key = Probe::key()?;
    let lease = probe.granted(&key, 0, &endless).await?;
    let claim = probe.claim(&Attempt::new(key.clone()), year, &TERMS).await?;
    expect(matches!(claim, Claim::InProgress { .. }), || {
        format!("a claim within an endless lease: {claim:?}")
    })?;
    let settled = probe.renew(&lease, year, &endless).await?;
    same("an endless renewal", &settled, &Settled::Done)?;
    let settled = probe.complete(&lease, year, &endless, Some("1")).await?;
    same("an endless completion", &settled, &Settled::Done)?;
    probe.completed(&key, year).await.map(drop)
}

pub(super) async fn lease_outlasts_keep(probe: Probe) -> Result<(), String> {
    let keep = Duration::from_secs(1);
    for on_timeout in [OnTimeout::Retry, OnTimeout::Block] {
        let terms = Terms { keep, on_timeout, ..TERMS };
        let key = Probe::key()?;
        let lease = probe.granted(&key, 0, &terms).await?;
        for at in [2_000, LEASE_MS] {
            probe.held(&key, at, LEASE_MS).await?;
        }
        same("a renewal", &probe.renew(&lease, 9_000, &terms).await?, &Settled::Done)?;
        probe.held(&key, 9_000 + LEASE_MS, 9_000 + LEASE_MS).await?;
    }
    Ok(())
}
