//! The webhooks of the specs and the payload types of the parser, held against each other: names,
//! types, words and examples. Leniency goes one way: a type of the parser may take more than the
//! spec says, never less.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jsonschema::{Draft, Validator};
use musicgpt_webhooks::Event;
use serde_json::{Map, Value, json};

/// A file of the workspace, as JSON.
fn read(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

fn root() -> PathBuf {
    let tests = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    PathBuf::from(tests).join("..")
}

/// A post of the specs.
struct Post {
    name: String,
    kind: String,
    feature: Option<String>,
    subtype: Option<String>,
    conversion_type: Option<String>,
    /// The name of its schema in the bundle.
    schema: String,
    properties: Map<String, Value>,
    example: Value,
}

fn posts(bundle: &Value) -> Vec<Post> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let post = |(name, item): (&String, &Value)| {
        let post = &item["post"];
        let content = &post["requestBody"]["content"]["application/json"];
        let schema = text(&content["schema"]["$ref"]).unwrap();
        let schema = schema.rsplit('/').next().unwrap().to_owned();
        let properties = &bundle["components"]["schemas"][&schema]["properties"];
        Post {
            name: name.clone(),
            kind: text(&post["x-kind"]).unwrap(),
            feature: text(&post["x-feature"]),
            subtype: text(&post["x-subtype"]),
            conversion_type: text(&post["x-webhook-conversion-type"]),
            properties: properties.as_object().unwrap().clone(),
            example: content["example"].clone(),
            schema,
        }
    };
    let webhooks = bundle["webhooks"].as_object().unwrap();
    webhooks.iter().map(post).collect()
}

fn specified() -> Vec<Post> {
    posts(&read("openapi/generated/openapi-3.1.json"))
}

/// The schemas of the payload types.
struct Payloads(Value);

impl Payloads {
    fn load() -> Self {
        Self(read("openapi/generated/webhooks.schema.json"))
    }

    /// The payload type of a kind.
    fn name(kind: &str) -> &'static str {
        match kind {
            "track" => "TrackResult",
            "lyrics" => "TimestampedLyrics",
            "cover" => "AlbumCover",
            "stream" => "Streaming",
            "result" => "FileResult",
            "failure" => "Failure",
            other => panic!("{other} has no payload type"),
        }
    }

    fn properties(&self, kind: &str) -> &Map<String, Value> {
        let payload = &self.0["$defs"][Self::name(kind)];
        payload["properties"].as_object().unwrap()
    }

    fn validator(&self, kind: &str) -> Validator {
        let reference = format!("#/$defs/{}", Self::name(kind));
        validator(json!({"$ref": reference, "$defs": self.0["$defs"]}))
    }

    /// The JSON types that a schema takes.
    fn types(&self, schema: &Value) -> BTreeSet<String> {
        if let Some(reference) = schema["$ref"].as_str() {
            let pointer = reference.trim_start_matches('#');
            return self.types(self.0.pointer(pointer).expect("what is referred to"));
        }
        let ways = schema["anyOf"].as_array().into_iter().flatten();
        let mut types: BTreeSet<String> = ways.flat_map(|way| self.types(way)).collect();
        types.extend(words(&schema["type"]));
        types
    }
}

fn validator(schema: Value) -> Validator {
    let options = jsonschema::options().with_draft(Draft::Draft202012);
    options.build(&schema).unwrap()
}

/// A word, or a list of them.
fn words(value: &Value) -> Vec<String> {
    let list = value
        .as_array()
        .map_or(std::slice::from_ref(value), |list| list);
    let texts = list.iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

#[test]
fn the_names_are_the_same() {
    let payloads = Payloads::load();
    let mut specified: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for post in self::specified() {
        let names = specified.entry(post.kind).or_default();
        names.extend(post.properties.keys().cloned());
    }
    assert_eq!(specified.len(), 6, "every kind has a post");
    for (kind, names) in specified {
        let known: BTreeSet<String> = payloads.properties(&kind).keys().cloned().collect();
        assert_eq!(known, names, "of {kind}");
    }
}

#[test]
fn the_types_are_no_narrower() {
    let payloads = Payloads::load();
    for post in specified() {
        for (field, schema) in &post.properties {
            let known = &payloads.properties(&post.kind)[field];
            let wide = payloads.types(known);
            let narrow = words(&schema["type"]);
            assert!(!narrow.is_empty(), "{}.{field} has no type", post.schema);
            for word in narrow {
                let taken = wide.contains(&word) || word == "integer" && wide.contains("number");
                assert!(taken, "{}.{field}: {word} is not in {wide:?}", post.schema);
            }
            assert_eq!(
                known.get("enum"),
                schema.get("enum"),
                "{}.{field}",
                post.schema
            );
        }
    }
}

/// Two versions of a feature share their words, and the first one keeps them.
fn feature_by_words(feature: &str) -> &str {
    match feature {
        "music_ai_v2" => "music_ai",
        "extraction_v1" => "extraction",
        other => other,
    }
}

#[test]
fn the_words_are_the_same() {
    let parse = |body: Value| Event::from_slice(body.to_string().as_bytes()).unwrap();
    for post in specified() {
        if let Some(subtype) = &post.subtype {
            let event = parse(json!({"success": true, "subtype": subtype}));
            assert_eq!(event.kind().as_str(), post.kind, "{subtype}");
        }
        if let (Some(word), Some(feature)) = (&post.conversion_type, &post.feature) {
            let event = parse(json!({"success": true, "conversion_type": word}));
            assert_eq!(event.feature(), Some(feature_by_words(feature)), "{word}");
        }
    }
    let bundle = read("openapi/generated/openapi-3.1.json");
    let statuses = bundle["components"]["schemas"].as_object().unwrap();
    let mut failed = 0;
    for set in statuses
        .values()
        .filter_map(|schema| schema["x-status"].as_object())
    {
        for (phase, status) in set
            .iter()
            .flat_map(|(phase, list)| words(list).into_iter().map(move |word| (phase, word)))
        {
            let event = parse(json!({"conversion_type": "MUSIC_AI", "status": status}));
            let failure = event.kind().as_str() == "failure";
            assert_eq!(failure, phase == "failed", "{status}");
            failed += usize::from(failure);
        }
    }
    assert!(failed > 2, "{failed}");
}

/// A number, or a text that is one, as a float: some prices are sent as texts.
fn number(value: &Value) -> Value {
    let text = value.as_str().and_then(|text| text.parse().ok());
    let number: Option<f64> = value.as_f64().or(text);
    number.map_or_else(|| value.clone(), Value::from)
}

#[test]
fn every_example_is_understood() {
    for post in specified() {
        let name = &post.name;
        let event = Event::from_slice(post.example.to_string().as_bytes()).unwrap();
        assert_eq!(event.kind().as_str(), post.kind, "{name}");
        if let Some(feature) = &post.feature {
            assert_eq!(event.feature(), Some(feature_by_words(feature)), "{name}");
        }
        let unknown = event.unknown_fields();
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
        // An empty text where an address could be says that there is none.
        let misfits = event.misfits().expect("a known kind");
        let odd = misfits.values().find(|value| *value != "");
        assert_eq!(odd, None, "{name}: {misfits:?}");
        // What goes in comes out under the same names.
        let back = serde_json::to_value(&event).unwrap();
        for (field, value) in post.example.as_object().unwrap() {
            assert_eq!(number(&back[field]), number(value), "{name}.{field}");
        }
    }
}

#[test]
fn every_example_is_valid_by_both_schemas() {
    let bundle = read("openapi/generated/openapi-3.1.json");
    let payloads = Payloads::load();
    for post in posts(&bundle) {
        let reference = format!("#/components/schemas/{}", post.schema);
        let spec = json!({"$ref": reference, "components": bundle["components"]});
        for validator in [validator(spec), payloads.validator(&post.kind)] {
            let errors: Vec<String> = validator
                .iter_errors(&post.example)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{}: {errors:?}", post.name);
            // Nor do they take everything.
            let mut wrong = post.example.clone();
            wrong["task_id"] = json!(["x"]);
            assert!(!validator.is_valid(&wrong), "{}", post.name);
        }
    }
}

#[test]
fn the_seeds_of_fuzzing_are_examples() {
    let folder = "crates/musicgpt-webhooks/fuzz/corpus/from_slice";
    let examples: BTreeMap<String, Value> = specified()
        .into_iter()
        .map(|post| (post.name, post.example))
        .collect();
    let mut seen = BTreeSet::new();
    for entry in std::fs::read_dir(root().join(folder)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(post) = name.strip_suffix(".json") else {
            continue; // found by fuzzing
        };
        assert_eq!(
            examples.get(post),
            Some(&read(&format!("{folder}/{name}"))),
            "{name}"
        );
        seen.insert(
            Event::from_slice(examples[post].to_string().as_bytes())
                .unwrap()
                .kind(),
        );
    }
    assert_eq!(seen.len(), 6, "a seed of every kind");
}
