//! Writes new versions, and the lock that lists them, into the folder.
//!
//! Everything is first written below `.pull`, which readers of the folder skip, and then renamed, the lock
//! last. Whenever the process is killed, no file is half written and nothing that was locked has changed.
//! A version that is not listed yet was checked, and the next pull or `cargo event lock` lists it. Links
//! are never followed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io};

use crate::load::SchemaFile;
use crate::lock::{self, Lock};
use crate::write::{create, write_if_changed};

const STAGE: &str = ".pull";

/// A change to a folder.
#[derive(Debug, Clone)]
pub struct Change {
    /// The files to add.
    pub files: Vec<SchemaFile>,
    /// The text of the lock when the change was planned.
    pub lock_before: Option<String>,
    /// The lock to write.
    pub lock: Lock,
}

enum Step<'a> {
    Clear,
    Stage(&'a SchemaFile),
    Rename(PathBuf),
    Lock(String),
}

/// Makes the change, and returns whether anything was written.
///
/// # Errors
///
/// Any I/O error, a link in place of a file or folder, or another command that is writing the folder (detected on
/// Unix).
pub fn commit(root: &Path, change: &Change) -> io::Result<bool> {
    let lock = change.lock.to_text();
    let locked = fs::read(root.join(lock::FILE)).is_ok_and(|old| old == lock.as_bytes());
    if change.files.is_empty() && (locked || change.lock.entries.is_empty()) {
        // left by a pull that was killed
        if fs::symlink_metadata(root.join(STAGE)).is_ok_and(|m| m.is_dir()) {
            let _alone = alone(root)?;
            run(root, &Step::Clear)?;
        }
        return Ok(false);
    }
    fs::create_dir_all(root)?;
    let _alone = alone(root)?;
    // another command may have locked versions since the change was planned
    if fs::read_to_string(root.join(lock::FILE)).ok() != change.lock_before {
        let message =
            format!("{} was changed by another command: run this command again", lock::FILE);
        return Err(io::Error::new(io::ErrorKind::WouldBlock, message));
    }
    for step in steps(root, change)? {
        run(root, &step)?;
    }
    Ok(true)
}

/// Takes only the first `count` steps of the change, as a process that is killed then, and returns the number of all
/// steps. For tests.
///
/// # Errors
///
/// The same as for [`commit`].
#[doc(hidden)]
pub fn begin(root: &Path, change: &Change, count: usize) -> io::Result<usize> {
    let all = steps(root, change)?;
    for step in all.iter().take(count) {
        run(root, step)?;
    }
    Ok(all.len())
}

/// How long a command waits for another one that is writing the folder.
const PATIENCE: Duration = Duration::from_secs(10);

/// Locks the folder against other commands as [`commit`] does, and waits up to ten seconds for one that is writing.
/// For use between reading `schemas.lock` and writing it. The folder is released when the value is dropped or the
/// process ends. Only on Unix.
///
/// # Errors
///
/// Any I/O error, and another command that is still writing after ten seconds.
pub fn hold(root: &Path) -> io::Result<Option<fs::File>> {
    let begun = Instant::now();
    loop {
        match alone(root) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock && begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(20));
            }
            other => return other,
        }
    }
}

/// Locks the folder against other commands until the value is dropped or the process ends.
fn alone(root: &Path) -> io::Result<Option<fs::File>> {
    if cfg!(not(unix)) {
        return Ok(None);
    }
    let folder = fs::File::open(root)?;
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(fs::TryLockError::WouldBlock) => {
            Err(io::Error::new(io::ErrorKind::WouldBlock, "another command is writing this folder"))
        }
        // not every file system supports locks
        Err(fs::TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => Ok(None),
        Err(fs::TryLockError::Error(e)) => Err(e),
    }
}

fn steps<'a>(root: &Path, change: &'a Change) -> io::Result<Vec<Step<'a>>> {
    no_link(&root.join(lock::FILE))?;
    no_link(&root.join(STAGE))?;
    let mut out = vec![Step::Clear];
    let mut renames = BTreeSet::new();
    for file in &change.files {
        let registry = PathBuf::from(&file.name.registry);
        let event = registry.join(&file.name.event);
        let path = event.join(format!("{}.json", file.version));
        for part in [&registry, &event, &path] {
            no_link(&root.join(part))?;
        }
        out.push(Step::Stage(file));
        // the outermost missing part: an event's folder without a version would be an error
        let missing = [registry, event, path].into_iter().find(|p| !root.join(p).exists());
        renames.extend(missing);
    }
    out.extend(renames.into_iter().map(Step::Rename));
    out.extend([Step::Lock(change.lock.to_text()), Step::Clear]);
    Ok(out)
}

fn run(root: &Path, step: &Step<'_>) -> io::Result<()> {
    let stage = root.join(STAGE);
    match step {
        Step::Clear => match fs::remove_dir_all(&stage) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        },
        Step::Stage(file) => {
            let dir = stage.join(&file.name.registry).join(&file.name.event);
            fs::create_dir_all(&dir)?;
            create(&dir.join(format!("{}.json", file.version)), &file.text)
        }
        Step::Rename(path) => fs::rename(stage.join(path), root.join(path)),
        Step::Lock(text) => write_if_changed(&root.join(lock::FILE), text).map(drop),
    }
}

fn no_link(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|m| m.is_symlink()) {
        let message = format!("`{}` is a link: expected a file or folder", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    Ok(())
}
