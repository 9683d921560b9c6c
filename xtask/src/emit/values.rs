//! Open enums for the named word sets.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::docs;
use crate::model::{Api, WordSet};
use crate::names::{ident, pascal};

pub(super) fn emit(api: &Api) -> TokenStream {
    let sets = api.word_sets.iter().map(set);
    let phases = api
        .word_sets
        .iter()
        .filter(|set| !set.phases.is_empty())
        .map(phases);
    quote! {
        //! Words and numbers that stand for themselves on the wire.
        //!
        //! Reading a value that is not listed gives `Unlisted`. `FromStr` takes listed ones only,
        //! so that a slip of the pen is found; `unlisted` is the way around it.

        #(#sets)*
        #(#phases)*
    }
}

fn set(set: &WordSet) -> TokenStream {
    let name = ident(&set.name);
    let doc = docs::lines(&set.description);
    let (macro_name, held) = match set.numbers {
        Some(_) => (quote! { crate::words::numbers }, quote! { i64 }),
        None => (
            quote! { crate::words::words },
            quote! { ::std::string::String },
        ),
    };
    let variants = set.words.iter().map(|word| {
        let variant = match &set.numbers {
            Some(prefix) => format_ident!("{prefix}{word}"),
            None => ident(&pascal(word)),
        };
        let value = match (&set.numbers, word.parse()) {
            (Some(_), Ok(number)) => Literal::i64_unsuffixed(number),
            _ => Literal::string(word),
        };
        quote! { #variant = #value }
    });
    quote! {
        #macro_name! {
            #doc
            pub enum #name(#held) { #(#variants,)* }
        }
    }
}

fn phases(set: &WordSet) -> TokenStream {
    let name = ident(&set.name);
    let arms = set.phases.iter().map(|(phase, words)| {
        let phase = ident(&pascal(phase));
        let variants = words.iter().map(|word| ident(&pascal(word)));
        quote! { #(Self::#variants)|* => Some(crate::Phase::#phase) }
    });
    quote! {
        impl #name {
            /// What the word says of a task; nothing where it is not listed.
            pub fn phase(&self) -> ::std::option::Option<crate::Phase> {
                match self {
                    #(#arms,)*
                    Self::Unlisted(_) => None,
                }
            }
        }
    }
}
