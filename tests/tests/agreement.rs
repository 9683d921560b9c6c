//! The SDK's validation and the simulator's JSON Schema are two readings of one spec. For random
//! requests of every operation they must give the same verdict.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use musicgpt_api::multipart::FilePart;
use musicgpt_api::operation::{Field, Kind};
use musicgpt_api::requests::dispatch;
use musicgpt_api::{Request, Session, Visitor, operations};
use musicgpt_sdk::{LimitSet, validate};
use musicgpt_sim::Simulator;
use musicgpt_tests::samples::{MP3, PNG};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};

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
        Kind::Integer => number(field)
            .prop_map(|number| Given::Text((number as i64).to_string()))
            .boxed(),
        Kind::Number => number(field)
            .prop_map(|number| Given::Text(number.to_string()))
            .boxed(),
        Kind::Words(words) => {
            let mut words = words.to_vec();
            words.push("robot");
            let most = words.len();
            subsequence(words, 1..most)
                .prop_map(|words| Given::Text(serde_json::to_string(&words).unwrap()))
                .boxed()
        }
        Kind::Json => Just(Given::Text("[1]".into())).boxed(),
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
            lengths.extend(field.min_length.map(|least| least.max(2)));
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

/// A number within the bounds of a field, at them or beyond.
fn number(field: &'static Field) -> BoxedStrategy<f64> {
    let least = field.minimum.unwrap_or(0.0);
    let most = field.maximum.unwrap_or(least + 200.0);
    let step = field.multiple_of.unwrap_or(1) as f64;
    let inside = (0.0..1.0_f64)
        .prop_map(move |share| least + ((most - least) * share / step).floor() * step);
    prop_oneof![
        4 => inside,
        1 => select(vec![least, most, least - 1.0, most + 1.0, least + 0.25]),
    ]
    .boxed()
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

/// The request, with what the SDK's own reading of text refuses.
fn build<R: Request>(given: &[(&'static Field, Given)]) -> (R, bool) {
    let mut request = R::default();
    let mut readable = true;
    for (field, value) in given {
        match value {
            Given::Text(text) => {
                if request.set(field.name, text).is_err() {
                    readable = false;
                    let value = serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into());
                    request.extra_mut().insert(field.name.to_owned(), value);
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
    (request, readable)
}

/// Sends a request without any check.
async fn simulator_accepts<R: Request>(api: &musicgpt_api::Client, request: R) -> bool {
    match request.send(api).await {
        Ok(_) => true,
        // A part of the path is missing, so that there is nothing to send.
        Err(musicgpt_api::Error::InvalidRequest(_)) => false,
        Err(error) => match error.status().map(|status| status.as_u16()) {
            // A task or an upload that does not exist was asked for as it should be.
            Some(404 | 409) => true,
            Some(422) => false,
            other => panic!("{}: {other:?}: {error}", R::OPERATION.id),
        },
    }
}

struct Compare<'a> {
    limits: LimitSet,
    api: &'a musicgpt_api::Client,
}

impl Visitor for Compare<'_> {
    type Output = ();

    fn visit<R: Request + 'static>(self) {
        let handle = tokio::runtime::Handle::current();
        let strategy = given(R::OPERATION.fields);
        let config = Config {
            cases: 100,
            failure_persistence: None,
            ..Config::default()
        };
        let verdict = |given: &[(&'static Field, Given)]| {
            let (request, readable) = build::<R>(given);
            let (violations, _) = validate(&request, self.limits);
            (request, readable && violations.is_empty())
        };
        tokio::task::block_in_place(|| {
            TestRunner::new(config)
                .run(&strategy, |given| {
                    let (request, sdk) = verdict(&given);
                    let simulator = handle.block_on(simulator_accepts(self.api, request));
                    let names: Vec<_> = given.iter().map(|(field, _)| field.name).collect();
                    prop_assert_eq!(sdk, simulator, "{} with {:?}", R::OPERATION.id, names);
                    Ok(())
                })
                .unwrap();
            // Where something can be wrong, both verdicts must occur, or the test says little.
            let mut runner = TestRunner::deterministic();
            let accepted = (0..300)
                .filter(|_| verdict(&strategy.new_tree(&mut runner).unwrap().current()).1)
                .count();
            assert!(accepted > 0, "{} is never accepted", R::OPERATION.id);
        });
    }
}

async fn compare_all(limits: LimitSet) {
    let simulator = Simulator::builder()
        .virtual_clock()
        .limits(limits.to_string().parse().unwrap())
        .start()
        .await
        .unwrap();
    let api = musicgpt_api::Client::new_with_client(
        &simulator.base_url(),
        reqwest::Client::new(),
        Session::new("k").unwrap(),
    );
    for operation in operations::ALL {
        dispatch(operation, Compare { limits, api: &api }).unwrap();
    }
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
