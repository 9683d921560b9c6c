//! Where the facts of each operation are from, as documentation for types written by hand.

use std::fmt::Write;

use super::docs;
use crate::model::{Api, Operation};
use crate::names::pascal;

const HEAD: &str = "//! Where the facts of each operation are from.

/// Route and pages of an operation, by the name of its request: an item of a list, for
/// documentation.
#[doc(hidden)]
#[macro_export]
macro_rules! origin {
";

pub(super) fn emit(api: &Api) -> String {
    let mut text = HEAD.to_owned();
    for operation in &api.operations {
        let name = pascal(&operation.id);
        let item = format!(" - {}", item(operation));
        let _ = writeln!(text, "    ({name}) => {{\n        {item:?}\n    }};");
    }
    text.push_str("}\n");
    text
}

/// Route and pages, on one line.
pub(crate) fn item(operation: &Operation) -> String {
    let pages: Vec<String> = operation
        .sources
        .iter()
        .map(|(page, date)| format!("{} ({date})", docs::link(page)))
        .collect();
    let method = operation.method.to_ascii_uppercase();
    format!("`{method} {}`: {}", operation.path, pages.join(", "))
}
