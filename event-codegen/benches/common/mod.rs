//! Shared by the benchmarks: a folder of schemas that `event-codegen` reads, and CPU time.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use event_folder::load::Folder;
use event_folder::lock::Lock;
use rustix::time::{ClockId, clock_gettime};

/// The number of runs of each side: `EVENT_BENCH_RUNS`, or 7. The fastest run counts, because it was
/// disturbed least.
pub(crate) fn runs() -> usize {
    std::env::var("EVENT_BENCH_RUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(7)
}

/// The schemas of one corpus, sorted by name; `None` without corpora.
pub(crate) fn schemas(corpus: &str) -> Option<Vec<PathBuf>> {
    let Some(corpora) = std::env::var_os("EVENT_CORPORA").map(PathBuf::from) else {
        println!("skipped: EVENT_CORPORA is not set");
        return None;
    };
    let entries = fs::read_dir(corpora.join(corpus)).unwrap();
    let mut schemas: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    schemas.sort();
    Some(schemas)
}

/// The folder that `event-codegen` reads, so that lock, checks and baselines are part of its time.
pub(crate) fn lay_out(dir: &Path, schemas: &[PathBuf]) -> PathBuf {
    let root = dir.join("schemas");
    for path in schemas {
        let event = root.join("aws-events").join(path.file_stem().unwrap());
        fs::create_dir_all(&event).unwrap();
        fs::copy(path, event.join("1.0.json")).unwrap();
    }
    let (folder, problems) = Folder::read(&root, "schemas");
    assert_eq!(problems, []);
    fs::write(root.join("schemas.lock"), Lock::of(&folder).to_text()).unwrap();
    root
}

/// The CPU time of this process during a call, user and system, so that other processes do not count.
pub(crate) fn time(work: impl FnOnce() -> usize) -> Duration {
    let start = clock_gettime(ClockId::ProcessCPUTime);
    black_box(work());
    let end = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(end).unwrap().saturating_sub(Duration::try_from(start).unwrap())
}
