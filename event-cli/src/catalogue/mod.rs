//! The catalogue: what a schema folder and topologies say of events, for people.
//!
//! [`data`] gathers it, [`html`] makes a page of it that needs no build step and no network, [`flow`] draws who
//! publishes what for whom, [`eventcatalog`] and [`asyncapi`] write the formats of other tools. Everything that comes
//! from a schema or a topology is escaped where it is written ([`escape`]).

pub(crate) mod asyncapi;
pub(crate) mod data;
pub(crate) mod escape;
pub(crate) mod eventcatalog;
mod example;
mod flow;
pub(crate) mod html;
mod tree;

pub(crate) use data::Catalogue;
