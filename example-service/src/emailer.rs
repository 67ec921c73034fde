//! Sends mail to the customer. Still reads version 1 of `proposal.published`.

use std::sync::{Arc, Mutex, PoisonError};

use event_runtime::Envelope;
use event_runtime::consume::{BuildError, Consumer, ConsumerBuilder, HandlerError};

use crate::events::ProposalPublishedV1;

/// The mails that were sent, in order, and a mail server that refuses the first one.
#[derive(Debug, Clone, Default)]
pub struct Outbox(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    mails: Vec<Mail>,
    refused: bool,
}

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
}

impl Outbox {
    /// The mails that were sent so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).mails.clone()
    }

    fn send(&self, mail: Mail) -> Result<(), HandlerError> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut state.refused, true) {
            return Err(HandlerError::transient("the mail server is unavailable"));
        }
        state.mails.push(mail);
        Ok(())
    }
}

/// Builds the consumer from the handlers of the [topology](crate::topology).
///
/// # Errors
///
/// Never in practice: the handlers are fixed.
pub fn consumer(handlers: ConsumerBuilder, outbox: Outbox) -> Result<Consumer, BuildError> {
    handlers
        .on(move |event: Envelope<ProposalPublishedV1>, _| {
            let outbox = outbox.clone();
            async move {
                let proposal = event.data;
                let subject = format!("{} ({:.2})", proposal.title, proposal.amount);
                outbox.send(Mail { to: proposal.customer_email, subject })
            }
        })
        .build()
}
