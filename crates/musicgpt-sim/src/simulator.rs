//! The simulator as a value: built, started, watched, and stopped by being
//! dropped.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::faults::FaultRule;
use crate::limits::Limits;
use crate::log::{Delivery, Log, RequestRecord};
use crate::server;
use crate::spec::Spec;
use crate::state::State;
use crate::webhooks::Courier;

/// Simulated seconds in a real one, unless another speed is set.
const USUAL_SPEED: f64 = 20.0;

/// A running simulator of the API on a port of this machine. It stops when it
/// is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let sim = musicgpt_sim::Simulator::builder().virtual_clock().start().await?;
/// assert!(sim.base_url().ends_with("/api/public"));
/// # Ok(())
/// # }
/// ```
pub struct Simulator {
    state: Arc<State>,
    address: SocketAddr,
    /// The server and the clock's driver; dropping the set ends both.
    _tasks: JoinSet<()>,
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Simulator {
    /// A simulator to be set up and started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The base URL for clients, such as `http://127.0.0.1:4010/api/public`.
    pub fn base_url(&self) -> String {
        format!("{}{}", self.state.origin, self.state.spec.base_path)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Simulated time since the start.
    pub fn now(&self) -> Duration {
        self.state.clock.now()
    }

    /// Moves simulated time on. Every webhook that gets due on the way is
    /// delivered at its time, in order, before this returns.
    pub async fn advance(&self, by: Duration) {
        self.state.advance(by).await;
    }

    /// The requests so far, media downloads included.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.state.log.requests()
    }

    /// The attempts to deliver webhooks so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.state.log.deliveries()
    }

    /// Replaces the fault rules; an empty list makes everything work again.
    pub fn set_faults(&self, rules: impl IntoIterator<Item = FaultRule>) {
        self.state.set_rules(rules.into_iter().collect());
    }
}

type Listener = Box<dyn Fn(&RequestRecord) + Send + Sync>;

/// How a [`Simulator`] is to be.
#[must_use]
pub struct Builder {
    seed: u64,
    limits: Limits,
    speed: f64,
    is_virtual: bool,
    port: u16,
    rules: Vec<FaultRule>,
    listener: Option<Listener>,
    bundle: Option<String>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            seed: 0,
            limits: Limits::default(),
            speed: USUAL_SPEED,
            is_virtual: false,
            port: 0,
            rules: Vec::new(),
            listener: None,
            bundle: None,
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("seed", &self.seed)
            .field("limits", &self.limits)
            .field("speed", &self.speed)
            .field("is_virtual", &self.is_virtual)
            .field("port", &self.port)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// What ids, words and tunes are drawn from; 0 unless set.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The length limits that requests are held to; the original ones unless
    /// set.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Simulated seconds that pass in a real one; 20 unless set.
    pub fn speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    /// Time stands still until [`Simulator::advance`] moves it. Documented
    /// ETAs are then given as they are.
    pub fn virtual_clock(mut self) -> Self {
        self.is_virtual = true;
        self
    }

    /// The port to listen on, always on 127.0.0.1; any free one unless set.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Adds a fault.
    pub fn fault(mut self, rule: FaultRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Calls `listener` for every request when its answer is known, before it
    /// is sent.
    pub fn on_request(mut self, listener: impl Fn(&RequestRecord) + Send + Sync + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// Simulates another API description than the crate's own: an OpenAPI 3.1
    /// document as JSON, with the same extensions.
    pub fn bundle(mut self, json: impl Into<String>) -> Self {
        self.bundle = Some(json.into());
        self
    }

    /// Starts it on the current tokio runtime, which needs io and time
    /// enabled.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidInput`] for a speed that is not a positive
    /// number, an edition of the limits that does not exist, or a bundle that
    /// cannot be read, and whatever stands in the way of listening on the
    /// port.
    pub async fn start(self) -> io::Result<Simulator> {
        if !(self.speed.is_finite() && self.speed > 0.0) {
            let message = "the speed must be a positive number";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let spec = Spec::parse(self.bundle.as_deref(), &self.limits)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let courier = Courier::new().map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let address = listener.local_addr()?;
        let clock = if self.is_virtual {
            Clock::still()
        } else {
            Clock::scaled(self.speed)
        };
        let state = Arc::new(State::new(
            spec,
            self.seed,
            clock,
            format!("http://{address}"),
            Log::new(self.listener),
            self.rules,
            courier,
        ));
        let mut tasks = JoinSet::new();
        let serving = Arc::clone(&state);
        tasks.spawn(async move { match server::serve(listener, serving).await {} });
        if !self.is_virtual {
            let driven = Arc::clone(&state);
            tasks.spawn(async move { driven.drive().await });
        }
        Ok(Simulator {
            state,
            address,
            _tasks: tasks,
        })
    }
}
