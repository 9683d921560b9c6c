//! Requests for paths that the specs do not have.

use reqwest::Method;
use serde_json::Value;

use crate::client::Client;
use crate::error::Result;
use crate::exchange;

/// A request for a path that the specs do not have. It gets the key, the errors and the tracing of
/// all others, but no validation, and is sent once.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct RawRequest {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
}

impl RawRequest {
    /// A request that reads; the path is below the base URL, as in `/v1/newThing`.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            query: Vec::new(),
            body: None,
        }
    }

    /// A request with a JSON body. It may cost something: where it fails after it was sent, its
    /// outcome is unknown.
    pub fn post(path: impl Into<String>, body: impl Into<Value>) -> Self {
        Self {
            method: Method::POST,
            body: Some(body.into()),
            ..Self::get(path)
        }
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }
}

/// Shows no query and no body: they may hold a prompt.
impl std::fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Sends a request for a path that the specs do not have.
    pub async fn raw(&self, request: RawRequest) -> Result<Value> {
        use tracing::Instrument;

        let span = tracing::info_span!("musicgpt", operation = "raw");
        exchange::raw(self, request).instrument(span).await
    }
}
