//! When no more messages are started, when running handlers are dropped, and when everything ends.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// The longest part of a grace period that is reserved for releasing claims and settling messages.
const LONGEST_TAIL: Duration = Duration::from_secs(2);

/// The shortest time between dropping handlers and the end, if no end is set.
const SHORTEST_TAIL: Duration = Duration::from_millis(50);

/// When to stop: never, at a known deadline, or on request of a [`Stopper`].
///
/// A stop has three times. From the first on, no message is started, and the others are returned to
/// the queue. At the second, running handlers are dropped, their claims released and their messages
/// returned: otherwise a Lambda function that is frozen, or a container that is killed, would hold
/// the claim until its lease ends. At the third everything ends: calls without a response are
/// aborted.
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
/// stopper.stop(Duration::from_secs(20)); // everything ends 20 seconds from now
/// assert!(!stop.may_begin());
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<Times>);

#[derive(Debug, Clone, Copy, Default)]
struct Times {
    begin_until: Option<Instant>,
    drop_at: Option<Instant>,
    end_at: Option<Instant>,
}

/// Stops a [`Stop`] and all its clones.
#[derive(Debug)]
pub struct Stopper(watch::Sender<Times>);

/// What ends, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The parts of an effect.
    Parts,
    /// The effect that consists of them: a little later, so that parts release their own claims
    /// first.
    Effect,
    /// The last calls for a message to a store or a place for dead letters.
    Messages,
    /// The tasks that handle messages, if they did not end by themselves.
    Lanes,
    /// Everything.
    All,
}

impl Times {
    fn of(self, phase: Phase) -> Option<Instant> {
        let (drop_at, end_at) = (self.drop_at?, self.end_at?);
        let tail = end_at.saturating_duration_since(drop_at);
        Some(match phase {
            Phase::Parts => drop_at,
            Phase::Effect => drop_at + tail / 4,
            Phase::Messages => drop_at + tail / 2,
            Phase::Lanes => drop_at + tail * 5 / 8,
            Phase::All => end_at,
        })
    }
}

impl Stop {
    /// Never stops.
    pub fn never() -> Self {
        Self(watch::channel(Times::default()).1)
    }

    /// Starts nothing from `begin_until` on and drops running handlers at `drop_at`. Everything
    /// ends after another half of the time between the two; [`ending_at`](Self::ending_at) sets
    /// another end.
    pub fn at(begin_until: Instant, drop_at: Instant) -> Self {
        let tail = drop_at.saturating_duration_since(begin_until) / 2;
        Self::ending_at(begin_until, drop_at, drop_at + tail.clamp(SHORTEST_TAIL, LONGEST_TAIL))
    }

    /// Starts nothing from `begin_until` on, drops running handlers at `drop_at`, and waits for no
    /// response after `end_at`.
    pub fn ending_at(begin_until: Instant, drop_at: Instant, end_at: Instant) -> Self {
        let end_at = Some(end_at.max(drop_at));
        let times = Times { begin_until: Some(begin_until), drop_at: Some(drop_at), end_at };
        Self(watch::channel(times).1)
    }

    /// Whether a message may still be started.
    pub fn may_begin(&self) -> bool {
        self.0.borrow().begin_until.is_none_or(|until| Instant::now() < until)
    }

    /// Returns when running handlers are dropped, if that is known: the deadline of a Lambda
    /// invocation, or a stop that was requested.
    pub fn drops_at(&self) -> Option<Instant> {
        self.0.borrow().drop_at
    }

    /// Returns when everything ends, if that is known.
    pub fn ends_at(&self) -> Option<Instant> {
        self.0.borrow().end_at
    }

    /// Completes as soon as no message may be started any more.
    pub async fn stopping(&self) {
        self.reached(|times| times.begin_until).await;
    }

    /// Completes as soon as everything must end.
    pub async fn ended(&self) {
        self.over(Phase::All).await;
    }

    /// Completes when this phase must end.
    pub(crate) async fn over(&self, phase: Phase) {
        self.reached(|times| times.of(phase)).await;
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
    /// Returns a stopper and the stop that it controls.
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(Times::default());
        (Self(sender), Stop(receiver))
    }

    /// Starts nothing from now on, and ends everything after `grace`. Running handlers are dropped
    /// before that, so that their claims can be released and their messages returned: after two
    /// thirds of the grace period, or two seconds before its end, whichever is later.
    pub fn stop(&self, grace: Duration) {
        let now = Instant::now();
        let tail = (grace / 3).min(LONGEST_TAIL);
        // A grace period beyond the range of the clock never ends.
        let end_at = now.checked_add(grace);
        let drop_at = now.checked_add(grace.saturating_sub(tail));
        self.0.send_replace(Times { begin_until: Some(now), drop_at, end_at });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn grace_covers_the_drop_and_the_end() {
        let (stopper, stop) = Stopper::new();
        assert!(stop.may_begin() && Stop::never().may_begin());
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move {
                stop.stopping().await;
                let begun = Instant::now();
                let mut over = Vec::new();
                for phase in
                    [Phase::Parts, Phase::Effect, Phase::Messages, Phase::Lanes, Phase::All]
                {
                    stop.over(phase).await;
                    over.push(begun.elapsed().as_millis());
                }
                over
            }
        });
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(!waiting.is_finished());
        stopper.stop(Duration::from_secs(20));
        drop(stopper);
        assert!(!stop.may_begin());
        assert_eq!(waiting.await.unwrap(), [18_000, 18_500, 19_000, 19_250, 20_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn deadline_stops_without_a_stopper() {
        let now = Instant::now();
        let stop = Stop::at(now + Duration::from_secs(1), now + Duration::from_secs(2));
        assert!(stop.may_begin());
        stop.over(Phase::Parts).await;
        assert!(!stop.may_begin());
        assert_eq!(now.elapsed().as_secs(), 2);
        stop.ended().await;
        assert_eq!(now.elapsed().as_millis(), 2500);
    }

    #[tokio::test(start_paused = true)]
    async fn grace_beyond_clock_range_does_not_panic() {
        let (stopper, stop) = Stopper::new();
        stopper.stop(Duration::MAX);
        let ended = tokio::time::timeout(Duration::from_hours(1), stop.ended()).await;
        assert!(ended.is_err() && !stop.may_begin());
    }
}
