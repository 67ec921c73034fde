//! Runs work that involves typify on a thread with a large stack, with a time limit per schema.
//!
//! A thread cannot be stopped from outside. One that exceeds its limit is left behind: a build script ends
//! soon after, and the thread with it.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use event_folder::problem;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

/// The stack of the worker thread: schemas nest as deep as the reader allows, and typify recurses.
const STACK: usize = 64 * 1024 * 1024;

/// The time limit of one schema. A large one takes milliseconds; one that takes this long does not
/// terminate.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// The current schema, and its start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Arc<Mutex<Option<(String, Instant)>>>);

impl Progress {
    /// Starts the schema of this file.
    pub(crate) fn begin(&self, file: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((file.to_owned(), Instant::now()));
    }

    /// Ends the current schema.
    pub(crate) fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The file that has been processed for longer than `limit`.
    fn late(&self, limit: Duration) -> Option<String> {
        let now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.as_ref().filter(|(_, since)| since.elapsed() >= limit).map(|(file, _)| file.clone())
    }
}

/// Runs the work on a separate thread.
///
/// # Errors
///
/// Returns the schema that took longer than `limit`.
pub(crate) fn bounded<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce(&Progress) -> T + Send + 'static,
) -> Result<T, Box<Diagnostic>> {
    let progress = Progress::default();
    let theirs = progress.clone();
    let (done, result) = channel();
    let thread = thread::Builder::new().stack_size(STACK).spawn(move || {
        // nobody waits after the limit
        let _ = done.send(work(&theirs));
    });
    let thread = match thread {
        Ok(thread) => thread,
        // the system has no thread left, and build.rs cannot continue
        Err(e) => panic!("cannot start a thread: {e}"),
    };
    loop {
        match result.recv_timeout(limit.clamp(Duration::from_millis(1), Duration::from_secs(1))) {
            Ok(value) => return Ok(value),
            Err(RecvTimeoutError::Timeout) => {
                if let Some(file) = progress.late(limit) {
                    return Err(Box::new(too_long(&file, limit)));
                }
            }
            Err(RecvTimeoutError::Disconnected) => match thread.join() {
                Err(panic) => std::panic::resume_unwind(panic),
                Ok(()) => unreachable!("a thread that ends has sent or panicked"),
            },
        }
    }
}

fn too_long(file: &str, limit: Duration) -> Diagnostic {
    let seconds = limit.as_secs();
    let message = format!("timed out after {seconds} s generating types for this schema");
    problem::help(
        problem::error(&rules::CANNOT_LOWER, file, message),
        &[
            "remove parts until it succeeds: the usual cause is a definition that unions refer to and that refers to them",
            "move that part into an event of its own, or describe it as any JSON (`{}`)",
        ],
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn endless_work_times_out() {
        let never = |progress: &Progress| {
            progress.begin("schemas/core/a.b/1.0.json");
            loop {
                thread::park();
            }
        };
        let error = bounded::<()>(Duration::ZERO, never).unwrap_err();
        assert_eq!(
            error.headline(),
            "[cannot-lower] schemas/core/a.b/1.0.json: timed out after 0 s generating types for this schema"
        );
        assert_eq!(error.help.len(), 2);
    }

    #[test]
    fn time_between_schemas_does_not_count() {
        let work = |progress: &Progress| {
            progress.begin("a");
            progress.end();
            // longer than the limit of zero, but between schemas
            thread::sleep(Duration::from_millis(20));
            7
        };
        // the limit may be reached while `a` is processed, never after it
        match bounded(Duration::ZERO, work) {
            Ok(n) => assert_eq!(n, 7),
            Err(e) => assert!(e.headline().contains(" a: "), "{}", e.headline()),
        }
        assert_eq!(bounded(LIMIT, work).unwrap(), 7);
    }

    #[test]
    #[should_panic(expected = "as it was")]
    fn a_panic_comes_through() {
        let _ = bounded::<()>(LIMIT, |_| panic!("as it was"));
    }
}
