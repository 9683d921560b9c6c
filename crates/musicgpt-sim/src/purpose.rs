//! What an operation is for, as far as that changes how it is answered.

use http::Method;
use serde_json::Value;

use crate::document::{Document, Template};
use crate::vocabulary::{PHASE, UPLOAD_ID, UPLOAD_URL, component};

/// What an operation does beside accepting tasks and looking one up.
#[derive(Debug)]
pub(crate) enum Purpose {
    /// Lists tasks in this field of its answer.
    Tasks(String),
    /// Lists voices in this field of its answer.
    Voices(String),
    /// Reserves a place for a file.
    Reserve,
    /// Checks a file that was uploaded.
    Complete,
    /// Checks a file that was uploaded and goes through these phases.
    Prepare(Vec<String>),
    /// Answers with the sound of a take, as far as there is any.
    Sound,
    /// Nothing special.
    Other,
}

impl Purpose {
    pub(crate) fn read(
        document: &Document,
        method: &Method,
        path: &str,
        ok: &Value,
        answer: &Template,
    ) -> Self {
        let media_types = document.resolve(ok)["content"].as_object();
        if media_types.is_some_and(|types| types.keys().any(|name| name.starts_with("audio/"))) {
            return Self::Sound;
        }
        let schema = document.json_content(ok).and_then(|content| content.schema);
        let properties = || {
            schema
                .into_iter()
                .flat_map(|schema| document.properties(schema))
        };
        let list_of = |wanted: &str| {
            let mut lists = properties().filter(|(_, property)| {
                let items = document.keyword(property, "items");
                items.and_then(|items| document.component(items)) == Some(wanted)
            });
            lists.next().map(|(name, _)| name.clone())
        };
        if *method == Method::GET {
            let tasks = list_of(component::CONVERSION).map(Self::Tasks);
            let voices = || list_of(component::VOICE).map(Self::Voices);
            return tasks.or_else(voices).unwrap_or(Self::Other);
        }
        if answer.example.contains_key(UPLOAD_URL) {
            return Self::Reserve;
        }
        if !path.contains(&format!("{{{UPLOAD_ID}}}")) {
            return Self::Other;
        }
        let phases = properties().find(|(name, _)| *name == PHASE);
        match phases.and_then(|(_, property)| document.keyword(property, "enum")?.as_array()) {
            Some(words) => {
                let words = words.iter().filter_map(Value::as_str);
                Self::Prepare(words.map(str::to_owned).collect())
            }
            None => Self::Complete,
        }
    }
}
