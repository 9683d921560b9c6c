//! The bundle, understood. Reading works from allow-lists: a keyword, a type or a shape of rule
//! that is not named here stops generation with its place, so that nothing is dropped in silence.

mod object;
mod operation;
mod response;
mod rules;
mod vocabulary;

use crate::bundle;
use crate::problem::{Problem, Result};
use crate::yaml::{Node, Position};

/// The answer of operations whose results come later.
const SUBMISSION: &str = "Submission";

pub(crate) use object::Object;
pub(crate) use response::{SOUND, Schema, Shape};

/// Everything that code is generated from.
#[derive(Debug)]
pub struct Api {
    /// Addresses of the service, the default one first.
    pub servers: Vec<String>,
    /// The operations, in the order of the documents.
    pub operations: Vec<Operation>,
    /// Closed sets of words or numbers, by name.
    pub word_sets: Vec<WordSet>,
    /// Named response schemas.
    pub schemas: Vec<(String, Schema)>,
    /// What the service posts.
    pub webhooks: Vec<Webhook>,
}

impl Api {
    /// Understands a bundle.
    pub fn read(bundle: &Node) -> Result<Self> {
        let document = Object::read(
            bundle,
            "document",
            &[
                "openapi",
                "info",
                "servers",
                "security",
                "paths",
                "webhooks",
                "components",
            ],
        )?;
        let word_sets = vocabulary::word_sets(bundle)?;
        let servers = document
            .list("servers")?
            .iter()
            .map(|server| {
                Object::read(server, "server", &["url", "description"])?.required_text("url")
            })
            .collect::<Result<_>>()?;
        let mut operations: Vec<Operation> = Vec::new();
        for path in document.map("paths")? {
            let item = Object::read(&path.node, "path", &["get", "post"])?;
            for (method, node) in item.entries() {
                let operation = operation::read(bundle, &path.key, method, node)?;
                if let Some(other) = operations.iter().find(|other| other.id == operation.id) {
                    return Err(Problem::at(
                        &operation.at,
                        format!(
                            "operation `{}` is defined already at {}",
                            operation.id, other.at
                        ),
                    ));
                }
                operations.push(operation);
            }
        }
        let webhooks: Vec<Webhook> = document
            .map("webhooks")?
            .iter()
            .map(|entry| vocabulary::webhook(&entry.key, &entry.node))
            .collect::<Result<_>>()?;
        for operation in &operations {
            operation.check(&webhooks, &word_sets)?;
        }
        for webhook in &webhooks {
            let known = |feature: &String| operations.iter().any(|known| known.id == *feature);
            if let Some(feature) = webhook.feature.as_ref().filter(|feature| !known(feature)) {
                return Err(Problem::at(
                    &webhook.at,
                    format!("`{feature}` is no operation"),
                ));
            }
        }
        Ok(Self {
            servers,
            schemas: response::named(bundle, &operations, &word_sets)?,
            operations,
            word_sets,
            webhooks,
        })
    }

    /// The documents that have operations, by name.
    pub fn families(&self) -> Vec<&str> {
        let mut families: Vec<&str> = self.operations.iter().map(Operation::family).collect();
        families.sort_unstable();
        families.dedup();
        families
    }

    /// The editions that any limit names, oldest first.
    pub fn editions(&self) -> Vec<&str> {
        let mut editions: Vec<&str> = self
            .operations
            .iter()
            .flat_map(|operation| &operation.fields)
            .flat_map(|field| &field.later_limits)
            .map(|(edition, _)| edition.as_str())
            .collect();
        editions.sort_unstable();
        editions.dedup();
        editions
    }
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// Where it stands.
    pub at: Position,
    /// Its id.
    pub id: String,
    /// `get` or `post`.
    pub method: String,
    /// Its path.
    pub path: String,
    /// One sentence.
    pub summary: String,
    /// A paragraph.
    pub description: Option<String>,
    /// Whether the vendor advises against it.
    pub deprecated: bool,
    /// The look-up's word for it, and whether we only infer it.
    pub conversion_type: Option<(String, bool)>,
    /// How many results a task has; 0 for a synchronous operation.
    pub outputs: i64,
    /// The field by which a request asks for fewer.
    pub outputs_field: Option<String>,
    /// The posts that a task causes.
    pub webhooks: Vec<WebhookUse>,
    /// Whether a request may cost something, and so must not be repeated in doubt.
    pub paid: bool,
    /// The concurrency class.
    pub category: Option<String>,
    /// The longest input.
    pub max_audio_minutes: Option<i64>,
    /// Pages and dates.
    pub sources: Vec<(String, String)>,
    /// How the fields travel.
    pub media: Media,
    /// What can be sent.
    pub fields: Vec<Field>,
    /// What holds between fields.
    pub rules: Vec<Rule>,
    /// The answer.
    pub answer: Schema,
    /// Where the answer stands.
    pub answer_at: Position,
}

impl Operation {
    /// The document that it stands in, such as `music`: generated code is split by it.
    pub fn family(&self) -> &str {
        let file = self.at.file.rsplit('/').next().unwrap_or_default();
        file.split('.').next().unwrap_or_default()
    }

    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Names that must mean something elsewhere in the bundle.
    fn check(&self, webhooks: &[Webhook], word_sets: &[WordSet]) -> Result<()> {
        let acknowledged = matches!(&self.answer.shape, Shape::Named(name) if name == SUBMISSION);
        if acknowledged && self.outputs == 0 {
            return Err(Problem::at(
                &self.at,
                format!("an operation that answers with `{SUBMISSION}` needs `x-outputs`"),
            ));
        }
        if let Some(name) = &self.outputs_field {
            self.known(name, &self.at)?;
            if self
                .field(name)
                .is_none_or(|field| field.kind != Kind::Integer)
            {
                let message = format!("`{name}` is no whole number");
                return Err(Problem::at(&self.at, message));
            }
        }
        for hook in &self.webhooks {
            let known = webhooks.iter().find(|known| known.name == hook.webhook);
            if known.is_none_or(|known| known.kind != hook.kind) {
                return Err(Problem::at(
                    &hook.at,
                    format!(
                        "`{}` is no {} of the webhooks section",
                        hook.webhook, hook.kind
                    ),
                ));
            }
            for (field, when) in hook.dropped_when.iter().chain(&hook.sent_when) {
                self.known(field, &hook.at)?;
                self.possible(field, when, word_sets, &hook.at)?;
            }
        }
        for field in &self.fields {
            for (other, _) in &field.ignored_when {
                self.known(other, &field.at)?;
            }
        }
        Ok(())
    }

    /// Whether a field can have the words of a condition.
    fn possible(
        &self,
        name: &str,
        when: &When,
        word_sets: &[WordSet],
        at: &Position,
    ) -> Result<()> {
        let When::OneOf(words) = when else {
            return Ok(());
        };
        let set = match self.field(name).map(|field| &field.kind) {
            Some(Kind::Word(set)) => word_sets.iter().find(|known| known.name == *set),
            _ => None,
        };
        let strange = |word: &&String| !set.is_some_and(|set| set.words.contains(*word));
        match words.iter().find(strange) {
            Some(word) => Err(Problem::at(
                at,
                format!("`{word}` is no word that `{name}` can have"),
            )),
            None => Ok(()),
        }
    }

    fn known(&self, field: &str, at: &Position) -> Result<()> {
        match self.field(field) {
            Some(_) => Ok(()),
            None => Err(Problem::at(
                at,
                format!("`{field}` is no field of `{}`", self.id),
            )),
        }
    }
}

/// How the fields of a request travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// In the query or the path; there is no body.
    Query,
    /// As a JSON object.
    Json,
    /// As an urlencoded form.
    Form,
    /// As a multipart form.
    Multipart,
}

/// One field of a request.
#[derive(Debug)]
pub struct Field {
    /// Where it stands.
    pub at: Position,
    /// Its name on the wire.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it stands in the path.
    pub in_path: bool,
    /// What it means.
    pub description: String,
    /// Whether every request needs it.
    pub required: bool,
    /// Fewest characters.
    pub min_length: Option<i64>,
    /// Most characters, in the oldest edition that gives a figure.
    pub max_length: Option<i64>,
    /// Most characters in later editions.
    pub later_limits: Vec<(String, i64)>,
    /// Characters up to which the documentation promises good results, and its words for that.
    pub advice: Option<(i64, String)>,
    /// Least number.
    pub minimum: Option<f64>,
    /// Greatest number.
    pub maximum: Option<f64>,
    /// What a number must be a multiple of.
    pub multiple_of: Option<i64>,
    /// What the service assumes when the field is not sent.
    pub default: Option<serde_json::Value>,
    /// Schemes that an address may have; empty for any.
    pub schemes: Vec<String>,
    /// Media types that a file may have; empty for any.
    pub media_types: Vec<String>,
    /// Whether logs must not show it.
    pub private: bool,
    /// Values of other fields that make this one pointless.
    pub ignored_when: Vec<(String, bool)>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A word of a named set.
    Word(String),
    /// Several words of a named set.
    Words(String),
    /// A file.
    File,
    /// An array or object.
    Json,
}

/// What holds between the fields of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// One of these fields, and no other of them.
    ExactlyOne(Vec<String>),
    /// All fields of at least one of these groups.
    AnyOf(Vec<Vec<String>>),
    /// With the first field, and with the value where one is given, the second is not allowed.
    Excludes(String, Option<bool>, String),
    /// With the first field the others are needed.
    Requires(String, Vec<String>),
}

/// A post that a task causes.
#[derive(Debug)]
pub struct WebhookUse {
    /// Where it stands.
    pub at: Position,
    /// What it brings.
    pub kind: String,
    /// Its name in the webhooks section.
    pub webhook: String,
    /// How many of them a task causes.
    pub count: i64,
    /// Fields that keep it from being sent, and when.
    pub dropped_when: Vec<(String, When)>,
    /// Fields without which it is not sent, and when.
    pub sent_when: Vec<(String, When)>,
}

/// When a field of a request counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// A boolean one with this value; any other one when it is given, or is not.
    Is(bool),
    /// With one of these words.
    OneOf(Vec<String>),
}

/// A post of the webhooks section.
#[derive(Debug)]
pub struct Webhook {
    /// Where it stands.
    pub at: Position,
    /// Its name.
    pub name: String,
    /// What it brings.
    pub kind: String,
    /// The operation that it belongs to, unless it may belong to any.
    pub feature: Option<String>,
    /// Its `conversion_type`.
    pub conversion_type: Option<String>,
    /// Its `subtype`.
    pub subtype: Option<String>,
}

/// A set of words or numbers.
#[derive(Debug)]
pub struct WordSet {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Whether its members are numbers, and how a variant's name begins then.
    pub numbers: Option<String>,
    /// The members, as they stand on the wire.
    pub words: Vec<String>,
    /// Words by the state that they stand for; only on the set of statuses.
    pub phases: Vec<(String, Vec<String>)>,
}

/// The target of a reference to a component of a kind, such as `schemas`.
fn component<'a>(node: &'a Node, kind: &str) -> Result<Option<&'a str>> {
    let Some(target) = bundle::reference(node) else {
        return Ok(None);
    };
    target
        .strip_prefix(&format!("#/components/{kind}/"))
        .map(Some)
        .ok_or_else(|| {
            Problem::at(
                &node.at,
                format!("`{target}` is not among the components' {kind}"),
            )
        })
}
