//! Adds up the totals of published proposals, by currency.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use event_runtime::Envelope;
use event_runtime::consume::{BuildError, Consumer, ConsumerBuilder};

use crate::events::{Currency, ProposalPublished};

/// Cents by currency.
#[derive(Debug, Clone, Default)]
pub struct Totals(Arc<Mutex<BTreeMap<String, i64>>>);

impl Totals {
    /// The totals so far.
    pub fn by_currency(&self) -> BTreeMap<String, i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, currency: String, cents: i64) {
        let mut totals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *totals.entry(currency).or_default() += cents;
    }
}

/// Builds the consumer from the handlers of the [topology](crate::topology).
///
/// # Errors
///
/// Never in practice: the handlers are fixed.
pub fn consumer(handlers: ConsumerBuilder, totals: Totals) -> Result<Consumer, BuildError> {
    handlers
        .on(move |event: Envelope<ProposalPublished>, _| {
            let totals = totals.clone();
            async move {
                let total = event.data.total;
                // the enum is open: a currency that a later minor adds arrives as `Unknown`, not as an
                // error
                let currency = match total.currency {
                    Currency::Unknown(other) => other,
                    known => format!("{known:?}").to_uppercase(),
                };
                totals.add(currency, total.cents);
                Ok(())
            }
        })
        .build()
}
