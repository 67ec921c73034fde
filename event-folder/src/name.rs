//! Converts any name to the name of a folder and back, without loss.
//!
//! The name of a folder must not lead to another folder, be hidden, or be reserved by an operating system. Characters
//! that are not allowed become `%2F`. This module converts texts; it reads and writes no files.

use std::fmt;
use std::fmt::Write as _;

/// The longest name of a folder, in bytes. File systems allow 255, and names of files in it need room, too.
pub const MAX_FOLDER: usize = 200;

/// Names of files that the schema folder itself has.
const OURS: &[&str] = &[crate::lock::FILE, crate::CONFIG_FILE];

/// Names that Windows reserves for devices, with any extension.
const DEVICES: &[&str] = &["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '@')
}

/// Why a name cannot become the name of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoFolder {
    /// The name is empty.
    Empty,
    /// The folder's name would be too long.
    TooLong {
        /// The length in bytes.
        bytes: usize,
    },
}

impl fmt::Display for NoFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoFolder::Empty => f.write_str("the name is empty"),
            NoFolder::TooLong { bytes } => write!(
                f,
                "the name of its folder would have {bytes} bytes: expected at most {MAX_FOLDER}"
            ),
        }
    }
}

impl std::error::Error for NoFolder {}

/// Returns the folder of a name.
///
/// ```
/// use event_folder::name;
///
/// assert_eq!(name::to_folder("proposal.published").unwrap(), "proposal.published");
/// assert_eq!(name::to_folder("../x").unwrap(), "%2E.%2Fx");
/// assert_eq!(name::from_folder("%2E.%2Fx"), "../x");
/// ```
///
/// # Errors
///
/// If the name is empty or too long for a folder.
pub fn to_folder(name: &str) -> Result<String, NoFolder> {
    if name.is_empty() {
        return Err(NoFolder::Empty);
    }
    let last = name.chars().count() - 1;
    let taken = is_device(name) || OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours));
    let mut out = String::with_capacity(name.len());
    for (i, c) in name.chars().enumerate() {
        // readers skip names that start with `.` or `_`; Windows drops a `.` at the end
        let keep = allowed(c)
            && !(i == 0 && (matches!(c, '.' | '_') || taken))
            && !(i == last && c == '.');
        if keep {
            out.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    if out.len() > MAX_FOLDER {
        return Err(NoFolder::TooLong { bytes: out.len() });
    }
    Ok(out)
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|d| {
        stem.strip_prefix(d)
            .is_some_and(|n| n.chars().count() == 1 && !n.starts_with(char::is_alphabetic))
    });
    numbered || DEVICES.contains(&stem.as_str())
}

/// Returns the name that a folder has from [`to_folder`]. Other text is kept as it is.
pub fn from_folder(folder: &str) -> String {
    let bytes = folder.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = folder.get(i + 1..i + 3).filter(|_| bytes[i] == b'%');
        let hex = hex.filter(|h| h.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F')));
        if let Some(byte) = hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            out.push(byte);
            i += 3;
        } else {
            out.push(bytes[i]);
            i += 1;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| folder.to_owned())
}

/// Names that an attacker may use to reach another folder. For tests.
#[doc(hidden)]
pub const HOSTILE: &[&str] = &[
    "../../x",
    "..",
    ".",
    "/etc/passwd",
    "C:\\x",
    "\\\\host\\share",
    "a/b",
    "a\0b",
    "NUL",
    "nul.json",
    "com1",
    "LPT9.txt",
    "COM¹",
    ".git",
    "_x",
    "x.",
    "x ",
    "a:b",
    "~",
    "%2E%2E",
    "a\nb",
    "\u{202e}x",
    "con ",
    "schemas.lock",
    "EVENT.toml",
];

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn harmless(folder: &str) {
        assert!(
            folder.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-@%".contains(&b)),
            "{folder}"
        );
        assert!(!folder.starts_with(['.', '_']) && !folder.ends_with('.'), "{folder}");
        assert!(!is_device(folder) && !OURS.contains(&folder), "{folder}");
    }

    #[test]
    fn folder_of_a_hostile_name_stays_in_its_place() {
        for name in HOSTILE {
            let folder = to_folder(name).unwrap();
            harmless(&folder);
            assert_eq!(from_folder(&folder), *name);
        }
        assert!(to_folder("").is_err() && to_folder(&"x".repeat(400)).is_err());
    }

    #[test]
    fn plain_names_are_unchanged() {
        for name in [
            "proposal.published",
            "aws.s3@ObjectDeleted",
            "a-b_c",
            "app.solargenix@proposal.published-v2",
            "console",
        ] {
            assert_eq!(to_folder(name).unwrap(), name);
        }
    }

    proptest! {
        #[test]
        fn folder_converts_back_to_its_name(name in "\\PC{1,20}|[_.x0-9A-F%-]{1,20}") {
            let folder = to_folder(&name).unwrap();
            harmless(&folder);
            prop_assert_eq!(from_folder(&folder), name);
        }
    }
}
