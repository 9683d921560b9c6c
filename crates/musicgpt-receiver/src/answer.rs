//! [`Answer`]: all that a sender can be told. When it is told which, is in `service`.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

/// The body of an answer: a line of text.
pub type ResponseBody = Full<Bytes>;

/// After how many seconds to try again.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("10");

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Accepted,
    BrokenOff,
    NoEvent,
    NoSuchAddress,
    NotAPost,
    TooSlow,
    TooLarge,
    NotHandled,
    TooBusy,
}

impl Answer {
    fn status(self) -> StatusCode {
        match self {
            Answer::Accepted => StatusCode::OK,
            Answer::BrokenOff | Answer::NoEvent => StatusCode::BAD_REQUEST,
            Answer::NoSuchAddress => StatusCode::NOT_FOUND,
            Answer::NotAPost => StatusCode::METHOD_NOT_ALLOWED,
            Answer::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Answer::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Answer::NotHandled | Answer::TooBusy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Answer::Accepted => "accepted\n",
            Answer::BrokenOff => "the body broke off\n",
            Answer::NoEvent => "the body is not a JSON object\n",
            Answer::NoSuchAddress => "no such address\n",
            Answer::NotAPost => "only POST is understood\n",
            Answer::TooSlow => "the body took too long\n",
            Answer::TooLarge => "the body is too large\n",
            Answer::NotHandled => "the event was not handled, try again\n",
            Answer::TooBusy => "too many events at once, try again\n",
        }
    }

    pub(crate) fn into_response(self) -> Response<ResponseBody> {
        let mut response = Response::new(Full::from(self.text()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        match self {
            Answer::NotAPost => {
                headers.insert(ALLOW, HeaderValue::from_static("POST"));
            }
            Answer::NotHandled | Answer::TooBusy => {
                headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
            }
            _ => {}
        }
        response
    }
}
