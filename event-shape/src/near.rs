//! Which name another one may be a slip of: for messages that ask what was meant.

use alloc::vec::Vec;

/// Levenshtein distance of two names, letter case and separators aside.
pub fn distance(a: &str, b: &str) -> usize {
    let plain = |s: &str| {
        s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<Vec<_>>()
    };
    let (a, b) = (plain(a), plain(b));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cell = (row[j + 1] + 1).min(row[j] + 1).min(corner + usize::from(x != y));
            corner = core::mem::replace(&mut row[j + 1], cell);
        }
    }
    row[b.len()]
}

/// Whether one name may be a slip of the other.
pub fn is_near(a: &str, b: &str) -> bool {
    distance(a, b) <= a.len().max(b.len()) / 3
}

#[cfg(test)]
mod tests {
    use super::{distance, is_near};

    #[test]
    fn names_that_differ_by_a_slip_are_near() {
        assert_eq!(distance("proposal.published", "proposal_Published"), 0);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert!(is_near("propsal.published", "proposal.published"));
        assert!(!is_near("invoice.paid", "proposal.published"));
    }
}
