//! The rules that workers show who call at the same time.

use tokio::task::JoinSet;

use super::super::{Attempt, Claim, Settled};
use super::probe::{LEASE_MS, Probe, TERMS, expect};

const ROUNDS: usize = 20;
const WORKERS: usize = 8;

pub(super) async fn one_of_many_claims_wins(probe: Probe) -> Result<(), String> {
    // An unknown key, and one with an expired lease.
    for round in 0..ROUNDS {
        let key = Probe::key()?;
        if round % 2 == 1 {
            probe.granted(&key, 0, &TERMS).await?;
        }
        let mut workers = JoinSet::new();
        for _ in 0..WORKERS {
            let (probe, attempt) = (probe.clone(), Attempt::new(key.clone()));
            workers.spawn(async move { probe.claim(&attempt, LEASE_MS + 1, &TERMS).await });
        }
        let mut winners = 0;
        for claim in workers.join_all().await {
            winners += usize::from(matches!(claim?, Claim::Granted(_)));
        }
        expect(winners == 1, || format!("of {WORKERS} claims at once, {winners} were granted"))?;
    }
    Ok(())
}

pub(super) async fn completion_or_takeover_wins(probe: Probe) -> Result<(), String> {
    for _ in 0..ROUNDS {
        let key = Probe::key()?;
        let lease = probe.granted(&key, 0, &TERMS).await?;
        let mut workers = JoinSet::new();
        for _ in 0..WORKERS / 2 {
            let (mine, own) = (probe.clone(), lease.clone());
            workers.spawn(async move {
                let settled = mine.complete(&own, LEASE_MS + 1, &TERMS, None).await?;
                Ok::<_, String>((settled == Settled::Done, false))
            });
            let (other, attempt) = (probe.clone(), Attempt::new(key.clone()));
            workers.spawn(async move {
                let claim = other.claim(&attempt, LEASE_MS + 1, &TERMS).await?;
                Ok((false, matches!(claim, Claim::Granted(_))))
            });
        }
        let (mut completed, mut taken) = (0, 0);
        for ended in workers.join_all().await {
            let (done, granted) = ended?;
            completed += usize::from(done);
            taken += usize::from(granted);
        }
        expect((completed == 0) != (taken == 0) && taken <= 1, || {
            format!(
                "an expired lease was completed {completed} times and taken over {taken} times at \
                 once"
            )
        })?;
    }
    Ok(())
}
