use std::collections::HashSet;
use std::fs;
use std::path::Path;

use super::*;

#[test]
fn ids_are_kebab_case_and_unique_and_texts_are_one_line() {
    let mut seen = HashSet::new();
    for rule in all() {
        assert!(seen.insert(rule.id), "two rules have the ID `{}`", rule.id);
        let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase());
        assert!(rule.id.split('-').all(word), "{}", rule.id);
        for text in [rule.why, rule.example, rule.fix] {
            assert!(!text.is_empty() && !text.contains('\n') && !text.ends_with('.'), "{text}");
        }
        assert_eq!(find(rule.id), Some(rule));
    }
}

#[test]
fn breaks_name_whom_and_nothing_else_does() {
    for rule in all() {
        if rule.level == Level::Break {
            assert!(!rule.breaks.is_empty() && rule.exit != Exit::BadInput, "{}", rule.id);
        }
        let may = matches!(rule.level, Level::Break | Level::Warn);
        assert!(may || rule.breaks.is_empty(), "{}", rule.id);
    }
}

/// A literal that no group lists would exist for the checker, and not for `cargo event rules`.
#[test]
fn every_literal_is_named_after_its_id_and_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut literals = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for literal in text.split("\npub static ").skip(1) {
            literals += 1;
            let (name, rest) = literal.split_once(": Rule = Rule {").unwrap();
            let id = rest.split('"').nth(1).unwrap();
            assert_eq!(name, id.to_uppercase().replace('-', "_"));
            assert!(find(id).is_some(), "`{id}` is in no group");
        }
    }
    assert_eq!(literals, all().count());
}

#[test]
fn exit_codes_distinguish_no_from_bad_input() {
    for rule in [&ENUM_VALUE_ADDED, &UNDECIDED, &LOCK_MISSING, &EVENT_SOURCE_CHANGED] {
        assert_eq!(rule.exit, Exit::No, "{}", rule.id);
    }
    for rule in [&UNRESOLVED_REFERENCE, &SCHEMA_NOT_JSON, &VERSION_GAP, &GIT_FAILED] {
        assert_eq!(rule.exit, Exit::BadInput, "{}", rule.id);
    }
}
