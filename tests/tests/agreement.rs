//! The SDK's validation and the simulator's JSON Schema are two readings of one spec. For random
//! requests of every operation they must give the same verdict.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use musicgpt_api::multipart::FilePart;
use musicgpt_api::operation::{Field, Kind};
use musicgpt_api::{Request, Session, requests};
use musicgpt_sdk::{
    Client, Feature, FileConvert, GetById, ImageToSong, LimitSet, MusicAi, Remix, Source,
    operations,
};
use musicgpt_sim::Simulator;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";
const MP3: &[u8] = b"ID3\x04 and so on";

/// What a request says of a field.
#[derive(Debug, Clone)]
enum Given {
    Text(String),
    File,
}

/// A value for a field, on either side of each rule.
fn value(field: &'static Field) -> BoxedStrategy<Given> {
    match field.kind {
        Kind::File(_) => Just(Given::File).boxed(),
        Kind::Boolean => select(vec!["true", "false"])
            .prop_map(|text| Given::Text(text.into()))
            .boxed(),
        Kind::Integer => (-2_i64..200)
            .prop_map(|number| Given::Text(number.to_string()))
            .boxed(),
        Kind::Number => (0.0_f64..200.0)
            .prop_map(|number| Given::Text(number.to_string()))
            .boxed(),
        Kind::Word(words) => {
            let mut words = words.to_vec();
            words.push(if words[0].parse::<i64>().is_ok() {
                "7"
            } else {
                "robot"
            });
            select(words)
                .prop_map(|word| Given::Text(word.into()))
                .boxed()
        }
        _ if !field.schemes.is_empty() => select(vec![
            "https://example.com/x",
            "http://example.com/x",
            "http://127.0.0.1:1/x",
            "http://localhost/x",
            "ftp://example.com/x",
            "nonsense",
        ])
        .prop_map(|url| Given::Text(url.into()))
        .boxed(),
        _ => {
            let mut lengths = vec![1, 2, 40];
            for limit in field.max_length {
                lengths.extend([limit.length, limit.length + 1]);
            }
            // A character of more bytes than one: lengths count characters.
            (select(lengths), select(vec!['x', 'é', '\u{1f3b5}']))
                .prop_map(|(length, letter)| {
                    Given::Text(std::iter::repeat_n(letter, length).collect())
                })
                .boxed()
        }
    }
}

/// Some of the fields of an operation. Files and addresses of one stem go together often enough.
fn given(fields: &'static [Field]) -> BoxedStrategy<Vec<(&'static Field, Given)>> {
    let each: Vec<_> = fields
        .iter()
        .map(|field| {
            prop::option::weighted(if field.required { 0.9 } else { 0.4 }, value(field))
                .prop_map(move |value| value.map(|value| (field, value)))
        })
        .collect();
    each.prop_map(|values| values.into_iter().flatten().collect())
        .boxed()
}

fn content(field: &Field) -> (&'static str, &'static str, &'static [u8]) {
    match field.kind {
        Kind::File(["audio/*"]) => ("a.mp3", "audio/mpeg", MP3),
        _ => ("i.png", "image/png", PNG),
    }
}

async fn sdk_accepts<F: Feature>(client: &Client, given: &[(&'static Field, Given)]) -> bool {
    let mut feature = F::default();
    for (field, value) in given {
        match value {
            Given::Text(text) => {
                if feature.set(field.name, text).is_err() {
                    return false;
                }
            }
            Given::File => {
                let stem = field.name.strip_suffix("_file").unwrap();
                let (name, _, content) = content(field);
                feature.set_source::<()>(stem, Source::from_bytes(name, content));
            }
        }
    }
    client.check(&feature).await.is_ok()
}

/// Sends the same without any check.
async fn simulator_accepts<R: Request>(
    api: &musicgpt_api::Client,
    given: &[(&'static Field, Given)],
) -> bool {
    let mut request = R::default();
    for (field, value) in given {
        match value {
            Given::Text(text) => {
                if request.set(field.name, text).is_err() {
                    request
                        .extra_mut()
                        .insert(field.name.to_owned(), text.as_str().into());
                }
            }
            Given::File => {
                let (name, kind, content) = content(field);
                request
                    .set_file(field.name, FilePart::bytes(name, kind, content))
                    .unwrap();
            }
        }
    }
    let answer = request.send(api).await;
    match answer {
        Ok(_) => true,
        // A look-up of a task that does not exist is a fine request.
        Err(error) => match error.status().map(|status| status.as_u16()) {
            Some(404) => true,
            Some(422) => false,
            other => panic!("{other:?}: {error}"),
        },
    }
}

async fn compare<F: Feature, R: Request>(limits: LimitSet) {
    assert_eq!(F::OPERATION.id, R::OPERATION.id);
    let simulator = Simulator::builder()
        .virtual_clock()
        .limits(limits.to_string().parse().unwrap())
        .start()
        .await
        .unwrap();
    let client = Client::builder()
        .key("k")
        .base_url(simulator.base_url())
        .limits(limits)
        .build()
        .unwrap();
    let api = musicgpt_api::Client::new_with_client(
        &simulator.base_url(),
        reqwest::Client::new(),
        Session::new("k").unwrap(),
    );
    let handle = tokio::runtime::Handle::current();
    let strategy = given(F::OPERATION.fields);
    let config = Config {
        cases: 150,
        failure_persistence: None,
        ..Config::default()
    };
    let mut verdicts = [0, 0];
    tokio::task::block_in_place(|| {
        TestRunner::new(config)
            .run(&strategy, |given| {
                let (sdk, simulator) = handle.block_on(async {
                    (
                        sdk_accepts::<F>(&client, &given).await,
                        simulator_accepts::<R>(&api, &given).await,
                    )
                });
                let names: Vec<_> = given.iter().map(|(field, _)| field.name).collect();
                prop_assert_eq!(sdk, simulator, "{} with {:?}", F::OPERATION.id, names);
                Ok(())
            })
            .unwrap();
        // Both verdicts must occur, or the test says little.
        let mut runner = TestRunner::deterministic();
        for _ in 0..200 {
            let given = strategy.new_tree(&mut runner).unwrap().current();
            let accepted = handle.block_on(sdk_accepts::<F>(&client, &given));
            verdicts[usize::from(accepted)] += 1;
        }
    });
    assert!(
        verdicts.iter().all(|count| *count > 0),
        "{} {verdicts:?}",
        F::OPERATION.id
    );
}

async fn compare_all(limits: LimitSet) {
    compare::<MusicAi, requests::MusicAi>(limits).await;
    compare::<Remix, requests::Remix>(limits).await;
    compare::<ImageToSong, requests::ImageToSong>(limits).await;
    compare::<FileConvert, requests::FileConvert>(limits).await;
    compare::<GetById, requests::GetById>(limits).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_the_original_limits() {
    compare_all(LimitSet::Original).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_the_limits_of_an_edition() {
    compare_all(LimitSet::EDITION_2026_10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_limits() {
    compare_all(LimitSet::Unchecked).await;
}

/// A new operation must come here too.
#[test]
fn every_operation_is_compared() {
    let source = include_str!("agreement.rs");
    for operation in operations::ALL {
        let pascal: String = operation
            .id
            .split('_')
            .map(|word| word[..1].to_ascii_uppercase() + &word[1..])
            .collect();
        assert!(
            source.contains(&format!("requests::{pascal}>")),
            "{} is not compared",
            operation.id
        );
    }
}
