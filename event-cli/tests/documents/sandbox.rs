//! A folder in which the console blocks of a page run, from top to bottom.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::page::{Kind, Page};
use crate::workspace;

/// A folder and what stands in for the machine around it.
pub(crate) struct Sandbox {
    #[expect(dead_code, reason = "removes the folder")]
    root: TempDir,
    folder: PathBuf,
}

const MANIFEST: &str =
    "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n";
const MAIN: &str = "fn main() {\n    println!(\"Hello, world!\");\n}\n";

impl Sandbox {
    /// | kind | what is there |
    /// |---|---|
    /// | `empty` | nothing |
    /// | `crate` | the package `shop`, as `cargo new shop` leaves it |
    /// | `order` | that, after `cargo event init --example` |
    /// | `repository` | that, committed to git, on the branch `main` |
    /// | `workspace` | this project's schemas, and the files of its example |
    /// | `clone` | this project itself: for commands that only read |
    pub(crate) fn new(kind: &str) -> Result<Sandbox, String> {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("shop");
        fs::create_dir(&folder).unwrap();
        let sandbox = Sandbox { root, folder };
        let of_crate = ["crate", "order", "repository"].contains(&kind);
        if of_crate {
            sandbox.write("Cargo.toml", MANIFEST);
            sandbox.write("src/main.rs", MAIN);
            fs::copy(workspace().join("Cargo.lock"), sandbox.folder.join("Cargo.lock")).unwrap();
        }
        match kind {
            "empty" | "crate" => {}
            "order" => {
                _ = sandbox.command("cargo event init --example --crates ../event-contracts");
            }
            "repository" => {
                let set_up = "cargo event init --example --crates ../event-contracts && git init --quiet --initial-branch=main && git add . && git commit --quiet --message=Start";
                sandbox.command(set_up);
            }
            "clone" => return Ok(Sandbox { folder: workspace(), ..sandbox }),
            "workspace" => {
                copy(&workspace().join("schemas"), &sandbox.folder.join("schemas"));
                let topology = workspace().join("example-service/topology.json");
                fs::copy(topology, sandbox.folder.join("topology.json")).unwrap();
            }
            other => return Err(format!("unknown sandbox `{other}`")),
        }
        Ok(sandbox)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Applies a diff: lines of one file that go and come, with lines around them.
    fn edit(&self, name: &str, diff: &str) -> Result<(), String> {
        let path = self.folder.join(name);
        let text = fs::read_to_string(&path).map_err(|e| format!("{name}: {e}"))?;
        let side = |gone: char| -> String {
            let keeps = diff.lines().filter(|l| !l.starts_with(gone));
            keeps.map(|l| format!("{}\n", l.get(1..).unwrap_or_default())).collect()
        };
        let (old, new) = (side('+'), side('-'));
        if text.matches(&old).count() != 1 {
            return Err(format!("{name} does not have these lines once:\n{old}"));
        }
        fs::write(path, text.replace(&old, &new)).unwrap();
        Ok(())
    }

    /// What a command line prints, standard output and error together.
    pub(crate) fn command(&self, line: &str) -> String {
        let line = line.replace("../event-contracts", &workspace().display().to_string());
        let binary = Path::new(env!("CARGO_BIN_EXE_cargo-event")).parent().unwrap();
        let mut path = binary.as_os_str().as_bytes().to_vec();
        path.push(b':');
        path.extend(std::env::var_os("PATH").unwrap_or_default().as_bytes());
        let mut command = Command::new("timeout");
        command
            .args(["600", "bash", "-c", &format!("exec 2>&1; {line}")])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env("PATH", std::ffi::OsStr::from_bytes(&path))
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TERM_COLOR", "never")
            .env("NO_COLOR", "1")
            .env("LC_ALL", "C");
        for name in
            ["OUT_DIR", "RUSTFLAGS", "EVENT_BLESS", "CLICOLOR_FORCE", "AWS_REGION", "AWS_PROFILE"]
        {
            command.env_remove(name);
        }
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "Ada")
                .env(format!("GIT_{who}_EMAIL"), "ada@example.com");
        }
        // the clone has what this test's own build has built; for all others, dependencies are built once
        if self.folder == workspace() {
            command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join(".."));
        } else {
            command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("init"));
            command.env("CARGO_PROFILE_DEV_DEBUG", "0");
        }
        let output = command.output().unwrap();
        self.plain(&String::from_utf8_lossy(&output.stdout))
    }

    /// An output without what differs between machines: paths, random IDs, and the progress of cargo.
    fn plain(&self, text: &str) -> String {
        const PROGRESS: [&str; 12] = [
            "Adding",
            "Blocking",
            "Building",
            "Checking",
            "Compiling",
            "Dirty",
            "Downloaded",
            "Downloading",
            "Finished",
            "Locking",
            "Running",
            "Updating",
        ];
        let project = workspace().display().to_string();
        let (mut out, mut seen) = (String::new(), Vec::new());
        for line in text.lines() {
            let first = line.split_whitespace().next().unwrap_or_default();
            let waits = line == "warning: build failed, waiting for other jobs to finish...";
            if waits || (line.starts_with(' ') && PROGRESS.contains(&first)) {
                continue;
            }
            let line = match line.split_once("; finished in ") {
                Some((result, _)) => format!("{result}; finished in 0.00s"),
                None => line.to_owned(),
            };
            let mut line = line.replace(&format!("{}/", self.folder.display()), "");
            line = line.replace(&self.folder.display().to_string(), ".");
            while let Some(at) = line.find(&format!("../{}", &project[1..])) {
                line.replace_range(at..at + 3 + project.len() - 1, &format!("..{ABSENT}"));
            }
            line = line.replace(&project, "../event-contracts").replace(ABSENT, "/event-contracts");
            while line.contains("../../event-contracts") {
                line = line.replace("../../event-contracts", "../event-contracts");
            }
            out += &ids(&line, &mut seen);
            out.push('\n');
        }
        out.trim_end().to_owned()
    }
}

/// Marks a path that is relative already.
const ABSENT: &str = "\u{0}";

/// A line whose random event IDs are replaced: the first one of an output by the same text on each machine, and so on.
fn ids(line: &str, seen: &mut Vec<String>) -> String {
    const LENGTH: usize = 26;
    let is_id = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
    let mut out = String::new();
    let mut word = String::new();
    for c in line.chars().chain(['\n']) {
        if is_id(c) {
            word.push(c);
            continue;
        }
        if word.len() == LENGTH && word.starts_with("01") {
            let at = seen.iter().position(|id| *id == word).unwrap_or_else(|| {
                seen.push(word.clone());
                seen.len() - 1
            });
            out += &format!("01JX4T9Q8GZ5N2M7B3V6K1D{:03}", at + 1);
        } else {
            out += &word;
        }
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = {
            let e = entry.unwrap();
            (e.path(), to.join(e.file_name()))
        };
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

/// Runs a page, and returns its text as it should be, where it differs.
pub(crate) fn run(page: &Page) -> Result<Option<String>, String> {
    let mut current: Option<(usize, Sandbox)> = None;
    let mut texts = Vec::new();
    for block in &page.blocks {
        let Some((from, kind)) = page.sandbox(block.line) else { continue };
        let wrong = |problem: String| format!(":{}: {problem}", block.line);
        let is_used = page.runs(block) || matches!(block.kind, Kind::File(_) | Kind::Edit(_));
        if !is_used {
            continue;
        }
        if current.as_ref().is_none_or(|(line, _)| line != from) {
            current = Some((*from, Sandbox::new(kind).map_err(wrong)?));
        }
        let Some((_, sandbox)) = &current else { continue };
        match &block.kind {
            Kind::File(path) => sandbox.write(path, &format!("{}\n", block.text)),
            Kind::Edit(path) => sandbox.edit(path, &block.text).map_err(wrong)?,
            Kind::Plain => {
                let mut out = Vec::new();
                for line in block.text.lines().filter(|l| l.starts_with("$ ")) {
                    out.push(line.to_owned());
                    let said = sandbox.command(&line[2..]);
                    if said.contains("panicked") {
                        return Err(wrong(said));
                    }
                    if !said.is_empty() {
                        out.push(said);
                    }
                }
                let new = out.join("\n");
                if new != block.text {
                    texts.push((block.line, new));
                }
            }
            Kind::Shown(_) => {}
        }
    }
    Ok((!texts.is_empty()).then(|| page.with(&texts)))
}
