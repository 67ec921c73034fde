//! Several files at once: all of them are written, or none is.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use event_folder::Folders;

/// Writes files, and returns for each whether it changed.
///
/// Every text is on the disk under another name before the first file gets its own. What fails before that leaves
/// everything as it was; after it, a file system would have to refuse to rename a file within its folder.
///
/// # Errors
///
/// The first error and its path.
pub(crate) fn write_all(files: &[(PathBuf, &str)]) -> Result<Vec<bool>, (PathBuf, io::Error)> {
    let mut staged = Staged::default();
    let mut changed = Vec::new();
    for (path, text) in files {
        let same = fs::read(path).is_ok_and(|was| was == text.as_bytes());
        changed.push(!same);
        if !same && let Err(error) = staged.add(path, text) {
            staged.take_back();
            return Err((path.clone(), error));
        }
    }
    staged.finish()?;
    Ok(changed)
}

/// Texts beside the files that they will be.
#[derive(Default)]
struct Staged {
    parts: Vec<(PathBuf, PathBuf)>,
    folders: Vec<Folders>,
}

impl Staged {
    fn add(&mut self, path: &Path, text: &str) -> io::Result<()> {
        if path.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        self.folders.push(Folders::make(path.parent().unwrap_or(Path::new(".")))?);
        let mut part = path.as_os_str().to_owned();
        part.push(format!(".part{}-{}", std::process::id(), self.parts.len()));
        let part = PathBuf::from(part);
        // one that another process of this number left is nobody's
        let _ = fs::remove_file(&part);
        self.parts.push((part.clone(), path.to_owned()));
        let mut file = File::create_new(&part)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }

    fn finish(self) -> Result<(), (PathBuf, io::Error)> {
        for (at, (part, path)) in self.parts.iter().enumerate() {
            if let Err(error) = fs::rename(part, path) {
                for (part, _) in &self.parts[at..] {
                    let _ = fs::remove_file(part);
                }
                return Err((path.clone(), error));
            }
        }
        Ok(())
    }

    fn take_back(self) {
        for (part, _) in &self.parts {
            let _ = fs::remove_file(part);
        }
        for folders in self.folders.into_iter().rev() {
            folders.take_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_is_written_where_one_cannot_be() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (dir.path().join("new/a.txt"), dir.path().join("b.txt"));
        fs::create_dir(&second).unwrap();
        let files = [(first.clone(), "a"), (second.clone(), "b")];
        let (path, _) = write_all(&files).unwrap_err();
        assert_eq!(path, second);
        assert!(!dir.path().join("new").exists(), "the folder is left");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);

        fs::remove_dir(&second).unwrap();
        assert_eq!(write_all(&files).unwrap(), [true, true]);
        assert_eq!(write_all(&files).unwrap(), [false, false]);
        assert_eq!(fs::read_to_string(first).unwrap(), "a");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
