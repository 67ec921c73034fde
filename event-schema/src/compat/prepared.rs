//! Data that is computed once per schema before comparisons, and cached in it: the form that the terms
//! require, the classes of its nodes, and whether it nests deep.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::deep;
use super::terms::Terms;
use crate::kernel::Classes;
use crate::model::{NodeId, Schema};

/// A schema, prepared for one kind of terms.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// The schema in the form of the terms, if that differs from the original.
    form: Option<Schema>,
    pub(super) classes: Classes,
    pub(super) deep: bool,
    /// The parts of a schema that callers can change, as they were.
    of: (NodeId, bool),
}

impl Prepared {
    /// Prepares the schema once; a copy of the schema is prepared again.
    pub(super) fn of(schema: &Schema, terms: Terms) -> Arc<Prepared> {
        let kept = schema.prepared.0[terms.kind()].get_or_init(|| Prepared::new(schema, terms));
        if kept.of == (schema.root, schema.strict_integers) {
            kept.clone()
        } else {
            Prepared::new(schema, terms)
        }
    }

    fn new(schema: &Schema, terms: Terms) -> Arc<Prepared> {
        let form = match terms.apply(schema) {
            Cow::Borrowed(_) => None,
            Cow::Owned(form) => Some(form),
        };
        let taken = form.as_ref().unwrap_or(schema);
        let (classes, deep) = (Classes::new(taken), deep::is_deep(taken));
        Arc::new(Prepared { form, classes, deep, of: (schema.root, schema.strict_integers) })
    }

    /// The schema in the form of the terms; `schema` is the one that was prepared.
    pub(super) fn form<'a>(&'a self, schema: &'a Schema) -> &'a Schema {
        self.form.as_ref().unwrap_or(schema)
    }
}

/// A schema prepared for each kind of terms, on demand.
#[derive(Default)]
pub(crate) struct Kept([OnceLock<Arc<Prepared>>; Terms::KINDS]);

impl Clone for Kept {
    /// Nothing, because copies are made to be changed.
    fn clone(&self) -> Kept {
        Kept::default()
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}
