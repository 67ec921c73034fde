//! Where each event's module stands. Its path never changes because another registry came in.
//!
//! `<event>` holds an event of any registry; where two registries have events of one name, the folder's
//! `event.toml` says which of them is at home there (`home = ".."`), and no build guesses. Every event is also
//! at `registries::<registry>::<event>`.

use std::collections::{BTreeMap, BTreeSet};

use event_schema::diagnostic::Diagnostic;
use proc_macro2::TokenStream;
use quote::quote;

use crate::config::Config;
use crate::emit;
use crate::family::{Checked, Family};
use crate::load::EventName;
use crate::names;
use crate::problem::{error, help};

/// The module of events by registry.
const REGISTRIES: &str = "registries";

/// The module of files that several events refer to.
const SHARED: &str = "shared";

/// Where an event's module is.
struct Place {
    module: String,
    /// Whether it stands below its registry alone.
    below: bool,
}

/// The places of all events.
pub(super) struct Arrangement {
    places: BTreeMap<EventName, Place>,
    /// Event types that several registries have.
    ambiguous: BTreeSet<String>,
    /// The module of each registry.
    registries: BTreeMap<String, String>,
}

impl Arrangement {
    /// # Errors
    ///
    /// Two registries with one name of an event, and nothing that says which of them has the short path.
    pub(super) fn of(
        families: &[Family<Checked>],
        config: &Config,
    ) -> Result<Arrangement, Vec<Diagnostic>> {
        let mut by_module: BTreeMap<String, Vec<&Family<Checked>>> = BTreeMap::new();
        let mut registries = BTreeMap::new();
        let mut taken = BTreeSet::new();
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        for family in families {
            let mut module = names::snake(&family.name.event);
            if [REGISTRIES, SHARED].contains(&module.as_str()) {
                module.push_str("_event");
            }
            by_module.entry(module).or_default().push(family);
            *names.entry(&family.name.event).or_default() += 1;
            if !registries.contains_key(&family.name.registry) {
                let mut module = names::snake(&family.name.registry);
                while !taken.insert(module.clone()) {
                    module.push('_');
                }
                registries.insert(family.name.registry.clone(), module);
            }
        }
        let ambiguous =
            names.into_iter().filter(|(_, n)| *n > 1).map(|(name, _)| name.to_owned()).collect();
        let mut problems = Vec::new();
        let mut places = BTreeMap::new();
        for (module, families) in by_module {
            let of: BTreeSet<&str> = families.iter().map(|f| f.name.registry.as_str()).collect();
            let home = match (config.home.as_deref(), of.len()) {
                (_, 1) => None,
                (Some(home), _) if of.contains(home) => Some(home),
                _ => {
                    problems.extend(families.first().map(|f| two_homes(f, &module, &of)));
                    continue;
                }
            };
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for family in families {
                let registry = family.name.registry.as_str();
                let count = counts.entry(registry).or_default();
                let module = format!("{module}{}", "_".repeat(*count));
                *count += 1;
                let below = home.is_some_and(|home| home != registry);
                places.insert(family.name.clone(), Place { module, below });
            }
        }
        if problems.is_empty() {
            Ok(Arrangement { places, ambiguous, registries })
        } else {
            Err(problems)
        }
    }

    /// Whether another registry has an event of this name.
    pub(super) fn is_ambiguous(&self, name: &EventName) -> bool {
        self.ambiguous.contains(&name.event)
    }

    /// How many modules are between the event's and the root.
    pub(super) fn depth(&self, name: &EventName) -> usize {
        if self.places.get(name).is_some_and(|p| p.below) { 3 } else { 1 }
    }

    /// The whole text: the events' modules, then those of shared files, then the registries.
    pub(super) fn text(
        &self,
        modules: BTreeMap<&EventName, TokenStream>,
        shared: Vec<(String, String, TokenStream)>,
        checks: Option<TokenStream>,
    ) -> Result<String, String> {
        let mut out = emit::HEAD.to_owned();
        let mut top: BTreeMap<&str, TokenStream> = BTreeMap::new();
        let mut below: BTreeMap<&str, TokenStream> = BTreeMap::new();
        let mut links: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, items) in modules {
            let (Some(place), Some(registry)) =
                (self.places.get(name), self.registries.get(&name.registry))
            else {
                continue;
            };
            let doc = format!("`{}` of the registry `{}`.", name.event, name.registry);
            let module = emit::module(&place.module, &doc, &lint_free(&items));
            if place.below {
                below.entry(registry).or_default().extend(module);
            } else {
                links.entry(registry).or_default().push(&place.module);
                top.insert(&place.module, module);
            }
        }
        for module in top.into_values() {
            out.push_str(&emit::print(module)?);
        }
        if !shared.is_empty() {
            let mut items = TokenStream::new();
            for (module, doc, tokens) in shared {
                items.extend(emit::module(&module, &doc, &tokens));
            }
            let doc = "Types of files that several events refer to.";
            out.push_str(&emit::print(emit::module(SHARED, doc, &lint_free(&items)))?);
        }
        if let Some(checks) = checks {
            out.push_str(&emit::print(checks)?);
        }
        let mut items = TokenStream::new();
        for (registry, module) in &self.registries {
            let here = links.remove(module.as_str()).unwrap_or_default();
            let here: Vec<_> = here.into_iter().map(emit::ident).collect();
            let link = (!here.is_empty()).then(|| quote!(pub use super::super::{#(#here),*};));
            let own = below.remove(module.as_str()).unwrap_or_default();
            let doc = format!("The events of the registry `{registry}`.");
            items.extend(emit::module(module, &doc, &quote!(#link #own)));
        }
        if !items.is_empty() {
            let doc =
                "Every event by its registry: paths that hold whatever other registries have.";
            out.push_str(&emit::print(emit::module(REGISTRIES, doc, &lint_free(&items)))?);
        }
        Ok(out)
    }
}

fn two_homes(family: &Family<Checked>, module: &str, registries: &BTreeSet<&str>) -> Diagnostic {
    let list: Vec<String> = registries.iter().map(|r| format!("`{r}`")).collect();
    let file = family.members.last().map_or("schemas", |m| &m.file.shown);
    let message = format!(
        "the event `{}` is in the registries {}, and `{module}` in Rust can be one of them only",
        family.name.event,
        list.join(" and ")
    );
    let first = registries.first().copied().unwrap_or_default();
    help(
        error("event-in-two-registries", file, message),
        &[
            &format!(
                "say which of them has the path `{module}::v1` in `event.toml`: `home = \"{first}\"`, the \
                 registry that was here first"
            ),
            &format!("the other's types are at `{REGISTRIES}::<registry>::{module}::v1`"),
        ],
    )
}

/// Generated code is nobody's to lint.
fn lint_free(items: &TokenStream) -> TokenStream {
    quote! {
        #![allow(
            missing_docs, unreachable_pub, unused_imports, rustdoc::all, clippy::all, clippy::pedantic
        )]
        #items
    }
}
