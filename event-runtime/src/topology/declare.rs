//! Declares a consumer by the types of its events.

use super::{Declaration, ReadList};
use crate::consume::Consumer;

impl Consumer {
    /// Declares a consumer of an event, or of several with [`reads!`](crate::reads).
    ///
    /// # Example
    ///
    /// ```
    /// use std::time::Duration;
    /// use event_runtime::consume::Consumer;
    /// use event_runtime::topology::Queue;
    /// # use event_runtime::Event;
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct OrderPlaced { order_id: String }
    /// # impl Event for OrderPlaced {
    /// #     const TYPE: &'static str = "order.placed";
    /// #     const MAJOR: u32 = 1;
    /// #     const MINOR: u32 = 0;
    /// #     const SOURCE: &'static str = "app.shop";
    /// # }
    ///
    /// let emailer = Consumer::of::<OrderPlaced>("emailer")
    ///     .retry(185, Duration::from_hours(24))
    ///     .queue(Queue::standard().max_receives(3))
    ///     .idempotency(Duration::from_hours(6 * 24))
    ///     .concurrency(4);
    /// ```
    pub fn of<R: ReadList>(name: &str) -> Declaration {
        let mut reads = Vec::new();
        R::push_to(&mut reads);
        Declaration::new(name, reads)
    }
}
