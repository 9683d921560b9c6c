//! The words that tell webhooks apart.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::Api;
use crate::names::{ident, pascal};

pub(super) fn emit(api: &Api) -> TokenStream {
    let mut subtypes = BTreeMap::new();
    let mut conversion_types = BTreeMap::new();
    for webhook in &api.webhooks {
        if let Some(word) = &webhook.subtype {
            subtypes.insert(word, &webhook.kind);
        }
        // What a post without a subtype is: the feature's main result.
        let (Some(feature), true) = (&webhook.feature, is_result(&webhook.kind)) else {
            continue;
        };
        let known = api
            .operations
            .iter()
            .find(|operation| operation.id == *feature);
        let upper = known
            .and_then(|operation| operation.conversion_type.as_ref())
            .filter(|(_, inferred)| !inferred)
            .map(|(word, _)| word);
        for word in webhook.conversion_type.iter().chain(upper) {
            // Two versions of a feature share their words; the first one keeps them.
            conversion_types
                .entry(word)
                .or_insert((feature, &webhook.kind));
        }
    }
    let failed: Vec<&String> = api
        .word_sets
        .iter()
        .flat_map(|set| &set.phases)
        .filter(|(phase, _)| phase == "failed")
        .flat_map(|(_, words)| words)
        .collect();
    let subtypes = subtypes.iter().map(|(word, kind)| {
        let kind = ident(&pascal(kind));
        quote! { Subtype { word: #word, kind: Kind::#kind } }
    });
    let conversion_types = conversion_types.iter().map(|(word, (feature, kind))| {
        let kind = ident(&pascal(kind));
        quote! { ConversionType { word: #word, feature: #feature, kind: Kind::#kind } }
    });
    quote! {
        //! The words that tell webhooks apart.

        use crate::Kind;

        /// A `subtype` and what it stands for.
        pub(crate) struct Subtype {
            pub(crate) word: &'static str,
            pub(crate) kind: Kind,
        }

        /// A `conversion_type`, in both spellings, and the main result of its feature.
        pub(crate) struct ConversionType {
            pub(crate) word: &'static str,
            pub(crate) feature: &'static str,
            pub(crate) kind: Kind,
        }

        pub(crate) static SUBTYPES: &[Subtype] = &[#(#subtypes),*];

        pub(crate) static CONVERSION_TYPES: &[ConversionType] = &[#(#conversion_types),*];

        /// Statuses that mean failure.
        pub(crate) static FAILED_STATUSES: &[&str] = &[#(#failed),*];
    }
}

fn is_result(kind: &str) -> bool {
    matches!(kind, "track" | "result")
}
