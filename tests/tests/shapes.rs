//! The shape of every operation's request, pinned: made from the operation table, so that an
//! operation that comes into the specs comes here by itself. What the SDK makes of its own types is
//! pinned in `requests.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::collections::BTreeSet;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use musicgpt_api::operation::{Kind, Operation};
use musicgpt_api::requests::dispatch;
use musicgpt_api::{Request, Visitor, operations};
use musicgpt_sdk::{LimitSet, validate};
use musicgpt_tests::recorder::{Kept, Recorder};
use musicgpt_tests::samples::{By, Extent, sample, stems};

/// Sends a sample and gives what was kept.
struct Send(Extent, By);

impl Visitor for Send {
    type Output = Pin<Box<dyn Future<Output = Kept>>>;

    fn visit<R: Request + 'static>(self) -> Self::Output {
        Box::pin(async move {
            let recorder = Recorder::accepting();
            let request: R = sample(self.0, self.1);
            let (violations, _) = validate(&request, LimitSet::Original);
            assert!(violations.is_empty(), "{}: {violations:?}", R::OPERATION.id);
            request.send(&recorder.low_level()).await.unwrap();
            recorder.kept().remove(0)
        })
    }
}

/// The samples of an operation, by the end of their names.
fn samples(operation: &Operation) -> Vec<(&'static str, Extent, By)> {
    let mut samples = vec![
        ("required", Extent::Required, By::File),
        ("every_field", Extent::Everything, By::File),
    ];
    // With an address for each file, and with the other of two parameters.
    if !operation.rules.is_empty() || !stems(operation).is_empty() {
        samples.push(("required_url", Extent::Required, By::Url));
        samples.push(("every_field_url", Extent::Everything, By::Url));
    }
    samples
}

fn folder() -> PathBuf {
    let tests = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it");
    Path::new(&tests).join("tests/snapshots")
}

fn file(operation: &Operation, name: &str) -> String {
    format!("shapes__{}__{name}.snap", operation.id)
}

#[tokio::test]
async fn every_request_is_as_pinned() {
    for operation in operations::ALL {
        for (name, extent, by) in samples(operation) {
            let kept = dispatch(operation, Send(extent, by)).unwrap().await;
            assert_eq!(kept.operation, Some(operation.id));
            assert_eq!(kept.head.method, operation.method);
            insta::assert_snapshot!(format!("{}__{name}", operation.id), kept.render().await);
        }
    }
}

#[test]
fn every_operation_and_field_is_in_a_snapshot() {
    let mut missing = Vec::new();
    for operation in operations::ALL {
        let mut texts = Vec::new();
        for (name, _, _) in samples(operation) {
            match std::fs::read_to_string(folder().join(file(operation, name))) {
                Ok(text) => texts.push(text),
                Err(_) => missing.push(file(operation, name)),
            }
        }
        for field in operation.fields {
            let shapes = [
                format!("\"{}\": ", field.name),
                format!("\n{}: ", field.name),
                format!("\n{}=", field.name),
                format!("\n  {}=", field.name),
            ];
            // A field of the path shows by its sample.
            let in_path = operation.path.contains(&format!("{{{}}}", field.name))
                && texts
                    .iter()
                    .any(|text| text.contains(&format!("some%20{}", field.name)));
            let shown = texts
                .iter()
                .any(|text| shapes.iter().any(|shape| text.contains(shape)));
            if !shown && !in_path {
                missing.push(format!("{}.{}", operation.id, field.name));
            }
        }
    }
    assert!(missing.is_empty(), "in no snapshot: {}", missing.join(", "));
}

#[test]
fn every_snapshot_belongs_to_an_operation() {
    let known: BTreeSet<String> = operations::ALL
        .iter()
        .flat_map(|operation| {
            samples(operation)
                .into_iter()
                .map(|(name, _, _)| file(operation, name))
        })
        .collect();
    let orphans: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("shapes__") && !known.contains(name))
        .collect();
    assert!(
        orphans.is_empty(),
        "of no operation: {}",
        orphans.join(", ")
    );
}

#[test]
fn files_and_addresses_come_in_pairs() {
    for operation in operations::ALL {
        for field in operation
            .fields
            .iter()
            .filter(|field| matches!(field.kind, Kind::File(_)))
        {
            let url = field.name.replace("_file", "_url");
            assert!(
                operation.field(&url).is_some(),
                "{}.{}",
                operation.id,
                field.name
            );
        }
    }
}
