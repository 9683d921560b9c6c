//! What progenitor makes of the 3.0 document, in three files, with a `Debug` that keeps secrets.

use std::collections::BTreeMap;

use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle, TypeImpl};
use quote::quote;
use serde_json::Value;
use syn::visit_mut::VisitMut;
use syn::{Item, parse_quote};

use crate::lower::{answer_name, body_name};
use crate::model::{Api, Media, Schema, Shape};
use crate::names::pascal;
use crate::problem::{Problem, Result};

pub(super) struct Client {
    pub(super) client: syn::File,
    pub(super) types: syn::File,
    pub(super) types_builder: syn::File,
    /// By family.
    pub(super) builders: Vec<(String, syn::File)>,
}

pub(super) fn emit(api: &Api, lowered: &Value) -> Result<Client> {
    let stopped =
        |stage: &str, error: String| Problem::new(format!("progenitor: {stage}: {error}"));
    let document = serde_json::from_value(lowered.clone())
        .map_err(|error| stopped("reading", error.to_string()))?;
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_tag(TagStyle::Merged)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote! { crate::Session })
        .with_map_type("::std::collections::BTreeMap")
        .with_derive("PartialEq");
    for set in &api.word_sets {
        settings.with_replacement(
            &set.name,
            format!("crate::values::{}", set.name),
            [TypeImpl::Display, TypeImpl::FromStr].into_iter(),
        );
    }
    // It asserts where it could complain; the 3.0 document is made so that it has no reason to.
    let generate = || Generator::new(&settings).generate_tokens(&document);
    let tokens = std::panic::catch_unwind(std::panic::AssertUnwindSafe(generate))
        .map_err(|_| stopped("generating", "it panicked on the 3.0 document".to_owned()))?
        .map_err(|error| stopped("generating", error.to_string()))?;
    let mut file: syn::File =
        syn::parse2(tokens).map_err(|error| stopped("parsing", error.to_string()))?;
    let mut types = take_module(&mut file, "types")?;
    let mut types_builder = take_module(&mut types, "builder")?;
    let mut builder = take_module(&mut file, "builder")?;
    let mut redaction = Redaction {
        private: private_fields(api),
        implementations: Vec::new(),
    };
    keep_bodies(api, &mut types, &mut types_builder);
    types.items.insert(0, parse_quote! { pub mod builder; });
    for file in [&mut types, &mut types_builder, &mut builder] {
        redaction.visit_file_mut(file);
        file.items.append(&mut redaction.implementations);
    }
    drop_constructor(&mut file);
    file.items
        .insert(0, parse_quote! { use super::{builder, types}; });
    Ok(Client {
        client: file,
        types,
        types_builder,
        builders: split(api, builder),
    })
}

/// `Client::new` makes an HTTP client of its own that unwraps and that cuts every transfer after
/// 15 seconds; `new_with_client` is enough.
fn drop_constructor(file: &mut syn::File) {
    for item in &mut file.items {
        if let Item::Impl(block) = item {
            block.items.retain(
                |item| !matches!(item, syn::ImplItem::Fn(function) if function.sig.ident == "new"),
            );
        }
    }
}

/// The type that an item declares or implements something for.
fn subject(item: &Item) -> Option<String> {
    match item {
        Item::Struct(item) => Some(item.ident.to_string()),
        Item::Impl(block) => match &*block.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Builders are for what is sent; nobody builds an answer.
fn keep_bodies(api: &Api, types: &mut syn::File, builders: &mut syn::File) {
    let is_body = |name: &str| {
        api.operations
            .iter()
            .any(|operation| body_name(operation) == name)
    };
    builders.items.retain(|item| match item {
        // `impl From<Body> for super::Body` and the like name the type in their path's end too.
        Item::Struct(_) | Item::Impl(_) => subject(item).is_some_and(|name| is_body(&name)),
        _ => true,
    });
    types.items.retain(|item| match item {
        Item::Impl(block) if block.trait_.is_none() => {
            subject(item).is_none_or(|name| is_body(&name))
        }
        _ => true,
    });
}

/// The operations' builders by family.
fn split(api: &Api, builder: syn::File) -> Vec<(String, syn::File)> {
    let mut families: Vec<(String, Vec<Item>)> = api
        .families()
        .into_iter()
        .map(|family| (family.to_owned(), Vec::new()))
        .collect();
    for item in builder.items {
        let name = subject(&item);
        let operation = api.operations.iter().find(|operation| {
            let pascal = pascal(&operation.id);
            name.as_ref()
                .is_some_and(|name| *name == pascal || *name == format!("{pascal}Raw"))
        });
        let family = operation.map(|operation| operation.family());
        let list = families
            .iter_mut()
            .find(|(known, _)| Some(known.as_str()) == family);
        if let Some((_, list)) = list {
            list.push(item);
        }
    }
    families
        .into_iter()
        .map(|(family, items)| {
            let imports: Item = parse_quote! {
                use super::{
                    ByteStream, ClientHooks, ClientInfo, Error, OperationInfo, RequestBuilderExt,
                    ResponseValue, encode_path, types,
                };
            };
            let items = std::iter::once(imports).chain(items).collect();
            (
                family,
                syn::File {
                    shebang: None,
                    frontmatter: None,
                    attrs: Vec::new(),
                    items,
                },
            )
        })
        .collect()
}

/// Takes the items of an inline module out of a file.
fn take_module(file: &mut syn::File, name: &str) -> Result<syn::File> {
    let position = file
        .items
        .iter()
        .position(|item| matches!(item, Item::Mod(module) if module.ident == name));
    let Some(Item::Mod(module)) = position.map(|position| file.items.remove(position)) else {
        return Err(Problem::new(format!(
            "progenitor: there is no module `{name}`"
        )));
    };
    Ok(syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: module.content.map(|(_, items)| items).unwrap_or_default(),
    })
}

/// Fields that logs must not show, by type. `extra` may hold anything, so it is among them.
fn private_fields(api: &Api) -> BTreeMap<String, Vec<String>> {
    let mut private = BTreeMap::new();
    let mut answers: Vec<(String, &Schema)> = api
        .schemas
        .iter()
        .map(|(name, schema)| (name.clone(), schema))
        .collect();
    for operation in &api.operations {
        let fields = operation.fields.iter().filter(|field| field.private);
        let names: Vec<String> = fields.map(|field| field.name.clone()).collect();
        match operation.media {
            Media::Json | Media::Form => private.insert(body_name(operation), names),
            Media::Query => private.insert(pascal(&operation.id), names),
            Media::Multipart => None,
        };
        answers.push((answer_name(operation), &operation.answer));
    }
    for (name, schema) in answers {
        if let Shape::Object(fields) = &schema.shape {
            let hidden = fields
                .iter()
                .filter(|(_, field)| field.private || field.verbatim);
            private.insert(name, hidden.map(|(field, _)| field.clone()).collect());
        }
    }
    private
}

/// Replaces derived `Debug` by one that shows private fields as present or absent only.
struct Redaction {
    private: BTreeMap<String, Vec<String>>,
    implementations: Vec<Item>,
}

impl VisitMut for Redaction {
    fn visit_item_struct_mut(&mut self, item: &mut syn::ItemStruct) {
        let Some(private) = self.private.get(&item.ident.to_string()) else {
            return;
        };
        for attribute in &mut item.attrs {
            drop_debug(attribute);
        }
        let name = &item.ident;
        let (generics, arguments, bounds) = item.generics.split_for_impl();
        let text = name.to_string();
        let fields = item.fields.iter().filter_map(|field| {
            let ident = field.ident.as_ref()?;
            let rust = ident.to_string();
            let wire = renamed(field).unwrap_or_else(|| rust.clone());
            Some(if rust == "extra" || private.contains(&wire) {
                quote! { .field(#rust, &crate::redact::Presence::of(&self.#ident)) }
            } else {
                quote! { .field(#rust, &self.#ident) }
            })
        });
        self.implementations.push(parse_quote! {
            impl #generics ::std::fmt::Debug for #name #arguments #bounds {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.debug_struct(#text) #(#fields)* .finish()
                }
            }
        });
    }
}

fn drop_debug(attribute: &mut syn::Attribute) {
    if !attribute.path().is_ident("derive") {
        return;
    }
    let Ok(paths) = attribute.parse_args_with(
        syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated,
    ) else {
        return;
    };
    let kept = paths.iter().filter(|path| {
        path.segments
            .last()
            .is_none_or(|segment| segment.ident != "Debug")
    });
    *attribute = parse_quote! { #[derive(#(#kept),*)] };
}

/// The wire name that serde is told for a field.
fn renamed(field: &syn::Field) -> Option<String> {
    let mut name = None;
    for attribute in field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        // Attributes of other forms are of no interest here.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                name = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            } else if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        });
    }
    name
}
