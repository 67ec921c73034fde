//! Chooses the entries of the next call.

use std::collections::VecDeque;

use super::{Entry, Exhausted, PublishReport, Refusal};
use crate::limits::Limits;

/// An entry that is not settled, and how often it has been sent.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) entry: Entry,
    pub(super) tries: u32,
}

/// Entries that go into the same call if they fit: the versions of one event.
pub(super) type Group = Vec<Pending>;

/// The entries that are not settled yet, and the report of the others. It outlives a call that is
/// dropped, so that the caller can list its entries.
#[derive(Debug, Default)]
pub(super) struct InHand {
    pub(super) report: PublishReport,
    pub(super) waiting: VecDeque<Group>,
    /// The entries of the next call, or of the running one.
    pub(super) flying: Vec<Entry>,
    /// How often each of these was sent before.
    pub(super) tries: Vec<u32>,
    /// Whether the call is running.
    pub(super) called: bool,
}

impl InHand {
    /// Fills the next call.
    pub(super) fn fill(&mut self, coming: &mut impl Iterator<Item = Group>, limits: &Limits) {
        let batch = next_batch(&mut self.waiting, coming, limits);
        (self.flying, self.tries) =
            batch.into_iter().map(|pending| (pending.entry, pending.tries)).unzip();
    }

    /// Returns the report, with all unsettled entries as exhausted.
    pub(super) fn dropped(&mut self) -> PublishReport {
        let mut report = std::mem::take(&mut self.report);
        let sent = u32::from(std::mem::take(&mut self.called));
        let flying = std::mem::take(&mut self.flying).into_iter();
        let flying = flying.zip(std::mem::take(&mut self.tries));
        let waiting = std::mem::take(&mut self.waiting).into_iter().flatten();
        let waiting = waiting.map(|pending| (pending.entry, pending.tries));
        let reason =
            if sent == 1 { "dropped before the response" } else { "dropped before a call" };
        let flying = flying.map(|(entry, tries)| (entry, tries + sent, reason));
        let waiting = waiting.map(|(entry, tries)| (entry, tries, "dropped before a call"));
        report.exhausted.extend(flying.chain(waiting).map(|(entry, tries, reason)| Exhausted {
            entry,
            tries,
            last_failure: Refusal::retryable("Dropped", reason),
        }));
        report
    }
}

/// Fills one call: first from `waiting`, then from `coming`, in order. A group that does not fit
/// goes to the next call; one that is too large for any call is split. Each entry alone fits, by
/// [`Entry::check`], or is sent alone. Empty only if nothing is left.
pub(super) fn next_batch(
    waiting: &mut VecDeque<Group>,
    coming: &mut impl Iterator<Item = Group>,
    limits: &Limits,
) -> Vec<Pending> {
    let max_entries = limits.entries.max(1);
    let mut batch: Vec<Pending> = Vec::with_capacity(max_entries);
    let mut bytes = 0;
    while batch.len() < max_entries {
        let Some(mut group) = waiting.pop_front().or_else(|| coming.next()) else { break };
        let fitting = how_many_fit(
            &group,
            max_entries - batch.len(),
            limits.request_bytes.saturating_sub(bytes),
        );
        if fitting == group.len() {
            bytes += group.iter().map(|pending| pending.entry.size()).sum::<usize>();
            batch.append(&mut group);
            continue;
        }
        if batch.is_empty() {
            let rest = group.split_off(fitting.max(1));
            waiting.push_front(rest);
            batch = group;
        } else {
            waiting.push_front(group);
        }
        break;
    }
    batch
}

fn how_many_fit(group: &[Pending], entries: usize, bytes: usize) -> usize {
    let mut left = bytes;
    group
        .iter()
        .take(entries)
        .take_while(|pending| match left.checked_sub(pending.entry.size()) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        })
        .count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{EventId, Version};

    fn group(sizes: &[usize]) -> Group {
        let entry = |size| Entry {
            id: EventId::generate(),
            version: Version::new(1),
            source: "".into(),
            detail_type: "".into(),
            detail: "x".repeat(size),
            time: None,
            resources: vec![],
        };
        sizes.iter().map(|size| Pending { entry: entry(*size), tries: 0 }).collect()
    }

    fn batches(groups: Vec<Group>, limits: &Limits) -> Vec<Vec<usize>> {
        let (mut waiting, mut coming) = (VecDeque::new(), groups.into_iter());
        let mut all = Vec::new();
        loop {
            let batch = next_batch(&mut waiting, &mut coming, limits);
            if batch.is_empty() {
                return all;
            }
            all.push(batch.iter().map(|pending| pending.entry.size()).collect());
        }
    }

    #[test]
    fn versions_of_event_stay_together() {
        let limits = Limits { entries: 3, request_bytes: 100, ..Limits::default() };
        let groups =
            vec![group(&[1, 2]), group(&[3, 4]), group(&[5]), group(&[60, 60]), group(&[7])];
        assert_eq!(batches(groups, &limits), [vec![1, 2], vec![3, 4, 5], vec![60], vec![60, 7]]);
    }

    #[test]
    fn request_is_filled_to_the_byte() {
        let limits = Limits { entries: 10, request_bytes: 100, ..Limits::default() };
        assert_eq!(batches(vec![group(&[40]), group(&[60])], &limits), [vec![40, 60]]);
        assert_eq!(batches(vec![group(&[40]), group(&[61])], &limits), [vec![40], vec![61]]);
    }

    proptest! {
        #[test]
        fn every_entry_is_sent_once_in_order_and_within_the_limits(
            sizes in prop::collection::vec(prop::collection::vec(0_usize..=50, 0..4), 0..30),
            entries in 0_usize..6,
            request_bytes in 50_usize..120,
        ) {
            let limits = Limits { entries, request_bytes, ..Limits::default() };
            let groups = sizes.iter().filter(|s| !s.is_empty()).map(|s| group(s)).collect();
            let sent = batches(groups, &limits);
            for batch in &sent {
                prop_assert!(batch.len() <= entries.max(1));
                prop_assert!(batch.iter().sum::<usize>() <= request_bytes);
            }
            prop_assert_eq!(sent.concat(), sizes.concat());
        }
    }
}
