//! One request type per operation, over what progenitor made: the typed multipart operations, and
//! the same face for all others.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{docs, operations};
use crate::lower::{answer_name, body_name};
use crate::model::{Api, Field, Kind, Media, Operation, Shape};
use crate::names::{constant, ident, pascal, snake};

pub(super) fn emit(api: &Api) -> TokenStream {
    let families: Vec<_> = api.families().into_iter().map(ident).collect();
    let arms = api.operations.iter().map(|operation| {
        let (id, name) = (&operation.id, ident(&pascal(&operation.id)));
        quote! { #id => visitor.visit::<#name>() }
    });
    quote! {
        //! One request type per operation. A field that is `None` is not sent; nothing is checked
        //! here.

        #(mod #families; pub use #families::*;)*

        use crate::request::Visitor;

        /// Shows a visitor the request type of an operation; nothing where it is not of the table.
        pub fn dispatch<V: Visitor>(
            operation: &crate::operation::Operation,
            visitor: V,
        ) -> Option<V::Output> {
            Some(match operation.id {
                #(#arms,)*
                _ => return None,
            })
        }
    }
}

/// The requests of one family.
pub(super) fn emit_family(api: &Api, family: &str) -> TokenStream {
    let operations = api
        .operations
        .iter()
        .filter(|operation| operation.family() == family);
    let requests = operations.map(request);
    quote! {
        use crate::generated::client::Client;
        use crate::generated::{operations, types, values};
        use crate::multipart::{FilePart, Multipart};
        use crate::request::{Answer, FieldError, Fields, Request, assign};
        use serde_json::{Map, Value};

        #(#requests)*
    }
}

fn request(operation: &Operation) -> TokenStream {
    let name = ident(&pascal(&operation.id));
    let text = name.to_string();
    let table = ident(&constant(&operation.id));
    let is_sound = matches!(operation.answer.shape, Shape::Sound);
    let answer = if is_sound {
        quote! { crate::SoundStream }
    } else {
        let name = ident(&answer_name(operation));
        quote! { types::#name }
    };
    let doc = operations::documentation(operation);
    let declared = operation.fields.iter().map(|field| {
        let ident = rust_name(field);
        let kind = rust_type(field);
        let doc = docs::lines(&field.description);
        quote! { #doc pub #ident: Option<#kind>, }
    });
    let listed = operation.fields.iter().map(|field| {
        let (ident, wire) = (rust_name(field), &field.name);
        quote! { fields.push(#wire, &self.#ident); }
    });
    let set = operation
        .fields
        .iter()
        .filter(|field| field.kind != Kind::File)
        .map(|field| {
            let (ident, wire) = (rust_name(field), &field.name);
            quote! { #wire => assign(&mut self.#ident, text), }
        });
    let files = operation
        .fields
        .iter()
        .filter(|field| field.kind == Kind::File)
        .map(|field| {
            let (ident, wire) = (rust_name(field), &field.name);
            quote! { #wire => { self.#ident = Some(file); Ok(()) } }
        });
    let shown = operation.fields.iter().map(|field| {
        let ident = rust_name(field);
        let rust = ident.to_string();
        if field.private {
            quote! { .field(#rust, &crate::redact::Presence::of(&self.#ident)) }
        } else {
            quote! { .field(#rust, &self.#ident) }
        }
    });
    let mut send = send(operation);
    if is_sound {
        send = quote! { { #send }.and_then(crate::SoundStream::of) };
    }
    quote! {
        #doc
        #[derive(Clone, Default)]
        pub struct #name {
            #(#declared)*
            /// Fields that the specs do not know, sent as they are.
            pub extra: Map<String, Value>,
        }

        impl Request for #name {
            const OPERATION: &'static crate::operation::Operation = &operations::#table;
            type Body = #answer;

            fn fields(&self) -> Fields<'_> {
                let mut fields = Fields::new(&self.extra);
                #(#listed)*
                fields
            }

            fn set(&mut self, field: &str, text: &str) -> Result<(), FieldError> {
                match field {
                    #(#set)*
                    _ => Err(FieldError::Unknown),
                }
            }

            fn set_file(&mut self, field: &str, file: FilePart) -> Result<(), FieldError> {
                match field {
                    #(#files)*
                    _ => Err(FieldError::Unknown),
                }
            }

            fn extra_mut(&mut self) -> &mut Map<String, Value> {
                &mut self.extra
            }

            async fn send(self, client: &Client) -> Answer<Self::Body> {
                #send
            }
        }

        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#text)
                    #(#shown)*
                    .field("extra", &crate::redact::Presence::of(&self.extra))
                    .finish()
            }
        }
    }
}

fn send(operation: &Operation) -> TokenStream {
    // progenitor spells its methods so, whatever the id is like.
    let method = ident(&snake(&operation.id));
    match operation.media {
        Media::Multipart => {
            let raw = format_ident!("{}_raw", snake(&operation.id));
            let files = operation
                .fields
                .iter()
                .filter(|field| field.kind == Kind::File)
                .map(|field| {
                    let (ident, wire) = (rust_name(field), &field.name);
                    quote! { form.file(#wire, file.#ident.take()); }
                });
            quote! {
                let mut file = self;
                let mut form = Multipart::new();
                form.texts(file.fields());
                #(#files)*
                let (content_type, body) = form.encode();
                client.#raw().content_type(content_type).body(body).send().await
            }
        }
        Media::Json | Media::Form if operation.fields.is_empty() => {
            quote! { client.adding(&self.extra).#method().send().await }
        }
        Media::Json | Media::Form => {
            let body = ident(&body_name(operation));
            let fields = operation.fields.iter().map(rust_name);
            quote! {
                let body = types::#body { #(#fields: self.#fields,)* extra: self.extra };
                client.#method().body(body).send().await
            }
        }
        Media::Query => {
            let setters = operation.fields.iter().map(|field| {
                let ident = rust_name(field);
                quote! {
                    if let Some(value) = self.#ident { request = request.#ident(value); }
                }
            });
            quote! {
                let client = client.adding(&self.extra);
                let mut request = client.#method();
                #(#setters)*
                request.send().await
            }
        }
    }
}

fn rust_name(field: &Field) -> Ident {
    ident(&snake(&field.name))
}

fn rust_type(field: &Field) -> TokenStream {
    match &field.kind {
        Kind::Text => quote! { String },
        Kind::Integer => quote! { i64 },
        Kind::Number => quote! { f64 },
        Kind::Boolean => quote! { bool },
        Kind::File => quote! { FilePart },
        Kind::Json => quote! { Value },
        Kind::Word(set) => {
            let set = ident(set);
            quote! { values::#set }
        }
        Kind::Words(set) => {
            let set = ident(set);
            quote! { Vec<values::#set> }
        }
    }
}
