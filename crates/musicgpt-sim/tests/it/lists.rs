//! Lists of tasks and voices, page by page.

use serde_json::Value;

use crate::{World, send, song};

async fn page(world: &World, path: &str, query: &[(&str, &str)]) -> Value {
    let (status, body) = send(world.get(path).query(query)).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["success"], true);
    body
}

/// The ids of the tasks on a page.
fn ids(page: &Value) -> Vec<&str> {
    let tasks = page["conversions"].as_array().unwrap().iter();
    tasks
        .map(|task| task["task_id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn tasks_come_newest_first_and_page_by_page() {
    let world = World::new().await;
    let empty = page(&world, "/v1/byUser", &[]).await;
    assert_eq!(ids(&empty), [""; 0]);
    assert!(empty.get("LastEvaluatedKey").is_none());

    let mut accepted = Vec::new();
    for _ in 0..2 {
        let answer = world.song(&song()).await;
        accepted.push(answer["task_id"].as_str().unwrap().to_owned());
        world.advance(3600.0).await;
    }
    let form = [("prompt", "rain")];
    let (_, answer) = send(world.post("/v1/sound_generator").form(&form)).await;
    accepted.push(answer["task_id"].as_str().unwrap().to_owned());

    let oldest_first = page(&world, "/v1/byUser", &[("sortOrder", "ASC")]).await;
    assert_eq!(ids(&oldest_first), accepted);
    assert_eq!(oldest_first["conversions"][0]["status"], "COMPLETED");
    assert_eq!(oldest_first["conversions"][2]["status"], "IN_QUEUE");

    let first = page(&world, "/v1/byUser", &[("limit", "2")]).await;
    assert_eq!(ids(&first), [&*accepted[2], &*accepted[1]]);
    let key = first["LastEvaluatedKey"].as_str().unwrap();
    let query = [("limit", "2"), ("LastEvaluatedKey", key)];
    let second = page(&world, "/v1/byUser", &query).await;
    assert_eq!(ids(&second), [&*accepted[0]]);
    assert!(second.get("LastEvaluatedKey").is_none());

    let sounds = page(
        &world,
        "/v1/byUser",
        &[("conversionType", "SOUND_GENERATOR")],
    )
    .await;
    assert_eq!(ids(&sounds), [&*accepted[2]]);
    let dates = [
        ("startDate", "2026-01-05T16:30:00Z"),
        ("endDate", "2026-01-05T17:30:00+00:00"),
    ];
    assert_eq!(
        ids(&page(&world, "/v1/byUser", &dates).await),
        [&*accepted[1]]
    );

    let query = [("LastEvaluatedKey", "nowhere")];
    assert!(ids(&page(&world, "/v1/byUser", &query).await).is_empty());
}

#[tokio::test]
async fn voices_have_pages_from_zero() {
    let world = World::new().await;
    let mut names = Vec::new();
    for (number, count) in [("0", 20), ("1", 20), ("2", 5), ("3", 0)] {
        let page = page(&world, "/v1/getAllVoices", &[("page", number)]).await;
        let voices = page["voices"].as_array().unwrap();
        assert_eq!(voices.len(), count, "page {number}");
        assert_eq!((&page["limit"], &page["total"]), (&20.into(), &45.into()));
        assert_eq!(page["page"].to_string(), number);
        names.extend(voices.iter().map(|voice| voice["voice_id"].to_string()));
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 45);
    // The voices are the same in every simulator.
    let other = World::with(|builder| builder.seed(7)).await;
    assert_eq!(
        page(&world, "/v1/getAllVoices", &[("limit", "45")]).await,
        page(&other, "/v1/getAllVoices", &[("limit", "45")]).await
    );
}

#[tokio::test]
async fn voices_are_found_by_name() {
    let world = World::new().await;
    let query = [("query", "BIRCH"), ("limit", "4"), ("page", "2")];
    let found = page(&world, "/v1/searchVoices", &query).await;
    assert_eq!((&found["total"], &found["page"]), (&9.into(), &2.into()));
    let voices = found["voices"].as_array().unwrap();
    assert_eq!(voices.len(), 1);
    assert_eq!(voices[0]["voice_name"], "Ines Birch");
    let nobody = page(&world, "/v1/searchVoices", &[("query", "nobody")]).await;
    assert_eq!(nobody["total"], 0);
    let (status, _) = send(world.get("/v1/searchVoices")).await;
    assert_eq!(status, 422);
}
