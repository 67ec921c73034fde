//! A topology with a poller, a function and a FIFO queue, as a template. The argument is its format: `yaml`, `json`,
//! `sam` or `terraform`; a second one, `plain`, leaves out what emulators do not make: alarms and the archive.

#![allow(clippy::print_stdout, reason = "an example prints what it makes")]

use std::time::Duration;

use event_topology::plan::{Publish, Read};
use event_topology::template::{Options, Stage, Template, Terraform};
use event_topology::{Declaration, Queue, Topology};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let placed = |major| Read::new("order.placed", major, 0, "app.shop");
    let paid = Read::new("order.paid", 1, 2, "app.bank");
    let topology = Topology::on("shop")
        .publisher(
            "shop-api",
            [1, 2].map(|major| Publish::new("order.placed", major, 0, "app.shop")),
        )
        .consumer(
            Declaration::new("emailer", [placed(1)]).table("shop-claims").projections("shop-mails"),
        )
        .consumer(
            Declaration::new("ledger", [placed(1).upcast_to(2), placed(2), paid])
                .function(Duration::from_secs(20))
                .queue(Queue::fifo().visibility(Duration::from_mins(2)))
                .table("shop-claims")
                .concurrency(4),
        )
        .build()?;
    let mut options = Options::new(Stage::new("prod")?);
    let plan = topology.plan();
    let format = std::env::args().nth(1);
    match std::env::args().nth(2).as_deref() {
        Some("plain") => options = options.alarms(false),
        _ => options = options.archive_days(30),
    }
    match format.as_deref() {
        Some("json") => println!("{:#}", Template::of(plan, &options)?.to_json()),
        Some("sam") => print!("{}", Template::of(plan, &options.sam(true))?.to_yaml()),
        Some("terraform") => print!("{}", Terraform::of(plan, &options)?.to_text()),
        _ => print!("{}", Template::of(plan, &options)?.to_yaml()),
    }
    Ok(())
}
