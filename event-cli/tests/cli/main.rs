//! Runs the built command on folders of files, as users do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)] // a failed unwrap is a failed test

mod against;
mod bad_input;
mod brought;
mod catalogue;
mod check;
mod diff;
mod drafts;
mod endless;
mod generate;
#[cfg(unix)]
mod hostile;
mod import;
mod import_layouts;
mod import_teams;
mod init;
mod list;
mod lock;
mod manual;
mod new_version;
mod newest;
mod on_thread;
mod outside;
mod patterns;
mod pull;
mod push;
mod readers;
mod registry;
mod rules;
mod scratch;
mod settings;
mod shared;
mod stages;
mod template;
mod usage;
mod validate;
mod walks;
