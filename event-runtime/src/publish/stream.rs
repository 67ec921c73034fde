//! Publishing a stream: no more in memory than one call holds.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use futures_core::Stream;

use super::batch::InHand;
use super::{PublishReport, Publisher, Stamp, Transport, TransportError};
use crate::event::Event;

impl<T: Transport> Publisher<T> {
    /// Publishes what a stream brings, until it ends.
    ///
    /// Each event is sent as soon as there is a call free for it: a call takes what the stream has
    /// ready, up to the limits, and waits for no more. While a call is on its way, and while one is
    /// waited with because the bus throttles, the stream is not polled: that is the back-pressure.
    /// So memory holds no more than one call's entries, besides those that are sent again.
    ///
    /// `settled` gets what came of the entries after each call, rather than one report of all: that
    /// would grow with the stream. Where the future is dropped, `settled` gets what was drawn from the
    /// stream and has no outcome yet, as exhausted.
    ///
    /// # Errors
    ///
    /// The error of a call that was refused as a whole, such as for want of a permission: the next one
    /// would be too, so nothing more is drawn. What was drawn was told to `settled`, with its entries.
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

/// What was drawn from a stream, and who is told of it: also where the future is dropped.
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

/// What a stream has ready, at most `room`, and whether it has ended. Waits for the first if told
/// to, and never for a further one.
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
