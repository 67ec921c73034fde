//! Finds the schema folder of a command.

use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;
use event_codegen::Project;
use event_folder::commit;
use event_folder::problem;
use event_schema::diagnostic::Diagnostic;

/// The usual name of the folder.
const USUAL: &str = "schemas";

/// The option that every command about a schema folder has.
#[derive(Debug, Args)]
pub(crate) struct Folder {
    /// Set the schema folder (default: `schemas` here or in the nearest folder above)
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
}

impl Folder {
    /// Reads and checks the folder.
    pub(crate) fn open(&self) -> Result<Project, Box<Diagnostic>> {
        self.path().map(|path| Project::open(&path))
    }

    /// Locks the folder against other commands that write to it, until the value is dropped.
    pub(crate) fn hold(&self) -> io::Result<Option<fs::File>> {
        self.path().map_or(Ok(None), |path| commit::hold(&path))
    }

    /// Returns the folder, or the one to create if it does not exist.
    pub(crate) fn or_new(&self) -> Result<PathBuf, Box<Diagnostic>> {
        match &self.schemas {
            Some(given) if !given.exists() => Ok(given.clone()),
            Some(given) => named(given),
            None => Ok(nearest().unwrap_or_else(|_| PathBuf::from(USUAL))),
        }
    }

    /// Returns the folder on the command line.
    pub(crate) fn given(&self) -> Option<&Path> {
        self.schemas.as_deref()
    }

    fn path(&self) -> Result<PathBuf, Box<Diagnostic>> {
        match &self.schemas {
            Some(given) => named(given),
            None => nearest(),
        }
    }
}

fn named(given: &Path) -> Result<PathBuf, Box<Diagnostic>> {
    if given.is_dir() {
        return Ok(given.to_owned());
    }
    let what = if given.exists() {
        "the schema folder is a file: expected a folder"
    } else {
        "the schema folder does not exist"
    };
    Err(missing(&given.to_string_lossy(), what))
}

/// Finds the folder. A path below the current folder stays relative, so that diagnostics name files as the shell does.
fn nearest() -> Result<PathBuf, Box<Diagnostic>> {
    let usual = Path::new(USUAL);
    if usual.is_dir() {
        return Ok(usual.to_owned());
    }
    let here = std::env::current_dir()
        .map_err(|e| missing(USUAL, &format!("failed to read the current folder: {e}")))?;
    let above = here.ancestors().map(|a| a.join(USUAL)).find(|p| p.is_dir());
    above.ok_or_else(|| {
        let looked = format!("no schema folder found in `{}` or above", here.display());
        missing(USUAL, &looked)
    })
}

fn missing(shown: &str, what: &str) -> Box<Diagnostic> {
    let d = problem::schema_folder_missing(shown, what);
    Box::new(
        d.with_help("name the folder: `--schemas DIR`").with_help(
            "or put schemas at `<registry>/<type>/<major>.<minor>.json` in it, for example `schemas/app-core/proposal.published/1.0.json`",
        ),
    )
}
