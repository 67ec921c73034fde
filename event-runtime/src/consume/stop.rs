//! When no more messages are to be begun, and when those that run are to be dropped.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// When to stop: never, at a deadline that is known, or when a [`Stopper`] says so.
///
/// There are two times. From the first on no message is begun, and those that were not are given
/// back. At the second what still runs is dropped, its claim is released and its message given back:
/// a Lambda function that is frozen, or a container that is killed, would hold the claim until its
/// lease ends.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use std::time::Duration;
/// use event_runtime::consume::Stopper;
///
/// let (stopper, stop) = Stopper::new();
/// assert!(stop.may_begin());
/// stopper.stop(Duration::from_secs(20)); // what runs has so long to end
/// assert!(!stop.may_begin());
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<Times>);

#[derive(Debug, Clone, Copy, Default)]
struct Times {
    begin_until: Option<Instant>,
    drop_at: Option<Instant>,
}

/// Tells a [`Stop`] and all its clones to stop.
#[derive(Debug)]
pub struct Stopper(watch::Sender<Times>);

impl Stop {
    /// Goes on to the end.
    pub fn never() -> Self {
        Self(watch::channel(Times::default()).1)
    }

    /// Begins nothing from `begin_until` on, and drops what runs at `drop_at`.
    pub fn at(begin_until: Instant, drop_at: Instant) -> Self {
        let times = Times { begin_until: Some(begin_until), drop_at: Some(drop_at) };
        Self(watch::channel(times).1)
    }

    /// Whether a message may still be begun.
    pub fn may_begin(&self) -> bool {
        self.0.borrow().begin_until.is_none_or(|until| Instant::now() < until)
    }

    /// Ready as soon as no message may be begun any more.
    pub async fn stopping(&self) {
        self.reached(|times| times.begin_until).await;
    }

    /// Ready so long after what runs is to be dropped.
    pub(crate) async fn dropping(&self, grace: Duration) {
        self.reached(|times| times.drop_at.map(|at| at + grace)).await;
    }

    async fn reached(&self, which: impl Fn(&Times) -> Option<Instant>) {
        let mut times = self.0.clone();
        let mut told = true;
        loop {
            let at = which(&times.borrow_and_update());
            match (at, told) {
                (Some(at), true) => tokio::select! {
                    () = tokio::time::sleep_until(at) => return,
                    changed = times.changed() => told = changed.is_ok(),
                },
                (Some(at), false) => return tokio::time::sleep_until(at).await,
                (None, true) => told = times.changed().await.is_ok(),
                (None, false) => std::future::pending::<()>().await,
            }
        }
    }
}

impl Stopper {
    /// A stopper, and what it stops.
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(Times::default());
        (Self(sender), Stop(receiver))
    }

    /// From now on nothing is begun, and what runs has `grace` to end.
    pub fn stop(&self, grace: Duration) {
        let now = Instant::now();
        let drop_at = now.checked_add(grace);
        self.0.send_replace(Times { begin_until: Some(now), drop_at });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_two_times_are_kept() {
        let (stopper, stop) = Stopper::new();
        assert!(stop.may_begin() && Stop::never().may_begin());
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move {
                stop.stopping().await;
                let begun = Instant::now();
                stop.dropping(Duration::from_secs(1)).await;
                begun.elapsed()
            }
        });
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(!waiting.is_finished());
        stopper.stop(Duration::from_secs(2));
        drop(stopper);
        assert!(!stop.may_begin());
        assert_eq!(waiting.await.unwrap().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_needs_no_stopper() {
        let now = Instant::now();
        let stop = Stop::at(now + Duration::from_secs(1), now + Duration::from_secs(2));
        assert!(stop.may_begin());
        stop.dropping(Duration::ZERO).await;
        assert!(!stop.may_begin());
        assert_eq!(now.elapsed().as_secs(), 2);
    }
}
