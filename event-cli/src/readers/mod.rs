//! Who reads which major of an event, and how that is known.
//!
//! Four kinds of evidence, each named in the answer: *declared* (topologies and files of patterns), *deployed* (rules
//! of buses), *measured* (how often these rules matched) and *registered* (tags of the registry's schema). What could
//! not be found out is said, and then nobody is not proven.

pub(crate) mod declared;
#[cfg(feature = "aws")]
pub(crate) mod live;
pub(crate) mod report;
#[cfg(feature = "registry")]
pub(crate) mod tags;
pub(crate) mod wanted;

use std::collections::BTreeSet;

/// How it is known that somebody reads a major.
#[cfg_attr(not(feature = "aws"), allow(dead_code, reason = "only deployed rules are measured"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Declared,
    Deployed,
    Measured,
    Registered,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::Declared => "declared",
            Kind::Deployed => "deployed",
            Kind::Measured => "measured",
            Kind::Registered => "registered",
        }
    }
}

/// Whether what was seen reads the major.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reads {
    /// It does.
    Yes,
    /// It may: why that is not known.
    Maybe(String),
    /// It would, and does not: why.
    Not(String),
}

/// One who reads a major, as seen in one place.
#[derive(Debug, Clone)]
pub(crate) struct Sighting {
    pub(crate) major: u32,
    pub(crate) kind: Kind,
    pub(crate) who: String,
    pub(crate) bus: Option<String>,
    /// Where: `file:line:column`, an ARN, or a schema of a registry.
    pub(crate) place: String,
    /// What else is known of it.
    pub(crate) details: Vec<String>,
    pub(crate) reads: Reads,
    pub(crate) measured: Option<Measured>,
}

/// How often a rule matched within the window.
#[cfg_attr(not(feature = "aws"), allow(dead_code, reason = "only deployed rules are measured"))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    pub(crate) events: f64,
    /// The first and the last day with events, `yyyy-mm-dd`.
    pub(crate) days: Option<(String, String)>,
}

/// What one kind of evidence was gathered from.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    pub(crate) kind: Kind,
    /// What was looked at, in words.
    pub(crate) looked_at: String,
    /// Why it is not complete.
    pub(crate) problems: Vec<String>,
}

/// What is known of the readers of an event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) sightings: Vec<Sighting>,
    pub(crate) evidence: Vec<Evidence>,
    /// Kinds of evidence that were not asked for, and how to.
    pub(crate) not_asked: Vec<(Kind, &'static str)>,
}

/// What is known of one major.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Who reads it.
    Somebody(BTreeSet<String>),
    /// Why it is not known.
    Undecided(Vec<String>),
    Nobody,
}

impl Found {
    /// What is known of a major.
    pub(crate) fn verdict(&self, major: u32) -> Verdict {
        let of = || self.sightings.iter().filter(|s| s.major == major);
        let readers: BTreeSet<String> =
            of().filter(|s| s.reads == Reads::Yes).map(|s| s.who.clone()).collect();
        if !readers.is_empty() {
            return Verdict::Somebody(readers);
        }
        let maybe = of().filter_map(|s| match &s.reads {
            Reads::Maybe(why) => Some(format!("{}: {why}", s.who)),
            _ => None,
        });
        // metrics say how much a rule is used, and not whether there is one
        let problems = self.evidence.iter().filter(|e| e.kind != Kind::Measured);
        let problems = problems.flat_map(|e| {
            e.problems.iter().map(|problem| format!("{}: {problem}", e.kind.as_str()))
        });
        let why: Vec<String> = maybe.chain(problems).collect();
        if why.is_empty() { Verdict::Nobody } else { Verdict::Undecided(why) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighting(kind: Kind, reads: Reads) -> Sighting {
        let (who, place) = ("emailer".to_owned(), "t.json:1:1".to_owned());
        Sighting { major: 1, kind, who, bus: None, place, details: vec![], reads, measured: None }
    }

    #[test]
    fn nobody_needs_complete_evidence() {
        let mut found = Found::default();
        assert_eq!(found.verdict(1), Verdict::Nobody);
        found.sightings.push(sighting(Kind::Deployed, Reads::Not("disabled".to_owned())));
        assert_eq!(found.verdict(1), Verdict::Nobody);
        let evidence = |kind| Evidence {
            kind,
            looked_at: String::new(),
            problems: vec!["`ListRules` is not allowed".to_owned()],
        };
        found.evidence.push(evidence(Kind::Measured));
        assert_eq!(found.verdict(1), Verdict::Nobody);
        found.evidence.push(evidence(Kind::Deployed));
        assert!(matches!(found.verdict(1), Verdict::Undecided(why) if why.len() == 1));
        found.sightings.push(sighting(Kind::Declared, Reads::Maybe("a parameter".to_owned())));
        assert!(matches!(found.verdict(1), Verdict::Undecided(why) if why.len() == 2));
        found.sightings.push(sighting(Kind::Declared, Reads::Yes));
        assert_eq!(found.verdict(1), Verdict::Somebody(["emailer".to_owned()].into()));
        assert!(matches!(found.verdict(2), Verdict::Undecided(_)));
    }
}
