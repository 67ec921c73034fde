//! Which known name an unknown one may be a typo of.

use event_shape::near::{distance, is_near};

/// `did you mean ..?`, or otherwise the known names.
pub fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let near = known.iter().min_by_key(|k| distance(k, name));
    if let Some(near) = near.filter(|k| is_near(k, name)) {
        return format!("did you mean `{near}`?");
    }
    let all: Vec<String> = known.iter().take(12).map(|k| format!("`{k}`")).collect();
    let more = if known.len() > all.len() { ", and more" } else { "" };
    format!("expected one of {}{more}", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn typo_is_distinguished_from_another_name() {
        let known = || ["runtime", "number"].into_iter();
        assert_eq!(did_you_mean("numbers", known()), "did you mean `number`?");
        assert_eq!(did_you_mean("run-time", known()), "did you mean `runtime`?");
        assert_eq!(did_you_mean("colour", known()), "expected one of `runtime`, `number`");
    }
}
