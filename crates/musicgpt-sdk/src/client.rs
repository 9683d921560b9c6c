//! The client: one per application, cheap to clone.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use musicgpt_api::operations::SERVERS;
use musicgpt_api::{LimitSet, Network, Session, Transport};
use reqwest::Url;
use tracing::Instrument;

use crate::clock::{Clock, SystemClock};
use crate::error::{Error, Result};
use crate::exchange::exchange;
use crate::job::{Job, JobHandle};
use crate::requests::{Feature, Lookup, Submittable};
use crate::retry::RetryPolicy;
use crate::submit::Submit;
use crate::validation::{Warning, is_loopback};
use crate::watch::{Timeouts, Watch, Watched};

/// How long a connection may lie idle: less than servers keep theirs, or a submission could meet a
/// connection that is just being closed, and nobody could say whether it arrived.
const IDLE: Duration = Duration::from_secs(30);

/// Names of the environment variables that [`Client::from_env`] reads.
pub mod env {
    /// The key.
    pub const API_KEY: &str = "MUSICGPT_API_KEY";
    /// The base URL, up to and with `/api/public`.
    pub const BASE_URL: &str = "MUSICGPT_BASE_URL";
    /// The limit set.
    pub const LIMITS: &str = "MUSICGPT_LIMITS";
}

/// The door to the API. A clone shares connections and settings.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    base_url: String,
    /// Only to keep it out of what is shown.
    key: String,
    http: reqwest::Client,
    media: reqwest::Client,
    session: Session,
    limits: LimitSet,
    retry: RetryPolicy,
    timeouts: Timeouts,
    clock: Arc<dyn Clock>,
}

impl Client {
    /// A client from the environment: `MUSICGPT_API_KEY`, and `MUSICGPT_BASE_URL` and
    /// `MUSICGPT_LIMITS` where they are set.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// A client with a key, everything else by default.
    pub fn new(key: impl Into<String>) -> Result<Self> {
        Self::builder().key(key).build()
    }

    /// A client to be configured.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Submits a task. Nothing happens until the returned value is awaited.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future after the request went out leaves the task running and paid, with its
    /// id lost; await it to its end.
    pub fn submit<F: Submittable>(&self, feature: F) -> Submit<F> {
        Submit::new(self.clone(), feature)
    }

    /// Checks a request as [`Client::submit`] would, without sending it: the warnings, or an error
    /// with all violations.
    pub async fn check<F: Feature>(&self, feature: &F) -> Result<Vec<Warning>> {
        let prepared = feature.draft().prepare(self.limits()).await?;
        Ok(prepared.warnings)
    }

    /// Asks something that is answered at once.
    pub async fn call<F>(&self, feature: F) -> Result<F::Answer>
    where
        F: Lookup,
    {
        let span = tracing::info_span!("musicgpt", operation = F::OPERATION.id);
        let answer = async {
            let prepared = feature.draft().prepare(self.limits()).await?;
            exchange(self, prepared, None).await
        };
        let body = answer.instrument(span).await?;
        F::answer(body, self)
            .map_err(|error| error.with(|details| details.operation = Some(F::OPERATION.id)))
    }

    /// Takes up a job that this or another process submitted.
    pub fn resume<F: Submittable>(&self, handle: JobHandle) -> Result<Job<F::Output>> {
        if handle.operation != F::OPERATION.id {
            return Err(Error::configuration(format!(
                "the handle is of a job of {}, not of {}",
                handle.operation,
                F::OPERATION.id
            )));
        }
        Ok(Job::resumed(self.clone(), handle))
    }

    /// The base URL.
    pub fn base_url(&self) -> &str {
        &self.inner.base_url
    }

    /// The limit set that requests are checked against.
    pub fn limits(&self) -> LimitSet {
        self.inner.limits
    }

    pub(crate) fn retry(&self) -> RetryPolicy {
        self.inner.retry
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        self.inner.timeouts
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.inner.clock.as_ref()
    }

    /// A text of the server's, without the key.
    pub(crate) fn without_key(&self, text: &str) -> String {
        // No real key is that short, and a short one is part of any word.
        if self.inner.key.len() < 8 {
            return text.to_owned();
        }
        text.replace(&self.inner.key, "(the key)")
    }

    /// The client for files, which never has the key.
    pub(crate) fn media(&self) -> &reqwest::Client {
        &self.inner.media
    }

    /// The generated client, watched.
    pub(crate) fn api_through(&self, watch: &Watch) -> musicgpt_api::Client {
        let transport = Arc::new(Watched {
            inner: Arc::clone(self.inner.session.transport()),
            watch: watch.clone(),
        });
        musicgpt_api::Client::new_with_client(
            &self.inner.base_url,
            self.inner.http.clone(),
            self.inner.session.through(transport),
        )
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.base_url)
            .field("limits", &self.inner.limits)
            .field("retry", &self.inner.retry)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Client`].
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until it builds"]
pub struct ClientBuilder {
    key: Option<String>,
    base_url: Option<String>,
    http: Option<reqwest::Client>,
    transport: Option<Arc<dyn Transport>>,
    limits: LimitSet,
    retry: RetryPolicy,
    timeouts: Timeouts,
    clock: Option<Arc<dyn Clock>>,
}

impl ClientBuilder {
    /// Settings from the environment; see [`Client::from_env`].
    pub fn from_env() -> Result<Self> {
        let mut builder = Self {
            key: variable(env::API_KEY),
            base_url: variable(env::BASE_URL),
            ..Self::default()
        };
        if let Some(limits) = variable(env::LIMITS) {
            builder.limits = limits
                .parse()
                .map_err(|error| Error::configuration(format!("{}: {error}", env::LIMITS)))?;
        }
        Ok(builder)
    }

    /// The key.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The base URL, up to and with `/api/public`. Plain http is for this machine only.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// A ready HTTP client, for requests and files alike. It should not follow redirects, for a
    /// redirected submission might be sent twice, and it should have no total timeout.
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// A transport of your own, for the API's requests.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// The limit set that requests are checked against.
    pub fn limits(mut self, limits: LimitSet) -> Self {
        self.limits = limits;
        self
    }

    /// How often and how long a request may be tried.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// How long the service may be silent. The limit for connections does not apply to a ready
    /// HTTP client.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// A clock of your own, for waits.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The client.
    pub fn build(self) -> Result<Client> {
        let key = self.key.unwrap_or_default();
        if key.is_empty() {
            return Err(Error::configuration(format!(
                "there is no key; set {}",
                env::API_KEY
            )));
        }
        let transport = self.transport.unwrap_or_else(|| Arc::new(Network));
        let session = Session::with_transport(&key, transport)
            .map_err(|error| Error::configuration(format!("{}: {error}", env::API_KEY)))?;
        let default = SERVERS.first().copied().unwrap_or_default();
        let base_url = check_base_url(self.base_url.as_deref().unwrap_or(default))?;
        let connect = self.timeouts.connect;
        let local = Url::parse(&base_url).is_ok_and(|url| is_loopback(&url));
        let http = |redirects: reqwest::redirect::Policy| {
            let mut builder = reqwest::Client::builder();
            if local {
                // A proxy has no business with a server on this machine, nor with the key.
                builder = builder.no_proxy();
            }
            builder
                .connect_timeout(connect)
                .pool_idle_timeout(IDLE)
                .redirect(redirects)
                .build()
                .map_err(|error| {
                    Error::configuration("the HTTP client cannot be built").caused_by(error)
                })
        };
        let (http, media) = match self.http {
            Some(http) => (http.clone(), http),
            None => (
                http(reqwest::redirect::Policy::none())?,
                http(reqwest::redirect::Policy::default())?,
            ),
        };
        Ok(Client {
            inner: Arc::new(Inner {
                base_url,
                key,
                http,
                media,
                session,
                limits: self.limits,
                retry: self.retry,
                timeouts: self.timeouts,
                clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock::new())),
            }),
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("limits", &self.limits)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn check_base_url(text: &str) -> Result<String> {
    let Ok(url) = Url::parse(text) else {
        return Err(Error::configuration("the base URL is not an address"));
    };
    // Not the whole text: there may be a password in it.
    let shown = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    let refused = |reason: &str| Error::configuration(format!("base URL {shown}: {reason}"));
    let fine = match url.scheme() {
        "https" => true,
        "http" => is_loopback(&url),
        _ => false,
    };
    if !fine {
        return Err(refused("must be https; http is for this machine only"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("must not hold a user or a password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("must end with a path"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
