//! The derives print ids of rules that they may not know: each of them is a rule, and each rule of structs is printed.

use std::collections::BTreeSet;

use event_schema::rules;

const IDS: [&str; 2] = [
    include_str!("../../event-macros/src/rules.rs"),
    include_str!("../../event-shape/src/check/rules.rs"),
];

fn printed() -> BTreeSet<&'static str> {
    let mut out = BTreeSet::new();
    for line in IDS.iter().flat_map(|text| text.lines()) {
        if let Some((name, id)) = line.split_once(" = \"")
            && name.contains(" const ")
        {
            out.insert(id.trim_end_matches("\";"));
        }
    }
    out
}

#[test]
fn ids_that_the_derives_print_are_rules() {
    let printed = printed();
    assert!(printed.len() > 40, "{printed:?}");
    for id in printed {
        assert!(rules::find(id).is_some(), "`{id}` is not a rule");
    }
}

#[test]
fn rules_of_structs_are_printed_by_a_derive() {
    let printed = printed();
    let group = rules::groups().find(|group| group.title == "Structs").expect("a group");
    for rule in group.rules {
        assert!(printed.contains(rule.id), "no derive prints `{}`", rule.id);
    }
}
