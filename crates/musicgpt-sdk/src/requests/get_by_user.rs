//! Listing tasks.

use std::fmt;

use musicgpt_api::types;
use musicgpt_api::values::{ConversionType, SortOrder};
use serde_json::Value;

use super::draft::{declare, setters};
use crate::client::Client;
use crate::conversion::Conversion;
use crate::error::Result;

declare! {
    /// The tasks of the key's owner, page by page.
    ///
    /// Not documented by the vendor, and known from the code of its n8n node alone.
    GetByUser
}

impl GetByUser {
    setters! {
        /// Only tasks accepted after this time, in ISO 8601.
        start_date: text;
        /// Only tasks accepted before this time, in ISO 8601.
        end_date: text;
        /// Where the last page ended: [`TaskPage::next`].
        last_evaluated_key: text;
    }

    setters! {
        /// Feature that the tasks belong to; any where left out.
        conversion_type: ConversionType;
        /// Order by time.
        sort_order: SortOrder;
        /// Tasks per page.
        limit: i64;
    }
}

/// One page of tasks.
///
/// Source:
#[doc = musicgpt_api::origin!(GetByUser)]
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct TaskPage {
    /// The tasks, as far as they are objects.
    pub tasks: Vec<Conversion>,
    /// What [`GetByUser::last_evaluated_key`] takes for the next page; none on the last one.
    pub next: Option<String>,
}

impl super::Lookup for GetByUser {
    type Answer = TaskPage;

    fn answer(body: types::GetByUserAnswer, _client: &Client) -> Result<TaskPage> {
        let tasks = body.conversions.unwrap_or_default().into_iter();
        let next = match body.last_evaluated_key {
            None | Some(Value::Null) => None,
            Some(Value::String(key)) => Some(key).filter(|key| !key.is_empty()),
            Some(key) => Some(key.to_string()),
        };
        Ok(TaskPage {
            tasks: tasks
                .filter_map(|task| match task {
                    Value::Object(fields) => Some(Conversion::new(fields)),
                    _ => None,
                })
                .collect(),
            next,
        })
    }
}

impl fmt::Debug for TaskPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskPage")
            .field("tasks", &self.tasks)
            .field("has_next", &self.next.is_some())
            .finish()
    }
}
