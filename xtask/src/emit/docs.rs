//! Text of the specs as documentation.

use proc_macro2::TokenStream;
use quote::quote;

/// Doc lines; brackets and angle brackets are no links or tags there.
pub(super) fn lines(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| {
        let line = format!(" {}", escape(line)).trim_end().to_owned();
        quote! { #[doc = #line] }
    });
    quote! { #(#lines)* }
}

pub(super) fn escape(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for character in line.chars() {
        if matches!(character, '[' | ']' | '<' | '>' | '*') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// An address as documentation.
pub(super) fn link(url: &str) -> String {
    format!("<{url}>")
}
