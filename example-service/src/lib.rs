//! A proposals service, whole: it publishes proposals, and three consumers read them.
//!
//! - [`events`]: the contracts. Version 2 of `proposal.published` supersedes version 1.
//! - [`topology`]: who reads what, declared once.
//! - [`emailer`]: reads version 1. Its team has not migrated yet, and need not hurry.
//! - [`projector`]: reads version 2 and `proposal.accepted` into a read model.
//! - [`analytics`]: reads version 2 and adds totals up.
//! - [`service`]: puts them on an embedded bus and lets everything happen that happens in production:
//!   duplicates, a mail server that is away for a moment, a message that no contract knows.

pub mod analytics;
pub mod emailer;
pub mod events;
pub mod projector;
pub mod service;
pub mod topology;
