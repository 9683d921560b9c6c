//! [`Delivery`]: what a handler is given, and [`Handler`]: who takes it. When a
//! handler is called, and what follows from its answer, is in `service`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use musicgpt_webhooks::Event;

/// An event, and the address that it came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// The event.
    pub event: Arc<Event>,
    /// The nonce of the address, which ties the event to what the address was
    /// minted for.
    pub nonce: String,
}

/// Takes events; an async closure over a [`Delivery`] is one.
///
/// It runs in a task of its own: a sender that hangs up does not stop it. An
/// event that it failed on, or panicked on, counts as not yet seen and is
/// answered with 503. Nothing tells the service to be quick with a second try, or
/// to make one: a handler should put the event away and return.
pub trait Handler: Send + Sync + 'static {
    /// What may go wrong. It is not logged, as it may quote the event.
    type Error;

    /// Takes one event.
    fn handle(&self, delivery: Delivery) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

impl<F, Fut, E> Handler for F
where
    F: Fn(Delivery) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send,
{
    type Error = E;

    fn handle(&self, delivery: Delivery) -> impl Future<Output = Result<(), E>> + Send {
        self(delivery)
    }
}

/// The handler's error, kept from everybody.
pub(crate) struct Failed;

type Handling<'a> = Pin<Box<dyn Future<Output = Result<(), Failed>> + Send + 'a>>;

/// A handler of whatever type.
pub(crate) trait AnyHandler: Send + Sync {
    fn handle_boxed(&self, delivery: Delivery) -> Handling<'_>;
}

impl<H: Handler> AnyHandler for H {
    fn handle_boxed(&self, delivery: Delivery) -> Handling<'_> {
        Box::pin(async { self.handle(delivery).await.map_err(|_| Failed) })
    }
}

impl fmt::Debug for dyn AnyHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handler")
    }
}
