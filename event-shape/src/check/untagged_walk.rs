//! Untagged variants, compared with those of the schema.

use super::cursor::{Cursor, TagHead};
use super::report::{Frame, Sample, Step};
use super::{Walk, rules};
use crate::shape::Enum;

impl<'a> Walk<'a> {
    /// Untagged variants: each variant of the schema needs one of the type, in any order. If the order
    /// differs from the schema's, none may read what a later one writes.
    #[expect(
        clippy::many_single_char_names,
        reason = "indices of a const fn, which has no iterators"
    )]
    pub(super) const fn untagged(
        &mut self,
        f: &Frame<'_>,
        e: &'static Enum,
        c: &mut Cursor<'a>,
    ) -> bool {
        let mut used = [false; 64];
        let (mut at_place, mut i) = (true, 0);
        if e.variants.len() > used.len() {
            return self.too_deep(f);
        }
        while c.peek() != b')' {
            let head = c.variant();
            let here = f.below(Step::Variant(TagHead::Untagged, head.name, head.rust), head.line);
            let at = *c;
            let mut found = None;
            // try the variant at the same position first: if none matches, its break is the one to report
            let mut k = 0;
            while k <= e.variants.len() && found.is_none() {
                let index = if k == 0 { i } else { k - 1 };
                if index < e.variants.len() && !used[index] {
                    let mut ahead = at;
                    let mut quiet = self.quiet();
                    if quiet.body(&here, e, &e.variants[index].body, &head, &mut ahead) {
                        found = Some(index);
                    }
                }
                k += 1;
            }
            let index = match found {
                Some(index) => index,
                None if i < e.variants.len() && !used[i] => i,
                None => return self.lost(f, e, &head, false),
            };
            if !self.body(&here, e, &e.variants[index].body, &head, c) {
                return false;
            }
            at_place &= index == i;
            used[index] = true;
            *c = at;
            if head.carries {
                c.skip();
            }
            i += 1;
        }
        c.next();
        let mut k = 0;
        while k < e.variants.len() {
            if !used[k] {
                self.start(rules::ENUM_VALUE_ADDED, f);
                self.say(
                    "has a new variant, but untagged variants are distinguished by which one fits",
                );
                self.unwelcome(f, Sample::Json(".."));
                return self.fix(&["remove it"]);
            }
            k += 1;
        }
        if self.locked.generated {
            return true;
        }
        // generated code has the order of the schema
        let spelling = super::respell::respelled(e);
        if !spelling && (at_place || super::untagged::taken_for_another(e).is_none()) {
            return true;
        }
        self.start(rules::VARIANT_TAKEN_FOR_ANOTHER, f);
        if spelling {
            self.say("has an untagged variant that reads strings of a later one and writes them in another spelling");
            self.place(f);
            return self
                .fix(&["put the variant that holds any string first, or use `String` alone"]);
        }
        self.say(
            "has its untagged variants in an order in which one reads what a later one writes",
        );
        self.place(f);
        self.fix(&["use the order of the schema: the variant that requires more fields first"])
    }

    /// A walk that begins at this one's position and reports nothing.
    const fn quiet(&self) -> Walk<'a> {
        let mut quiet = Walk::new(self.locked);
        quiet.seen = self.seen;
        quiet.count = self.count;
        quiet
    }
}
