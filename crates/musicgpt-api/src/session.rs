//! The key, and the door through which every request goes out.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

use serde_json::{Map, Value};

use crate::request::form_text;
use crate::{Client, Error, Operation};

/// progenitor sends the document's version with each request; the API does not know the header.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// The key and the transport of a [`Client`].
#[derive(Clone)]
pub struct Session {
    key: HeaderValue,
    transport: Arc<dyn Transport>,
    /// Query parameters that the specs do not know.
    extra: Vec<(String, String)>,
}

/// A key that cannot stand in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidKey;

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key must be one line of visible ASCII characters")
    }
}

impl std::error::Error for InvalidKey {}

impl Session {
    /// Sends with a key, over the network.
    pub fn new(key: &str) -> Result<Self, InvalidKey> {
        Self::with_transport(key, Arc::new(Network))
    }

    /// Sends with a key, over a transport of your own.
    pub fn with_transport(key: &str, transport: Arc<dyn Transport>) -> Result<Self, InvalidKey> {
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidKey);
        }
        let mut key = HeaderValue::from_str(key).map_err(|_| InvalidKey)?;
        key.set_sensitive(true);
        Ok(Self {
            key,
            transport,
            extra: Vec::new(),
        })
    }

    /// The door that requests go through.
    pub fn transport(&self) -> &Arc<dyn Transport> {
        &self.transport
    }

    /// The same key behind another door.
    pub fn through(&self, transport: Arc<dyn Transport>) -> Self {
        Self {
            key: self.key.clone(),
            transport,
            extra: self.extra.clone(),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("key", &"..")
            .field("transport", &self.transport)
            .finish()
    }
}

/// A request on its way out.
pub type Sending<'a> =
    Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send + 'a>>;

/// Takes finished requests. The default sends them; a test may keep them instead, and answer with
/// an `http::Response` made into a `reqwest::Response`.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Answers a request of an operation. The key is in its `Authorization` header, marked as
    /// sensitive.
    fn send<'a>(
        &'a self,
        client: &'a reqwest::Client,
        request: reqwest::Request,
        operation: Option<&'static Operation>,
    ) -> Sending<'a>;
}

/// The transport that sends.
#[derive(Debug, Clone, Copy, Default)]
pub struct Network;

impl Transport for Network {
    fn send<'a>(
        &'a self,
        client: &'a reqwest::Client,
        request: reqwest::Request,
        _operation: Option<&'static Operation>,
    ) -> Sending<'a> {
        Box::pin(client.execute(request))
    }
}

impl Client {
    /// The same client for a request with query parameters that the specs do not know.
    pub(crate) fn adding(&self, extra: &Map<String, Value>) -> Self {
        let mut client = self.clone();
        let texts = extra
            .iter()
            .map(|(name, value)| (name.clone(), form_text(value)));
        client.inner.extra.extend(texts);
        client
    }
}

impl ClientHooks<Session> for Client {
    async fn pre<E>(
        &self,
        request: &mut reqwest::Request,
        _info: &OperationInfo,
    ) -> Result<(), Error<E>> {
        let extra = &self.inner().extra;
        if !extra.is_empty() {
            request.url_mut().query_pairs_mut().extend_pairs(extra);
        }
        let headers = request.headers_mut();
        headers.remove(API_VERSION);
        headers.insert(AUTHORIZATION, self.inner().key.clone());
        Ok(())
    }

    async fn exec(
        &self,
        request: reqwest::Request,
        info: &OperationInfo,
    ) -> reqwest::Result<reqwest::Response> {
        // The raw half of a multipart operation is the same operation.
        let id = info
            .operation_id
            .strip_suffix("_raw")
            .unwrap_or(info.operation_id);
        let operation = Operation::by_id(id);
        self.inner()
            .transport
            .send(self.client(), request, operation)
            .await
    }
}
