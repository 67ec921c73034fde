//! Tests of a service: its topology in the process, without AWS.
//!
//! - [`TestBus`] is the transport of publishers. It remembers what was published, routes it to the
//!   queues of a topology, and fails on demand.
//! - [`TestService`] runs the consumers of a topology on such a bus until it is idle.
//! - [`TestClock`] is the clock of claims. It follows tokio's paused time, so a test turns leases,
//!   back-offs, visibility timeouts and retentions with one call.
//! - [`FaultyStore`] makes calls to an idempotency store fail, lose their response, or hang.
//! - [`NoIdempotency`] switches idempotency off.
//!
//! Use tokio's paused time (`#[tokio::test(start_paused = true)]`): retries and leases then take no
//! real time.
//!
//! # Example
//!
//! ```
//! # use event_runtime::{Envelope, Event};
//! # use event_runtime::consume::HandlerError;
//! # #[derive(Clone, serde::Serialize, serde::Deserialize)]
//! # struct OrderPlaced { order_id: String }
//! # impl Event for OrderPlaced {
//! #     const TYPE: &'static str = "order.placed";
//! #     const MAJOR: u32 = 1;
//! #     const MINOR: u32 = 0;
//! #     const SOURCE: &'static str = "app.shop";
//! # }
//! use event_runtime::consume::Consumer;
//! use event_runtime::idempotency::MemoryStore;
//! use event_runtime::topology::{Attach, Topology};
//! use event_testing::service::{TestBus, TestService};
//!
//! #[tokio::main(flavor = "current_thread", start_paused = true)] // in a test: `tokio::test`
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let topology =
//!         Topology::on("shop").consumer(Consumer::of::<OrderPlaced>("emailer")).build()?;
//!     let mail_server = vec![Err("busy"), Ok(())].into_iter();
//!     # let mails = std::sync::Arc::new(std::sync::Mutex::new(mail_server));
//!     let emailer = topology
//!         .handlers("emailer", MemoryStore::new())?
//!         .on::<OrderPlaced, _>(move |_event, _context| {
//!             let answer = mails.lock().expect("not poisoned").next().unwrap_or(Ok(()));
//!             async move { answer.map_err(HandlerError::from) }
//!         })
//!         .build()?;
//!
//!     let shop = TestService::new(&topology, &TestBus::of(&topology), [emailer]);
//!     shop.publish(OrderPlaced { order_id: "A-1".into() }).await;
//!     shop.deliver_twice();
//!     let run = shop.run_until_idle().await;
//!
//!     assert_eq!((run["emailer"].handled, run["emailer"].duplicates), (1, 1));
//!     assert_eq!(run["emailer"].retried, 1);
//!     shop.assert_no_dead_letters();
//!     Ok(())
//! }
//! ```

mod bus;
mod clock;
mod disabled;
mod run;
mod store;

pub use bus::{BusFault, TestBus};
pub use clock::TestClock;
pub use disabled::NoIdempotency;
pub use run::{Run, TestService};
pub use store::{FaultyStore, Operation, StoreFault};
