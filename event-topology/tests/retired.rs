//! A retired major has no readers any more.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test may fail loudly")]

use event_topology::plan::Read;
use event_topology::{Declaration, Topology};

#[test]
fn topology_that_reads_retired_major_does_not_build() {
    let of = |retired| {
        let old = Read { retired, ..Read::new("order.placed", 1, 0, "app.shop") };
        let new = Read::new("order.placed", 2, 0, "app.shop");
        Topology::on("shop").consumer(Declaration::new("emailer", [old, new])).build()
    };
    assert!(of(false).is_ok());
    let error = of(true).unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("[reads-retired] consumer `emailer`: it reads `order.placed:v1`"),
        "{said}"
    );
    assert_eq!(error.problems.len(), 1, "{said}");
}
