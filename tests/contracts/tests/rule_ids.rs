//! The derives print ids of rules that they may not know: each of them is a rule, and each rule of structs is printed.

use std::collections::BTreeSet;

use event_schema::rules;

const IDS: [&str; 2] = [
    include_str!("../../../event-macros/src/rules.rs"),
    include_str!("../../../event-shape/src/check/rules.rs"),
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

const TOPOLOGY: [&str; 8] = [
    include_str!("../../../event-topology/src/check.rs"),
    include_str!("../../../event-topology/src/filter/mod.rs"),
    include_str!("../../../event-topology/src/retired.rs"),
    include_str!("../../../event-topology/src/services.rs"),
    include_str!("../../../event-topology/src/template/mod.rs"),
    include_str!("../../../event-topology/src/template/policies.rs"),
    include_str!("../../../event-topology/src/verify.rs"),
    include_str!("../../../event-runtime/src/topology/attach.rs"),
];

#[test]
fn ids_of_topology_problems_are_its_rules_and_each_rule_is_reported() {
    let group = rules::groups().find(|group| group.title == "Topology").expect("a group");
    let code = TOPOLOGY.iter().flat_map(|text| text.lines());
    let code = code.filter(|line| !line.trim_start().starts_with("//"));
    let words: BTreeSet<&str> = code.flat_map(|line| line.split('"')).collect();
    for rule in group.rules {
        assert!(words.contains(rule.id), "nothing reports `{}`", rule.id);
    }
    let letters = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    let is_id = |word: &&&str| word.contains('-') && word.split('-').all(letters);
    let ids: Vec<&&str> = words.iter().filter(is_id).collect();
    assert!(ids.len() > 15, "{ids:?}");
    for id in ids {
        assert!(
            group.rules.iter().any(|rule| rule.id == *id),
            "`{id}` is not a rule of topologies"
        );
    }
}
