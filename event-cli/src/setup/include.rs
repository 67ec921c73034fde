//! Adds the module with the generated types to `src/lib.rs` or `src/main.rs`.

use syn::Item;

use super::{Edit, names};

/// Returns whether a source file includes the generated types.
pub(crate) fn is_there(text: &str) -> bool {
    names(text, "include_events!")
}

/// Returns the module.
pub(crate) fn module(runtime: &str, library: bool) -> String {
    let visible = if library { "pub " } else { "" };
    format!(
        "/// The events in `schemas/`: a module for each event, with a module for each major.\n{visible}mod events {{\n    {runtime}::include_events!();\n}}\n"
    )
}

/// Adds the module at the end, before the tests, if nothing else has its name.
pub(crate) fn plan(text: &str, module: &str) -> Edit {
    let by_hand = |why: &str| Edit::ByHand { why: why.to_owned() };
    let Ok(file) = syn::parse_file(text) else { return by_hand("failed to parse it as Rust") };
    if names(text, "events") {
        return by_hand("it already has the name `events`");
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let tests: Vec<usize> =
        (0..lines.len()).filter(|i| lines[*i].trim_end() == "#[cfg(test)]").collect();
    let made = match tests.as_slice() {
        [] => {
            let gap = if text.is_empty() {
                ""
            } else if text.ends_with('\n') {
                "\n"
            } else {
                "\n\n"
            };
            format!("{text}{gap}{module}")
        }
        [at] if *at == 0 || lines[at - 1].trim().is_empty() => {
            format!("{}{module}\n{}", lines[..*at].concat(), lines[*at..].concat())
        }
        _ => return by_hand("the start of its tests is not certain"),
    };
    let made = super::line_ends(text, made);
    let there = |item: &Item| matches!(item, Item::Mod(m) if m.ident == "events");
    let whole = syn::parse_file(&made)
        .is_ok_and(|f| f.items.len() == file.items.len() + 1 && f.items.iter().any(there));
    if whole { Edit::Text(made) } else { by_hand("the end of its items is not certain") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_is_added_before_the_tests_or_last() {
        let module = module("event_runtime", true);
        for (text, made) in [
            ("", module.clone()),
            ("//! Mine.\n\nfn a() {}\n", format!("//! Mine.\n\nfn a() {{}}\n\n{module}")),
            ("fn a() {}", format!("fn a() {{}}\n\n{module}")),
            (
                "fn a() {}\n\n#[cfg(test)]\nmod tests {\n}\n",
                format!("fn a() {{}}\n\n{module}\n#[cfg(test)]\nmod tests {{\n}}\n"),
            ),
        ] {
            assert_eq!(plan(text, &module), Edit::Text(made.clone()));
            assert!(is_there(&made));
        }
    }

    #[test]
    fn uncertain_source_is_left_to_the_user() {
        let module = module("event_runtime", false);
        for text in [
            "mod events;\n",
            "fn a( {\n",
            "/// Mine.\n#[cfg(test)]\nmod tests {}\n",
            "const A: &str = \"\n\n#[cfg(test)]\n\";\n",
            "#[cfg(test)]\nmod a {}\n\n#[cfg(test)]\nmod b {}\n",
        ] {
            assert!(matches!(plan(text, &module), Edit::ByHand { .. }), "{text}");
        }
        assert!(!is_there("// event_runtime::include_events!();\n"));
    }
}
