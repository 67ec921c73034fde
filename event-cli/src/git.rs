//! Reads the schema folder of a revision with the git command.
//!
//! Reads objects only, and changes neither the work tree nor the index.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::{fs, thread};

use event_folder::load::Folder;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use tempfile::TempDir;

/// Writes the contents of `folder` at `rev` to a temporary folder.
pub(crate) fn checkout(rev: &str, folder: &Folder) -> Result<TempDir, Box<Diagnostic>> {
    let root = &folder.root;
    let inside = git(root, &["rev-parse", "--is-inside-work-tree"])?;
    if !inside.status.success() {
        let message = "the schema folder is not in a git repository";
        return Err(failed(&folder.shown, message, &inside)
            .with_help("name a folder instead: `--against DIR`")
            .into());
    }
    let commit = format!("{rev}^{{commit}}");
    let known = git(root, &["rev-parse", "--verify", "--quiet", &commit])?;
    if !known.status.success() {
        return Err(unknown(rev, root));
    }
    let commit = String::from_utf8_lossy(&known.stdout).trim().to_owned();
    let tree = git(root, &["ls-tree", "-r", "-z", &commit])?;
    if !tree.status.success() {
        return Err(failed(rev, "failed to list the files of the revision", &tree).into());
    }
    write(&entries(&tree.stdout), root)
        .map_err(|e| Box::new(error(rev, format!("failed to read the files of the revision: {e}"))))
}

/// The usual names of the main branch, for a repository without a remote.
const MAIN: [&str; 4] = ["main", "master", "trunk", "develop"];

/// Returns the locks of the folder that others may have: on remote branches, in tags, and on the main branch or the
/// only branch. Returns none outside of a repository.
pub(crate) fn locks(root: &Path) -> Result<Vec<(String, String)>, Box<Diagnostic>> {
    let inside = match command(root).args(["rev-parse", "--show-prefix"]).output() {
        Ok(inside) => inside,
        Err(_) if !in_repository(root) => return Ok(Vec::new()),
        Err(e) => return Err(Box::new(error("git", format!("failed to run git: {e}")))),
    };
    if !inside.status.success() {
        // a repository that git refuses to read, such as one of another owner, may have the lock
        return if in_repository(root) {
            Err(Box::new(failed("git", "failed to read the repository", &inside)))
        } else {
            Ok(Vec::new())
        };
    }
    let prefix = String::from_utf8_lossy(&inside.stdout).trim_end_matches(['\r', '\n']).to_owned();
    let listed = git(root, &["for-each-ref", "--format=%(refname)"])?;
    if !listed.status.success() {
        return Err(failed("git", "failed to list the branches", &listed).into());
    }
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let heads: Vec<&str> = listed.lines().filter(|r| r.starts_with("refs/heads/")).collect();
    let usual = git(root, &["config", "--get", "init.defaultBranch"])?;
    let usual = String::from_utf8_lossy(&usual.stdout).trim().to_owned();
    let main = |r: &str| {
        let branch = r.strip_prefix("refs/heads/").unwrap_or(r);
        MAIN.contains(&branch) || branch == usual || heads.len() == 1
    };
    let shared = listed.lines().filter(|r| match r.split('/').nth(1) {
        Some("remotes" | "tags") => true,
        Some("heads") => main(r),
        _ => false,
    });
    let shared: Vec<&str> = shared.collect();
    let file = format!("{prefix}{}", event_folder::lock::FILE);
    let asked: Vec<Entry> = shared
        .iter()
        .map(|r| Entry { object: format!("{r}:{file}"), path: (*r).to_owned() })
        .collect();
    let texts = blobs(root, &asked).map_err(|e| {
        Box::new(error("git", format!("failed to read the locks of the branches: {e}")))
    })?;
    let short = |r: &str| r.splitn(3, '/').nth(2).unwrap_or(r).to_owned();
    let found = shared.iter().zip(texts).filter_map(|(r, text)| Some((short(r), text?)));
    Ok(found.collect())
}

/// Returns whether `root` or a folder around it has a `.git`.
fn in_repository(root: &Path) -> bool {
    let whole = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    whole.ancestors().any(|a| a.join(".git").exists())
}

/// Returns the text of each object, in order; `None` for one that does not exist.
fn blobs(root: &Path, asked: &[Entry]) -> io::Result<Vec<Option<String>>> {
    let mut texts = Vec::with_capacity(asked.len());
    batch(root, asked, |_, bytes| {
        texts.push(match bytes {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(e),
        });
        Ok(())
    })?;
    Ok(texts)
}

/// A file of the tree: the id of its object, and its path below the folder.
struct Entry {
    object: String,
    path: String,
}

/// Returns the plain files of a tree. Links are skipped, because their target may be anywhere.
fn entries(tree: &[u8]) -> Vec<Entry> {
    let entry = |line: &[u8]| {
        let line = std::str::from_utf8(line).ok()?;
        let (facts, path) = line.split_once('\t')?;
        let mut facts = facts.split(' ');
        let (mode, object) = (facts.next()?, facts.nth(1)?);
        let below = !path.split('/').any(|part| matches!(part, "" | "." | ".."));
        (mode.starts_with("100") && below)
            .then(|| Entry { object: object.to_owned(), path: path.to_owned() })
    };
    tree.split(|b| *b == 0).filter_map(entry).collect()
}

/// Writes the objects to a temporary folder.
fn write(entries: &[Entry], root: &Path) -> io::Result<TempDir> {
    let dir = tempfile::tempdir()?;
    batch(root, entries, |entry, bytes| {
        let path = dir.path().join(&entry.path);
        fs::create_dir_all(path.parent().unwrap_or(dir.path()))?;
        fs::write(path, bytes?)
    })?;
    Ok(dir)
}

/// Reads all objects with one `git cat-file --batch`, and hands each to `take`, in order.
fn batch(
    root: &Path,
    entries: &[Entry],
    take: impl FnMut(&Entry, io::Result<Vec<u8>>) -> io::Result<()>,
) -> io::Result<()> {
    let mut child = command(root)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let result = exchange(&mut child, entries, take);
    // after a failed exchange git still waits; after a successful one it ends by itself
    if result.is_err() {
        let _ = child.kill();
    }
    child.wait()?;
    result
}

/// Asks and reads at the same time: in turn, both pipes could fill up.
fn exchange(
    child: &mut Child,
    entries: &[Entry],
    mut take: impl FnMut(&Entry, io::Result<Vec<u8>>) -> io::Result<()>,
) -> io::Result<()> {
    let (Some(mut ask), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let mut answers = io::BufReader::new(answers);
    thread::scope(|scope| {
        scope.spawn(move || {
            // if git has ended, its answers end, and reading them reports that
            let _ = entries.iter().try_for_each(|e| writeln!(ask, "{}", e.object));
        });
        entries.iter().try_for_each(|entry| take(entry, answer(&mut answers)))
    })
}

/// Reads an answer: `<object> blob <size>`, the bytes, and a line feed.
fn answer(from: &mut impl io::BufRead) -> io::Result<Vec<u8>> {
    let mut head = String::new();
    from.read_line(&mut head)?;
    if head.trim_end().ends_with(" missing") {
        return Err(io::Error::new(io::ErrorKind::NotFound, "git does not have the object"));
    }
    let size = head.trim_end().rsplit_once(" blob ").and(head.trim_end().rsplit(' ').next());
    let size: u64 = size.and_then(|s| s.parse().ok()).ok_or_else(|| {
        let message = format!("unexpected answer of git: `{}`", head.trim_end());
        io::Error::new(io::ErrorKind::InvalidData, message)
    })?;
    let mut bytes = Vec::new();
    from.by_ref().take(size).read_to_end(&mut bytes)?;
    let mut end = [0];
    from.read_exact(&mut end)?;
    Ok(bytes)
}

fn command(root: &Path) -> Command {
    let mut command = Command::new("git");
    // a folder that looks like a bare repository may come from somebody else, with its configuration
    command.args(["-c", "safe.bareRepository=explicit"]).arg("-C").arg(root);
    command
}

fn git(root: &Path, args: &[&str]) -> Result<Output, Box<Diagnostic>> {
    command(root).args(args).stdin(Stdio::null()).output().map_err(|e| {
        let d = error("git", format!("failed to run git: {e}"));
        Box::new(d.with_help("install git, or name a folder: `--against DIR`"))
    })
}

fn unknown(rev: &str, root: &Path) -> Box<Diagnostic> {
    let d = Diagnostic::error(
        &rules::UNKNOWN_REVISION,
        format!("git:{rev}").into(),
        format!("the repository has no revision `{rev}`"),
    );
    let shallow = git(root, &["rev-parse", "--is-shallow-repository"]);
    let shallow = shallow.is_ok_and(|o| o.stdout.starts_with(b"true"));
    Box::new(if shallow {
        d.with_help("fetch the history, because this clone is shallow: `git fetch --unshallow`")
            .with_help("in GitHub Actions: use `actions/checkout` with `fetch-depth: 0`")
    } else {
        d.with_help("fetch it: `git fetch`; or list the branches: `git branch --all`")
    })
}

fn failed(file: &str, what: &str, output: &Output) -> Diagnostic {
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or_default();
    error(file, format!("{what}: {said}"))
}

fn error(file: &str, message: String) -> Diagnostic {
    Diagnostic::error(&rules::GIT_FAILED, file.into(), message)
}
