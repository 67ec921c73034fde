//! Writes files completely or not at all: schemas, locks and generated code.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{fs, io};

/// Writes `text` to `path` unless the file already has that content. Writes a temporary file first and then renames
/// it, so that no reader sees a half-written file.
///
/// Returns whether anything was written.
///
/// # Errors
///
/// Any I/O error.
pub fn write_if_changed(path: &Path, text: &str) -> io::Result<bool> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(false);
    }
    write(path, text, |part| fs::rename(part, path))?;
    sweep_schemas(path);
    Ok(true)
}

/// Removes temporary files of a schema or a lock that killed processes left.
fn sweep_schemas(path: &Path) {
    let ours = path.file_name().is_some_and(|name| name == crate::lock::FILE);
    if ours || path.extension().is_some_and(|e| e == "json") {
        sweep(path);
    }
}

/// Writes `text` to a new file, completely or not at all, as [`write_if_changed`] does. Returns the folders that were
/// made for it.
///
/// # Errors
///
/// Any I/O error; [`AlreadyExists`](io::ErrorKind::AlreadyExists) if `path` exists.
pub fn write_new(path: &Path, text: &str) -> io::Result<Folders> {
    let made = write(path, text, |part| {
        match fs::hard_link(part, path) {
            Ok(()) => fs::remove_file(part),
            // not every file system supports links
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists && !path.exists() => {
                fs::rename(part, path)
            }
            Err(_) => Err(io::ErrorKind::AlreadyExists.into()),
        }
    })?;
    sweep_schemas(path);
    Ok(made)
}

/// Writes a temporary file beside `path`, which `finish` then moves to its place.
fn write(
    path: &Path,
    text: &str,
    finish: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<Folders> {
    // threads of one process may write the same path
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let made = Folders::make(path.parent().unwrap_or(Path::new(".")))?;
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".part{}-{number}", std::process::id()));
    let part = PathBuf::from(part);
    // left by an earlier process with the same id
    let _ = fs::remove_file(&part);
    match create(&part, text).and_then(|()| finish(&part)) {
        Ok(()) => Ok(made),
        Err(e) => {
            // the first error is the one to report
            let _ = fs::remove_file(&part);
            made.take_back();
            Err(e)
        }
    }
}

/// Writes a new file, and flushes it to the disk.
pub(crate) fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Returns whether a name is that of a temporary file of a schema.
pub(crate) fn is_part(file: &str) -> bool {
    part_of(file).is_some_and(|stem| Path::new(stem).extension().is_some_and(|e| e == "json"))
}

/// Returns the name of the file that a temporary file is for: `a.json` for `a.json.part12` and `a.json.part12-3`.
fn part_of(part: &str) -> Option<&str> {
    let (stem, id) = part.rsplit_once(".part")?;
    let numbers = id.starts_with(|c: char| c.is_ascii_digit())
        && id.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    numbers.then_some(stem)
}

/// Folders that were made for a file. They are removed if the file cannot be written: an event's folder without a
/// version is an error.
#[derive(Debug)]
pub struct Folders(Vec<PathBuf>);

impl Folders {
    /// Makes a folder and its missing parents.
    ///
    /// # Errors
    ///
    /// Any I/O error; folders that were made before it are removed.
    pub fn make(dir: &Path) -> io::Result<Folders> {
        let missing = dir.ancestors().take_while(|d| !d.as_os_str().is_empty() && !d.exists());
        let made = Folders(missing.map(Path::to_owned).collect());
        match fs::create_dir_all(dir) {
            Ok(()) => Ok(made),
            Err(e) => {
                made.take_back();
                Err(e)
            }
        }
    }

    /// Removes the folders that are empty.
    pub fn take_back(&self) {
        for dir in &self.0 {
            // a folder that is not empty now belongs to somebody else
            let _ = fs::remove_dir(dir);
        }
    }
}

/// How old a temporary file is when its process has certainly ended.
const LEFT_OVER: Duration = Duration::from_mins(1);

/// Removes the temporary files of `path` that killed processes left; one that cannot be removed does no harm. This
/// lists the folder, so it is not done for files in `OUT_DIR`, which cargo cleans.
fn sweep(path: &Path) {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return };
    let dir = path.parent().unwrap_or(Path::new("."));
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let is_part = entry.file_name().to_str().and_then(part_of) == Some(name);
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        if is_part && age().is_some_and(|age| age > LEFT_OVER) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Removes the files in `dir` that are not in `keep`: those that an earlier run wrote for removed schemas.
///
/// # Errors
///
/// Any I/O error, except that `dir` does not exist.
pub fn remove_others(dir: &Path, keep: &BTreeSet<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_file() && !keep.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn unchanged_content_is_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b.rs");
        assert!(write_if_changed(&path, "x").unwrap());
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        assert!(!write_if_changed(&path, "x").unwrap());
        assert_eq!(before, fs::metadata(&path).unwrap().modified().unwrap());
        assert!(write_if_changed(&path, "y").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "y");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn write_new_never_replaces_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/1.0.json");
        write_new(&path, "x").unwrap();
        assert_eq!(write_new(&path, "y").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "x");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        // a folder that was made for a file that could not be written is removed
        let beside = dir.path().join("a/b/1.0.json/c/1.0.json");
        assert!(write_new(&beside, "x").is_err());
        write_new(&dir.path().join("c/1.0.json"), "x").unwrap().take_back();
        assert!(dir.path().join("c/1.0.json").exists());
    }

    #[test]
    fn temporary_files_of_a_killed_process_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("schemas.lock");
        let (left, now, other) = (
            dir.path().join("schemas.lock.part12"),
            dir.path().join("schemas.lock.part13"),
            dir.path().join("schemas.lock.party"),
        );
        for file in [&left, &now, &other] {
            fs::write(file, "").unwrap();
        }
        let old = std::time::SystemTime::now() - 2 * LEFT_OVER;
        fs::File::options().write(true).open(&left).unwrap().set_modified(old).unwrap();
        write_if_changed(&path, "x").unwrap();
        assert_eq!((left.exists(), now.exists(), other.exists()), (false, true, true));
    }

    #[test]
    fn remove_others_keeps_listed_files_only() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        fs::write(&a, "").unwrap();
        fs::write(&b, "").unwrap();
        remove_others(dir.path(), &BTreeSet::from([a.clone()])).unwrap();
        assert!(a.exists() && !b.exists());
    }
}
