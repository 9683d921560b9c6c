//! A request, from its address to its answer. What bounds its body is in `body`,
//! and all the answers there are in `answer`.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Method, Request, Response};
use http_body::Body;
use musicgpt_webhooks::Event;
use tokio::sync::OwnedSemaphorePermit;
use tower_service::Service;
use tracing::{Instrument, debug, warn};

use crate::answer::{Answer, ResponseBody};
use crate::dedupe::{Claim, DeliveryId, Reservation};
use crate::delivery::Delivery;
use crate::receiver::{Inner, Receiver};

impl<B> Service<Request<B>> for Receiver
where
    B: Body + Send + 'static,
    B::Data: Send,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Answering {
        let inner = Arc::clone(&self.inner);
        Answering(Box::pin(async move { inner.answer(request).await }))
    }
}

/// A request being answered.
#[must_use = "futures do nothing unless polled"]
pub struct Answering(Pin<Box<dyn Future<Output = Answer> + Send>>);

impl Future for Answering {
    type Output = Result<Response<ResponseBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0
            .as_mut()
            .poll(context)
            .map(|answer| Ok(answer.into_response()))
    }
}

impl fmt::Debug for Answering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answering(..)")
    }
}

impl Inner {
    async fn answer<B>(self: Arc<Self>, request: Request<B>) -> Answer
    where
        B: Body + Send,
        B::Data: Send,
    {
        let (head, body) = request.into_parts();
        let token = head.uri.path().strip_prefix(&self.mount);
        let Some(nonce) = token.and_then(|token| self.mint.verify(token)) else {
            debug!("a request to an address that was not minted here");
            return Answer::NoSuchAddress;
        };
        if head.method != Method::POST {
            return Answer::NotAPost;
        }
        if self.bounds.refuse_unread(&head.headers, &body) {
            warn!(nonce, "a webhook that is too large");
            return Answer::TooLarge;
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            warn!(nonce, "too many webhooks at once");
            return Answer::TooBusy;
        };
        let event = match self.bounds.read(body).await {
            Ok(body) => Event::from_slice(&body),
            Err(answer) => {
                warn!(nonce, ?answer, "a webhook that could not be read");
                return answer;
            }
        };
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                warn!(nonce, %error, "a webhook that is no event");
                return Answer::NoEvent;
            }
        };
        let delivery = Delivery {
            event: Arc::new(event),
            nonce: nonce.to_owned(),
        };
        // A task of its own: neither a sender that hangs up nor a panic stops in
        // the middle what others may be waiting for.
        let handling = Arc::clone(&self).handle(delivery, place);
        let handling = tokio::spawn(handling.in_current_span());
        handling.await.unwrap_or_else(|_| {
            warn!(nonce, "the handler panicked");
            Answer::NotHandled
        })
    }

    async fn handle(self: Arc<Self>, delivery: Delivery, _place: OwnedSemaphorePermit) -> Answer {
        let event = Arc::clone(&delivery.event);
        let nonce = delivery.nonce.clone();
        let kind = event.kind();

        let id = DeliveryId::new(&nonce, &event.dedupe_key());
        let reservation = match Reservation::claim(&self.window, id).await {
            Ok(reservation) => reservation,
            Err(Claim::Seen) => {
                debug!(nonce, %kind, "a webhook that was seen before");
                return Answer::Accepted;
            }
            Err(_) => {
                warn!(nonce, %kind, "the dedupe window cannot tell");
                return Answer::TooBusy;
            }
        };
        if let Some(handler) = &self.handler
            && handler.handle_boxed(delivery).await.is_err()
        {
            warn!(nonce, %kind, "the handler failed");
            return Answer::NotHandled;
        }
        reservation.commit().await;
        self.subscriptions.publish(&nonce, &event);
        debug!(nonce, %kind, feature = event.feature(), "a webhook was handled");
        Answer::Accepted
    }
}
