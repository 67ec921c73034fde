//! A crate that is checked, and the cost.

use std::fmt::Write;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate on disk.
pub struct Krate {
    root: PathBuf,
}

/// The folder of the crates, beside this program.
pub fn scratch() -> PathBuf {
    let program = std::env::current_exe().expect("the path of this program");
    program.parent().expect("a folder").join("bench-rustc")
}

/// Waits until no other run uses the crates: it would overwrite them and take CPU time. They belong
/// to this run while the file is open.
pub fn claim() -> File {
    let lock = scratch().join("lock");
    fs::create_dir_all(scratch()).expect("a folder");
    let file = File::create(&lock).expect("a file to lock");
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            eprintln!("waiting for another run, which has locked {}", lock.display());
            file.lock().expect("a lock");
        }
        Err(TryLockError::Error(error)) => panic!("{} can't be locked: {error}", lock.display()),
    }
    file
}

impl Krate {
    /// Writes a crate whose modules are `texts`.
    pub fn of(name: &str, texts: &[String]) -> Krate {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let runtime = here.join("../../event-runtime");
        let root = scratch().join(name);
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("src")).expect("a folder");
        let manifest = format!(
            "[package]\nname = \"measured-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nchrono = {{ version = \"0.4\", features = [\"serde\"] }}\n\
             event-runtime = {{ path = {runtime:?}, default-features = false }}\nregress = \"0.12\"\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\
             uuid = {{ version = \"1\", features = [\"serde\"] }}\n\n[workspace]\n"
        );
        fs::write(root.join("Cargo.toml"), manifest).expect("a manifest");
        fs::copy(here.join("Cargo.lock"), root.join("Cargo.lock")).expect("a lock file");
        let mut lib = String::from("#![allow(warnings)]\n");
        for (i, text) in texts.iter().enumerate() {
            let _ = writeln!(lib, "pub mod m{i};");
            fs::write(root.join(format!("src/m{i}.rs")), text).expect("a module");
        }
        fs::write(root.join("src/lib.rs"), lib).expect("a crate");
        Krate { root }
    }

    /// CPU seconds of a check of this crate; its dependencies are already built from the second
    /// time on.
    ///
    /// # Errors
    ///
    /// The errors of rustc.
    pub fn check(&self) -> Result<f64, String> {
        // newer than what cargo has seen
        let lib = self.root.join("src/lib.rs");
        let text = fs::read(&lib).expect("a crate");
        fs::write(&lib, text).expect("a crate");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        // the shell's `time` counts the children that have ended
        let output = Command::new("bash")
            .args(["-c", "TIMEFORMAT='cpu %U %S'; time \"$0\" \"$@\""])
            .arg(cargo)
            .args(["check", "--offline", "--quiet", "--message-format", "short"])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", scratch().join("target"))
            .env("CARGO_INCREMENTAL", "0")
            .env_remove("RUSTFLAGS")
            .output()
            .expect("bash");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let times = said.lines().rev().find_map(|line| line.strip_prefix("cpu "));
        let cpu = times.map(|t| t.split(' ').filter_map(|n| n.parse::<f64>().ok()).sum());
        match cpu {
            Some(cpu) if output.status.success() => Ok(cpu),
            _ => Err(said),
        }
    }
}

/// The lowest CPU time of each crate. They are checked in turn; the first time builds their
/// dependencies, and so is never the lowest of several.
pub fn fastest<const N: usize>(crates: &[Krate; N]) -> [f64; N] {
    let runs = std::env::var("EVENT_BENCH_RUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(5);
    let mut least = [f64::MAX; N];
    for _ in 0..runs.max(2) {
        for (krate, least) in crates.iter().zip(&mut least) {
            let checked = krate.check();
            let seconds = checked.unwrap_or_else(|said| panic!("it doesn't compile:\n{said}"));
            *least = least.min(seconds);
        }
    }
    least
}
