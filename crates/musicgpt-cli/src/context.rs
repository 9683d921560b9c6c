//! What every verb needs: the client, the simulator where one is asked for, and the options.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::ArgMatches;
use musicgpt_sdk::reqwest::Url;
use musicgpt_sdk::{Client, ClientBuilder, LimitSet, env, operations};
use musicgpt_sim::Simulator;

use crate::failure::Failure;
use crate::output;

/// A key where none is needed: the simulator takes any, and downloads go without.
pub(crate) const DUMMY_KEY: &str = "simulated";

/// Simulated seconds per second: a song's minutes pass in a few seconds.
const SPEED: f64 = 60.0;

/// What every verb needs.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) json: bool,
    pub(crate) patience: Patience,
    pub(crate) out: PathBuf,
    pub(crate) deadline: Option<Duration>,
    /// Lives as long as the verb runs.
    _simulator: Option<Simulator>,
}

/// How long a job is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Not at all: its handle is all that is wanted.
    None,
    /// For one look at it.
    OneLook,
    UntilDone,
}

impl Context {
    pub(crate) async fn new(matches: &ArgMatches) -> Result<Self, Failure> {
        let mut builder = ClientBuilder::from_env()?;
        let limits = limits(matches)?;
        builder = builder.limits(limits);
        let base_url = matches.get_one::<String>("base-url");
        let simulate = matches.get_flag("simulate");
        let simulator = match (simulate, base_url) {
            (true, Some(_)) => {
                return Err(Failure::usage(
                    "--simulate and --base-url exclude each other",
                ));
            }
            (true, None) => Some(start(limits).await?),
            (false, Some(base_url)) => {
                check_base_url(base_url);
                builder = builder.base_url(base_url);
                None
            }
            (false, None) => None,
        };
        let has_key = std::env::var_os(env::API_KEY).is_some_and(|key| !key.is_empty());
        if let Some(simulator) = &simulator {
            builder = builder.base_url(simulator.base_url());
            if !has_key {
                builder = builder.key(DUMMY_KEY);
            }
        } else if !has_key {
            return Err(Failure::usage(format!(
                "no key: set {} to your key, or add --simulate to try without one",
                env::API_KEY
            )));
        }
        Ok(Self {
            client: builder.build()?,
            json: matches.get_flag("json"),
            patience: if matches.get_flag("no-wait") {
                Patience::None
            } else {
                Patience::UntilDone
            },
            out: matches
                .get_one::<PathBuf>("out")
                .cloned()
                .unwrap_or_default(),
            deadline: matches.get_one::<Duration>("deadline").copied(),
            _simulator: simulator,
        })
    }
}

/// The limit set of the option, else of the environment.
pub(crate) fn limits(matches: &ArgMatches) -> Result<LimitSet, Failure> {
    if let Some(limits) = matches.get_one::<LimitSet>("limits") {
        return Ok(*limits);
    }
    match std::env::var(env::LIMITS) {
        Ok(text) if !text.is_empty() => text
            .parse()
            .map_err(|error| Failure::usage(format!("{}: {error}", env::LIMITS))),
        _ => Ok(LimitSet::default()),
    }
}

async fn start(limits: LimitSet) -> Result<Simulator, Failure> {
    // Every run is a world of its own, so that its task ids, and with them the folders, differ.
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let seed = u64::from(now.subsec_nanos()) ^ now.as_secs();
    crate::sim::builder(limits)?
        .speed(SPEED)
        .seed(seed)
        .start()
        .await
        .map_err(|error| Failure::unforeseen(format!("the simulator does not start: {error}")))
}

/// A base URL without the usual end is likely a slip, but may be a proxy's.
fn check_base_url(text: &str) {
    let path = |text: &str| Url::parse(text).map(|url| url.path().trim_end_matches('/').to_owned());
    let usual = operations::SERVERS.first().map(|server| path(server));
    if let (Ok(given), Some(Ok(usual))) = (path(text), usual)
        && !given.ends_with(&usual)
    {
        output::warning(&format_args!("the base URL does not end in {usual}"));
    }
}
