//! A temporary folder, in which the command runs.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// An event with one version, in draft 4 as in the registry.
pub(crate) const ORDER_1_0: &str = r#"{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "title": "OrderPlaced",
  "x-amazon-events-source": "shop.orders",
  "type": "object",
  "required": ["orderId", "status"],
  "properties": {
    "orderId": { "type": "string" },
    "status": { "type": "string", "enum": ["open", "paid"] }
  }
}
"#;

/// The same with another optional field: a valid minor.
pub(crate) const ORDER_1_1: &str = r#"{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "title": "OrderPlaced",
  "x-amazon-events-source": "shop.orders",
  "type": "object",
  "required": ["orderId", "status"],
  "properties": {
    "orderId": { "type": "string" },
    "status": { "type": "string", "enum": ["open", "paid"] },
    "note": { "type": "string" }
  }
}
"#;

/// The same without `status`: a minor that breaks.
pub(crate) const ORDER_BROKEN: &str = r#"{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "title": "OrderPlaced",
  "x-amazon-events-source": "shop.orders",
  "type": "object",
  "required": ["orderId"],
  "properties": {
    "orderId": { "type": "string" }
  }
}
"#;

/// The folder of the event in these tests.
pub(crate) const ORDER: &str = "schemas/shop/order.placed";

/// A temporary folder.
pub(crate) struct Scratch(TempDir);

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Scratch {
    pub(crate) fn empty() -> Scratch {
        Scratch(tempfile::tempdir().unwrap())
    }

    /// `order.placed` 1.0 and 1.1, not locked.
    pub(crate) fn order() -> Scratch {
        let scratch = Scratch::empty();
        scratch.write(&format!("{ORDER}/1.0.json"), ORDER_1_0);
        scratch.write(&format!("{ORDER}/1.1.json"), ORDER_1_1);
        scratch
    }

    /// The same, locked.
    pub(crate) fn locked() -> Scratch {
        let scratch = Scratch::order();
        assert_eq!(scratch.run(&["lock"]).code, 0);
        scratch
    }

    /// The project's own example schemas, locked.
    pub(crate) fn example() -> Scratch {
        let scratch = Scratch::empty();
        let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas");
        copy(&schemas, &scratch.path("schemas"));
        assert_eq!(scratch.run(&["lock"]).code, 0);
        scratch
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Runs `cargo event ARGS` here.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_in(".", args, b"")
    }

    /// Does the same in a folder below, with an input.
    pub(crate) fn run_in(&self, folder: &str, args: &[&str], stdin: &[u8]) -> Run {
        let mut command = self.command(args);
        let mut child = command
            .current_dir(self.path(folder))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // a command that does not read its input closes it
        let _ = child.stdin.take().unwrap().write_all(stdin);
        let output = child.wait_with_output().unwrap();
        let run = Run {
            code: output.status.code().expect("no signal ended it"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!run.err.contains("panicked"), "{run:?}");
        run
    }

    /// Returns the command as cargo calls it, without the colour settings of the user.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-event"));
        command.arg("event").args(args).current_dir(self.0.path());
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        command
    }
}

impl Run {
    /// Returns stdout as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// Asserts the exit code and texts of stderr.
    #[track_caller]
    pub(crate) fn says(&self, code: i32, texts: &[&str]) {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        for text in texts {
            assert!(self.err.contains(text), "no `{text}` in\n{}", self.err);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
