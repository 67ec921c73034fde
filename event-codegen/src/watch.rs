//! Work that typify takes part in: on a thread with a large stack, and no schema for longer than a bound.
//!
//! A thread can't be ended from outside. One that is past its bound is left behind: a build script ends
//! soon after, and the thread with it.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use event_folder::problem;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

/// Stack of the thread that works: schemas nest as deep as the reader allows, and typify recurses.
const STACK: usize = 64 * 1024 * 1024;

/// How long one schema may take. A large one takes milliseconds; what takes this long has no end.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// Which schema is worked at, and since when.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Arc<Mutex<Option<(String, Instant)>>>);

impl Progress {
    /// The schema of this file is next.
    pub(crate) fn begin(&self, file: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((file.to_owned(), Instant::now()));
    }

    /// No schema is worked at.
    pub(crate) fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The file that is worked at for as long as `limit`.
    fn late(&self, limit: Duration) -> Option<String> {
        let now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.as_ref().filter(|(_, since)| since.elapsed() >= limit).map(|(file, _)| file.clone())
    }
}

/// Does the work on a thread of its own.
///
/// # Errors
///
/// The schema that took longer than `limit`.
pub(crate) fn bounded<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce(&Progress) -> T + Send + 'static,
) -> Result<T, Box<Diagnostic>> {
    let progress = Progress::default();
    let theirs = progress.clone();
    let (done, result) = channel();
    let thread = thread::Builder::new().stack_size(STACK).spawn(move || {
        // nobody waits where the bound is over
        let _ = done.send(work(&theirs));
    });
    let thread = match thread {
        Ok(thread) => thread,
        // the system has no thread left for us, and build.rs nothing to go on with
        Err(e) => panic!("can't start a thread: {e}"),
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
    let message = format!(
        "no Rust types could be made of this schema: after {seconds} seconds, the work at it was given up"
    );
    problem::help(
        problem::error(&rules::CANNOT_LOWER, file, message),
        &[
            "take parts out until it goes through: what has no end is most often a definition that unions refer to and that refers to them",
            "move that part into an event of its own, or describe it as any JSON (`{}`)",
        ],
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn work_without_end_is_given_up() {
        let never = |progress: &Progress| {
            progress.begin("schemas/core/a.b/1.0.json");
            loop {
                thread::park();
            }
        };
        let error = bounded::<()>(Duration::ZERO, never).unwrap_err();
        assert_eq!(
            error.headline(),
            "[cannot-lower] schemas/core/a.b/1.0.json: no Rust types could be made of this schema: \
             after 0 seconds, the work at it was given up"
        );
        assert_eq!(error.help.len(), 2);
    }

    #[test]
    fn time_between_schemas_does_not_count() {
        let work = |progress: &Progress| {
            progress.begin("a");
            progress.end();
            // longer than the bound of zero, at no schema
            thread::sleep(Duration::from_millis(20));
            7
        };
        // the bound may be met while `a` is worked at, never after it
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
