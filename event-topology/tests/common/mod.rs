//! A plan with one of everything.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its part")]

use std::time::Duration;

use event_topology::plan::{Plan, Publish, Read};
use event_topology::template::{Options, Stage};
use event_topology::{Declaration, Queue, Topology};

pub(crate) fn options() -> Options {
    Options::new(Stage::new("prod").unwrap())
}

/// A poller with a table, a function at a FIFO queue that reads two majors, a function at a standard queue, a
/// publisher.
pub(crate) fn everything() -> Plan {
    let placed = |major| Read::new("order.placed", major, 0, "app.shop");
    let topology = Topology::on("shop")
        .publisher(
            "shop-api",
            [1, 2].map(|major| Publish::new("order.placed", major, 0, "app.shop")),
        )
        .consumer(Declaration::new("emailer", [placed(1)]).table("claims").projections("mails"))
        .consumer(
            Declaration::new("ledger.rows", [placed(1).upcast_to(2), placed(2)])
                .function(Duration::from_secs(10))
                .queue(Queue::fifo().visibility(Duration::from_mins(1)))
                .table("claims")
                .concurrency(4),
        )
        .consumer(
            Declaration::new("audit", [placed(2)])
                .function(Duration::from_secs(5))
                .retry(10, Duration::from_hours(1)),
        );
    topology.build().unwrap().plan().clone()
}
