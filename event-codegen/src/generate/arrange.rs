//! The path of each event's module, which never changes because of another registry.
//!
//! `<event>` is an event of any registry. If two registries have events with the same name, the folder's
//! `event.toml` states which of them has this path (`home = ".."`); until it does, including the generated
//! code is an error. Every event is also at `registries::<registry>::<event>`.

use std::collections::{BTreeMap, BTreeSet};

use event_folder::family::{Checked, Family};
use event_folder::load::EventName;
use proc_macro2::TokenStream;
use quote::quote;

use crate::config::Config;
use crate::emit;
use crate::names;

/// The module of events by registry.
const REGISTRIES: &str = "registries";

/// The module of files that several events refer to.
const SHARED: &str = "shared";

/// The place of an event's module.
struct Place {
    module: String,
    /// Whether it is only below its registry.
    below: bool,
}

/// The places of all events.
pub(super) struct Arrangement {
    places: BTreeMap<EventName, Place>,
    /// Event types that several registries have.
    ambiguous: BTreeSet<String>,
    /// The module of each registry.
    registries: BTreeMap<String, String>,
    /// The short paths that two registries have an event for, without a setting that chooses one: including
    /// the generated code reports them. The derive alone does not need a path.
    homeless: BTreeMap<String, String>,
}

impl Arrangement {
    pub(super) fn of(families: &[Family<Checked>], config: &Config) -> Arrangement {
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
        let mut homeless = BTreeMap::new();
        let mut places = BTreeMap::new();
        for (module, families) in by_module {
            let of: BTreeSet<&str> = families.iter().map(|f| f.name.registry.as_str()).collect();
            let home = config.home.as_deref().filter(|home| of.contains(home));
            let stays = of.len() == 1;
            if let (false, None, Some(first)) = (stays, home, families.first()) {
                homeless.insert(module.clone(), two_homes(first, &module, &of));
            }
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for family in families {
                let registry = family.name.registry.as_str();
                let count = counts.entry(registry).or_default();
                let module = format!("{module}{}", "_".repeat(*count));
                *count += 1;
                let below = !stays && home != Some(registry);
                places.insert(family.name.clone(), Place { module, below });
            }
        }
        Arrangement { places, ambiguous, registries, homeless }
    }

    /// Whether another registry has an event with this name.
    pub(super) fn is_ambiguous(&self, name: &EventName) -> bool {
        self.ambiguous.contains(&name.event)
    }

    /// The number of modules between the event's and the root.
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
        for (module, why) in &self.homeless {
            let doc = "Events of several registries.";
            out.push_str(&emit::print(emit::module(
                module,
                doc,
                &quote!(::core::compile_error!(#why);),
            ))?);
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
                "Every event by its registry: these paths do not change when a registry is added.";
            out.push_str(&emit::print(emit::module(REGISTRIES, doc, &lint_free(&items)))?);
        }
        Ok(out)
    }
}

fn two_homes(family: &Family<Checked>, module: &str, registries: &BTreeSet<&str>) -> String {
    let list: Vec<String> = registries.iter().map(|r| format!("`{r}`")).collect();
    let first = registries.first().copied().unwrap_or_default();
    format!(
        "[event-in-two-registries] the event `{}` is in the registries {}, but only one of them can have the path `{module}`\n\
         to fix: `home = \"{first}\"` in `event.toml`, the registry that was here first; the other one's types \
         are at `{REGISTRIES}::<registry>::{module}`",
        family.name.event,
        list.join(" and ")
    )
}

/// Lints are turned off for generated code.
fn lint_free(items: &TokenStream) -> TokenStream {
    quote! {
        #![allow(
            missing_docs, unreachable_pub, unused_imports, rustdoc::all, clippy::all, clippy::pedantic
        )]
        #items
    }
}
