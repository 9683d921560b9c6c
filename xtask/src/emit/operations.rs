//! The operation table.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use crate::model::{Api, Field, Kind, Media, Operation, Rule, WebhookUse, When};
use crate::names::{constant, ident, pascal};

pub(super) fn emit(api: &Api) -> TokenStream {
    let servers = &api.servers;
    let editions = api.editions().into_iter().map(|edition| {
        let name = ident(&format!("EDITION_{}", constant(edition)));
        let doc = format!(" The limits of the pages of {edition}.");
        quote! {
            #[doc = #doc]
            pub const #name: Self = Self::Edition(Edition(#edition));
        }
    });
    let editions_list = api.editions();
    let names: Vec<_> = api
        .operations
        .iter()
        .map(|o| ident(&constant(&o.id)))
        .collect();
    let families: Vec<_> = api.families().into_iter().map(ident).collect();
    quote! {
        //! The operation table: what the specs say of each operation, as data.

        #(mod #families; pub use #families::*;)*

        use crate::operation::*;

        /// Addresses of the service, the default one first.
        pub static SERVERS: &[&str] = &[#(#servers),*];

        /// Editions that some limit names, oldest first.
        pub static EDITIONS: &[Edition] = &[#(Edition(#editions_list)),*];

        impl LimitSet { #(#editions)* }

        /// Every operation.
        pub static ALL: &[&Operation] = &[#(&#names),*];
    }
}

/// The operations of one family.
pub(super) fn emit_family(api: &Api, family: &str) -> TokenStream {
    let operations = api
        .operations
        .iter()
        .filter(|operation| operation.family() == family);
    let statics = operations.map(operation);
    quote! {
        use crate::operation::*;

        #(#statics)*
    }
}

fn operation(operation: &Operation) -> TokenStream {
    let name = ident(&constant(&operation.id));
    let Operation {
        id,
        path,
        summary,
        deprecated,
        paid,
        ..
    } = operation;
    let doc = format!(
        " `{} {path}`: {summary}",
        operation.method.to_ascii_uppercase()
    );
    let method = operation.method.to_ascii_uppercase();
    let media = ident(match operation.media {
        Media::Query => "Query",
        Media::Json => "Json",
        Media::Form => "Form",
        Media::Multipart => "Multipart",
    });
    let description = operation.description.as_deref().unwrap_or("");
    let fields = operation.fields.iter().map(field);
    let rules = operation.rules.iter().map(rule);
    let conversion_type = option(operation.conversion_type.as_ref().map(|(word, inferred)| {
        quote! { ConversionKey { word: #word, inferred: #inferred } }
    }));
    let outputs = usize::try_from(operation.outputs).unwrap_or(0);
    let outputs_field = option(
        operation
            .outputs_field
            .as_ref()
            .map(|name| quote! { #name }),
    );
    let webhooks = operation.webhooks.iter().map(webhook);
    let category = option(operation.category.as_ref().map(|word| quote! { #word }));
    let minutes = option(
        operation
            .max_audio_minutes
            .map(|minutes| quote! { #minutes }),
    );
    let sources = operation
        .sources
        .iter()
        .map(|(page, date)| quote! { Source { page: #page, date: #date } });
    quote! {
        #[doc = #doc]
        pub static #name: Operation = Operation {
            id: #id,
            method: #method,
            path: #path,
            summary: #summary,
            description: #description,
            deprecated: #deprecated,
            media: Media::#media,
            fields: &[#(#fields),*],
            rules: &[#(#rules),*],
            conversion_type: #conversion_type,
            outputs: #outputs,
            outputs_field: #outputs_field,
            paid: #paid,
            webhooks: &[#(#webhooks),*],
            category: #category,
            max_audio_minutes: #minutes,
            sources: &[#(#sources),*],
        };
    }
}

fn option(tokens: Option<TokenStream>) -> TokenStream {
    match tokens {
        Some(tokens) => quote! { Some(#tokens) },
        None => quote! { None },
    }
}

fn field(field: &Field) -> TokenStream {
    let Field {
        name,
        description,
        required,
        private,
        ..
    } = field;
    let kind = match &field.kind {
        Kind::Text => quote! { Kind::Text },
        Kind::Integer => quote! { Kind::Integer },
        Kind::Number => quote! { Kind::Number },
        Kind::Boolean => quote! { Kind::Boolean },
        Kind::Json => quote! { Kind::Json },
        Kind::File => {
            let types = &field.media_types;
            quote! { Kind::File(&[#(#types),*]) }
        }
        Kind::Word(set) => {
            let set = ident(set);
            quote! { Kind::Word(crate::values::#set::LISTED) }
        }
        Kind::Words(set) => {
            let set = ident(set);
            quote! { Kind::Words(crate::values::#set::LISTED) }
        }
    };
    let size = |size: i64| usize::try_from(size).unwrap_or(0);
    let min_length = option(field.min_length.map(|length| {
        let length = size(length);
        quote! { #length }
    }));
    let original = field.max_length.map(|length| {
        let length = size(length);
        quote! { Limit { since: None, length: #length } }
    });
    let mut later: Vec<_> = field.later_limits.iter().collect();
    later.sort();
    let later = later.into_iter().map(|(edition, length)| {
        let length = size(*length);
        quote! { Limit { since: Some(Edition(#edition)), length: #length } }
    });
    let limits = original.into_iter().chain(later);
    let advice = option(field.advice.as_ref().map(|(length, note)| {
        let length = size(*length);
        quote! { Advice { length: #length, note: #note } }
    }));
    let minimum = option(field.minimum.map(|value| quote! { #value }));
    let maximum = option(field.maximum.map(|value| quote! { #value }));
    let multiple_of = option(field.multiple_of.map(|value| quote! { #value }));
    let default = option(field.default.as_ref().map(|value| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        quote! { #text }
    }));
    let schemes = &field.schemes;
    let ignored = switches(&field.ignored_when);
    quote! {
        Field {
            name: #name,
            description: #description,
            kind: #kind,
            required: #required,
            min_length: #min_length,
            max_length: &[#(#limits),*],
            advice: #advice,
            minimum: #minimum,
            maximum: #maximum,
            multiple_of: #multiple_of,
            default: #default,
            schemes: &[#(#schemes),*],
            private: #private,
            ignored_when: #ignored,
        }
    }
}

fn switches(switches: &[(String, bool)]) -> TokenStream {
    let switches = switches
        .iter()
        .map(|(field, value)| quote! { Switch { field: #field, value: #value } });
    quote! { &[#(#switches),*] }
}

fn conditions(conditions: &[(String, When)]) -> TokenStream {
    let conditions = conditions.iter().map(|(field, when)| {
        let when = match when {
            When::Is(value) => quote! { When::Is(#value) },
            When::OneOf(words) => quote! { When::OneOf(&[#(#words),*]) },
        };
        quote! { Condition { field: #field, when: #when } }
    });
    quote! { &[#(#conditions),*] }
}

fn rule(rule: &Rule) -> TokenStream {
    match rule {
        Rule::ExactlyOne(fields) => quote! { Rule::ExactlyOne(&[#(#fields),*]) },
        Rule::AnyOf(groups) => {
            let groups = groups.iter().map(|group| quote! { &[#(#group),*] });
            quote! { Rule::AnyOf(&[#(#groups),*]) }
        }
        Rule::Excludes(field, value, other) => {
            let value = option(value.map(|value| quote! { #value }));
            quote! { Rule::Excludes { field: #field, value: #value, other: #other } }
        }
        Rule::Requires(field, others) => {
            quote! { Rule::Requires { field: #field, others: &[#(#others),*] } }
        }
    }
}

fn webhook(hook: &WebhookUse) -> TokenStream {
    let WebhookUse { webhook, .. } = hook;
    let kind = ident(&pascal(&hook.kind));
    let count = usize::try_from(hook.count).unwrap_or(0);
    let dropped = conditions(&hook.dropped_when);
    let sent = conditions(&hook.sent_when);
    quote! {
        Webhook { kind: WebhookKind::#kind, name: #webhook, count: #count, dropped_when: #dropped, sent_when: #sent }
    }
}

/// The documentation of an operation's request.
pub(super) fn documentation(operation: &Operation) -> TokenStream {
    let mut text = operation.summary.clone();
    if let Some(description) = &operation.description {
        text = format!("{text}\n\n{description}");
    }
    let text = docs::lines(&text);
    let route = format!(
        " `{} {}`",
        operation.method.to_ascii_uppercase(),
        operation.path
    );
    let sources = operation
        .sources
        .iter()
        .map(|(page, date)| format!(" - {} ({date})", docs::link(page)));
    quote! {
        #text
        #[doc = ""]
        #[doc = #route]
        #[doc = ""]
        #[doc = " Sources:"]
        #(#[doc = #sources])*
    }
}
