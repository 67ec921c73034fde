//! Majors that nothing publishes any longer, and those that should be retired by now.

use std::collections::BTreeMap;

use crate::plan::{Plan, Publisher, Read, Supersedes};
use crate::{Declaration, Problem};

/// What is known of older majors, by type and major.
type Older<'a> = BTreeMap<(&'a str, u32), &'a Supersedes>;

/// Collects what newer majors say of older ones; of two, the one that says retired, or the earlier day.
fn older<'a>(said: impl Iterator<Item = (&'a str, Option<&'a Supersedes>)>) -> Older<'a> {
    let mut all = Older::new();
    for (event_type, supersedes) in said {
        let Some(supersedes) = supersedes else { continue };
        let known = all.entry((event_type, supersedes.major)).or_insert(supersedes);
        let earlier = match (&known.sunset, &supersedes.sunset) {
            (Some(known), Some(other)) => other < known,
            (None, Some(_)) => true,
            _ => false,
        };
        if !known.retired && (supersedes.retired || earlier) {
            *known = supersedes;
        }
    }
    all
}

/// Consumers that read a retired major.
pub(crate) fn problems(declared: &[Declaration], publishers: &[Publisher]) -> Vec<Problem> {
    let read = declared.iter().flat_map(|it| &it.reads);
    let read = read.map(|it| (it.event_type.as_str(), it.supersedes.as_ref()));
    let published = publishers.iter().flat_map(|it| &it.publishes);
    let published = published.map(|it| (it.event_type.as_str(), it.supersedes.as_ref()));
    let older = older(read.chain(published));
    let mut problems = Vec::new();
    for declaration in declared {
        for read in &declaration.reads {
            let retired = older.get(&(read.event_type.as_str(), read.major));
            if retired.is_some_and(|it| it.retired) {
                problems.push(Problem::new(
                    "reads-retired",
                    Some(&declaration.name),
                    format!("it reads `{}`, which is retired", read.detail_type),
                    "nothing publishes it: its rule would match no event",
                    format!("read v{} or newer", read.major.saturating_add(1)),
                ));
            }
        }
    }
    problems
}

impl Plan {
    /// Consumers that read a major which was to be retired by this day (`yyyy-mm-dd`): warnings, since the major is
    /// published until its readers have migrated.
    ///
    /// # Example
    ///
    /// ```
    /// use event_topology::plan::{Publish, Read, Supersedes};
    /// use event_topology::{Declaration, Topology};
    ///
    /// let v1 = Supersedes { major: 1, retired: false, sunset: Some("2026-06-30".to_owned()) };
    /// let topology = Topology::on("shop")
    ///     .publisher("shop-api", [Publish::new("order.placed", 2, 0, "app.shop").superseding(v1)])
    ///     .consumer(Declaration::new("emailer", [Read::new("order.placed", 1, 0, "app.shop")]))
    ///     .build()?;
    /// assert_eq!(topology.plan().past_sunset("2026-06-29"), []);
    /// assert_eq!(topology.plan().past_sunset("2026-06-30")[0].consumer.as_deref(), Some("emailer"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn past_sunset(&self, today: &str) -> Vec<Problem> {
        let reads =
            || self.consumers.iter().flat_map(|it| it.reads.iter().map(move |read| (it, read)));
        let read = reads().map(|(_, it)| (it.event_type.as_str(), it.supersedes.as_ref()));
        let published = self.publishers.iter().flat_map(|it| &it.publishes);
        let published = published.map(|it| (it.event_type.as_str(), it.supersedes.as_ref()));
        let older = older(read.chain(published));
        let late = |read: &Read| {
            let sunset = older.get(&(read.event_type.as_str(), read.major))?.sunset.as_deref()?;
            // days of this form are in the order of their text
            (sunset <= today).then_some(sunset)
        };
        let problem = |(consumer, read): (&crate::plan::Consumer, &Read)| {
            let sunset = late(read)?;
            Some(Problem::new(
                "reads-past-sunset",
                Some(&consumer.name),
                format!("it reads `{}`, which was to be retired on {sunset}", read.detail_type),
                "the major is published for as long as somebody reads it",
                format!("read v{} or newer, or move the day", read.major.saturating_add(1)),
            ))
        };
        reads().filter_map(problem).collect()
    }
}
