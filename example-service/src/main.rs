//! Runs the service on embedded defaults and prints what happened. With the argument `topology`,
//! prints which consumer reads what as JSON instead.

#![allow(clippy::print_stdout, reason = "that is what this program is for")]

use std::collections::BTreeMap;
use std::error::Error;

use example_service::service::{self, Outcome};
use example_service::topology::topology;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1).as_deref() {
        None => print(&service::run().await?),
        Some("topology") => println!("{}", serde_json::to_string_pretty(&topology()?)?),
        Some(other) => {
            return Err(format!("unknown argument `{other}`: the only one is `topology`").into());
        }
    }
    Ok(())
}

fn print(outcome: &Outcome) {
    println!(
        "A proposals service publishes events to three consumers: an emailer that still reads version 1,"
    );
    println!(
        "and a projector and an analytics indexer that read version 2. The bus, the queues and the"
    );
    println!("database are inside this process.\n");

    println!("published (one publish of `proposal.published` 2.1 is two events on the bus):");
    let mut by_id: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for rendition in &outcome.published {
        by_id.entry(rendition.id.to_string()).or_default().push(&rendition.detail_type);
    }
    for (id, detail_types) in &by_id {
        println!("  {id}  {}", detail_types.join("  "));
    }

    println!("\nthe faults of production, on purpose:");
    println!("  {} messages delivered a second time", outcome.duplicates_injected);
    println!("  1 message that does not match any schema, put into the queue of `analytics`");
    println!("  a mail server that refuses the first mail");

    println!("\nwhat each consumer did:");
    println!(
        "  {:<10} {:<43}  {:>7}  {:>9}  {:>7}  {:>12}",
        "consumer", "reads", "handled", "duplicate", "retried", "dead letters"
    );
    for consumer in &outcome.consumers {
        let stats = consumer.stats;
        println!(
            "  {:<10} {:<43}  {:>7}  {:>9}  {:>7}  {:>12}",
            consumer.name,
            consumer.reads.join(" "),
            stats.handled,
            stats.duplicates,
            stats.retried,
            stats.dead_lettered(),
        );
    }

    println!("\nthe results:");
    for mail in &outcome.mails {
        println!("  mail to {:<16} {}", mail.to, mail.subject);
    }
    for (currency, cents) in &outcome.totals {
        println!("  offered {}.{:02} {currency}", cents / 100, cents % 100);
    }

    println!("\ndead letters:");
    for consumer in &outcome.consumers {
        for letter in &consumer.dead_letters {
            println!("  {}: {}", consumer.name, letter.reason);
        }
    }

    let (key, view, accepted_by) = &outcome.read;
    println!("\nthe projection, read by key `{key}`:");
    match view {
        Some(view) => println!("  {view:?}"),
        None => println!("  nothing"),
    }
    if let Some(name) = accepted_by {
        println!("  accepted by {name}");
    }

    println!(
        "\nNow break it: remove `tags` from schemas/app-core/proposal.published/2.1.json, or put"
    );
    println!(
        "`#[serde(rename = \"name\")]` on `title` in example-service/src/events.rs, and run again"
    );
}
