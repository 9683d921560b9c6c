//! Answers on their way out, and bodies that break off.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use serde_json::Value;

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Only the first half of the body is sent.
    pub(crate) cut: bool,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let reply = Self {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
            cut: false,
        };
        reply.with_header(CONTENT_TYPE.as_str(), content_type)
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    /// The page that a web server in front of the API answers with.
    pub(crate) fn html(status: u16) -> Self {
        let reason = StatusCode::from_u16(status)
            .ok()
            .and_then(|s| s.canonical_reason());
        let title = format!("{status} {}", reason.unwrap_or("Error"));
        let page = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
        );
        Self::new(status, "text/html", page)
    }

    /// The refusal of a storage service, in its XML.
    pub(crate) fn storage_refusal(message: &str) -> Self {
        Self::storage_error(403, "AccessDenied", message)
    }

    /// An error of a storage service, in its XML.
    pub(crate) fn storage_error(status: u16, code: &str, message: &str) -> Self {
        let page = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        );
        Self::new(status, "application/xml", page)
    }

    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            cut: false,
        }
    }

    /// Adds a header; one that HTTP cannot carry is left out.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            self.headers.insert(name, value);
        }
        self
    }

    pub(crate) fn into_response(self) -> Response<ReplyBody> {
        let keep = if self.cut {
            self.body.len() / 2
        } else {
            self.body.len()
        };
        let announced = self.body.len() as u64;
        let mut response = Response::new(ReplyBody {
            data: Some(self.body.slice(..keep)).filter(|data| !data.is_empty()),
            announced,
            cut: if self.cut { Cut::Flush } else { Cut::No },
        });
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = self.headers;
        response
    }
}

/// The body of an answer: whole, or broken off after it announced more.
#[derive(Debug)]
pub(crate) struct ReplyBody {
    data: Option<Bytes>,
    announced: u64,
    cut: Cut,
}

#[derive(Debug, Clone, Copy)]
enum Cut {
    No,
    /// Lets what was given so far get out before the end.
    Flush,
    Break,
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        match self.cut {
            Cut::No => Poll::Ready(None),
            Cut::Flush => {
                self.cut = Cut::Break;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Cut::Break => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && matches!(self.cut, Cut::No)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}
