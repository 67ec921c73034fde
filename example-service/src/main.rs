//! Runs the service on embedded defaults and prints what happened. With the argument `topology`,
//! prints which consumer reads what as JSON instead.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{self, Write as _};
use std::io::{self, Write as _};

use example_service::service::{self, Outcome};
use example_service::topology::topology;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1).as_deref() {
        None => print(&report(&service::run().await?)?)?,
        Some("topology") => print(&format!("{}\n", serde_json::to_string_pretty(&topology()?)?))?,
        Some(other) => {
            return Err(format!("unknown argument `{other}`: the only one is `topology`").into());
        }
    }
    Ok(())
}

/// A reader that has read enough, such as `head`, is not a reason to fail.
fn print(text: &str) -> io::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// What happened, for a person.
fn report(outcome: &Outcome) -> Result<String, fmt::Error> {
    let mut out = String::new();
    writeln!(
        out,
        "A proposals service publishes events to three consumers: an emailer that still reads version 1,"
    )?;
    writeln!(
        out,
        "and a projector and an analytics indexer that read version 2. The bus, the queues and the"
    )?;
    writeln!(out, "database are inside this process.\n")?;

    writeln!(out, "published (one publish of `proposal.published` 2.1 is two events on the bus):")?;
    let mut by_id: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for rendition in &outcome.published {
        by_id.entry(rendition.id.to_string()).or_default().push(&rendition.detail_type);
    }
    for (id, detail_types) in &by_id {
        writeln!(out, "  {id}  {}", detail_types.join("  "))?;
    }

    writeln!(out, "\nthe faults of production, on purpose:")?;
    writeln!(out, "  {} messages delivered a second time", outcome.duplicates_injected)?;
    writeln!(out, "  1 message that does not match any schema, put into the queue of `analytics`")?;
    writeln!(out, "  a mail server that refuses the first mail")?;

    writeln!(out, "\nwhat each consumer did:")?;
    writeln!(
        out,
        "  {:<10} {:<43}  {:>7}  {:>9}  {:>7}  {:>12}",
        "consumer", "reads", "handled", "duplicate", "retried", "dead letters"
    )?;
    for consumer in &outcome.consumers {
        let stats = consumer.stats;
        writeln!(
            out,
            "  {:<10} {:<43}  {:>7}  {:>9}  {:>7}  {:>12}",
            consumer.name,
            consumer.reads.join(" "),
            stats.handled,
            stats.duplicates,
            stats.retried,
            stats.dead_lettered(),
        )?;
    }

    writeln!(out, "\nthe results:")?;
    for mail in &outcome.mails {
        writeln!(out, "  mail to {:<16} {}", mail.to, mail.subject)?;
    }
    for (currency, cents) in &outcome.totals {
        writeln!(out, "  offered {}.{:02} {currency}", cents / 100, cents % 100)?;
    }

    writeln!(out, "\ndead letters:")?;
    for consumer in &outcome.consumers {
        for letter in &consumer.dead_letters {
            writeln!(out, "  {}: {}", consumer.name, letter.reason)?;
        }
    }

    let (key, view, accepted_by) = &outcome.read;
    writeln!(out, "\nthe projection, read by key `{key}`:")?;
    match view {
        Some(view) => writeln!(out, "  {view:?}")?,
        None => writeln!(out, "  nothing")?,
    }
    if let Some(name) = accepted_by {
        writeln!(out, "  accepted by {name}")?;
    }

    writeln!(
        out,
        "\nNow break it: remove `tags` from schemas/app-core/proposal.published/2.1.json, or put"
    )?;
    writeln!(
        out,
        "`#[serde(rename = \"name\")]` on `title` in example-service/src/events.rs, and run again"
    )?;
    Ok(out)
}
