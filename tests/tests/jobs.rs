//! Jobs from submission to files, against the simulator on a virtual clock.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use musicgpt_sdk::outputs::Song;
use musicgpt_sdk::{
    AudioFormat, AudioSource, ErrorKind, FileConvert, ImageSource, ImageToSong, JobHandle, MusicAi,
    Phase, Remix, Update, WaitOptions,
};
use musicgpt_sim::Simulator;
use musicgpt_sim::faults::FaultRule;
use musicgpt_tests::clock::client;
use musicgpt_webhooks::{Event, Kind};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";
const MP3: &[u8] = b"ID3\x04 and so on";

async fn simulator() -> Arc<Simulator> {
    Arc::new(Simulator::builder().virtual_clock().start().await.unwrap())
}

fn count(simulator: &Simulator, operation: &str) -> usize {
    simulator
        .requests()
        .iter()
        .filter(|request| request.operation.as_deref() == Some(operation))
        .count()
}

fn fault(text: &str) -> FaultRule {
    FaultRule::new(text.parse().unwrap())
}

#[tokio::test]
async fn a_song() {
    let simulator = simulator().await;
    let client = client(&simulator);
    let job = client
        .submit(MusicAi::from_prompt("greenery"))
        .await
        .unwrap();
    assert_eq!(job.conversion_ids().len(), 2);
    assert!(job.eta().is_some() && job.credit_estimate().is_some());
    assert!(!job.is_flagged());
    let song = job.wait().await.unwrap();
    let [one, two] = song.takes() else {
        panic!("{song:?}");
    };
    assert!(song.missing().is_empty());
    assert!(song.cover.is_some());
    assert_ne!(one.mp3.url(), two.mp3.url());
    for (number, take) in [(1, one), (2, two)] {
        assert_eq!(take.number, number);
        assert_eq!(
            take.conversion_id.as_ref(),
            job.conversion_ids().get(number - 1)
        );
        assert!(take.wav.is_some() && take.title.is_some() && take.lyrics.is_some());
        let lyrics = take.timed_lyrics.as_ref().unwrap();
        assert!(lyrics.sung().count() > 0);
        assert!(
            take.duration
                .is_some_and(|duration| duration > Duration::ZERO)
        );
    }
    let polls = count(&simulator, "get_by_id");
    assert!(
        polls <= 6,
        "{polls} look-ups for an estimate that was right"
    );
    let unknown = simulator
        .requests()
        .iter()
        .filter(|r| !r.unknown_fields.is_empty())
        .count();
    assert_eq!(unknown, 0);
}

#[tokio::test]
async fn an_instrumental_has_no_words() {
    let simulator = simulator().await;
    let client = client(&simulator);
    let request = MusicAi::from_prompt("greenery").make_instrumental(true);
    let song = client.submit(request).await.unwrap().await.unwrap();
    for take in song.takes() {
        assert!(take.lyrics.is_none() && take.timed_lyrics.is_none());
    }
}

#[tokio::test]
async fn files_arrive_whole_and_without_the_key() {
    let simulator = simulator().await;
    let client = client(&simulator);
    let folder = tempfile::tempdir().unwrap();
    let song = client
        .submit(MusicAi::from_prompt("greenery"))
        .await
        .unwrap()
        .await
        .unwrap();
    let mut contents = Vec::new();
    for take in song.takes() {
        let mp3 = take.mp3.save_to_dir(&client, folder.path()).await.unwrap();
        let wav = take
            .wav
            .as_ref()
            .unwrap()
            .save_to_dir(&client, folder.path())
            .await
            .unwrap();
        assert_eq!(
            mp3.file_name().unwrap().to_str().unwrap(),
            format!("take-{}.mp3", take.number)
        );
        assert!(std::fs::read(&wav).unwrap().starts_with(b"RIFF"));
        contents.push(std::fs::read(&mp3).unwrap());
    }
    assert_ne!(contents[0], contents[1]);
    let cover = song
        .cover
        .as_ref()
        .unwrap()
        .save_to_dir(&client, folder.path())
        .await
        .unwrap();
    assert!(std::fs::read(cover).unwrap().starts_with(b"\x89PNG"));
    assert!(
        simulator
            .requests()
            .iter()
            .all(|request| !request.leaked_key)
    );
    // Nothing temporary is left.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 5);
}

#[tokio::test]
async fn broken_and_expired_downloads_are_taken_up() {
    for name in ["truncate", "reset", "502-html", "media-expired"] {
        let simulator = simulator().await;
        let client = client(&simulator);
        let folder = tempfile::tempdir().unwrap();
        let song = client
            .submit(MusicAi::from_prompt("greenery"))
            .await
            .unwrap()
            .await
            .unwrap();
        let take = &song.takes()[0];
        let whole = take.mp3.save_to_dir(&client, folder.path()).await.unwrap();
        let expected = std::fs::read(whole).unwrap();
        simulator.set_faults([fault(name).on("media").times(1)]);
        let path = folder.path().join("again.mp3");
        let saved = take.mp3.save_as(&client, &path).await;
        if name == "media-expired" {
            // The simulator gives the same address again, so there is nothing to try.
            assert_eq!(saved.unwrap_err().status(), Some(403));
            assert!(!path.exists());
        } else {
            saved.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(std::fs::read(&path).unwrap(), expected, "{name}");
        }
    }
}

#[tokio::test]
async fn the_other_features() {
    let simulator = simulator().await;
    let client = client(&simulator);
    let remix = Remix::new(AudioSource::from_bytes("a.mp3", MP3), "lo-fi");
    assert_eq!(
        client
            .submit(remix)
            .await
            .unwrap()
            .await
            .unwrap()
            .takes()
            .len(),
        2
    );
    let remix = Remix::new(AudioSource::from_url("https://host/a.mp3"), "lo-fi");
    assert_eq!(
        client
            .submit(remix)
            .await
            .unwrap()
            .await
            .unwrap()
            .takes()
            .len(),
        2
    );
    let picture = ImageToSong::new(ImageSource::from_bytes("i.png", PNG)).prompt("calm");
    assert_eq!(
        client
            .submit(picture)
            .await
            .unwrap()
            .await
            .unwrap()
            .takes()
            .len(),
        2
    );
    let convert = FileConvert::new(AudioSource::from_bytes("a.mp3", MP3), AudioFormat::Flac);
    let job = client.submit(convert).await.unwrap();
    assert_eq!(job.eta(), None, "-1 is no estimate");
    let file = job.wait().await.unwrap().file.unwrap();
    assert_eq!(file.format(), "flac");
}

#[tokio::test]
async fn updates_tell_how_far_it_is() {
    let simulator = simulator().await;
    let client = client(&simulator);
    let job = client
        .submit(MusicAi::from_prompt("greenery"))
        .await
        .unwrap();
    let updates: Vec<_> = job.updates().collect().await;
    let (last, pending) = updates.split_last().unwrap();
    assert!(matches!(last, Ok(Update::Done(_))));
    assert!(!pending.is_empty());
    for update in pending {
        let Ok(Update::Pending(status)) = update else {
            panic!("{update:?}");
        };
        assert_eq!(status.phase, Some(Phase::Running));
        assert_eq!(status.outputs, 2);
    }
}

#[tokio::test]
async fn another_process_finishes_the_job() {
    let simulator = simulator().await;
    let first = client(&simulator);
    let job = first
        .submit(MusicAi::from_prompt("the-canary"))
        .await
        .unwrap();
    let text = serde_json::to_string(job.handle()).unwrap();
    assert!(
        !text.contains("the-canary") && !text.contains("any-key"),
        "{text}"
    );
    drop((job, first));
    let handle: JobHandle = serde_json::from_str(&text).unwrap();
    let second = client(&simulator);
    let song: Song = second
        .resume::<MusicAi>(handle.clone())
        .unwrap()
        .await
        .unwrap();
    assert_eq!(song.takes().len(), 2);
    let error = second.resume::<Remix>(handle).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "the handle is of a job of music_ai, not of remix"
    );
    // A handle of a few words is enough.
    let handle = serde_json::from_str(&format!(
        r#"{{"operation":"music_ai","task_id":"{}"}}"#,
        song.task_id
    ));
    assert!(
        second
            .resume::<MusicAi>(handle.unwrap())
            .unwrap()
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_failed_job_is_an_error_with_its_reason() {
    let simulator = simulator().await;
    let client = client(&simulator);
    simulator.set_faults([fault("job-failed")]);
    let job = client
        .submit(MusicAi::from_prompt("greenery"))
        .await
        .unwrap();
    let error = job.wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Job);
    assert_eq!(error.handle(), Some(job.handle()));
    assert!(
        error.message().starts_with("the job failed (FAILED): "),
        "{error}"
    );
}

#[tokio::test]
async fn bad_gateways_do_not_end_a_wait() {
    let simulator = simulator().await;
    let client = client(&simulator);
    let job = client
        .submit(MusicAi::from_prompt("greenery"))
        .await
        .unwrap();
    simulator.set_faults([fault("502-html").on("get_by_id").times(7)]);
    assert_eq!(job.wait().await.unwrap().takes().len(), 2);
}

#[tokio::test]
async fn a_wait_has_an_end() {
    let simulator = simulator().await;
    let client = client(&simulator);
    let job = client
        .submit(MusicAi::from_prompt("greenery"))
        .await
        .unwrap();
    let options = WaitOptions::deadline(Duration::from_secs(20));
    let error = job.wait_with(options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert_eq!(error.handle(), Some(job.handle()));
    assert!(error.to_string().contains("not done after 20 s"), "{error}");
    // The job went on.
    assert!(job.wait().await.is_ok());
    // A gateway that never recovers ends the wait too, by the default deadline.
    let job = client
        .submit(MusicAi::from_prompt("greenery"))
        .await
        .unwrap();
    simulator.set_faults([fault("502-html").on("get_by_id")]);
    let start = simulator.now();
    let error = job.wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert!(error.to_string().contains("502"), "{error}");
    let waited = simulator.now() - start;
    assert!(
        waited >= Duration::from_secs(15 * 60) && waited < Duration::from_secs(16 * 60),
        "{waited:?}"
    );
}

#[tokio::test]
async fn a_look_up_under_an_inferred_word_names_the_other_way() {
    let simulator = simulator().await;
    let client = client(&simulator);
    let picture = ImageToSong::new(ImageSource::from_url("https://host/i.png"));
    let job = client.submit(picture).await.unwrap();
    simulator.set_faults([fault("404-code").on("get_by_id")]);
    let error = job.wait().await.unwrap_err();
    let text = error.to_string();
    for words in ["the job is paid", "its handle stays good", "webhook"] {
        assert!(text.contains(words), "{text}");
    }
    assert_eq!(error.handle(), Some(job.handle()));
}

#[tokio::test]
async fn the_five_posts_of_a_song_parse() {
    let received: Arc<Mutex<Vec<Event>>> = Arc::default();
    let receiver = httpmock::MockServer::start_async().await;
    let kept = Arc::clone(&received);
    receiver
        .mock_async(|when, then| {
            when.any_request().is_true(move |request| {
                kept.lock()
                    .unwrap()
                    .push(Event::from_slice(&request.body_bytes()).unwrap());
                true
            });
            then.status(200);
        })
        .await;
    let simulator = simulator().await;
    let client = client(&simulator);
    let hook = receiver.url("/hook?token=1");
    let job = client
        .submit(MusicAi::from_prompt("greenery").webhook_url(hook))
        .await
        .unwrap();
    job.wait().await.unwrap();
    simulator.advance(Duration::from_secs(600)).await;
    let events = received.lock().unwrap();
    let kinds: Vec<Kind> = events.iter().map(Event::kind).collect();
    assert_eq!(
        kinds,
        [
            Kind::Cover,
            Kind::Lyrics,
            Kind::Track,
            Kind::Lyrics,
            Kind::Track
        ]
    );
    for event in events.iter() {
        assert_eq!(event.feature(), Some("music_ai"));
        assert_eq!(event.task_id(), Some(job.task_id()));
        assert!(event.unknown_fields().is_empty());
    }
    let keys: std::collections::HashSet<String> = events
        .iter()
        .map(|event| event.dedupe_key().to_string())
        .collect();
    assert_eq!(keys.len(), 5);
}
