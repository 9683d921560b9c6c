//! Wire names as Rust names.

use proc_macro2::{Ident, Span};

/// `conversionType`, `IN_QUEUE` and `image_to_song` as words in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut previous_lower = false;
    for character in name.chars() {
        if !character.is_ascii_alphanumeric() {
            words.push(String::new());
            previous_lower = false;
            continue;
        }
        if character.is_ascii_uppercase() && previous_lower {
            words.push(String::new());
        }
        previous_lower = character.is_ascii_lowercase() || character.is_ascii_digit();
        if let Some(word) = words.last_mut() {
            word.push(character.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A field or module name.
pub(crate) fn snake(name: &str) -> String {
    words(name).join("_")
}

/// A constant's name.
pub(crate) fn constant(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// A type's or a variant's name.
pub(crate) fn pascal(name: &str) -> String {
    words(name)
        .iter()
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
                .unwrap_or_default()
        })
        .collect()
}

/// The name as an identifier, raw where it is a word of the language.
pub(crate) fn ident(name: &str) -> Ident {
    syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        assert_eq!(snake("conversionType"), "conversion_type");
        assert_eq!(constant("music_ai_v2"), "MUSIC_AI_V2");
        assert_eq!(pascal("IN_QUEUE"), "InQueue");
        assert_eq!(pascal("image_to_song"), "ImageToSong");
        assert_eq!(ident("type").to_string(), "r#type");
    }
}
