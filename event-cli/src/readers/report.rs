//! The evidence, for people and as JSON.

use serde_json::{Value, json};

use super::{Found, Reads, Sighting, Verdict};
use crate::patterns::Major;
use crate::render::clean;

/// What no evidence of one account shows.
pub(crate) const LIMITS: [&str; 2] = [
    "rules of other accounts and regions, to which a bus forwards events",
    "archives and stored events, which keep a major after its last reader is gone",
];

/// The readers of majors, what was looked at, and what was not.
pub(crate) fn human(found: &Found, majors: &[&Major<'_>]) -> String {
    let mut out = String::new();
    for major in majors {
        let verdict = found.verdict(major.major);
        let state = if major.retired { " (retired)" } else { "" };
        let day = major.sunset.as_ref().map(|day| format!(", sunset {day}")).unwrap_or_default();
        let head = match &verdict {
            Verdict::Somebody(who) => crate::command::count(who.len(), "reader"),
            Verdict::Nobody => "nobody".to_owned(),
            Verdict::Undecided(_) => "undecided".to_owned(),
        };
        out += &line(&format!("{}{state}{day}: {head}", major.shown()), 0);
        for sighting in found.sightings.iter().filter(|s| s.major == major.major) {
            out += &line(&shown(sighting), 1);
            for detail in &sighting.details {
                out += &line(detail, 2);
            }
        }
        if let Verdict::Undecided(why) = &verdict {
            for why in why {
                out += &line(&format!("not known: {why}"), 1);
            }
        }
    }
    out += "looked at:\n";
    for evidence in &found.evidence {
        out += &line(&format!("{:<10} {}", evidence.kind.as_str(), evidence.looked_at), 1);
        for problem in &evidence.problems {
            out += &line(&format!("not complete: {problem}"), 2);
        }
    }
    for (kind, how) in &found.not_asked {
        out += &line(&format!("{:<10} not asked: {how}", kind.as_str()), 1);
    }
    out += "not visible from here:\n";
    for limit in LIMITS {
        out += &line(limit, 1);
    }
    out
}

fn line(text: &str, depth: usize) -> String {
    format!("{}{}\n", "    ".repeat(depth), clean(text))
}

fn shown(sighting: &Sighting) -> String {
    let mut text = format!("{:<10} {}", sighting.kind.as_str(), sighting.who);
    if let Some(bus) = &sighting.bus {
        text.extend([" on bus `", bus, "`"]);
    }
    match &sighting.reads {
        Reads::Yes => {}
        Reads::Maybe(why) => text.extend([" (may read it: ", why, ")"]),
        Reads::Not(why) => text.extend([" (does not read it: ", why, ")"]),
    }
    if let Some(measured) = &sighting.measured {
        let matched = match &measured.days {
            Some((first, last)) => {
                format!(", matched {} events from {first} to {last}", measured.events)
            }
            None => ", matched no event".to_owned(),
        };
        text.push_str(&matched);
    }
    format!("{text}: {}", sighting.place)
}

/// The same as JSON.
pub(crate) fn json(found: &Found, majors: &[&Major<'_>]) -> Value {
    let majors: Vec<Value> = majors
        .iter()
        .map(|major| {
            let (verdict, why) = match found.verdict(major.major) {
                Verdict::Somebody(_) => ("readers", Vec::new()),
                Verdict::Nobody => ("nobody", Vec::new()),
                Verdict::Undecided(why) => ("undecided", why),
            };
            let seen = found.sightings.iter().filter(|s| s.major == major.major);
            let mut value = major.json();
            value["verdict"] = json!(verdict);
            value["undecided"] = json!(why);
            value["readers"] = seen.map(sighting).collect();
            value
        })
        .collect();
    let evidence = found.evidence.iter().map(|evidence| {
        json!({
            "kind": evidence.kind.as_str(),
            "lookedAt": evidence.looked_at,
            "complete": evidence.problems.is_empty(),
            "problems": evidence.problems,
        })
    });
    json!({
        "majors": majors,
        "evidence": evidence.collect::<Vec<_>>(),
        "notAsked": found.not_asked.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(),
        "notVisible": LIMITS,
    })
}

fn sighting(sighting: &Sighting) -> Value {
    let (reads, why) = match &sighting.reads {
        Reads::Yes => ("yes", None),
        Reads::Maybe(why) => ("maybe", Some(why)),
        Reads::Not(why) => ("no", Some(why)),
    };
    let measured = sighting.measured.as_ref().map(|measured| {
        json!({
            "matchedEvents": measured.events,
            "first": measured.days.as_ref().map(|(first, _)| first),
            "last": measured.days.as_ref().map(|(_, last)| last),
        })
    });
    json!({
        "evidence": sighting.kind.as_str(),
        "name": sighting.who,
        "bus": sighting.bus,
        "place": sighting.place,
        "details": sighting.details,
        "reads": reads,
        "reason": why,
        "measured": measured,
    })
}
