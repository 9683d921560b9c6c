//! Voice models as streams: pages are asked for as they are needed.

use std::collections::VecDeque;

use futures_core::Stream;
use futures_util::stream;
use musicgpt_api::types::{Voice, VoicePage};

use crate::client::Client;
use crate::error::Result;
use crate::requests::{GetAllVoices, SearchVoices};

/// Voices per page; the vendor's own n8n node asks for no more.
const PAGE: i64 = 100;

impl Client {
    /// All voice models. Pages are asked for as the stream is read; an error ends it.
    pub fn voices(&self) -> impl Stream<Item = Result<Voice>> + Send + use<> {
        pages(self.clone(), None)
    }

    /// The voice models whose names match. Pages are asked for as the stream is read; an error
    /// ends it.
    pub fn search_voices(&self, query: &str) -> impl Stream<Item = Result<Voice>> + Send + use<> {
        pages(self.clone(), Some(query.to_owned()))
    }
}

/// Where a stream of voices is.
struct Pages {
    client: Client,
    query: Option<String>,
    page: i64,
    /// Voices of the last page that are still to be given.
    ready: VecDeque<Voice>,
    /// Voices that came.
    seen: i64,
    is_last: bool,
}

fn pages(client: Client, query: Option<String>) -> impl Stream<Item = Result<Voice>> + Send {
    let start = Pages {
        client,
        query,
        page: 0,
        ready: VecDeque::new(),
        seen: 0,
        is_last: false,
    };
    stream::unfold(start, |mut pages| async {
        while pages.ready.is_empty() && !pages.is_last {
            match pages.ask().await {
                Ok(answer) => pages.take(answer),
                Err(error) => {
                    pages.is_last = true;
                    return Some((Err(error), pages));
                }
            }
        }
        let voice = pages.ready.pop_front()?;
        Some((Ok(voice), pages))
    })
}

impl Pages {
    async fn ask(&self) -> Result<VoicePage> {
        match &self.query {
            Some(query) => {
                let request = SearchVoices::new(query).limit(PAGE).page(self.page);
                self.client.call(request).await
            }
            None => {
                let request = GetAllVoices::new(self.page).limit(PAGE);
                self.client.call(request).await
            }
        }
    }

    fn take(&mut self, answer: VoicePage) {
        self.ready = answer.voices.unwrap_or_default().into();
        self.seen += i64::try_from(self.ready.len()).unwrap_or(i64::MAX);
        self.page += 1;
        let is_all = answer.total.is_some_and(|total| self.seen >= total);
        self.is_last = is_all || self.ready.is_empty();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state() -> Pages {
        Pages {
            client: Client::new("not-a-real-key").unwrap(),
            query: None,
            page: 0,
            ready: VecDeque::new(),
            seen: 0,
            is_last: false,
        }
    }

    fn page(voices: usize, total: Option<i64>) -> VoicePage {
        let voices = vec![json!({"voice_id": "v", "voice_name": "V"}); voices];
        let mut page: VoicePage = serde_json::from_value(json!({"voices": voices})).unwrap();
        page.total = total;
        page
    }

    #[test]
    fn the_last_page() {
        let mut pages = state();
        pages.take(page(2, Some(3)));
        assert!(!pages.is_last);
        pages.take(page(1, Some(3)));
        assert!(pages.is_last);
        assert_eq!(pages.page, 2);
        let mut pages = state();
        pages.take(page(2, None));
        assert!(!pages.is_last);
        pages.take(page(0, Some(3000)));
        assert!(pages.is_last);
    }
}
