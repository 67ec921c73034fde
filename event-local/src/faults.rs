//! Faults on demand: what a network and a busy service do to a client, scripted or random with a
//! seed.
//!
//! ```
//! use std::time::Duration;
//! use event_local::faults::{Fault, Faults};
//! use event_local::schemas::{Operation, Server};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let faults = Faults::none();
//! faults.next(2, Operation::DescribeSchema, Fault::Throttle); // the first two
//! faults.next(1, None, Fault::Slow(Duration::from_millis(200))); // whatever comes first
//! let server = Server::builder().faults(&faults).serve().await?;
//! # server.shutdown().await;
//! # Ok(())
//! # }
//! ```

use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Response, StatusCode, header};
use bytes::Bytes;
use futures_util::stream;

use crate::schemas::{ApiError, ErrorKind, Operation};

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// 429 `TooManyRequestsException`. The request is not carried out.
    Throttle,
    /// An error of the API. The request is not carried out.
    Error(ErrorKind),
    /// The status and a page that is not JSON, as a proxy in between sends it. The request is not
    /// carried out.
    Page(u16),
    /// The request **is** carried out. Only this many bytes of the response body arrive (at most
    /// all but one), then the connection is closed.
    Cut(usize),
    /// The request **is** carried out. The response has its status and a body that is not JSON.
    Garbage,
    /// The request is carried out, and answered after this time.
    Slow(Duration),
}

/// Faults and when they happen. Clones share one script, so a test can add to it while the server
/// runs.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    rules: Vec<Rule>,
    random: Option<Random>,
    done: usize,
}

#[derive(Debug)]
struct Rule {
    operation: Option<Operation>,
    skip: usize,
    left: usize,
    fault: Fault,
}

#[derive(Debug)]
struct Random {
    state: u64,
    percent: u8,
    faults: Vec<Fault>,
}

impl Faults {
    /// Injects no faults.
    pub fn none() -> Faults {
        Faults::default()
    }

    /// Injects faults into about `percent` of every hundred requests, each chosen from `faults`.
    /// The choice depends only on the seed and on the order of the requests.
    pub fn random(seed: u64, percent: u8, faults: &[Fault]) -> Faults {
        let random = Random { state: seed, percent, faults: faults.to_vec() };
        Faults(Arc::new(Mutex::new(Script { random: Some(random), ..Script::default() })))
    }

    /// Injects a fault into the next `count` requests of an operation (`None`: of any). Faults are
    /// used in the order in which they were added, and before random ones.
    pub fn next(&self, count: usize, operation: impl Into<Option<Operation>>, fault: Fault) {
        self.after(0, count, operation, fault);
    }

    /// Like [`Faults::next`], after the next `skip` requests, which are answered normally.
    pub fn after(
        &self,
        skip: usize,
        count: usize,
        operation: impl Into<Option<Operation>>,
        fault: Fault,
    ) {
        let rule = Rule { operation: operation.into(), skip, left: count, fault };
        self.script().rules.push(rule);
    }

    /// Removes all faults.
    pub fn clear(&self) {
        let mut script = self.script();
        script.rules.clear();
        script.random = None;
    }

    /// Returns how many requests had a fault so far.
    pub fn done(&self) -> usize {
        self.script().done
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request, or applies the fault that the script has for it.
    pub(crate) async fn around(
        &self,
        operation: Operation,
        answer: impl Future<Output = Response<Body>>,
    ) -> Response<Body> {
        let fault = self.script().take(operation);
        match fault {
            None => answer.await,
            Some(Fault::Throttle) => {
                ApiError::new(ErrorKind::TooManyRequests, "too many requests").into_response()
            }
            Some(Fault::Error(kind)) => ApiError::new(kind, "a fault on demand").into_response(),
            Some(Fault::Page(status)) => {
                let mut page =
                    Response::new(Body::from("<html><body>502 from a proxy</body></html>"));
                *page.status_mut() =
                    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                page
            }
            Some(Fault::Cut(at)) => cut(answer.await, at).await,
            Some(Fault::Garbage) => {
                let (parts, _) = answer.await.into_parts();
                Response::from_parts(parts, Body::from("\u{0}{\"Content\": garbage"))
            }
            Some(Fault::Slow(time)) => {
                tokio::time::sleep(time).await;
                answer.await
            }
        }
    }
}

impl Script {
    fn take(&mut self, operation: Operation) -> Option<Fault> {
        let fault = self.scripted(operation).or_else(|| self.random.as_mut()?.take());
        self.done += usize::from(fault.is_some());
        fault
    }

    /// A fault that is still to be skipped does not block later ones.
    fn scripted(&mut self, operation: Operation) -> Option<Fault> {
        for rule in &mut self.rules {
            if rule.operation.is_some_and(|o| o != operation) || rule.left == 0 {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            rule.left -= 1;
            return Some(rule.fault.clone());
        }
        None
    }
}

impl Random {
    fn take(&mut self) -> Option<Fault> {
        if self.draw() % 100 >= u64::from(self.percent) || self.faults.is_empty() {
            return None;
        }
        let which = self.draw() % self.faults.len() as u64;
        usize::try_from(which).ok().and_then(|i| self.faults.get(i)).cloned()
    }

    /// `SplitMix64`.
    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Sends the head and a part of the body; then the stream fails, and the connection with it.
async fn cut(response: Response<Body>, at: usize) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    // the body was created here and is already in memory
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let promised = whole.len().max(1);
    let arrives = whole.slice(..at.min(whole.len().saturating_sub(1)));
    if parts.status == StatusCode::NO_CONTENT {
        parts.status = StatusCode::OK; // a 204 has no body to be cut
    }
    parts.headers.insert(header::CONTENT_LENGTH, promised.into());
    let broken = Err(io::Error::from(io::ErrorKind::ConnectionReset));
    let pieces: Vec<io::Result<Bytes>> = vec![Ok(arrives), broken];
    Response::from_parts(parts, Body::from_stream(stream::iter(pieces)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(faults: &Faults, n: usize) -> Vec<Option<Fault>> {
        (0..n).map(|_| faults.script().take(Operation::ListSchemas)).collect()
    }

    #[test]
    fn script_is_followed_in_order() {
        let faults = Faults::none();
        faults.next(1, Operation::CreateSchema, Fault::Garbage);
        faults.after(1, 2, Operation::ListSchemas, Fault::Throttle);
        faults.after(1, 1, None, Fault::Cut(3));
        let expected =
            [None, Some(Fault::Throttle), Some(Fault::Throttle), Some(Fault::Cut(3)), None];
        assert_eq!(taken(&faults, 5), expected);
        assert_eq!(faults.done(), 3);
    }

    #[test]
    fn same_seed_gives_same_faults() {
        let kinds = [Fault::Throttle, Fault::Garbage];
        let one = taken(&Faults::random(7, 30, &kinds), 1000);
        assert_eq!(one, taken(&Faults::random(7, 30, &kinds), 1000));
        assert_ne!(one, taken(&Faults::random(8, 30, &kinds), 1000));
        let wrong = one.iter().flatten().count();
        assert!((250..350).contains(&wrong), "{wrong}");
        assert!(kinds.iter().all(|k| one.contains(&Some(k.clone()))));
    }
}
