//! A topology with a poller, a function and a FIFO queue, as a CloudFormation template: YAML, or JSON with `--json`.

#![allow(clippy::print_stdout, reason = "an example prints what it makes")]

use std::time::Duration;

use event_topology::plan::{Publish, Read};
use event_topology::template::{Options, Stage, Template};
use event_topology::{Declaration, Queue, Topology};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let placed = |major| Read::new("order.placed", major, 0, "app.shop");
    let paid = Read::new("order.paid", 1, 2, "app.bank");
    let topology = Topology::on("shop")
        .publisher(
            "shop-api",
            [1, 2].map(|major| Publish::new("order.placed", major, 0, "app.shop")),
        )
        .consumer(Declaration::new("emailer", [placed(1)]).table("shop-claims"))
        .consumer(
            Declaration::new("ledger", [placed(1).upcast_to(2), placed(2), paid])
                .function(Duration::from_secs(20))
                .queue(Queue::fifo().visibility(Duration::from_mins(2)))
                .table("shop-claims")
                .concurrency(4),
        )
        .build()?;
    let options = Options::new(Stage::new("prod")?).archive_days(30);
    let template = Template::of(topology.plan(), &options)?;
    if std::env::args().any(|argument| argument == "--json") {
        println!("{}", serde_json::to_string_pretty(&template.to_json())?);
    } else {
        print!("{}", template.to_yaml());
    }
    Ok(())
}
