//! Voice models, page by page. [`Client::voices`](crate::Client::voices) turns the pages.

use musicgpt_api::types;

use super::draft::{declare, setters};
use crate::client::Client;
use crate::error::Result;

declare! {
    /// One page of all voice models.
    GetAllVoices
}

impl GetAllVoices {
    /// A page, counted from zero.
    pub fn new(page: i64) -> Self {
        Self::default().page(page)
    }

    setters! {
        /// Voices per page.
        limit: i64;
        /// Number of the page, from zero.
        page: i64;
    }
}

impl super::Lookup for GetAllVoices {
    type Answer = types::VoicePage;

    fn answer(body: types::VoicePage, _client: &Client) -> Result<Self::Answer> {
        Ok(body)
    }
}

declare! {
    /// One page of the voice models whose names match.
    SearchVoices
}

impl SearchVoices {
    /// The first page of the voices that match.
    pub fn new(query: impl Into<String>) -> Self {
        Self::default().query(query)
    }

    setters! {
        /// What the name is compared with.
        query: text;
    }

    setters! {
        /// Voices per page.
        limit: i64;
        /// Number of the page, from zero.
        page: i64;
    }
}

impl super::Lookup for SearchVoices {
    type Answer = types::VoicePage;

    fn answer(body: types::VoicePage, _client: &Client) -> Result<Self::Answer> {
        Ok(body)
    }
}
