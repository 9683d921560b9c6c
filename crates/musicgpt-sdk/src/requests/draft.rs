//! What the feature types have in common.

use musicgpt_api::{FieldError, LimitSet, Operation, Request};
use serde_json::Value;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::outputs::Output;
use crate::source::{FileInput, Input, Source};
use crate::validation::{Report, Violation, Warning};

/// A request of one feature. Sealed: the operations are those of the specs.
pub trait Feature: sealed::Holds + Default + Send {
    /// The operation.
    const OPERATION: &'static Operation;

    /// Sets a field from text, by its wire name; words must be listed ones, an empty text is not
    /// set. For programs that are driven by the operation table.
    fn set(&mut self, field: &str, text: &str) -> std::result::Result<(), FieldError>;

    /// Sets the pair `<stem>_file` or `<stem>_url`, by the stem.
    fn set_source<K>(&mut self, stem: &str, source: Source<K>);

    /// Sends a field that the specs do not know, as it is.
    fn extra_field(self, name: impl Into<String>, value: impl Into<Value>) -> Self;
}

/// A feature that is answered later: [`Client::submit`](crate::Client::submit).
pub trait Submittable: Feature {
    /// What its job ends with.
    type Output: Output;
}

/// A feature that is answered at once: [`Client::call`](crate::Client::call).
pub trait Lookup: Feature {
    /// The answer.
    type Answer;

    #[doc(hidden)]
    fn answer(body: <Self::Request as Request>::Body, client: &Client) -> Result<Self::Answer>;
}

pub(crate) mod sealed {
    use musicgpt_api::Request;

    use super::Draft;

    /// Holds a generated request.
    pub trait Holds {
        /// The generated request.
        type Request: Request + 'static;

        #[doc(hidden)]
        fn draft(&self) -> &Draft<Self::Request>;

        #[doc(hidden)]
        fn draft_mut(&mut self) -> &mut Draft<Self::Request>;
    }
}

impl<F: sealed::Holds + Default + Send> Feature for F {
    const OPERATION: &'static Operation = <F::Request as Request>::OPERATION;

    fn set(&mut self, field: &str, text: &str) -> std::result::Result<(), FieldError> {
        if text.is_empty() {
            return Ok(());
        }
        self.draft_mut().request.set(field, text)
    }

    fn set_source<K>(&mut self, stem: &str, source: Source<K>) {
        self.draft_mut().source(stem, source);
    }

    fn extra_field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.draft_mut()
            .request
            .extra_mut()
            .insert(name.into(), value.into());
        self
    }
}

/// A generated request and the files that it still lacks.
#[derive(Debug, Clone, Default)]
pub struct Draft<R> {
    pub(crate) request: R,
    files: Vec<(String, FileInputDebug)>,
    faults: Vec<Violation>,
}

/// A file whose path `Debug` does not show.
#[derive(Clone)]
struct FileInputDebug(FileInput);

impl std::fmt::Debug for FileInputDebug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("File(..)")
    }
}

/// A request that may be sent.
#[derive(Debug)]
pub(crate) struct Prepared<R> {
    pub(crate) request: R,
    pub(crate) warnings: Vec<Warning>,
    /// Whether the request can be sent a second time.
    pub(crate) replayable: bool,
}

impl<R: Request> Draft<R> {
    pub(crate) fn source<K>(&mut self, stem: &str, source: Source<K>) {
        match source.input {
            Input::Url(url) => {
                let name = format!("{stem}_url");
                if url.is_empty() {
                    return;
                }
                if let Err(error) = self.request.set(&name, &url) {
                    self.faults.push(Violation::of(name, error.to_string()));
                }
            }
            Input::File(file) => {
                let name = format!("{stem}_file");
                self.files.retain(|(known, _)| *known != name);
                self.files.push((name, FileInputDebug(file)));
            }
        }
    }

    /// Opens the files and checks everything.
    pub(crate) async fn prepare(&self, limits: LimitSet) -> Result<Prepared<R>> {
        let operation = R::OPERATION;
        let mut request = self.request.clone();
        let mut report = Report {
            violations: self.faults.clone(),
            ..Report::default()
        };
        for (name, _) in request.fields().extra() {
            if operation.field(name).is_some() {
                report.violate(name, "a known field; set it by its setter");
            }
        }
        let mut replayable = true;
        for (name, file) in &self.files {
            let Some(field) = operation.field(name) else {
                report.violate(name, "the operation has no such field");
                continue;
            };
            if let Some(part) = file.0.clone().open(field, &mut report).await {
                replayable &= part.is_replayable();
                if let Err(error) = request.set_file(name, part) {
                    report.violate(name, error.to_string());
                }
            }
        }
        report.check(operation, &request.fields(), limits);
        if !report.violations.is_empty() {
            return Err(Error::validation(operation.id, report.violations));
        }
        for warning in &report.warnings {
            tracing::warn!(
                operation = operation.id,
                field = warning.field,
                "{}",
                warning.message
            );
        }
        Ok(Prepared {
            request,
            warnings: report.warnings,
            replayable,
        })
    }
}

/// A text to be set; an empty one is not.
pub(crate) fn text(text: impl Into<String>) -> Option<String> {
    Some(text.into()).filter(|text| !text.is_empty())
}

/// Declares a feature type over a generated request; where its facts are from is in its
/// documentation.
macro_rules! declare {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[doc = ""]
        #[doc = " Source:"]
        #[doc = musicgpt_api::origin!($name)]
        #[derive(Debug, Clone, Default)]
        #[must_use = "a request does nothing until it is submitted"]
        pub struct $name($crate::requests::Draft<musicgpt_api::requests::$name>);

        impl $crate::requests::draft::sealed::Holds for $name {
            type Request = musicgpt_api::requests::$name;

            fn draft(&self) -> &$crate::requests::Draft<Self::Request> {
                &self.0
            }

            fn draft_mut(&mut self) -> &mut $crate::requests::Draft<Self::Request> {
                &mut self.0
            }
        }
    };
}

/// Declares setters: `name: text`, `name: source(stem, Kind)`, or `name: Type`.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: text;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(mut self, $name: impl Into<String>) -> Self {
                self.0.request.$name = $crate::requests::draft::text($name);
                self
            }
        )*
    };
    ($($(#[$doc:meta])* $name:ident: $kind:ty;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(mut self, $name: $kind) -> Self {
                self.0.request.$name = Some($name);
                self
            }
        )*
    };
}

pub(crate) use {declare, setters};
