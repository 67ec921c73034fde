//! The text of a doc comment: the description, and the constraints that no Rust type expresses.

use event_schema::model::{Bound, Types};

use super::Presence;
use super::view::View;

/// The maximum length of an example, in characters.
const EXAMPLE: usize = 80;

/// A field's text: its description, then the constraints that validation checks, and an example. It
/// mentions an `Option` that is required.
pub(super) fn field(view: &View<'_>, presence: Presence) -> String {
    let mut rules = Vec::new();
    let explicit = presence == Presence::Explicit;
    rules.extend(explicit.then(|| "required, may be `null`".to_owned()));
    for node in &view.nodes {
        if let Some(string) = &node.string {
            rules.extend(span(string.min_length, string.max_length, "character"));
            rules.extend(string.pattern.as_deref().and_then(code).map(|p| format!("matches {p}")));
            let known = |f: &&str| *f != "date-time";
            let format = string.format.as_deref().filter(known).and_then(code);
            rules.extend(format.map(|f| format!("format {f}")));
        }
        if let Some(number) = &node.number {
            rules.extend(number.min.as_ref().map(|b| bound(b, "more than", "at least")));
            rules.extend(number.max.as_ref().map(|b| bound(b, "less than", "at most")));
            rules.extend(number.multiple_of.as_ref().map(|m| format!("a multiple of {m}")));
        }
        if let Some(array) = &node.array
            && view.types.intersects(Types::ARRAY)
        {
            rules.extend(span(array.min_items, array.max_items, "element"));
            rules.extend(array.unique.then(|| "no duplicate items".to_owned()));
        }
    }
    let mut seen = Vec::new();
    rules.retain(|rule| {
        let new = !seen.contains(rule);
        seen.push(rule.clone());
        new
    });
    let examples = view.nodes.iter().flat_map(|n| &n.notes.examples);
    let example = examples.map(|e| e.value.to_string()).find(|e| e.chars().count() <= EXAMPLE);
    rules.extend(example.as_deref().and_then(code).map(|e| format!("for example {e}")));
    join(&view.doc(), &rules)
}

fn join(description: &str, rules: &[String]) -> String {
    let mut line = rules.join(", ");
    if let Some(first) = line.get(..1).map(str::to_uppercase) {
        line.replace_range(..1, &first);
        line.push('.');
    }
    match (description.is_empty(), line.is_empty()) {
        (false, false) => format!("{description}\n\n{line}"),
        (true, _) => line,
        (_, true) => description.to_owned(),
    }
}

/// Text between backticks; empty if it contains backticks itself.
fn code(text: &str) -> Option<String> {
    (!text.is_empty() && !text.contains('`')).then(|| format!("`{text}`"))
}

fn bound(b: &Bound, open: &str, closed: &str) -> String {
    format!("{} {}", if b.exclusive { open } else { closed }, b.value)
}

fn span(min: u64, max: Option<u64>, what: &str) -> Option<String> {
    let plural = |n: u64| if n == 1 { what.to_owned() } else { format!("{what}s") };
    match (min, max) {
        (0, None) => None,
        (0, Some(max)) => Some(format!("at most {max} {}", plural(max))),
        (min, None) => Some(format!("at least {min} {}", plural(min))),
        (min, Some(max)) if min == max => Some(format!("{max} {}", plural(max))),
        (min, Some(max)) => Some(format!("{min} to {max} {}", plural(max))),
    }
}
