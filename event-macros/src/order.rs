//! Sorting in few instructions. The standard library's sort is some two thousand lines of machine code
//! for each type it is called with, and every user of the derive compiles them; lists are short here.

/// Sorts by insertion; equal ones stay in the order they had.
pub(crate) fn sort<T>(list: &mut [T], before: impl Fn(&T, &T) -> bool) {
    for end in 1..list.len() {
        let mut i = end;
        while i > 0 && before(&list[i], &list[i - 1]) {
            list.swap(i, i - 1);
            i -= 1;
        }
    }
}
