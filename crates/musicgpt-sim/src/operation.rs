//! One operation of the bundle: how a request to it looks, and what is
//! answered.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Map, Value, json};

use crate::document::{Document, Template};
use crate::purpose::Purpose;
use crate::spec::{SpecError, webhook_template};
use crate::validation::Rules;
use crate::vocabulary::component;

/// An operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    /// The path below the base path, with `{parameters}`.
    pub(crate) path: String,
    pub(crate) needs_key: bool,
    /// The content types that a body may have; none means no body.
    pub(crate) media_types: Vec<String>,
    pub(crate) fields: BTreeMap<String, Field>,
    pub(crate) rules: Rules,
    pub(crate) answer: Template,
    /// All documented answers, of which `answer` is the first.
    pub(crate) answers: Vec<Template>,
    pub(crate) purpose: Purpose,
    /// Documented error bodies by status.
    pub(crate) errors: BTreeMap<u16, Vec<Value>>,
    pub(crate) conversion_type: Option<String>,
    /// Results per task; none means that the answer is the result.
    pub(crate) outputs: Option<usize>,
    /// The field by which a request asks for fewer.
    outputs_field: Option<String>,
    /// The posts of a task in the order of their delivery.
    pub(crate) posts: Vec<Post>,
    pub(crate) lookup: Option<Lookup>,
}

/// A field of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Field {
    /// JSON types it may have; none if the schema does not say.
    pub(crate) types: Vec<String>,
    /// The schema component that it refers to.
    pub(crate) component: Option<String>,
    /// The schema component that the items of a list refer to.
    pub(crate) items: Option<String>,
    /// The words that an empty list stands for.
    pub(crate) empty_means: Vec<String>,
    /// It is uploaded as a file.
    pub(crate) is_file: bool,
    /// URL schemes it may have; empty for any.
    pub(crate) schemes: Vec<String>,
}

/// A webhook of a task.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) kind: String,
    pub(crate) count: usize,
    pub(crate) template: Template,
    /// Any of these request fields switches it off.
    dropped_when: Vec<Condition>,
    /// All of these request fields together switch it on.
    sent_when: Vec<Condition>,
}

/// A condition on a request.
#[derive(Debug)]
struct Condition {
    field: String,
    when: Value,
    is_boolean: bool,
}

/// What makes an operation the look-up of tasks.
#[derive(Debug)]
pub(crate) struct Lookup {
    /// The field of the answer that holds the conversion.
    pub(crate) wrapper: String,
    /// The parameter that names the conversion type.
    pub(crate) type_parameter: Option<String>,
    /// Documented conversions by name.
    examples: BTreeMap<String, Template>,
    /// The words that a conversion type can be.
    types: Vec<String>,
}

impl Operation {
    pub(crate) fn read(
        document: &Document,
        path: &str,
        method: Method,
        node: &Value,
    ) -> Result<Self, SpecError> {
        let id = node["operationId"].as_str().unwrap_or(path).to_owned();
        let body = node.get("requestBody").map(|body| document.resolve(body));
        let content = body.and_then(|body| body["content"].as_object());
        let media_types = content
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        let schema = request_schema(document, node, content);
        let fields = document
            .properties(&schema)
            .map(|(name, property)| (name.clone(), Field::read(document, property)))
            .collect();
        let rules = Rules::compile(document, schema)
            .map_err(|error| SpecError(format!("{id}: {error}")))?;
        let ok = document.json_content(&node["responses"]["200"]);
        let answers: Vec<_> = ok
            .iter()
            .flat_map(|ok| ok.examples.iter().map(|(_, example)| (ok.schema, *example)))
            .map(|(schema, example)| document.template(schema, example))
            .collect();
        let answer = answers.first().cloned().unwrap_or_default();
        let conversion_type = ["x-conversion-type", "x-conversion-type-inferred"]
            .into_iter()
            .find_map(|key| Some(node.get(key)?.as_str()?.to_owned()));
        Ok(Self {
            path: path.to_owned(),
            needs_key: node
                .get("security")
                .and_then(Value::as_array)
                .is_none_or(|s| !s.is_empty()),
            media_types,
            rules,
            purpose: Purpose::read(document, &method, path, &node["responses"]["200"], &answer),
            answer,
            answers,
            errors: documented_errors(document, node),
            conversion_type,
            outputs: node["x-outputs"]
                .as_u64()
                .and_then(|n| usize::try_from(n).ok()),
            outputs_field: node["x-outputs-field"].as_str().map(str::to_owned),
            posts: posts(document, node, &id, &fields)?,
            fields,
            lookup: (method == Method::GET)
                .then(|| Lookup::read(document, node))
                .flatten(),
            id,
            method,
        })
    }

    /// How many results a task has that asks for none in particular.
    pub(crate) fn most_outputs(&self) -> usize {
        self.outputs.unwrap_or(1).max(1)
    }

    /// How many results a request asks for.
    pub(crate) fn outputs_of(&self, request: &Map<String, Value>) -> usize {
        let most = self.most_outputs();
        let asked = self
            .outputs_field
            .as_ref()
            .and_then(|name| request.get(name));
        let asked = asked.and_then(|asked| usize::try_from(asked.as_u64()?).ok());
        asked.map_or(most, |asked| asked.clamp(1, most))
    }

    /// The parameters of a path if it is one of this operation's.
    pub(crate) fn match_path(&self, path: &str) -> Option<Vec<(&str, String)>> {
        let (mut template, mut given) = (self.path.split('/'), path.split('/'));
        let mut parameters = Vec::new();
        loop {
            match (template.next(), given.next()) {
                (None, None) => return Some(parameters),
                (Some(wanted), Some(segment)) => {
                    let name = wanted
                        .strip_prefix('{')
                        .and_then(|name| name.strip_suffix('}'));
                    match name {
                        Some(name) if !segment.is_empty() => {
                            parameters.push((name, segment.to_owned()));
                        }
                        _ if wanted == segment => {}
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
    }

    /// The field that refers to a component, if the request has it.
    pub(crate) fn field_of<'a>(
        &self,
        request: &'a Map<String, Value>,
        component: &str,
    ) -> Option<&'a Value> {
        let mut fields = self.fields.iter();
        let (name, _) = fields.find(|(_, field)| field.component.as_deref() == Some(component))?;
        request.get(name)
    }
}

impl Field {
    fn read(document: &Document, property: &Value) -> Self {
        let strings = |keyword| match document.keyword(property, keyword) {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(many)) => many
                .iter()
                .filter_map(|word| Some(word.as_str()?.to_owned()))
                .collect(),
            _ => Vec::new(),
        };
        Self {
            types: strings("type"),
            component: document.component(property).map(str::to_owned),
            items: document
                .keyword(property, "items")
                .and_then(|items| document.component(items))
                .map(str::to_owned),
            is_file: document
                .keyword(property, "format")
                .is_some_and(|f| f == "binary"),
            empty_means: strings("x-empty-means"),
            schemes: strings("x-schemes"),
        }
    }
}

impl Post {
    /// Whether a request switches this post off, or does not switch it on. A
    /// field left out does neither.
    pub(crate) fn is_dropped_by(&self, request: &Map<String, Value>) -> bool {
        let holds = |condition: &Condition| condition.holds(request);
        self.dropped_when.iter().any(holds) || !self.sent_when.iter().all(holds)
    }

    /// Whether it tells of one take; the cover's tells of all.
    pub(crate) fn is_per_take(&self) -> bool {
        self.template.example.contains_key("conversion_id")
    }
}

impl Condition {
    fn read(fields: &BTreeMap<String, Field>, conditions: &Value) -> Vec<Self> {
        let conditions = conditions.as_object().into_iter().flatten();
        let read = |(name, when): (&String, &Value)| Self {
            field: name.clone(),
            when: when.clone(),
            is_boolean: fields
                .get(name)
                .is_some_and(|field| field.types.iter().any(|kind| kind == "boolean")),
        };
        conditions.map(read).collect()
    }

    fn holds(&self, request: &Map<String, Value>) -> bool {
        let given = request.get(&self.field);
        match &self.when {
            // Of a field that is no boolean it says whether it is given.
            Value::Bool(wanted) if !self.is_boolean => given.is_some() == *wanted,
            Value::Array(words) => given.is_some_and(|given| words.contains(given)),
            value => given == Some(value),
        }
    }
}

impl Lookup {
    fn read(document: &Document, node: &Value) -> Option<Self> {
        let content = document.json_content(&node["responses"]["200"])?;
        let (wrapper, schema) = document
            .properties(content.schema?)
            .find(|(_, property)| document.component(property) == Some(component::CONVERSION))?;
        let parameters = node["parameters"].as_array().into_iter().flatten();
        let by_type = parameters
            .map(|parameter| document.resolve(parameter))
            .find(|p| document.component(&p["schema"]) == Some(component::CONVERSION_TYPE));
        let types = by_type.and_then(|p| document.keyword(&p["schema"], "enum")?.as_array());
        Some(Self {
            wrapper: wrapper.clone(),
            type_parameter: by_type.and_then(|p| Some(p["name"].as_str()?.to_owned())),
            examples: content
                .examples
                .iter()
                .filter_map(|(name, example)| {
                    let conversion = example.get(wrapper)?;
                    Some((
                        (*name).to_owned(),
                        document.template(Some(schema), conversion),
                    ))
                })
                .collect(),
            types: types
                .into_iter()
                .flatten()
                .filter_map(|word| Some(word.as_str()?.to_owned()))
                .collect(),
        })
    }

    /// The documented conversion nearest to a task: its own type's, or else
    /// any with as many results, and for a single result the one that is not
    /// of any type.
    pub(crate) fn template(&self, conversion_type: &str, outputs: usize) -> Option<&Template> {
        let has_two = |template: &Template| template.example.contains_key("conversion_id_2");
        let generic = |name: &String| !self.types.contains(name);
        self.examples.get(conversion_type).or_else(|| {
            let mut others: Vec<_> = self.examples.iter().collect();
            others.sort_by_key(|(name, _)| !generic(name));
            let mut others = others.into_iter();
            Some(
                others
                    .find(|(_, example)| has_two(example) == (outputs > 1))?
                    .1,
            )
        })
    }
}

/// One object schema over everything that a request can carry: parameters
/// and body together.
fn request_schema(
    document: &Document,
    node: &Value,
    content: Option<&Map<String, Value>>,
) -> Value {
    let body = content.and_then(|content| content.values().next()?.get("schema"));
    let mut schema = match body {
        Some(body) => document.resolve(body).clone(),
        None => node
            .get("x-query-schema")
            .cloned()
            .unwrap_or_else(|| json!({})),
    };
    let parameters = node["parameters"].as_array().into_iter().flatten();
    for parameter in parameters.map(|parameter| document.resolve(parameter)) {
        let Some(name) = parameter["name"].as_str() else {
            continue;
        };
        if parameter["in"] == "header" {
            continue;
        }
        schema["properties"][name] = parameter["schema"].clone();
        if parameter["required"] == true {
            match schema["required"].as_array_mut() {
                Some(required) => required.push(name.into()),
                None => schema["required"] = json!([name]),
            }
        }
    }
    schema["type"] = "object".into();
    schema
}

fn documented_errors(document: &Document, node: &Value) -> BTreeMap<u16, Vec<Value>> {
    let responses = node["responses"].as_object().into_iter().flatten();
    responses
        .filter_map(|(status, response)| {
            let status = status.parse().ok().filter(|status| *status >= 400)?;
            let content = document.json_content(response)?;
            let examples = content
                .examples
                .iter()
                .map(|(_, example)| (*example).clone());
            Some((status, examples.collect()))
        })
        .collect()
}

fn posts(
    document: &Document,
    node: &Value,
    id: &str,
    fields: &BTreeMap<String, Field>,
) -> Result<Vec<Post>, SpecError> {
    let entries = node["x-webhooks"].as_array().into_iter().flatten();
    entries
        .map(|entry| {
            let name = entry["webhook"].as_str().unwrap_or_default();
            let template = webhook_template(document, &document.0["webhooks"][name]);
            Ok(Post {
                kind: entry["kind"].as_str().unwrap_or_default().to_owned(),
                count: entry["count"]
                    .as_u64()
                    .and_then(|n| usize::try_from(n).ok())
                    .unwrap_or(1),
                template: template.ok_or_else(|| {
                    SpecError(format!("{id}: the webhook `{name}` has no example"))
                })?,
                dropped_when: Condition::read(fields, &entry["dropped-when"]),
                sent_when: Condition::read(fields, &entry["sent-when"]),
            })
        })
        .collect()
}
