//! The judge: what each worker was granted, did and marked, and which of that is a violation.
//!
//! It knows the true time, and which workers are dead. It receives every event as it happens and
//! does not know how a store or a consumer decides.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_runtime::consume::DeadLetterKind;
use event_runtime::idempotency::{Attempt, Claim, Key, Lease};

use tokio::task::Id;

use super::world::{EXCLUSIVE_MS, LEASE_MS, Mode};

/// The life of one worker. A crash ends it.
pub type Life = u64;

/// Clones are the same ledger.
#[derive(Debug, Clone)]
pub struct Ledger(Arc<Mutex<Pages>>);

#[derive(Debug)]
struct Pages {
    mode: Mode,
    events: HashMap<String, Page>,
    dead: BTreeSet<Life>,
    faults: Vec<String>,
    tally: Tally,
}

/// The state of one event.
#[derive(Debug, Default)]
struct Page {
    refused: bool,
    grants: BTreeMap<u128, Grant>,
    effects: Vec<Effect>,
    marked_by: BTreeSet<u128>,
    acknowledged: bool,
    letters: Vec<DeadLetterKind>,
}

impl Page {
    /// Effects that a worker applied and did not mark are accounted for.
    fn explain(&mut self, owner: u128) {
        let own = self.effects.iter_mut().filter(|effect| effect.owner == owner);
        for effect in own.filter(|effect| effect.fate == Fate::Open) {
            effect.fate = Fate::Explained;
        }
    }
}

#[derive(Debug)]
struct Grant {
    life: Life,
    /// The task that handles the message: a batch may hold an event twice.
    task: Id,
    /// The true time at which its worker read the clock that the lease counts from.
    counted_from: i64,
    /// The same, from the worker's view: a renewal without a response does not count.
    known_from: i64,
    /// The store reported that another worker has the lease.
    lost: bool,
    /// Completed, released, or unknown to its worker. It counts from the request: the store may
    /// have done it before the response arrives.
    settled: bool,
}

#[derive(Debug)]
struct Effect {
    owner: u128,
    life: Life,
    fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Applied, and not marked since.
    Open,
    /// Marked as done.
    Marked,
    /// Its worker was lost, or lost its lease by its own fault, before the mark.
    Explained,
}

/// The counts of a campaign.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    pub crashes: u64,
    pub freezes: u64,
    pub failed_calls: u64,
    pub lost_leases: u64,
    /// Handlers that were dropped because their lease may have expired.
    pub cut: u64,
    /// Calls that arrived at the store after their worker stopped waiting.
    pub late: u64,
    pub renewals: u64,
    pub held: u64,
    pub duplicates: u64,
    pub blocked: u64,
    pub refused: u64,
    pub poison: u64,
    /// Events whose effect was applied again after a worker was lost between effect and mark.
    pub twice: u64,
}

impl Ledger {
    pub fn new(mode: Mode) -> Self {
        let (events, dead) = (HashMap::new(), BTreeSet::new());
        let (faults, tally) = (Vec::new(), Tally::default());
        Self(Arc::new(Mutex::new(Pages { mode, events, dead, faults, tally })))
    }

    /// An event was published. Its handler fails permanently if it is `refused`.
    pub fn open(&self, key: &Key, refused: bool) {
        let page = Page { refused, ..Page::default() };
        self.pages().events.insert(key.to_string(), page);
    }

    pub fn tally(&self, count: impl FnOnce(&mut Tally)) {
        count(&mut self.pages().tally);
    }

    pub fn fault(&self, what: String) {
        self.pages().faults.push(what);
    }

    /// The worker died. Nobody has its messages; what it did and did not mark may be repeated.
    pub fn bury(&self, life: Life) {
        let mut pages = self.pages();
        pages.dead.insert(life);
        for page in pages.events.values_mut() {
            for effect in page.effects.iter_mut().filter(|effect| effect.life == life) {
                if effect.fate == Fate::Open {
                    effect.fate = Fate::Explained;
                }
            }
        }
    }

    /// The store has answered a claim; `heard` if its worker receives the response.
    pub fn claimed(
        &self,
        (attempt, claim): (&Attempt, &Claim),
        (life, asked, now): (Life, i64, i64),
        until: impl Fn(&Lease) -> i64,
        heard: bool,
    ) {
        let mut pages = self.pages();
        let Pages { events, dead, faults, tally, .. } = &mut *pages;
        let (key, owner) = (attempt.key.as_str(), attempt.owner.to_u128());
        let Some(page) = events.get_mut(key) else { return };
        let counted_from = match claim {
            // A claim that is granted again to its owner is as old as the first one.
            Claim::Granted(lease) => asked.min(until(lease).saturating_sub(LEASE_MS)),
            Claim::Completed(_) => return tally.duplicates += 1,
            Claim::InProgress { .. } => return tally.held += 1,
            Claim::Blocked { .. } => return tally.blocked += 1,
            Claim::Mismatch { .. } => return faults.push(format!("{key}: there is one payload")),
        };
        // A worker that paused after it had read its clock gets an expired lease: other workers may
        // have continued before the response arrives.
        let in_time = now - counted_from <= EXCLUSIVE_MS;
        if in_time && !page.marked_by.is_empty() {
            faults.push(format!("{key} was granted though it is marked as done"));
        }
        for (other, grant) in &page.grants {
            let held = in_time && !grant.settled && !dead.contains(&grant.life);
            if *other != owner && held && now - grant.counted_from <= EXCLUSIVE_MS {
                faults.push(format!("{key} was granted to {life} while {} holds it", grant.life));
            }
        }
        let (task, settled, lost, known_from) = (tokio::task::id(), !heard, false, counted_from);
        page.grants.insert(owner, Grant { life, task, counted_from, known_from, lost, settled });
    }

    /// Whether the worker holds the lease, from its own view.
    pub fn holds(&self, lease: &Lease) -> bool {
        let pages = self.pages();
        let page = pages.events.get(lease.key.as_str());
        let grant = page.and_then(|page| page.grants.get(&lease.owner.to_u128()));
        grant.is_some_and(|grant| !grant.settled)
    }

    /// The store has extended the lease.
    pub fn renewed(&self, lease: &Lease, counted_from: i64) {
        self.grant(lease, |grant| grant.counted_from = counted_from);
    }

    /// Its worker has received the response.
    pub fn heard(&self, lease: &Lease, counted_from: i64) {
        self.grant(lease, |grant| grant.known_from = counted_from);
        self.tally(|tally| tally.renewals += 1);
    }

    fn grant(&self, lease: &Lease, change: impl FnOnce(&mut Grant)) {
        let mut pages = self.pages();
        let page = pages.events.get_mut(lease.key.as_str());
        if let Some(grant) = page.and_then(|page| page.grants.get_mut(&lease.owner.to_u128())) {
            change(grant);
        }
    }

    /// A worker applies the effect, under the grant of its task.
    pub fn applied(&self, key: &Key, life: Life, now: i64) {
        let mut pages = self.pages();
        let Pages { events, faults, .. } = &mut *pages;
        let Some(page) = events.get_mut(key.as_str()) else { return };
        let task = tokio::task::id();
        let grant = page.grants.iter().find(|(_, grant)| grant.task == task);
        let Some((&owner, grant)) = grant else {
            return faults.push(format!("{key} was applied by {life}, which has no grant"));
        };
        if now - grant.known_from > LEASE_MS {
            faults.push(format!("{key} was applied by {life}, whose lease was over"));
        }
        if !page.marked_by.is_empty() && now - grant.counted_from <= EXCLUSIVE_MS {
            faults.push(format!("{key} was marked as done, and {life} applied it again"));
        }
        page.effects.push(Effect { owner, life, fate: Fate::Open });
    }

    /// The worker requests to complete or to release. Returns whether it held the lease until then.
    pub fn settling(&self, lease: &Lease) -> bool {
        let mut pages = self.pages();
        let page = pages.events.get_mut(lease.key.as_str());
        let grant = page.and_then(|page| page.grants.get_mut(&lease.owner.to_u128()));
        grant.is_some_and(|grant| !std::mem::replace(&mut grant.settled, true))
    }

    /// The store has marked the event as done.
    pub fn marked(&self, lease: &Lease) {
        let mut pages = self.pages();
        let Pages { events, faults, mode, .. } = &mut *pages;
        let (key, owner) = (lease.key.as_str(), lease.owner.to_u128());
        let Some(page) = events.get_mut(key) else { return };
        page.marked_by.insert(owner);
        if page.marked_by.len() > 1 {
            faults.push(format!("{key} was marked as done by two"));
        }
        let mut own = page.effects.iter_mut().filter(|effect| effect.owner == owner);
        match own.next() {
            Some(effect) => effect.fate = Fate::Marked,
            None if *mode == Mode::WithItsMark => {}
            None => faults.push(format!("{key} was marked as done, and nothing was done")),
        }
    }

    /// The worker does not know whether its effect was marked.
    pub fn unanswered(&self, lease: &Lease) {
        let mut pages = self.pages();
        if let Some(page) = pages.events.get_mut(lease.key.as_str()) {
            page.explain(lease.owner.to_u128());
        }
    }

    /// The task of a worker was dropped before its end. This is allowed only if the lease may have
    /// expired from the worker's view; then the effect without a mark is accounted for.
    pub fn cut(&self, key: &Key, (life, task): (Life, Id), now: i64) {
        let mut pages = self.pages();
        let Pages { events, dead, faults, tally, .. } = &mut *pages;
        let Some(page) = events.get_mut(key.as_str()) else { return };
        if dead.contains(&life) {
            return;
        }
        tally.cut += 1;
        let grant = page.grants.iter().find(|(_, grant)| grant.task == task);
        let Some((&owner, grant)) = grant else {
            return faults.push(format!("{key} was cut at {life}, which has no grant"));
        };
        if !grant.lost && now - grant.known_from < LEASE_MS {
            faults.push(format!("{key} was cut at {life}, which holds its lease"));
        }
        page.explain(owner);
    }

    /// The store reports that another worker has the lease. If this worker made its request in time
    /// and holds the lease, that is a violation.
    pub fn lost(&self, lease: &Lease, now: i64, was_held: bool) {
        {
            let mut pages = self.pages();
            let Pages { events, faults, tally, .. } = &mut *pages;
            tally.lost_leases += 1;
            let key = lease.key.as_str();
            let Some(page) = events.get_mut(key) else { return };
            if let Some(grant) = page.grants.get_mut(&lease.owner.to_u128()) {
                if was_held && now - grant.counted_from <= EXCLUSIVE_MS {
                    faults.push(format!("{key}: {} lost a lease that it held", grant.life));
                }
                grant.settled = true;
                grant.lost = true;
            }
        }
        self.unanswered(lease);
    }

    /// A copy of the event's message was deleted from the queue.
    pub fn acknowledged(&self, key: &Key) {
        if let Some(page) = self.pages().events.get_mut(key.as_str()) {
            page.acknowledged = true;
        }
    }

    /// The event is a dead letter; without a key, a message that is not an event.
    pub fn dead_letter(&self, key: Option<&Key>, kind: DeadLetterKind) {
        let mut pages = self.pages();
        match kind {
            DeadLetterKind::Poison => pages.tally.poison += 1,
            DeadLetterKind::Permanent => pages.tally.refused += 1,
            _ => {}
        }
        if let Some(page) = key.and_then(|key| pages.events.get_mut(key.as_str())) {
            page.letters.push(kind);
        }
    }

    /// Returns the verdict on the events so far, which are then forgotten. `entered` is how often
    /// the effect of a key was committed with its mark.
    pub fn judge(&self, entered: &HashMap<String, u64>) {
        let mut pages = self.pages();
        let Pages { mode, events, faults, tally, dead } = &mut *pages;
        for (key, page) in events.drain() {
            let effects = page.effects.len() as u64;
            let blocked = page.letters.contains(&DeadLetterKind::Blocked);
            let is = |what: &str| format!("{key} {what}: {page:?}");
            if !page.acknowledged {
                faults.push(is("is still there"));
            }
            if page.refused {
                let told = page.letters.contains(&DeadLetterKind::Permanent) || blocked;
                if effects > 0 || !told {
                    faults.push(is("was refused, and is no dead letter"));
                }
                continue;
            }
            match mode {
                Mode::WithItsMark => {
                    let times = entered.get(&key).copied().unwrap_or_default();
                    if times != 1 || !page.letters.is_empty() {
                        faults.push(is(&format!("took effect {times} times")));
                    }
                }
                Mode::Blocks if effects > 1 => faults.push(is("took effect twice")),
                Mode::Blocks if effects == 0 && !blocked => faults.push(is("is lost")),
                Mode::Blocks => {}
                Mode::Retries => {
                    if effects == 0 || !page.letters.is_empty() {
                        faults.push(is("is lost"));
                    }
                    if page.effects.iter().any(|effect| effect.fate == Fate::Open) {
                        faults.push(is("has an effect that nobody accounts for"));
                    }
                    tally.twice += u64::from(effects > 1);
                }
            }
        }
        dead.clear();
    }

    /// The violations, and the counts.
    pub fn verdict(&self) -> Result<Tally, Vec<String>> {
        let pages = self.pages();
        if pages.faults.is_empty() { Ok(pages.tally.clone()) } else { Err(pages.faults.clone()) }
    }

    pub fn is_guilty(&self) -> bool {
        !self.pages().faults.is_empty()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
