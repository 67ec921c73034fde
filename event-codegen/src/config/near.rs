//! Which known name an unknown one may have meant.

/// `did you mean ..?`, or else which names there are.
pub(super) fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let near = known.iter().min_by_key(|k| distance(k, name));
    if let Some(near) = near.filter(|k| distance(k, name) <= k.len().max(name.len()) / 3) {
        return format!("did you mean `{near}`?");
    }
    let all: Vec<String> = known.iter().take(12).map(|k| format!("`{k}`")).collect();
    let more = if known.len() > all.len() { ", and more" } else { "" };
    format!("there are {}{more}", all.join(", "))
}

/// Levenshtein distance of two names, letter case and separators aside.
fn distance(a: &str, b: &str) -> usize {
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
            corner = std::mem::replace(&mut row[j + 1], cell);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn a_slip_is_told_from_another_name() {
        let known = || ["runtime", "number"].into_iter();
        assert_eq!(did_you_mean("numbers", known()), "did you mean `number`?");
        assert_eq!(did_you_mean("run-time", known()), "did you mean `runtime`?");
        assert_eq!(did_you_mean("colour", known()), "there are `runtime`, `number`");
    }
}
