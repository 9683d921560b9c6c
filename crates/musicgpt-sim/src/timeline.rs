//! What happens to a task and when, decided once when it is accepted.
//!
//! The shares and gaps are those seen in the field: the cover long before any
//! audio, the lyrics of a take 140 ms before its track, the takes six seconds
//! apart.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::clock::scale;
use crate::faults::Fault;
use crate::operation::Operation;
use crate::vocabulary::kind;

/// How long a task takes whose documented ETA says nothing.
const USUAL_LENGTH: Duration = Duration::from_secs(30);
const LYRICS_LEAD: Duration = Duration::from_millis(140);
const TAKE_GAP: Duration = Duration::from_secs(6);
const LATE: Duration = Duration::from_secs(600);
const QUEUE_SHARE: f64 = 0.05;
const COVER_SHARE: f64 = 0.10;
const STREAM_SHARE: f64 = 0.40;
const FIRST_TAKE_SHARE: f64 = 0.93;
const FAILURE_SHARE: f64 = 0.5;

/// The life of a task; all times count from when it was accepted.
#[derive(Debug, Clone)]
pub(crate) struct Timeline {
    /// When it leaves the queue.
    pub(crate) running: Duration,
    /// When it is done, or has failed.
    pub(crate) end: Duration,
    pub(crate) fails: bool,
    /// When each take is there.
    pub(crate) takes: Vec<Duration>,
    /// When pictures are there; none if they were switched off.
    pub(crate) pictures: Option<Duration>,
    /// When each take can be heard while it is being made; empty if it cannot.
    pub(crate) streams: Vec<Duration>,
    /// Whether there are lyrics with times.
    pub(crate) times_lyrics: bool,
    pub(crate) posts: Vec<PlannedPost>,
}

/// A webhook to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlannedPost {
    pub(crate) at: Duration,
    /// Which of the operation's posts; none for the failure's.
    pub(crate) post: Option<usize>,
    pub(crate) take: Option<usize>,
}

impl Timeline {
    /// A task that is done as soon as it is accepted.
    pub(crate) fn instant() -> Self {
        Self {
            running: Duration::ZERO,
            end: Duration::ZERO,
            fails: false,
            takes: vec![Duration::ZERO],
            pictures: Some(Duration::ZERO),
            streams: Vec::new(),
            times_lyrics: true,
            posts: Vec::new(),
        }
    }

    pub(crate) fn plan(
        operation: &Operation,
        request: &Map<String, Value>,
        eta: Option<f64>,
        faults: &[Fault],
    ) -> Self {
        let length = eta
            .filter(|eta| *eta > 0.0)
            .and_then(|eta| Duration::try_from_secs_f64(eta).ok())
            .unwrap_or(USUAL_LENGTH);
        let outputs = operation.outputs_of(request);
        let takes: Vec<_> = (0..outputs)
            .map(|take| take_time(length, outputs, take))
            .collect();
        let last_take = takes.last().copied().unwrap_or(length);

        let kept = |index: &usize| {
            operation
                .posts
                .get(*index)
                .is_some_and(|post| !post.is_dropped_by(request))
        };
        let has = |wanted: &str| {
            let mut posts = operation
                .posts
                .iter()
                .filter(|post| post.kind == wanted)
                .peekable();
            posts.peek().is_none() || posts.any(|post| !post.is_dropped_by(request))
        };
        let covers = operation.posts.iter().any(|post| post.kind == kind::COVER);
        let mut pictures = (!covers).then(|| takes.first().copied()).flatten();

        let per_take: Vec<usize> = indices(operation, true).filter(kept).collect();
        let first_per_take = indices(operation, true).next();
        let mut posts = Vec::new();
        for index in indices(operation, false).filter(kept) {
            // Its place in the list says whether it comes before the results.
            let early = first_per_take.is_none_or(|first| index < first);
            let at = if early {
                scale(length, COVER_SHARE)
            } else {
                last_take + LYRICS_LEAD
            };
            let Some(post) = operation.posts.get(index) else {
                continue;
            };
            if post.kind == kind::COVER {
                pictures = Some(at);
            }
            posts.extend((0..post.count).map(|_| PlannedPost {
                at,
                post: Some(index),
                take: None,
            }));
        }
        let mut streams = Vec::new();
        for (take, time) in takes.iter().enumerate() {
            for (place, index) in per_take.iter().enumerate() {
                let post = operation.posts.get(*index);
                if post.is_some_and(|post| post.kind == kind::STREAM) {
                    let at = scale(*time, STREAM_SHARE);
                    streams.push(at);
                    posts.push(PlannedPost {
                        at,
                        post: Some(*index),
                        take: Some(take),
                    });
                    continue;
                }
                let followers = u32::try_from(per_take.len() - place - 1).unwrap_or(0);
                let at = time.saturating_sub(LYRICS_LEAD * followers);
                posts.push(PlannedPost {
                    at,
                    post: Some(*index),
                    take: Some(take),
                });
            }
        }
        posts.sort_by_key(|post| post.at);

        let mut timeline = Self {
            running: scale(length, QUEUE_SHARE),
            end: length,
            fails: false,
            takes,
            pictures,
            streams,
            times_lyrics: has(kind::LYRICS),
            posts,
        };
        for fault in faults {
            timeline.suffer(*fault);
        }
        timeline
    }

    fn suffer(&mut self, fault: Fault) {
        match fault {
            Fault::JobFailed => {
                self.end = scale(self.end, FAILURE_SHARE);
                self.fails = true;
                self.posts.retain(|post| post.at < self.end);
                self.posts.push(PlannedPost {
                    at: self.end,
                    post: None,
                    take: Some(0),
                });
            }
            Fault::WebhookDuplicate => {
                self.posts = self.posts.iter().flat_map(|post| [*post, *post]).collect();
            }
            Fault::WebhookReverse => {
                let times: Vec<_> = self.posts.iter().map(|post| post.at).collect();
                self.posts.reverse();
                for (post, at) in self.posts.iter_mut().zip(times) {
                    post.at = at;
                }
            }
            Fault::WebhookLate => {
                let late = self.end + LATE;
                self.posts.iter_mut().for_each(|post| post.at += late);
            }
            Fault::WebhookDrop(number) if number <= self.posts.len() => {
                self.posts.remove(number - 1);
            }
            _ => {}
        }
    }

    /// Whether something that is there at `ready` is there at `now`.
    pub(crate) fn has_by(&self, ready: Option<Duration>, now: Duration) -> bool {
        ready.is_some_and(|ready| ready <= now && !(self.fails && ready >= self.end))
    }

    /// The moment of the last visible change up to `now`.
    pub(crate) fn last_change(&self, now: Duration) -> Duration {
        let moments = self
            .takes
            .iter()
            .chain(&self.pictures)
            .chain([&self.running, &self.end]);
        let past = moments.filter(|moment| **moment <= now && **moment <= self.end);
        past.max().copied().unwrap_or_default()
    }
}

fn take_time(length: Duration, outputs: usize, take: usize) -> Duration {
    if outputs == 1 {
        return length;
    }
    let first = scale(length, FIRST_TAKE_SHARE) + LYRICS_LEAD;
    (first + TAKE_GAP * u32::try_from(take).unwrap_or(0)).min(length)
}

fn indices(operation: &Operation, per_take: bool) -> impl Iterator<Item = usize> {
    let posts = operation.posts.iter().enumerate();
    posts
        .filter(move |(_, post)| post.is_per_take() == per_take)
        .map(|(index, _)| index)
}
