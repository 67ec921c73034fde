//! Majors that nothing publishes any longer, and those that should be retired by now.

use std::collections::BTreeMap;

use crate::plan::{Consumer, Plan, Publisher, Read, Supersedes};
use crate::{Declaration, Problem, Services};

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
    let reads = declared.iter().flat_map(|it| it.reads.iter().map(|read| (it.name.as_str(), read)));
    reads.filter_map(|(consumer, read)| retired(&older, consumer, read)).collect()
}

fn retired(older: &Older<'_>, consumer: &str, read: &Read) -> Option<Problem> {
    let known = older.get(&(read.event_type.as_str(), read.major))?;
    known.retired.then(|| {
        Problem::new(
            "reads-retired",
            Some(consumer),
            format!("it reads `{}`, which is retired", read.detail_type),
            "nothing publishes it: its rule would match no event",
            format!("read v{} or newer", read.major.saturating_add(1)),
        )
    })
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
        late(self, &older(said(self)), today)
    }
}

impl Services<'_> {
    /// As [`Plan::past_sunset`], where the newer major may be in the topology of another service. Each warning comes
    /// with the service that it is about.
    pub fn past_sunset(&self, today: &str) -> Vec<(&str, Problem)> {
        let older = older(self.0.iter().flat_map(|(_, plan)| said(plan)));
        let mut found = Vec::new();
        for (service, plan) in &self.0 {
            found.extend(late(plan, &older, today).into_iter().map(|it| (*service, it)));
        }
        found
    }

    /// Consumers that read a major which another service has retired.
    pub(crate) fn retired(&self) -> Vec<Problem> {
        let older = older(self.0.iter().flat_map(|(_, plan)| said(plan)));
        let consumers = self.0.iter().flat_map(|(_, plan)| &plan.consumers);
        let reads = consumers.flat_map(|it| it.reads.iter().map(|read| (it.name.as_str(), read)));
        reads.filter_map(|(consumer, read)| retired(&older, consumer, read)).collect()
    }
}

/// What a plan says of older majors.
fn said(plan: &Plan) -> impl Iterator<Item = (&str, Option<&Supersedes>)> {
    let read = plan.consumers.iter().flat_map(|it| &it.reads);
    let read = read.map(|it| (it.event_type.as_str(), it.supersedes.as_ref()));
    let published = plan.publishers.iter().flat_map(|it| &it.publishes);
    read.chain(published.map(|it| (it.event_type.as_str(), it.supersedes.as_ref())))
}

fn late(plan: &Plan, older: &Older<'_>, today: &str) -> Vec<Problem> {
    let reads = plan.consumers.iter().flat_map(|it| it.reads.iter().map(move |read| (it, read)));
    let problem = |(consumer, read): (&Consumer, &Read)| {
        let sunset = older.get(&(read.event_type.as_str(), read.major))?.sunset.as_deref()?;
        // days of this form are in the order of their text
        (sunset <= today).then(|| {
            Problem::new(
                "reads-past-sunset",
                Some(&consumer.name),
                format!("it reads `{}`, which was to be retired on {sunset}", read.detail_type),
                "the major is published for as long as somebody reads it",
                format!("read v{} or newer, or move the day", read.major.saturating_add(1)),
            )
        })
    };
    reads.filter_map(problem).collect()
}
