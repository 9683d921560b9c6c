//! Operations that the crate's bundle does not have yet: they need no code.

use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::{World, send};

/// The crate's bundle with operations of other makes.
fn bundle() -> String {
    let own = include_str!("../../src/generated/openapi-3.1.json");
    let mut bundle: Value = serde_json::from_str(own).unwrap();
    let link = |kind: &str| json!({"type": ["string", "null"], "x-media": kind});
    let links = json!({"type": "object", "additionalProperties": {"x-media": "mp3"}});
    let body = |schema: Value, example: Value| json!({"content": {"application/json": {"schema": schema, "example": example}}});
    let answer = |example: Value| json!({"200": body(json!({}), example)});
    let hook =
        |schema: Value, example: Value| json!({"post": {"requestBody": body(schema, example)}});

    bundle["paths"]["/v1/sound"]["post"] = json!({
        "operationId": "sound",
        "x-conversion-type": "STEMS_SEPARATION",
        "x-outputs": 1,
        "x-webhooks": [
            {"kind": "result", "webhook": "sound_result", "count": 1},
            {"kind": "cover", "webhook": "sound_cover", "count": 1},
        ],
        "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {
            "required": ["prompt"],
            "properties": {
                "prompt": {"type": "string"},
                "audio_length": {"type": "integer", "minimum": 5},
                "stems": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
                "webhook_url": {"$ref": "#/components/schemas/WebhookUrl"},
            },
        }}}},
        "responses": answer(json!({"success": true, "task_id": "t", "conversion_id": "c", "eta": 10})),
    });
    bundle["webhooks"]["sound_result"] = hook(
        json!({"properties": {
            "conversion_path": link("mp3"),
            "conversion_path_wav": link("wav"),
            "conversion_paths": links,
            "audio_url": link("mp3"),
        }}),
        json!({
            "task_id": "t", "conversion_id": "c", "title": "Sound Creator",
            "conversion_path": "https://h/c.mp3", "conversion_path_wav": null,
            "conversion_paths": {"c": "https://h/c.mp3"},
            "conversion_durations": {"c": 30.0}, "conversion_duration": "0",
            "audio_url": "{\"vocals\": \"https://h/v.mp3\", \"drums\": \"\"}",
        }),
    );
    bundle["webhooks"]["sound_cover"] = hook(
        json!({"properties": {"image_paths": {"type": "array", "items": {"x-media": "image"}}}}),
        json!({"task_id": "t", "conversion_id_1": "c", "image_paths": ["https://h/i.jpg"]}),
    );
    bundle["paths"]["/v1/words"]["get"] = json!({
        "operationId": "words",
        "x-conversion-type": "LYRICS_GENERATOR",
        "parameters": [{"name": "prompt", "in": "query", "required": true,
                        "schema": {"type": "string"}}],
        "responses": answer(json!({"success": true, "task_id": "t", "title": null, "lyrics": ".."})),
    });
    bundle["paths"]["/v1/voices"]["get"] = json!({
        "operationId": "voices",
        "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
        "responses": answer(json!({"voices": [{"voice_id": "v"}], "page": 0})),
    });
    bundle["paths"]["/v2/batches/{batch_id}/close"]["post"] = json!({
        "operationId": "close",
        "parameters": [{"name": "batch_id", "in": "path", "required": true,
                        "schema": {"type": "string"}}],
        "responses": answer(json!({"batch_id": "b", "status": "completed"})),
    });
    bundle.to_string()
}

async fn world() -> World {
    World::with(|builder| builder.bundle(bundle())).await
}

#[tokio::test]
async fn a_single_output_with_all_arrangements_of_links() {
    let (world, receiver) = (world().await, Receiver::new(0).await);
    let form = [
        ("prompt", "x"),
        ("stems", r#"["a"]"#),
        ("webhook_url", &receiver.url),
    ];
    let (status, answer) = send(world.post("/v1/sound").form(&form)).await;
    assert_eq!(status, 200, "{answer}");
    world.advance(20.0).await;
    let posts = receiver.bodies();
    assert_eq!(posts.len(), 2);
    let conversion = answer["conversion_id"].as_str().unwrap();
    let result = &posts[0];
    assert_eq!(result["title"], "Sound Creator");
    assert_eq!(result["conversion_path_wav"], Value::Null);
    assert_eq!(result["conversion_duration"], "0");
    assert_eq!(result["conversion_durations"][conversion], 6.0);
    assert_eq!(
        result["conversion_paths"][conversion],
        result["conversion_path"]
    );
    let stems: Value = serde_json::from_str(result["audio_url"].as_str().unwrap()).unwrap();
    assert_eq!(stems["drums"], "");
    assert_eq!(posts[1]["conversion_id_1"], conversion);

    let whole = result["conversion_path"].as_str().unwrap();
    let stem = stems["vocals"].as_str().unwrap();
    let mut files = Vec::new();
    for link in [whole, stem, posts[1]["image_paths"][0].as_str().unwrap()] {
        let response = world.client.get(link).send().await.unwrap();
        assert_eq!(response.status(), 200, "{link}");
        files.push(response.bytes().await.unwrap());
    }
    assert_ne!(files[0], files[1]);

    // Without an example of its own the look-up is the generic one's.
    let conversion = world.look_up("STEMS_SEPARATION", &answer["task_id"]).await;
    assert!(conversion["audio_url"].as_str().unwrap().ends_with(".mp3"));
    assert_eq!(conversion["status_msg"], "Conversion successful");
}

#[tokio::test]
async fn form_fields_are_held_against_the_schema() {
    let world = world().await;
    for (field, value, message) in [
        ("stems", r#"["c"]"#, "stems.0: must be one of a, b"),
        ("stems", "a", "stems: must be of type array"),
        ("audio_length", "4", "audio_length: cannot be less than 5"),
    ] {
        let form = [("prompt", "x"), (field, value)];
        let (status, body) = send(world.post("/v1/sound").form(&form)).await;
        assert_eq!((status, &body["message"]), (422, &json!(message)));
    }
}

#[tokio::test]
async fn answers_at_once() {
    let world = world().await;
    let (_, words) = send(world.get("/v1/words").query(&[("prompt", "x")])).await;
    assert_eq!(words["title"], Value::Null);
    assert!(words["lyrics"].as_str().unwrap().starts_with("[Verse]\n"));
    assert_eq!(words["task_id"].as_str().unwrap().len(), 36);
    let (_, voices) = send(world.get("/v1/voices").query(&[("page", "3")])).await;
    assert_eq!(voices, json!({"voices": [{"voice_id": "v"}], "page": 3}));
    let (_, done) = send(world.post("/v2/batches/7/close")).await;
    assert_eq!(done, json!({"batch_id": "7", "status": "completed"}));
}

#[tokio::test]
async fn a_two_output_feature_without_an_example_is_looked_up_like_a_song() {
    let world = World::new().await;
    let form = crate::sound().text("prompt", "x");
    let (_, answer) = send(world.post("/v1/Remix").multipart(form)).await;
    world.advance(300.0).await;
    let conversion = world.look_up("REMIX", &answer["task_id"]).await;
    assert_eq!(conversion["feature"], "REMIX");
    assert!(
        conversion["conversion_path_2"]
            .as_str()
            .unwrap()
            .ends_with(".mp3")
    );
}
