//! The schema folder as it stood in a revision, read by the git command.
//!
//! Reads objects only: neither the work tree nor the index is touched.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::{fs, thread};

use event_folder::load::Folder;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use tempfile::TempDir;

/// Writes what stood in `folder` at `rev` to a temporary folder.
pub(crate) fn checkout(rev: &str, folder: &Folder) -> Result<TempDir, Box<Diagnostic>> {
    let root = &folder.root;
    let inside = git(root, &["rev-parse", "--is-inside-work-tree"])?;
    if !inside.status.success() {
        let message = "the schema folder is in no git repository";
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
        return Err(failed(rev, "the revision's files can't be listed", &tree).into());
    }
    write(&entries(&tree.stdout), root)
        .map_err(|e| Box::new(error(rev, format!("the revision's files can't be read: {e}"))))
}

/// Branches that a repository without a remote publishes from, by custom.
const MAIN: [&str; 4] = ["main", "master", "trunk", "develop"];

/// The locks of the folder that others may have: on remote branches, in tags, and on the main branch. With none of
/// these, on the only branch that there is. None outside of a repository.
pub(crate) fn locks(root: &Path) -> Result<Vec<(String, String)>, Box<Diagnostic>> {
    let inside = match command(root).args(["rev-parse", "--show-prefix"]).output() {
        Ok(inside) => inside,
        Err(_) if !in_repository(root) => return Ok(Vec::new()),
        Err(e) => return Err(Box::new(error("git", format!("git cannot be run: {e}")))),
    };
    if !inside.status.success() {
        // a repository that git does not read, such as one of another owner, may have it
        return if in_repository(root) {
            Err(Box::new(failed("git", "the repository cannot be read", &inside)))
        } else {
            Ok(Vec::new())
        };
    }
    let prefix = String::from_utf8_lossy(&inside.stdout).trim_end_matches(['\r', '\n']).to_owned();
    let listed = git(root, &["for-each-ref", "--format=%(refname)"])?;
    if !listed.status.success() {
        return Err(failed("git", "the branches cannot be listed", &listed).into());
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
        Box::new(error("git", format!("the locks of the branches cannot be read: {e}")))
    })?;
    let short = |r: &str| r.splitn(3, '/').nth(2).unwrap_or(r).to_owned();
    let found = shared.iter().zip(texts).filter_map(|(r, text)| Some((short(r), text?)));
    Ok(found.collect())
}

/// Whether a folder around `root` is a repository's, as far as files say.
fn in_repository(root: &Path) -> bool {
    let whole = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    whole.ancestors().any(|a| a.join(".git").exists())
}

/// The text of each object, in order; none for one that is not there.
fn blobs(root: &Path, asked: &[Entry]) -> io::Result<Vec<Option<String>>> {
    let mut child = command(root)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let (Some(mut ask), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let mut answers = io::BufReader::new(answers);
    let found = thread::scope(|scope| {
        scope.spawn(move || {
            // where git is gone, its answers end
            let _ = asked.iter().try_for_each(|e| writeln!(ask, "{}", e.object));
        });
        let one = |_: &Entry| match answer(&mut answers) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        };
        asked.iter().map(one).collect::<io::Result<Vec<_>>>()
    });
    if found.is_err() {
        let _ = child.kill();
    }
    child.wait()?;
    found
}

/// A file of the tree: its object's id and its path below the folder.
struct Entry {
    object: String,
    path: String,
}

/// Plain files only: a link's target may be anywhere.
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

/// Writes the objects, read by one `git cat-file --batch`.
fn write(entries: &[Entry], root: &Path) -> io::Result<TempDir> {
    let dir = tempfile::tempdir()?;
    let mut child = command(root)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let result = exchange(&mut child, entries, dir.path());
    // a failed exchange leaves a git that waits; one that went well has ended by itself
    if result.is_err() {
        let _ = child.kill();
    }
    child.wait()?;
    result.map(|()| dir)
}

/// Asks and reads at once: with both in turn the pipes could fill up.
fn exchange(child: &mut Child, entries: &[Entry], dir: &Path) -> io::Result<()> {
    let (Some(mut ask), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let mut answers = io::BufReader::new(answers);
    thread::scope(|scope| {
        scope.spawn(move || {
            // where git is gone, its answers end, and that is what is said
            let _ = entries.iter().try_for_each(|e| writeln!(ask, "{}", e.object));
        });
        for entry in entries {
            let bytes = answer(&mut answers)?;
            let path = dir.join(&entry.path);
            fs::create_dir_all(path.parent().unwrap_or(dir))?;
            fs::write(path, bytes)?;
        }
        Ok(())
    })
}

/// `<object> blob <size>`, the bytes, a line feed.
fn answer(from: &mut impl io::BufRead) -> io::Result<Vec<u8>> {
    let mut head = String::new();
    from.read_line(&mut head)?;
    if head.trim_end().ends_with(" missing") {
        return Err(io::Error::new(io::ErrorKind::NotFound, "git has no such object"));
    }
    let size = head.trim_end().rsplit_once(" blob ").and(head.trim_end().rsplit(' ').next());
    let size: u64 = size.and_then(|s| s.parse().ok()).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, format!("git says `{}`", head.trim_end()))
    })?;
    let mut bytes = Vec::new();
    from.by_ref().take(size).read_to_end(&mut bytes)?;
    let mut end = [0];
    from.read_exact(&mut end)?;
    Ok(bytes)
}

fn command(root: &Path) -> Command {
    let mut command = Command::new("git");
    // a folder that looks like a repository without a work tree is somebody else's, and so is its configuration
    command.args(["-c", "safe.bareRepository=explicit"]).arg("-C").arg(root);
    command
}

fn git(root: &Path, args: &[&str]) -> Result<Output, Box<Diagnostic>> {
    command(root).args(args).stdin(Stdio::null()).output().map_err(|e| {
        let d = error("git", format!("git can't be run: {e}"));
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
        d.with_help("this clone is shallow: `git fetch --unshallow`")
            .with_help("in GitHub Actions: `actions/checkout` with `fetch-depth: 0`")
    } else {
        d.with_help("`git fetch` brings what the remote has; `git branch --all` lists branches")
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
