//! Every operation takes its documented request and gives its documented
//! answer.

use reqwest::RequestBuilder;
use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value};

use crate::{World, send};

/// Fields of answers that are a task's own.
fn is_own(name: &str) -> bool {
    name.ends_with("_id") || ["conversion_id_1", "conversion_id_2"].contains(&name)
}

/// A value as a form carries it: lists as JSON inside a text.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn request(
    world: &World,
    path: &str,
    content_type: &str,
    fields: &Map<String, Value>,
    files: &[&String],
) -> RequestBuilder {
    let request = world.post(path);
    match content_type {
        "application/json" => request.json(fields),
        "application/x-www-form-urlencoded" => {
            let form: Vec<_> = fields
                .iter()
                .map(|(name, value)| (name, text(value)))
                .collect();
            request.form(&form)
        }
        _ => {
            let form = fields.iter().fold(Form::new(), |form, (name, value)| {
                if files.contains(&name) {
                    form.part(name.clone(), Part::bytes(vec![7; 9]).file_name("a.bin"))
                } else {
                    form.text(name.clone(), text(value))
                }
            });
            request.multipart(form)
        }
    }
}

#[tokio::test]
async fn every_task_is_acknowledged_as_documented() {
    let bundle = include_str!("../../src/generated/openapi-3.1.json");
    let bundle: Value = serde_json::from_str(bundle).unwrap();
    let world = World::with(|builder| builder.limits(musicgpt_sim::Limits::Latest)).await;
    let mut count = 0;
    for (path, item) in bundle["paths"].as_object().unwrap() {
        let operation = &item["post"];
        if operation.get("x-outputs").is_none() {
            continue;
        }
        let content = operation["requestBody"]["content"].as_object().unwrap();
        let (content_type, media) = content.iter().next().unwrap();
        let example = media.get("example").unwrap_or_else(|| {
            let examples = media["examples"].as_object().unwrap();
            &examples.values().next().unwrap()["value"]
        });
        let properties = media["schema"]["properties"].as_object().unwrap();
        let files: Vec<_> = properties
            .iter()
            .filter(|(_, property)| property["format"] == "binary")
            .map(|(name, _)| name)
            .collect();
        let fields = example.as_object().unwrap();
        let (status, answer) = send(request(&world, path, content_type, fields, &files)).await;
        assert_eq!(status, 200, "{path}: {answer}");

        let documented = &operation["responses"]["200"]["content"]["application/json"];
        let documented = documented.get("example").unwrap_or_else(|| {
            let examples = documented["examples"].as_object().unwrap();
            &examples.values().next().unwrap()["value"]
        });
        let (answer, documented) = (answer.as_object().unwrap(), documented.as_object().unwrap());
        assert!(answer.keys().eq(documented.keys()), "{path}");
        for (name, value) in documented.iter().filter(|(name, _)| !is_own(name)) {
            assert_eq!(&answer[name], value, "{path}: {name}");
        }
        for (name, value) in answer.iter().filter(|(name, _)| is_own(name)) {
            assert_eq!(value.as_str().unwrap().len(), 36, "{path}: {name}");
        }
        count += 1;
    }
    assert!(count >= 22, "{count}");
}
