//! What is wrong with the files and options that a template is made of.

#![allow(missing_docs, reason = "the fields of a rule describe it")]

use super::{Exit, Group, Level, Rule};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Templates",
    rules: &[&TOPOLOGY_MISSING, &TOPOLOGY_UNREADABLE, &SEVERAL_TOPOLOGIES, &BAD_STAGE],
};

pub static SEVERAL_TOPOLOGIES: Rule = Rule {
    id: "several-topologies",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "one template can be written to standard output, several need files",
    example: "two `topology.json` without `--out`",
    fix: "choose one with `--topology FILE`, or a folder with `--out DIR`; `--combine` writes one template per bus",
};

pub static TOPOLOGY_UNREADABLE: Rule = Rule {
    id: "topology-unreadable",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a topology must be the JSON that a service prints of its plan, in the format of this release",
    example: "a file of an earlier format",
    fix: "write the file again with the release that the service uses",
};

pub static TOPOLOGY_MISSING: Rule = Rule {
    id: "topology-missing",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "a template is made from a topology",
    example: "a workspace without `topology.json`",
    fix: "write it from the service's `topology()`, or pass the file: `--topology FILE`",
};

pub static BAD_STAGE: Rule = Rule {
    id: "bad-stage",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "names of buses, queues and tables end with the stage: 1 to 16 lower-case letters, digits and hyphens",
    example: "`--stage Prod`",
    fix: "use a short lower-case name, such as `prod`",
};
