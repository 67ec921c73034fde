//! Sorting in few instructions. The standard library's sort is about two thousand lines of machine code for
//! each type, which every user of the derive compiles; lists are short here.

/// Sorts by insertion; equal elements keep their order.
pub(crate) fn sort<T>(list: &mut [T], before: impl Fn(&T, &T) -> bool) {
    for end in 1..list.len() {
        let mut i = end;
        while i > 0 && before(&list[i], &list[i - 1]) {
            list.swap(i, i - 1);
            i -= 1;
        }
    }
}
