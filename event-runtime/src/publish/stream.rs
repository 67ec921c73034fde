//! Publishes a stream, with at most the entries of one call in memory.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use futures_core::Stream;

use super::batch::InHand;
use super::{PublishReport, Publisher, Stamp, Transport, TransportError};
use crate::event::Event;

impl<T: Transport> Publisher<T> {
    /// Publishes the events of a stream, until it ends.
    ///
    /// Each event is sent as soon as a call is possible: a call takes the events that the stream
    /// has ready, up to the limits, and does not wait for more. While a call is running, and during
    /// a delay because the bus throttles, the stream is not polled: that is the back-pressure. So
    /// at most the entries of one call are held in memory, besides those that are sent again.
    ///
    /// `settled` receives the results after each call, instead of one report that would grow with
    /// the stream. [`flow`](Self::flow) makes several calls at once, and stops before the end of the
    /// stream. If the future is dropped, `settled` receives the entries without a result, as
    /// exhausted.
    ///
    /// # Errors
    ///
    /// The error of a call that was refused as a whole, for example because of a missing
    /// permission: the next one would be refused too, so no more events are taken. `settled` has
    /// received those taken, with their entries.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "embedded")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::{pin::Pin, task::{Context, Poll}};
    /// # use event_runtime::{Event, embedded::EmbeddedBus, publish::Publisher};
    /// # #[derive(serde::Serialize)]
    /// # struct OrderPlaced { order_id: String }
    /// # impl Event for OrderPlaced {
    /// #     const TYPE: &'static str = "order.placed";
    /// #     const MAJOR: u32 = 1;
    /// #     const MINOR: u32 = 0;
    /// #     const SOURCE: &'static str = "app.shop";
    /// # }
    /// # struct Orders(u32);
    /// # impl futures_core::Stream for Orders {
    /// #     type Item = OrderPlaced;
    /// #     fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<OrderPlaced>> {
    /// #         self.0 += 1;
    /// #         Poll::Ready((self.0 <= 25).then(|| OrderPlaced { order_id: self.0.to_string() }))
    /// #     }
    /// # }
    /// let orders = Orders(0); // any `futures_core::Stream` of events
    /// let publisher = Publisher::new(EmbeddedBus::builder().build()?);
    /// let mut lost = Vec::new();
    /// publisher.publish_stream(orders, |mut report| lost.append(&mut report.exhausted)).await?;
    /// assert!(lost.is_empty());
    /// assert_eq!((publisher.counts().accepted, publisher.counts().calls), (25, 3));
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "embedded"))]
    /// # fn main() {}
    /// ```
    pub async fn publish_stream<E: Event>(
        &self,
        events: impl Stream<Item = E>,
        mut settled: impl FnMut(PublishReport),
    ) -> Result<(), TransportError> {
        let mut events = pin!(events);
        let mut drawn = Drawn { hand: InHand::default(), settled: &mut settled };
        let mut ended = false;
        loop {
            let hand = &mut drawn.hand;
            let room = self.limits().entries.max(1).saturating_sub(hand.waiting.len());
            if !ended && room > 0 {
                let ready;
                (ready, ended) = next_ready(events.as_mut(), room, hand.waiting.is_empty()).await;
                for event in ready {
                    let group = self.group(Stamp::now(), event, &mut hand.report.rejected);
                    hand.waiting.push_back(group);
                }
            }
            hand.fill(&mut std::iter::empty(), &self.limits_now());
            let idle = hand.flying.is_empty();
            let refusal = if idle { None } else { self.round(hand).await };
            if let Some(refusal) = &refusal {
                self.give_back(hand, refusal);
            }
            drawn.tell();
            match refusal {
                Some(refusal) => return Err(refusal),
                None if idle && ended => return Ok(()),
                None => {}
            }
        }
    }
}

/// The events that were taken from a stream, and the callback for their results, even if the future
/// is dropped.
struct Drawn<'s, F: FnMut(PublishReport)> {
    hand: InHand,
    settled: &'s mut F,
}

impl<F: FnMut(PublishReport)> Drawn<'_, F> {
    fn tell(&mut self) {
        let report = std::mem::take(&mut self.hand.report);
        if !report.is_empty() {
            (self.settled)(report);
        }
    }
}

impl<F: FnMut(PublishReport)> Drop for Drawn<'_, F> {
    fn drop(&mut self) {
        self.hand.report = self.hand.dropped();
        self.tell();
    }
}

/// Returns the events that a stream has ready, at most `room`, and whether it has ended. Waits for
/// the first one if requested, and never for another.
async fn next_ready<E>(
    mut events: Pin<&mut impl Stream<Item = E>>,
    room: usize,
    wait: bool,
) -> (Vec<E>, bool) {
    let mut ready = Vec::with_capacity(room);
    let ended = poll_fn(|cx| {
        loop {
            if ready.len() == room {
                return Poll::Ready(false);
            }
            match events.as_mut().poll_next(cx) {
                Poll::Ready(Some(event)) => ready.push(event),
                Poll::Ready(None) => return Poll::Ready(true),
                Poll::Pending if ready.is_empty() && wait => return Poll::Pending,
                Poll::Pending => return Poll::Ready(false),
            }
        }
    })
    .await;
    (ready, ended)
}
