//! A complete proposals service: it publishes proposals, and three consumers read them.
//!
//! - [`events`]: the contracts. Version 2 of `proposal.published` supersedes version 1.
//! - [`topology`]: which consumer reads what, declared once.
//! - [`emailer`]: reads version 1. Its team has not migrated yet, and does not have to hurry.
//! - [`projector`]: reads version 2 and `proposal.accepted` into a read model.
//! - [`analytics`]: reads version 2 and adds up the totals.
//! - [`service`]: runs them on an embedded bus, with the faults of production: duplicates, a mail
//!   server that is unavailable for a moment, a message that does not match any schema.

pub mod analytics;
pub mod emailer;
pub mod events;
pub mod projector;
pub mod service;
pub mod topology;
