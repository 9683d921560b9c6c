//! Requests made from the operation table: a value for every field, within its rules.

use musicgpt_api::multipart::FilePart;
use musicgpt_api::operation::{Field, Kind, Operation, Rule};
use musicgpt_api::{FieldError, Request};

/// A file that is a picture by its first bytes.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";
/// A file that is audio by its first bytes.
pub const MP3: &[u8] = b"ID3\x04 and so on";

/// The stems of the pairs of file and address.
pub fn stems(operation: &Operation) -> Vec<&'static str> {
    let files = operation
        .fields
        .iter()
        .filter(|field| matches!(field.kind, Kind::File(_)));
    files
        .filter_map(|field| field.name.strip_suffix("_file"))
        .collect()
}

/// A fitting text for a field; nothing for a file.
pub fn text(field: &Field) -> Option<String> {
    Some(match field.kind {
        Kind::File(_) => return None,
        Kind::Boolean => "true".to_owned(),
        Kind::Word(words) => words[0].to_owned(),
        Kind::Words(words) => words[..2].join(","),
        Kind::Json => r#"["one"]"#.to_owned(),
        Kind::Integer => {
            let step = field.multiple_of.unwrap_or(1);
            let least = field.minimum.unwrap_or(0.0) as i64;
            ((least + step) / step * step).to_string()
        }
        Kind::Number => field.minimum.map_or(1.5, |least| least + 0.5).to_string(),
        _ if !field.schemes.is_empty() => "https://example.com/hook?token=1".to_owned(),
        _ if field.name.ends_with("_url") => "https://example.com/input".to_owned(),
        _ => {
            let text = format!("some {}", field.name);
            text.repeat(field.min_length.unwrap_or(0) / text.len() + 1)
        }
    })
}

/// Sets a field to its sample.
pub fn set<R: Request>(request: &mut R, field: &Field) -> Result<(), FieldError> {
    match (field.kind, text(field)) {
        (_, Some(text)) => request.set(field.name, &text),
        (Kind::File(["audio/*"] | []), None) => {
            request.set_file(field.name, FilePart::bytes("a.mp3", "audio/mpeg", MP3))
        }
        (_, None) => request.set_file(field.name, FilePart::bytes("i.png", "image/png", PNG)),
    }
}

/// Which of a set of fields a request is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What it cannot do without.
    Required,
    /// Everything that goes together.
    Everything,
}

/// Whether files or addresses are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Files.
    File,
    /// Addresses.
    Url,
}

/// A request of an operation that breaks no rule.
pub fn sample<R: Request>(extent: Extent, by: By) -> R {
    let operation = R::OPERATION;
    let mut request = R::default();
    for field in operation.fields {
        if wanted(operation, field, extent, by) {
            set(&mut request, field).unwrap();
        }
    }
    for rule in operation.rules {
        // Of two that exclude each other the first one is switched off, or else left out.
        if let Rule::Excludes {
            field,
            value: Some(value),
            ..
        } = rule
            && extent == Extent::Everything
        {
            request.set(field, &(!value).to_string()).unwrap();
        }
    }
    request
}

fn wanted(operation: &Operation, field: &Field, extent: Extent, by: By) -> bool {
    let mut wanted = field.required || extent == Extent::Everything;
    for rule in operation.rules {
        match rule {
            Rule::ExactlyOne(names) if names.contains(&field.name) => {
                let is_pair = names.iter().any(|name| name.ends_with("_file"));
                wanted = match (is_pair, by) {
                    (true, By::File) => field.name.ends_with("_file"),
                    (true, By::Url) => field.name.ends_with("_url"),
                    // Without files, the two samples take one each.
                    (false, By::File) => names.first() == Some(&field.name),
                    (false, By::Url) => names.last() == Some(&field.name),
                };
            }
            Rule::AnyOf(groups) if extent == Extent::Required => {
                wanted |= groups
                    .first()
                    .is_some_and(|group| group.contains(&field.name));
            }
            Rule::Excludes {
                value: None, other, ..
            } if *other == field.name => wanted = false,
            _ => {}
        }
    }
    wanted
}
