//! `mgpt webhook listen`: one line per event, and its files.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::ArgMatches;
use clap::parser::ValueSource;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use musicgpt_receiver::{Delivery, Receiver, SecretKey};
use musicgpt_sdk::webhooks::{Event, Link};
use musicgpt_sdk::{Client, ClientBuilder};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};

use crate::context::DUMMY_KEY;
use crate::failure::{Failure, Outcome};
use crate::submission::safe_name;
use crate::{output, webhook};

/// Holds the key of the addresses, where they are to outlive the process.
const KEY: &str = "MUSICGPT_WEBHOOK_KEY";
/// What the address is minted for: with the same key it is the same address.
const NONCE: &str = "listen";
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);
/// How many senders may be connected at once.
const CONNECTIONS: usize = 256;
/// How many events may wait for their files to be saved; beyond these the service is asked to try
/// again.
const WAITING: usize = 64;

/// Runs until it is interrupted.
pub(crate) async fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let port = matches.get_one::<u16>("port").copied().unwrap_or_default();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| Failure::usage(format!("--port {port}: {error}")))?;
    let local = listener
        .local_addr()
        .map_err(|error| Failure::unforeseen(format!("no address: {error}")))?;
    let public_url = match matches.get_one::<String>("public-url") {
        Some(url) => url.clone(),
        None => format!("http://{local}"),
    };
    let (queue, saving) = match out(matches) {
        Some(folder) => {
            let (queue, events) = mpsc::channel(WAITING);
            let client = client()?;
            (
                Some(queue),
                Some(tokio::spawn(save_all(client, folder, events))),
            )
        }
        None => (None, None),
    };
    let receiver = Receiver::builder(public_url, key()?)
        .handler(move |delivery: Delivery| take(delivery, queue.clone()))
        .build()
        .map_err(|error| Failure::usage(format!("--public-url: {error}")))?;
    let webhook = receiver
        .mint_for(NONCE)
        .map_err(|error| Failure::unforeseen(format!("no address: {error}")))?;
    output::note(&format_args!("webhook URL: {}", webhook.as_str()));
    output::note(&format_args!("listening on {local} until interrupted"));
    tokio::select! {
        () = serve(listener, receiver) => {}
        interrupted = tokio::signal::ctrl_c() => {
            interrupted.map_err(|error| Failure::unforeseen(format!("no signals: {error}")))?;
        }
    }
    // The receiver is gone, and with it the queue: what is in it is saved still.
    if let Some(saving) = saving {
        tokio::select! {
            saved = saving => {
                saved.map_err(|error| Failure::unforeseen(format!("saving: {error}")))?;
            }
            _ = tokio::signal::ctrl_c() => output::note(&"some files were not saved"),
        }
    }
    Ok(Outcome::Done)
}

/// Where files go, where that was asked for.
fn out(matches: &ArgMatches) -> Option<PathBuf> {
    let given = matches.value_source("out") == Some(ValueSource::CommandLine);
    matches.get_one::<PathBuf>("out").filter(|_| given).cloned()
}

fn key() -> Result<SecretKey, Failure> {
    let key = match std::env::var(KEY) {
        Ok(key) if !key.is_empty() => SecretKey::from_bytes(key),
        _ => SecretKey::generate(),
    };
    key.map_err(|error| Failure::usage(format!("{KEY}: {error}")))
}

/// A client for downloads, which need no key.
fn client() -> Result<Client, Failure> {
    Ok(ClientBuilder::from_env()?.key(DUMMY_KEY).build()?)
}

/// Prints an event and hands it on. An event that cannot be handed on is not taken: it would be
/// printed again when it comes again.
async fn take(delivery: Delivery, queue: Option<mpsc::Sender<Arc<Event>>>) -> Result<(), Failure> {
    let place = match &queue {
        Some(queue) => Some(
            queue
                .try_reserve()
                .map_err(|_| Failure::unforeseen("too many events wait for their files"))?,
        ),
        None => None,
    };
    output::json(&webhook::understood(&delivery.event))?;
    if let Some(place) = place {
        place.send(delivery.event);
    }
    Ok(())
}

async fn serve(listener: TcpListener, receiver: Receiver) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                output::warning(&format_args!("a connection was not accepted: {error}"));
                continue;
            }
        };
        let service = TowerToHyperService::new(receiver.clone());
        tokio::spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD)
                .serve_connection(TokioIo::new(stream), service);
            // A sender that goes away is no news.
            let _ = connection.await;
            drop(place);
        });
    }
}

async fn save_all(client: Client, out: PathBuf, mut events: mpsc::Receiver<Arc<Event>>) {
    while let Some(event) = events.recv().await {
        let folder = out.join(safe_name(event.task_id().unwrap_or_default()));
        for (stem, link) in files(&event) {
            match client
                .download(link.as_str(), &folder, &safe_name(&stem))
                .await
            {
                Ok(path) => drop(output::saved(&path)),
                Err(error) => output::warning(&format_args!("{stem}: {error}")),
            }
        }
        if let Some((stem, text)) = karaoke(&event)
            && let Err(error) = write(&folder, &stem, &text).await
        {
            output::warning(&format_args!("{stem}: {error}"));
        }
    }
}

/// The files of an event, with their names without endings.
fn files(event: &Event) -> Vec<(String, Link)> {
    match event {
        Event::Track(track) => {
            let links = [track.audio(), track.wav()];
            let named = links
                .into_iter()
                .flatten()
                .map(|link| (take_name(event), link.clone()));
            named.collect()
        }
        Event::Cover(cover) => {
            let covers = cover.images().into_iter().enumerate();
            let named = covers.map(|(at, link)| match at {
                0 => ("cover".to_owned(), link),
                at => (format!("cover-{}", at + 1), link),
            });
            named.collect()
        }
        Event::Result(result) => {
            let outputs = result.outputs().into_iter();
            outputs.map(|output| (output.name, output.link)).collect()
        }
        _ => Vec::new(),
    }
}

/// The timed lyrics of an event as a file, with its name without the ending.
fn karaoke(event: &Event) -> Option<(String, String)> {
    let (lyrics, title) = match event {
        Event::Track(track) => (track.timed_lyrics()?, track.title.as_deref()),
        Event::Lyrics(lyrics) => (lyrics.timed_lyrics()?, None),
        _ => return None,
    };
    Some((take_name(event), lyrics.to_lrc(title)))
}

fn take_name(event: &Event) -> String {
    event.conversion_id().unwrap_or("take").to_owned()
}

async fn write(folder: &Path, stem: &str, text: &str) -> std::io::Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    let path = folder.join(format!("{}.lrc", safe_name(stem)));
    tokio::fs::write(&path, text).await?;
    output::saved(&path);
    Ok(())
}
