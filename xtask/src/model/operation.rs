//! Operations and the fields of their requests.

use super::object::{self, Object};
use super::{Field, Kind, Media, Operation, WebhookUse, component, response, rules, vocabulary};
use crate::bundle;
use crate::problem::{Problem, Result};
use crate::yaml::{Node, Value};

pub(super) fn read(bundle: &Node, path: &str, method: &str, node: &Node) -> Result<Operation> {
    let object = Object::read(
        node,
        "operation",
        &[
            "operationId",
            "summary",
            "description",
            "deprecated",
            "parameters",
            "requestBody",
            "responses",
            "x-conversion-type",
            "x-conversion-type-inferred",
            "x-outputs",
            "x-outputs-field",
            "x-webhooks",
            "x-category",
            "x-paid",
            "x-max-audio-minutes",
            "x-sources",
            "x-query-schema",
        ],
    )?;
    let known = object.text("x-conversion-type")?;
    let inferred = object.text("x-conversion-type-inferred")?;
    let conversion_type = match (known, inferred) {
        (Some(_), Some(_)) => {
            return Err(Problem::at(
                &node.at,
                "a conversion type is either known or inferred",
            ));
        }
        (known, inferred) => known
            .map(|word| (word, false))
            .or(inferred.map(|word| (word, true))),
    };
    let sources: Vec<_> = object
        .list("x-sources")?
        .iter()
        .map(|source| {
            let source = Object::read(source, "source", &["page", "date"])?;
            Ok((source.required_text("page")?, source.required_text("date")?))
        })
        .collect::<Result<_>>()?;
    if sources.is_empty() {
        return Err(Problem::at(&node.at, "this operation has no `x-sources`"));
    }
    let mut request = parameters(bundle, &object)?;
    if let Some(body) = object.get("requestBody") {
        if !request.fields.is_empty() {
            return Err(Problem::at(
                &body.at,
                "parameters beside a body are not understood",
            ));
        }
        request = self::body(bundle, body)?;
    }
    let (answer, answer_at) = response::answer(bundle, object.required("responses")?)?;
    Ok(Operation {
        at: node.at.clone(),
        id: object.required_text("operationId")?,
        method: method.to_owned(),
        path: path.to_owned(),
        summary: object.required_text("summary")?,
        description: object.text("description")?,
        deprecated: object.flag("deprecated")?,
        conversion_type,
        outputs: object.get("x-outputs").map_or(Ok(0), positive)?,
        outputs_field: object.text("x-outputs-field")?,
        webhooks: object
            .list("x-webhooks")?
            .iter()
            .map(webhook_use)
            .collect::<Result<_>>()?,
        // What posts is taken to cost something unless it says otherwise.
        paid: match object.get("x-paid") {
            Some(node) => object::flag(node)?,
            None => method == "post",
        },
        category: object.text("x-category")?,
        max_audio_minutes: object.integer("x-max-audio-minutes")?,
        sources,
        media: request.media,
        fields: request.fields,
        rules: request.rules,
        answer,
        answer_at,
    })
}

fn webhook_use(node: &Node) -> Result<WebhookUse> {
    let object = Object::read(
        node,
        "x-webhooks",
        &["kind", "webhook", "count", "dropped-when", "sent-when"],
    )?;
    Ok(WebhookUse {
        at: node.at.clone(),
        kind: vocabulary::kind(object.required("kind")?)?,
        webhook: object.required_text("webhook")?,
        count: positive(object.required("count")?)?,
        dropped_when: object.conditions("dropped-when")?,
        sent_when: object.conditions("sent-when")?,
    })
}

/// A count of things that there are.
fn positive(node: &Node) -> Result<i64> {
    match object::integer(node)? {
        count if count > 0 => Ok(count),
        _ => Err(Problem::at(&node.at, "want a number over 0 here")),
    }
}

struct Request {
    media: Media,
    fields: Vec<Field>,
    rules: Vec<super::Rule>,
}

fn parameters(bundle: &Node, operation: &Object<'_>) -> Result<Request> {
    let mut fields = Vec::new();
    for node in operation.list("parameters")? {
        let parameter = Object::read(
            node,
            "parameter",
            &["name", "in", "required", "description", "schema"],
        )?;
        let place = parameter.required("in")?;
        let in_path = match object::text(place)?.as_str() {
            "query" => false,
            "path" => true,
            _ => {
                return Err(Problem::at(
                    &place.at,
                    "only query and path parameters are understood",
                ));
            }
        };
        let mut field = field(
            bundle,
            parameter.required_text("name")?,
            parameter.required("schema")?,
        )?;
        if let Some(description) = parameter.text("description")? {
            field.description = description;
        }
        field.required = parameter.flag("required")?;
        field.in_path = in_path;
        fields.push(field);
    }
    let rules = match operation.get("x-query-schema") {
        Some(node) => {
            let object = Object::read(node, "x-query-schema", rules::KEYWORDS)?;
            rules::read(&object, &names(&fields))?
        }
        None => Vec::new(),
    };
    Ok(Request {
        media: Media::Query,
        fields,
        rules,
    })
}

fn body(bundle: &Node, node: &Node) -> Result<Request> {
    let body = Object::read(node, "request body", &["required", "content"])?;
    let [content] = body.map("content")? else {
        return Err(Problem::at(
            &node.at,
            "a request body must have one media type",
        ));
    };
    let media = match content.key.as_str() {
        "application/json" => Media::Json,
        "application/x-www-form-urlencoded" => Media::Form,
        "multipart/form-data" => Media::Multipart,
        other => {
            return Err(Problem::at(
                &content.at,
                format!("request media type `{other}` is not understood"),
            ));
        }
    };
    let content = Object::read(
        &content.node,
        "media type",
        &["schema", "encoding", "example", "examples"],
    )?;
    let node = content.required("schema")?;
    let mut keywords = vec!["type", "description", "required", "properties"];
    keywords.extend(rules::KEYWORDS);
    let schema = Object::read(node, "request schema", &keywords)?;
    want_type(&schema, "object")?;
    let mut fields = schema
        .map("properties")?
        .iter()
        .map(|entry| {
            let mut field = field(bundle, entry.key.clone(), &entry.node)?;
            field.at = entry.at.clone();
            if field.kind == Kind::File && media != Media::Multipart {
                return Err(Problem::at(&entry.at, "a file needs a multipart body"));
            }
            Ok(field)
        })
        .collect::<Result<Vec<_>>>()?;
    for name in schema.list("required")? {
        let text = object::text(name)?;
        match fields.iter_mut().find(|field| field.name == text) {
            Some(field) => field.required = true,
            None => return Err(Problem::at(&name.at, format!("`{text}` is no property"))),
        }
    }
    for entry in content.map("encoding")? {
        let encoding = Object::read(&entry.node, "encoding", &["contentType"])?;
        let types = encoding.required_text("contentType")?;
        match fields.iter_mut().find(|field| field.name == entry.key) {
            Some(field) if field.kind == Kind::File => {
                field.media_types = types
                    .split(',')
                    .map(|word| word.trim().to_owned())
                    .collect();
            }
            _ => {
                return Err(Problem::at(
                    &entry.at,
                    format!("`{}` is no file", entry.key),
                ));
            }
        }
    }
    let rules = rules::read(&schema, &names(&fields))?;
    Ok(Request {
        media,
        fields,
        rules,
    })
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.name.as_str()).collect()
}

fn want_type(schema: &Object<'_>, want: &str) -> Result<()> {
    let node = schema.required("type")?;
    if object::text(node)? == want {
        return Ok(());
    }
    Err(Problem::at(
        &node.at,
        format!("the type must be `{want}` here"),
    ))
}

fn field(bundle: &Node, name: String, node: &Node) -> Result<Field> {
    let mut target = node;
    let mut description = None;
    let mut default = None;
    let mut set = None;
    let mut ignored_when = Vec::new();
    if let Some(component) = component(node, "schemas")? {
        let object = Object::read(
            node,
            "reference",
            &["$ref", "description", "default", "x-ignored-when"],
        )?;
        description = object.text("description")?;
        default = object.get("default");
        ignored_when = object.switches("x-ignored-when")?;
        target = bundle::resolve(bundle, &format!("#/components/schemas/{component}"), node)?;
        set = Some(component);
    }
    let schema = Object::read(
        target,
        "field schema",
        &[
            "type",
            "format",
            "description",
            "enum",
            "items",
            "minLength",
            "maxLength",
            "minimum",
            "maximum",
            "multipleOf",
            "default",
            "x-limits",
            "x-advice",
            "x-private",
            "x-schemes",
            "x-ignored-when",
            "x-empty-means",
            "x-variant-prefix",
        ],
    )?;
    let kind = kind(bundle, &schema, set)?;
    let later_limits = schema
        .map("x-limits")?
        .iter()
        .map(|entry| Ok((entry.key.clone(), object::integer(&entry.node)?)))
        .collect::<Result<Vec<_>>>()?;
    let max_length = schema.integer("maxLength")?;
    if let (None, Some(limits)) = (max_length, schema.get("x-limits")) {
        return Err(Problem::at(
            &limits.at,
            "`x-limits` needs a `maxLength` beside it",
        ));
    }
    let numeric = matches!(kind, Kind::Integer | Kind::Number);
    for (keyword, fits) in [
        ("maxLength", kind == Kind::Text),
        ("minLength", kind == Kind::Text),
        ("minimum", numeric),
        ("maximum", numeric),
        ("multipleOf", kind == Kind::Integer),
        ("items", matches!(kind, Kind::Words(_))),
    ] {
        if let Some(node) = schema.get(keyword).filter(|_| !fits) {
            return Err(Problem::at(
                &node.at,
                format!("`{keyword}` does not go with the type of this field"),
            ));
        }
    }
    let advice = schema
        .get("x-advice")
        .map(|node| {
            let advice = Object::read(node, "x-advice", &["maxLength", "note"])?;
            Ok((
                object::integer(advice.required("maxLength")?)?,
                advice.required_text("note")?,
            ))
        })
        .transpose()?;
    let mut description = match description {
        Some(description) => description,
        None => schema.text("description")?.unwrap_or_default(),
    };
    if let Some(words) = empty_means(bundle, &schema)? {
        description.push_str(&format!(" Empty means {words}."));
    }
    Ok(Field {
        at: node.at.clone(),
        name,
        kind,
        in_path: false,
        description,
        required: false,
        min_length: schema.integer("minLength")?,
        max_length,
        later_limits,
        advice,
        minimum: schema.number("minimum")?,
        maximum: schema.number("maximum")?,
        multiple_of: schema.integer("multipleOf")?,
        default: default.or_else(|| schema.get("default")).map(Node::to_json),
        schemes: object::texts(schema.list("x-schemes")?)?,
        media_types: Vec::new(),
        private: schema.flag("x-private")?,
        ignored_when: [ignored_when, schema.switches("x-ignored-when")?].concat(),
    })
}

fn kind(bundle: &Node, schema: &Object<'_>, set: Option<&str>) -> Result<Kind> {
    if let Some(node) = schema.get("enum") {
        return match set {
            Some(name) => Ok(Kind::Word(name.to_owned())),
            None => Err(Problem::at(
                &node.at,
                "an `enum` of a request must be a named component, so that it gets a Rust type",
            )),
        };
    }
    let node = schema.required("type")?;
    let Value::Text(word) = &node.value else {
        return Err(Problem::at(&node.at, "a request field must have one type"));
    };
    let format = schema.get("format");
    match (word.as_str(), schema.text("format")?.as_deref()) {
        ("string", None | Some("uri")) => Ok(Kind::Text),
        ("string", Some("binary")) => Ok(Kind::File),
        ("integer", None) => Ok(Kind::Integer),
        ("number", None) => Ok(Kind::Number),
        ("boolean", None) => Ok(Kind::Boolean),
        ("object", None) => Ok(Kind::Json),
        ("array", None) => match schema.get("items") {
            Some(items) => words(bundle, items),
            None => Ok(Kind::Json),
        },
        (_, Some(other)) => Err(Problem::at(
            &format.unwrap_or(node).at,
            format!("format `{other}` is not understood here"),
        )),
        (other, None) => Err(Problem::at(
            &node.at,
            format!("type `{other}` is not understood here"),
        )),
    }
}

/// The words that an empty list stands for, which must be of the list's set.
fn empty_means(bundle: &Node, schema: &Object<'_>) -> Result<Option<String>> {
    let Some(node) = schema.get("x-empty-means") else {
        return Ok(None);
    };
    let means = object::texts(object::list(node)?)?;
    let items = schema.get("items").unwrap_or(node);
    let set = match bundle::reference(items) {
        Some(target) => bundle::resolve(bundle, target, items)?.get("enum"),
        None => None,
    };
    let set = set.map_or(Ok(Vec::new()), |set| object::texts(object::list(set)?))?;
    match means.iter().find(|word| !set.contains(*word)) {
        Some(word) => Err(Problem::at(
            &node.at,
            format!("`{word}` is no word of the list's set"),
        )),
        None => Ok(Some(means.join(", "))),
    }
}

/// A list of words of a named set.
fn words(bundle: &Node, items: &Node) -> Result<Kind> {
    let refused = || {
        Problem::at(
            &items.at,
            "the items must be a named component with an `enum`",
        )
    };
    let name = component(items, "schemas")?.ok_or_else(refused)?;
    let target = bundle::resolve(bundle, &format!("#/components/schemas/{name}"), items)?;
    match target.get("enum") {
        Some(_) => Ok(Kind::Words(name.to_owned())),
        None => Err(refused()),
    }
}
