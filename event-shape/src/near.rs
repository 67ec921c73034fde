//! Which name another one may be a typo of, for "did you mean" messages. All our crates use this distance,
//! because the derives cannot depend on a crate for it.

use alloc::vec;
use alloc::vec::Vec;

/// The number of characters of a name that are compared, because names come from untrusted schemas.
const LONGEST: usize = 128;

/// The number of characters to add, remove, replace or swap with their neighbour to turn one text into the
/// other (the optimal string alignment distance).
pub fn edits(a: &str, b: &str) -> usize {
    count(
        &a.chars().take(LONGEST).collect::<Vec<_>>(),
        &b.chars().take(LONGEST).collect::<Vec<_>>(),
    )
}

/// The same, ignoring letter case and separators.
pub fn distance(a: &str, b: &str) -> usize {
    let plain = |s: &str| {
        let letters = s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
        letters.take(LONGEST).collect::<Vec<_>>()
    };
    count(&plain(a), &plain(b))
}

fn count(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1; b.len() + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = row[j] + usize::from(x != y);
            let mut cell = replaced.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cell = cell.min(before[j - 1] + 1);
            }
            next[j + 1] = cell;
        }
        before = core::mem::replace(&mut row, next);
    }
    row[b.len()]
}

/// Whether one name may be a typo of the other.
pub fn is_near(a: &str, b: &str) -> bool {
    distance(a, b) <= a.len().max(b.len()) / 3
}

#[cfg(test)]
mod tests {
    use super::{distance, edits, is_near};

    #[test]
    fn names_that_differ_by_a_slip_are_near() {
        assert_eq!(distance("proposal.published", "proposal_Published"), 0);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert!(is_near("propsal.published", "proposal.published"));
        assert!(!is_near("invoice.paid", "proposal.published"));
    }

    #[test]
    fn swapped_letters_are_one_edit_and_case_counts() {
        assert_eq!(edits("tpye", "type"), 1);
        assert_eq!(edits("Type", "type"), 1);
        assert_eq!((edits("", "abc"), edits("abc", ""), edits("ca", "abc")), (3, 3, 3));
    }

    #[test]
    fn long_names_cost_a_bounded_amount() {
        let (a, b) = ("a".repeat(1_000_000), "b".repeat(1_000_000));
        assert_eq!(edits(&a, &b), 128);
    }
}
