//! `mgpt webhook listen`: one line per event, and its files.

use std::io::ErrorKind;
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
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

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
    let reader_left = Arc::new(Notify::new());
    let left = Arc::clone(&reader_left);
    let receiver = Receiver::builder(public_url, key()?)
        .handler(move |delivery: Delivery| take(delivery, queue.clone(), Arc::clone(&left)))
        .build()
        .map_err(|error| Failure::usage(format!("--public-url: {error}")))?;
    let webhook = receiver
        .mint_for(NONCE)
        .map_err(|error| Failure::unforeseen(format!("no address: {error}")))?;
    output::note(&format_args!("webhook URL: {}", webhook.as_str()));
    output::note(&format_args!("listening on {local} until interrupted"));
    tokio::select! {
        () = serve(listener, receiver) => {}
        () = reader_left.notified() => output::note(&"nobody reads the events any more"),
        interrupted = tokio::signal::ctrl_c() => {
            interrupted.map_err(|error| Failure::unforeseen(format!("no signals: {error}")))?;
        }
    }
    // The connections are gone, and with them all who fill the queue: what is in it is saved still.
    if let Some(saving) = saving {
        output::note(&"saving what has come; interrupt again to stop at once");
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
    let key = match std::env::var_os(KEY) {
        Some(key) if !key.is_empty() => SecretKey::from_bytes(key.as_encoded_bytes()),
        _ => SecretKey::generate(),
    };
    key.map_err(|error| Failure::usage(format!("{KEY}: {error}")))
}

/// A client for downloads, which need no key.
fn client() -> Result<Client, Failure> {
    Ok(ClientBuilder::from_env()?.key(DUMMY_KEY).build()?)
}

/// Prints an event and hands it on. An event that cannot be handed on or printed is not taken: the
/// service is to try again.
async fn take(
    delivery: Delivery,
    queue: Option<mpsc::Sender<Arc<Event>>>,
    reader_left: Arc<Notify>,
) -> std::io::Result<()> {
    let place = match &queue {
        Some(queue) => Some(queue.try_reserve().map_err(std::io::Error::other)?),
        None => None,
    };
    output::delivered(&webhook::understood(&delivery.event))
        .inspect_err(|_| reader_left.notify_one())?;
    if let Some(place) = place {
        place.send(delivery.event);
    }
    Ok(())
}

/// Serves until it is dropped, and its connections with it.
async fn serve(listener: TcpListener, receiver: Receiver) {
    let mut connections = JoinSet::new();
    let mut failing = false;
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= CONNECTIONS {
            connections.join_next().await;
        }
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Most likely there are too many open files: those have to be closed first.
                if !std::mem::replace(&mut failing, true) {
                    output::warning(&format_args!("a connection was not accepted: {error}"));
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        failing = false;
        let service = TowerToHyperService::new(receiver.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .serve_connection(TokioIo::new(stream), service);
        connections.spawn(async move {
            // A sender that goes away is no news.
            let _ = connection.await;
        });
    }
}

async fn save_all(client: Client, out: PathBuf, mut events: mpsc::Receiver<Arc<Event>>) {
    while let Some(event) = events.recv().await {
        let task = event.task_id().unwrap_or_default();
        let folder = out.join(safe_name(task));
        for (stem, link) in files(&event) {
            let stem = safe_name(&stem);
            match client.download(link.as_str(), &folder, &stem).await {
                Ok(path) => drop(output::saved(&path)),
                Err(error) => {
                    let ending = link.as_str().rsplit('.').next().unwrap_or_default();
                    let file = output::plain(&format!("{task}: {stem} ({})", safe_name(ending)));
                    output::warning(&format_args!("{file}: {error}"));
                }
            }
        }
        if let Err(error) = save_lyrics(&event, &folder).await {
            output::warning(&format_args!("{}: lyrics: {error}", output::plain(task)));
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
            let named = outputs.map(|output| match event.conversion_id() {
                Some(id) => (format!("{id}-{}", output.name), output.link),
                None => (output.name, output.link),
            });
            named.collect()
        }
        _ => Vec::new(),
    }
}

/// Saves the timed lyrics of an event, if it has any: a take's own post has them again, and those
/// that are there stay.
async fn save_lyrics(event: &Event, folder: &Path) -> std::io::Result<()> {
    let (lyrics, title) = match event {
        Event::Track(track) => (track.timed_lyrics(), track.title.as_deref()),
        Event::Lyrics(lyrics) => (lyrics.timed_lyrics(), None),
        _ => return Ok(()),
    };
    // Words of no take are of no use beside files of others.
    let (Some(lyrics), Some(take)) = (lyrics, event.conversion_id()) else {
        return Ok(());
    };
    tokio::fs::create_dir_all(folder).await?;
    let path = folder.join(format!("{}.lrc", safe_name(take)));
    let file = tokio::fs::File::create_new(&path).await;
    let mut file = match file {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        file => file?,
    };
    file.write_all(lyrics.to_lrc(title).as_bytes()).await?;
    file.flush().await?;
    output::saved(&path);
    Ok(())
}

fn take_name(event: &Event) -> String {
    event.conversion_id().unwrap_or("take").to_owned()
}
