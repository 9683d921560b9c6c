//! Key and tempo.

use std::time::Duration;

use serde_json::Value;

use super::Output;
use crate::conversion::{Conversion, Readiness};
use crate::job::JobHandle;

const BPM: &str = "bpm";
const KEY: &str = "dominant_key";
const CHANGES: &str = "key_changes";
pub(super) const NAMES: &[&str] = &[BPM, KEY, CHANGES];

/// Key and tempo of a song.
///
/// Source:
#[doc = musicgpt_api::origin!(ExtractKeyBpm)]
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KeyBpm {
    /// The task.
    pub task_id: String,
    /// Its conversion.
    pub conversion_id: Option<String>,
    /// Beats per minute.
    pub bpm: Option<f64>,
    /// The main key, such as `A# major`.
    pub dominant_key: Option<String>,
    /// The key over time, in the order of time.
    pub key_changes: Vec<KeyChange>,
    conversion: Conversion,
}

/// The key of a stretch of a song.
///
/// Source:
#[doc = musicgpt_api::origin!(ExtractKeyBpm)]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyChange {
    /// The stretch in the service's words, such as `0-120`.
    pub range: String,
    /// Where it begins, where the words can be read.
    pub start: Option<Duration>,
    /// Where it ends, where the words can be read.
    pub end: Option<Duration>,
    /// The key, or several where it is not clear.
    pub keys: Vec<String>,
}

impl KeyBpm {
    /// The answer that this was read from.
    pub fn conversion(&self) -> &Conversion {
        &self.conversion
    }
}

fn bpm(conversion: &Conversion) -> Option<f64> {
    conversion.number(BPM).filter(|bpm| *bpm > 0.0)
}

fn key_changes(conversion: &Conversion) -> Vec<KeyChange> {
    let Some(tree) = conversion.tree(CHANGES) else {
        return Vec::new();
    };
    let stretches = tree.as_object().into_iter().flatten();
    let mut changes: Vec<KeyChange> = stretches
        .map(|(range, keys)| {
            let (start, end) = match range.split_once('-') {
                Some((start, end)) => (time(start), time(end)),
                None => (time(range), None),
            };
            KeyChange {
                range: range.clone(),
                start,
                end,
                keys: match keys {
                    Value::String(key) => vec![key.clone()],
                    Value::Array(keys) => {
                        let keys = keys.iter().filter_map(Value::as_str);
                        keys.map(str::to_owned).collect()
                    }
                    _ => Vec::new(),
                },
            }
        })
        .collect();
    // Objects have no order of their own; what cannot be read comes last.
    changes.sort_by_key(|change| (change.start.is_none(), change.start, change.end));
    changes
}

fn time(seconds: &str) -> Option<Duration> {
    let seconds = seconds.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

impl Output for KeyBpm {
    fn from_conversion(handle: &JobHandle, conversion: Conversion) -> Self {
        let id = conversion.take(1).conversion_id().map(str::to_owned);
        Self {
            task_id: handle.task_id.clone(),
            conversion_id: id.or_else(|| handle.conversion_ids.first().cloned()),
            bpm: bpm(&conversion),
            dominant_key: conversion.text(KEY).map(str::to_owned),
            key_changes: key_changes(&conversion),
            conversion,
        }
    }

    fn readiness(conversion: &Conversion, _: usize) -> Readiness {
        let tempo = bpm(conversion).is_some();
        let key = conversion.text(KEY).is_some();
        let changes = !key_changes(conversion).is_empty();
        Readiness::single(tempo && key && changes, tempo || key || changes)
    }
}

#[cfg(test)]
mod tests {
    use musicgpt_api::operations;
    use serde_json::json;

    use super::super::testing::{progress, read};
    use super::*;
    use crate::conversion::Progress;

    #[test]
    fn the_documented_sample() {
        let fields = json!({
            "status": "COMPLETED", "conversion_duration": "0",
            "key_changes": {
                "0-120": ["A# major"], "120-140": ["D# major", "G minor"], "20-30": "C major",
            },
            "dominant_key": "A# major", "bpm": 162,
        });
        assert_eq!(
            progress::<KeyBpm>(&operations::EXTRACT_KEY_BPM, fields.clone()),
            Progress::Ready
        );
        let output: KeyBpm = read(&operations::EXTRACT_KEY_BPM, fields);
        assert_eq!(output.bpm, Some(162.0));
        assert_eq!(output.dominant_key.as_deref(), Some("A# major"));
        let ranges: Vec<_> = output
            .key_changes
            .iter()
            .map(|c| c.range.as_str())
            .collect();
        assert_eq!(ranges, ["0-120", "20-30", "120-140"]);
        let last = output.key_changes.last().unwrap();
        assert_eq!(last.keys, ["D# major", "G minor"]);
        assert_eq!(last.end, Some(Duration::from_secs(140)));
    }

    #[test]
    fn parts_of_it() {
        let of = |fields| progress::<KeyBpm>(&operations::EXTRACT_KEY_BPM, fields);
        assert_eq!(
            of(json!({"status": "IN_PROGRESS", "bpm": "162"})),
            Progress::Pending
        );
        assert_eq!(
            of(json!({"status": "COMPLETED", "bpm": "162"})),
            Progress::Ready
        );
        assert_eq!(
            of(json!({"status": "COMPLETED", "bpm": 0})),
            Progress::Incomplete
        );
        assert_eq!(of(json!({"status": "ERROR"})), Progress::Failed);
    }
}
