//! Every rule of the reader and of the lowering, on small documents made for it: what is understood
//! and becomes what, and what is not understood and stops with its place.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::path::Path;

use xtask::codegen::{self, Mode};

/// A workspace with one operation, into which the tests write.
const SHARED: &str = "\
openapi: 3.1.0
info: {title: Test, version: '1'}
servers:
  - {url: https://api.example/api}
components:
  schemas:
    Colour: {type: string, description: A colour., enum: [red, dark-blue]}
    Rate: {type: integer, description: A rate., enum: [1, 2], x-variant-prefix: Hz}
    Submission:
      type: object
      properties:
        id: {type: string}
        cost: {type: [number, string]}
        tags: {type: array, items: {type: string}}
        colour: {$ref: '#/components/schemas/Colour'}
";

fn family(operation: &str) -> String {
    let indented: String = operation
        .lines()
        .map(|line| format!("      {line}\n"))
        .collect();
    format!("openapi: 3.1.0\npaths:\n  /v1/thing:\n    post:\n{indented}")
}

const HEAD: &str = "\
operationId: make_thing
summary: Make a thing.
x-sources: [{page: https://docs.example/thing, date: 2026-10}]
x-outputs: 1
responses:
  '200':
    description: Made.
    content:
      application/json:
        schema: {$ref: 'shared.yaml#/components/schemas/Submission'}
";

fn json_body(schema: &str) -> String {
    body("application/json", schema)
}

fn body(media: &str, schema: &str) -> String {
    let indented: String = schema
        .lines()
        .map(|line| format!("        {line}\n"))
        .collect();
    format!(
        "{HEAD}requestBody:\n  required: true\n  content:\n    {media}:\n      schema:\n{indented}"
    )
}

fn tree(family: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let specs = root.path().join("openapi");
    std::fs::create_dir(&specs).unwrap();
    std::fs::write(specs.join("shared.yaml"), SHARED).unwrap();
    std::fs::write(specs.join("things.yaml"), family).unwrap();
    root
}

/// The generated files of an operation.
fn generated(operation: &str) -> Generated {
    let root = tree(&family(operation));
    let files = codegen::generate(root.path()).unwrap();
    let text = |path: &str| files[Path::new(path)].clone();
    Generated {
        lowered: serde_json::from_str(&text("openapi/generated/openapi-3.0.json")).unwrap(),
        operations: text("crates/musicgpt-api/src/generated/operations/things.rs"),
        requests: text("crates/musicgpt-api/src/generated/requests/things.rs"),
        types: text("crates/musicgpt-api/src/generated/types.rs"),
        values: text("crates/musicgpt-api/src/generated/values.rs"),
    }
}

struct Generated {
    lowered: serde_json::Value,
    operations: String,
    requests: String,
    types: String,
    values: String,
}

/// The one line that stops an operation, after the file's name.
fn problem(operation: &str) -> String {
    let root = tree(&family(operation));
    let before = listing(root.path());
    let message = codegen::run(root.path(), Mode::Write)
        .unwrap_err()
        .to_string();
    assert_eq!(
        listing(root.path()),
        before,
        "nothing is written: {message}"
    );
    assert_eq!(message.lines().count(), 1, "{message}");
    message
        .strip_prefix("openapi/things.yaml:")
        .map(str::to_owned)
        .unwrap_or(message)
}

fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        names.push(entry.path().display().to_string());
        if entry.path().is_dir() {
            names.extend(listing(&entry.path()));
        }
    }
    names.sort();
    names
}

#[test]
fn a_json_operation() {
    let made = generated(&json_body(
        "type: object
required: [name]
properties:
  name: {type: string, description: Its name., maxLength: 3, x-limits: {'2026-10': 5}, x-private: true}
  colour: {$ref: 'shared.yaml#/components/schemas/Colour', default: red}
  rate: {$ref: 'shared.yaml#/components/schemas/Rate'}
  speed: {type: number, minimum: 0.25, maximum: 4}
  loud: {type: boolean, default: false}
  options: {type: array}
  colours: {type: array, items: {$ref: 'shared.yaml#/components/schemas/Colour'}}",
    ));
    let body = &made.lowered["components"]["schemas"]["MakeThingBody"];
    // Limits, defaults, enums and presence live in the table, not in the 3.0 document.
    let text = body.to_string();
    for word in ["maxLength", "minimum", "default", "enum", "required"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    assert_eq!(
        body["properties"]["colour"]["$ref"],
        "#/components/schemas/Colour"
    );
    assert_eq!(
        made.lowered["components"]["schemas"]["Colour"]["type"],
        "string"
    );
    assert_eq!(made.lowered["openapi"], "3.0.3");
    let operation = &made.lowered["paths"]["/v1/thing"]["post"];
    assert_eq!(operation["operationId"], "make_thing");
    let reference =
        operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].clone();
    assert_eq!(reference, "#/components/schemas/Submission");
    assert!(operation["responses"]["4XX"]["content"]["*/*"].is_object());

    for part in [
        "Limit {\n                    since: None,\n                    length: 3usize,\n                }",
        "since: Some(Edition(\"2026-10\")),\n                    length: 5usize,",
        "minimum: Some(0.25f64)",
        "default: Some(\"false\")",
        "kind: Kind::Word(crate::values::Colour::LISTED)",
        "kind: Kind::Words(crate::values::Colour::LISTED)",
    ] {
        assert!(
            made.operations.contains(part),
            "{part} in\n{}",
            made.operations
        );
    }
    assert!(
        made.values.contains("DarkBlue = \"dark-blue\""),
        "{}",
        made.values
    );
    assert!(made.values.contains("Hz2 = 2"), "{}", made.values);
    assert!(
        made.requests.contains("pub rate: Option<values::Rate>"),
        "{}",
        made.requests
    );
    // Private fields do not reach Debug, in either type.
    for text in [&made.requests, &made.types] {
        assert!(
            text.contains("\"name\", &crate::redact::Presence::of(&self.name)"),
            "{text}"
        );
    }
}

#[test]
fn answers_are_open_and_lenient() {
    let made = generated(&json_body(
        "type: object\nproperties: {name: {type: string}}",
    ));
    let answer = &made.lowered["components"]["schemas"]["Submission"];
    assert_eq!(answer["properties"]["cost"], serde_json::json!({}));
    assert_eq!(answer["properties"]["tags"]["nullable"], true);
    assert_eq!(answer["additionalProperties"], serde_json::json!({}));
    assert!(answer.get("required").is_none());
    assert!(
        made.types
            .contains("pub colour: ::std::option::Option<crate::values::Colour>"),
        "{}",
        made.types
    );
    assert!(
        made.types.contains("pub extra: ::serde_json::Map"),
        "{}",
        made.types
    );
}

#[test]
fn a_multipart_operation_is_raw_below_and_typed_above() {
    let made = generated(&body(
        "multipart/form-data",
        "type: object
oneOf: [{required: [audio_file]}, {required: [audio_url]}]
properties:
  audio_file: {type: string, format: binary}
  audio_url: {type: string}",
    ));
    let operation = &made.lowered["paths"]["/v1/thing"]["post"];
    assert_eq!(operation["operationId"], "make_thing_raw");
    assert_eq!(operation["parameters"][0]["name"], "content-type");
    assert!(operation["requestBody"]["content"]["application/octet-stream"].is_object());
    assert!(
        made.requests
            .contains("form.file(\"audio_file\", file.audio_file.take());")
    );
    assert!(made.requests.contains("client.make_thing_raw()"));
    assert!(
        made.operations
            .contains("Rule::ExactlyOne(&[\"audio_file\", \"audio_url\"])")
    );
}

#[test]
fn parameters_stand_in_the_query_or_the_path() {
    let operation = HEAD.replace("x-outputs: 1\n", "")
        + "parameters:
  - {name: id, in: path, required: true, schema: {type: string}}
  - {name: wait_seconds, in: query, schema: {type: integer}}
";
    let operation = operation.replace(
        "{$ref: 'shared.yaml#/components/schemas/Submission'}",
        "{type: object, properties: {done: {type: boolean}}}",
    );
    let made = generated(&operation);
    let parameters = &made.lowered["paths"]["/v1/thing"]["post"]["parameters"];
    assert_eq!(parameters[0]["in"], "path");
    assert_eq!(parameters[1]["required"], false);
    assert!(
        made.requests
            .contains("type Body = types::MakeThingAnswer;")
    );
    assert!(
        made.operations.contains("paid: true,"),
        "a POST costs something unless it says so"
    );
}

#[test]
fn a_form_keeps_its_media_type() {
    let made = generated(&body(
        "application/x-www-form-urlencoded",
        "type: object\nproperties: {name: {type: string}}",
    ));
    let operation = &made.lowered["paths"]["/v1/thing"]["post"];
    assert!(operation["requestBody"]["content"]["application/x-www-form-urlencoded"].is_object());
}

#[test]
fn rules_of_the_known_shapes() {
    let made = generated(&json_body(
        "type: object
allOf:
  - anyOf: [{required: [a]}, {required: [b, c]}]
  - not: {required: [a, b], properties: {a: {const: true}, b: {}}}
  - not: {required: [b, c]}
dependentRequired: {c: [b]}
properties:
  a: {type: boolean}
  b: {type: string}
  c: {type: string}",
    ));
    let text: String = made.operations.split_whitespace().collect();
    for part in [
        "Rule::AnyOf(&[&[\"a\"],&[\"b\",\"c\"]])",
        "Rule::Excludes{field:\"a\",value:Some(true),other:\"b\",}",
        "Rule::Excludes{field:\"b\",value:None,other:\"c\",}",
        "Rule::Requires{field:\"c\",others:&[\"b\"],}",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn what_is_not_understood_stops_with_its_place() {
    let property = |schema: &str| json_body(&format!("type: object\nproperties:\n  a: {schema}"));
    let messages: Vec<String> = [
        format!("{HEAD}tags: [x]\n"),
            property("{type: string, contentEncoding: base64}"),
        property("{type: string, format: date-time}"),
        property("{type: [string, 'null']}"),
        property("{type: colour}"),
            property("{type: string, enum: [a]}"),
        property("{type: integer, maxLength: 3}"),
        property("{type: string, x-limits: {'2026-10': 3}}"),
        property("{type: string, maxLength: many}"),
        property("{type: string, format: binary}"),
        property("{type: string, x-ignored-when: {b: true}}"),
            json_body("type: object\nrequired: [b]\nproperties: {a: {type: string}}"),
            json_body("type: object\noneOf: [{required: [a, b]}]\nproperties: {a: {type: string}, b: {type: string}}"),
            json_body("type: object\nif: {required: [a]}\nproperties: {a: {type: string}}"),
            json_body("type: object\nanyOf: [{minProperties: 2}]\nproperties: {a: {type: string}}"),
            json_body("type: object\nnot: {required: [a]}\nproperties: {a: {type: string}}"),
        json_body("type: array\nitems: {type: string}"),
            body("application/xml", "type: object\nproperties: {a: {type: string}}"),
            format!("{HEAD}x-conversion-type: A\nx-conversion-type-inferred: B\n"),
            format!("{HEAD}x-webhooks: [{{kind: cover, webhook: nowhere, count: 1}}]\n"),
        HEAD.replace("x-sources", "x-source"),
        HEAD.replace("operationId: make_thing\n", ""),
        HEAD.replace("'200'", "'302'"),
        HEAD.replace("application/json", "audio/mpeg"),
            HEAD.replace("{$ref: 'shared.yaml#/components/schemas/Submission'}", "{type: string, pattern: x}"),
            HEAD.replace("schemas/Submission", "schemas/Nothing"),
        HEAD.replace("summary", "operationId"),
        property("{type: array, items: {type: string}}"),
        property("{type: string, minimum: 3}"),
        property("{type: array, items: {$ref: 'shared.yaml#/components/schemas/Colour'}, x-empty-means: [green]}"),
        HEAD.replace("x-outputs: 1\n", "x-outputs: 0\n"),
        HEAD.replace("'200'", "'201'"),
        format!("{HEAD}x-outputs-field: nowhere\n"),
        format!("{}x-outputs-field: a\n", property("{type: string}")),
        format!("{HEAD}x-webhooks: [{{kind: banana, webhook: x, count: 1}}]\n"),
        HEAD.replace(
            "{$ref: 'shared.yaml#/components/schemas/Submission'}",
            "{type: object, properties: {}, additionalProperties: {type: string}}",
        ),
    ]
    .iter()
    .map(|operation| problem(operation))
    .collect();
    insta::assert_snapshot!(messages.join("\n"));
}

/// A family whose operation posts once, under a condition.
fn posting(condition: &str) -> tempfile::TempDir {
    let body = json_body(
        "type: object\nproperties:\n  loud: {type: boolean}\n  voice: {type: string}\n  \
         colour: {$ref: 'shared.yaml#/components/schemas/Colour'}",
    );
    let hook = format!(
        "x-webhooks: [{{kind: cover, webhook: a_cover, count: 1, dropped-when: {condition}}}]\n"
    );
    let webhooks = "webhooks:\n  a_cover:\n    post:\n      operationId: on_cover\n      \
                    summary: A cover.\n      x-kind: cover\n";
    tree(&format!("{}{webhooks}", family(&format!("{body}{hook}"))))
}

#[test]
fn posts_have_conditions() {
    for (condition, expected) in [
        ("{loud: true}", r#"field: "loud", when: When::Is(true)"#),
        ("{voice: true}", r#"field: "voice", when: When::Is(true)"#),
        (
            "{colour: red}",
            r#"field: "colour", when: When::OneOf(&["red"])"#,
        ),
        (
            "{colour: [red, dark-blue]}",
            r#"field: "colour", when: When::OneOf(&["red", "dark-blue"])"#,
        ),
    ] {
        let files = codegen::generate(posting(condition).path()).unwrap();
        let path = Path::new("crates/musicgpt-api/src/generated/operations/things.rs");
        let text: Vec<&str> = files[path].split_whitespace().collect();
        assert!(text.join(" ").contains(expected), "{condition}: {text:?}");
    }
    for (condition, expected) in [
        (
            "{colour: green}",
            "`green` is no word that `colour` can have",
        ),
        ("{voice: red}", "`red` is no word that `voice` can have"),
        ("{size: true}", "`size` is no field of `make_thing`"),
        (
            "{loud: 1}",
            "want true, false, a word or a list of words here",
        ),
    ] {
        let problem = codegen::generate(posting(condition).path()).unwrap_err();
        assert!(problem.to_string().ends_with(expected), "{problem}");
    }
}

#[test]
fn two_operations_of_one_id_are_refused() {
    let other = family(HEAD).replace("/v1/thing", "/v1/other");
    let (_, other) = other.split_once("paths:\n").unwrap();
    let twice = family(HEAD) + other;
    let root = tree(&twice);
    let message = codegen::run(root.path(), Mode::Write)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("operation `make_thing` is defined already at openapi/things.yaml:5:7"),
        "{message}"
    );
}
