//! Reading OpenAPI: `$ref`s, keywords that may stand on either side of one,
//! and examples.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// `$ref`s followed before it is taken for a circle.
const MOST_REFS: usize = 16;

/// The bundle as JSON.
#[derive(Debug)]
pub(crate) struct Document(pub(crate) Value);

impl Document {
    /// `node`, or what it refers to.
    pub(crate) fn resolve<'a>(&'a self, node: &'a Value) -> &'a Value {
        self.chain(node).last().unwrap_or(node)
    }

    /// A keyword of a schema or of what it refers to, nearest first.
    pub(crate) fn keyword<'a>(&'a self, schema: &'a Value, keyword: &str) -> Option<&'a Value> {
        self.chain(schema).find_map(|node| node.get(keyword))
    }

    /// The name of the component that a schema refers to.
    pub(crate) fn component<'a>(&'a self, schema: &'a Value) -> Option<&'a str> {
        let reference = schema.get("$ref")?.as_str()?;
        reference.rsplit('/').next()
    }

    fn chain<'a>(&'a self, node: &'a Value) -> impl Iterator<Item = &'a Value> {
        std::iter::successors(Some(node), |node| {
            let reference = node.get("$ref")?.as_str()?;
            self.0.pointer(reference.strip_prefix('#')?)
        })
        .take(MOST_REFS)
    }

    /// The properties of a schema.
    pub(crate) fn properties<'a>(
        &'a self,
        schema: &'a Value,
    ) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.keyword(schema, "properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
    }

    /// The JSON content of a request body or response: its schema, and its
    /// examples by name (a nameless one has an empty name).
    pub(crate) fn json_content<'a>(&'a self, body: &'a Value) -> Option<Content<'a>> {
        let media = self.resolve(body).get("content")?.get("application/json")?;
        let named = media
            .get("examples")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(name, example)| {
                Some((name.as_str(), self.resolve(example).get("value")?))
            });
        let nameless = media.get("example").map(|example| ("", example));
        Some(Content {
            schema: media.get("schema"),
            examples: nameless.into_iter().chain(named).collect(),
        })
    }

    /// An example with what the schema says about its fields.
    pub(crate) fn template(&self, schema: Option<&Value>, example: &Value) -> Template {
        let mut media: BTreeMap<_, _> = schema
            .into_iter()
            .flat_map(|schema| self.properties(schema))
            .filter_map(|(name, property)| Some((name.clone(), self.media(property)?)))
            .collect();
        // What a link of the example ends in is surer than its property, which
        // may say "mp3" of what one feature has a picture in, or nothing.
        for (name, value) in example.as_object().into_iter().flatten() {
            let kind = value.as_str().and_then(kind_shown);
            if let Some(kind) = kind.filter(|kind| !is_kind_of(media.get(name), kind)) {
                media.insert(name.clone(), kind.to_owned());
            }
        }
        let switched = |key| -> BTreeMap<String, Map<String, Value>> {
            let properties = schema
                .into_iter()
                .flat_map(|schema| self.properties(schema));
            let switched = properties.filter_map(|(name, property)| {
                let switch = self.keyword(property, key)?.as_object()?;
                Some((name.clone(), switch.clone()))
            });
            switched.collect()
        };
        Template {
            example: example.as_object().cloned().unwrap_or_default(),
            media,
            dropped_when: switched("x-dropped-when"),
            sent_when: switched("x-sent-when"),
        }
    }

    /// The kind of media that a property, its items or its values link to.
    fn media(&self, property: &Value) -> Option<String> {
        let inner = |keyword| {
            self.keyword(property, keyword)
                .and_then(|s| self.keyword(s, MEDIA))
        };
        self.keyword(property, MEDIA)
            .or_else(|| inner("items"))
            .or_else(|| inner("additionalProperties"))
            .and_then(Value::as_str)
            .map(str::to_owned)
    }
}

const MEDIA: &str = "x-media";
const IMAGE: &str = "image";
/// Kinds of media that are pictures.
pub(crate) const PICTURES: [&str; 2] = [IMAGE, "thumbnail"];
const STREAM: &str = "stream";
/// Endings that tell what a link leads to.
const ENDINGS: [(&str, &str); 5] = [
    (".png", IMAGE),
    (".jpg", IMAGE),
    (".jpeg", IMAGE),
    (".webp", IMAGE),
    (".m3u8", STREAM),
];

fn kind_shown(link: &str) -> Option<&'static str> {
    let mut endings = ENDINGS.iter();
    let (_, kind) =
        endings.find(|(ending, _)| link.starts_with("https://") && link.ends_with(ending))?;
    Some(kind)
}

/// Whether a property says `kind` or something closer.
fn is_kind_of(said: Option<&String>, kind: &str) -> bool {
    said.is_some_and(|said| said == kind || kind == IMAGE && PICTURES.contains(&said.as_str()))
}

/// A JSON body as documented.
#[derive(Debug)]
pub(crate) struct Content<'a> {
    pub(crate) schema: Option<&'a Value>,
    pub(crate) examples: Vec<(&'a str, &'a Value)>,
}

/// A documented example to be filled with what really happened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Template {
    /// The example.
    pub(crate) example: Map<String, Value>,
    /// Which fields are links to media, and to which kind.
    pub(crate) media: BTreeMap<String, String>,
    /// Request fields any of which keeps a field out by having this value.
    dropped_when: BTreeMap<String, Map<String, Value>>,
    /// Request fields without which a field is not there.
    sent_when: BTreeMap<String, Map<String, Value>>,
}

impl Template {
    /// Whether a field is there on some conditions only.
    pub(crate) fn is_switched(&self, name: &str) -> bool {
        self.dropped_when.contains_key(name) || self.sent_when.contains_key(name)
    }

    /// Whether a request switches a field off, or does not switch it on.
    pub(crate) fn is_switched_off(&self, name: &str, request: &Map<String, Value>) -> bool {
        let is_set = |(field, value): (&String, &Value)| request.get(field) == Some(value);
        let dropped = self.dropped_when.get(name);
        let sent = self.sent_when.get(name);
        dropped.is_some_and(|switches| switches.iter().any(is_set))
            || sent.is_some_and(|switches| !switches.iter().all(is_set))
    }
}
