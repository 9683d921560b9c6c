//! Requests held against their schema, and what is wrong with them in words.
//!
//! A message names the field and the rule, never the value: values are other
//! people's lyrics and webhook addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::{Map, Value, json};

use crate::document::Document;
use crate::operation::Field;

/// The compiled schema of a request.
#[derive(Debug)]
pub(crate) struct Rules {
    schema: Value,
    validator: Validator,
}

impl Rules {
    /// Compiles a schema whose `$ref`s point into the document.
    pub(crate) fn compile(document: &Document, mut schema: Value) -> Result<Self, String> {
        // With the components inside, the references are the schema's own.
        schema["components"] = json!({"schemas": document.0["components"]["schemas"]});
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .build(&schema)
            .map_err(|error| error.to_string())?;
        Ok(Self { schema, validator })
    }

    /// Everything that is wrong with a request, a line each.
    pub(crate) fn violations(
        &self,
        fields: &BTreeMap<String, Field>,
        request: &Map<String, Value>,
    ) -> Vec<String> {
        let instance = Value::Object(request.clone());
        let errors = self.validator.iter_errors(&instance);
        let mut lines: Vec<_> = errors.map(|error| self.describe(&error)).collect();
        for (name, field) in fields {
            if let Some(url) = request.get(name).and_then(Value::as_str)
                && !field.schemes.is_empty()
                && !has_scheme(url, &field.schemes)
            {
                let schemes = field.schemes.join(" or ");
                lines.push(format!(
                    "{name}: must be an {schemes} URL (http only to loopback)"
                ));
            }
        }
        lines.dedup();
        lines
    }

    fn describe(&self, error: &ValidationError<'_>) -> String {
        let at = error
            .instance_path()
            .as_str()
            .trim_start_matches('/')
            .replace('/', ".");
        let subject = |fields: &[String]| match (at.is_empty(), fields.is_empty()) {
            (true, true) => "request".to_owned(),
            (true, false) => fields.join(" or "),
            (false, true) => at.clone(),
            (false, false) => format!("{at}.{}", fields.join(" or ")),
        };
        let (fields, rule) = match error.kind() {
            ValidationErrorKind::Required { property } => {
                (vec![text(property)], "is required".to_owned())
            }
            ValidationErrorKind::OneOfNotValid { .. } => (
                self.alternatives(error),
                "exactly one is required, none was given".to_owned(),
            ),
            ValidationErrorKind::OneOfMultipleValid { .. } => (
                self.alternatives(error),
                "exactly one is required, more than one was given".to_owned(),
            ),
            ValidationErrorKind::AnyOf { .. } => (
                self.alternatives(error),
                "at least one is required".to_owned(),
            ),
            ValidationErrorKind::Not { schema } => {
                return format!("{}: cannot be combined", required(schema).join(", "));
            }
            ValidationErrorKind::Enum { options } => {
                let options = options.as_array().into_iter().flatten().map(text);
                let options = options.collect::<Vec<_>>().join(", ");
                (Vec::new(), format!("must be one of {options}"))
            }
            ValidationErrorKind::Type { kind } => (Vec::new(), type_rule(kind)),
            ValidationErrorKind::MaxLength { limit } => (
                Vec::new(),
                format!("cannot be more than {limit} characters"),
            ),
            ValidationErrorKind::MinLength { limit } => (
                Vec::new(),
                format!("cannot be less than {limit} characters"),
            ),
            ValidationErrorKind::Maximum { limit } => {
                (Vec::new(), format!("cannot be more than {limit}"))
            }
            ValidationErrorKind::Minimum { limit } => {
                (Vec::new(), format!("cannot be less than {limit}"))
            }
            other => (Vec::new(), format!("breaks the rule `{}`", other.keyword())),
        };
        format!("{}: {rule}", subject(&fields))
    }

    /// The fields among which a `oneOf` or `anyOf` lets choose.
    fn alternatives(&self, error: &ValidationError<'_>) -> Vec<String> {
        let branches = self.schema.pointer(error.schema_path().as_str());
        let branches = branches.and_then(Value::as_array).into_iter().flatten();
        branches
            .map(|branch| required(branch).join(" with "))
            .collect()
    }
}

fn required(schema: &Value) -> Vec<String> {
    let names = schema["required"].as_array().into_iter().flatten();
    names.map(text).collect()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn type_rule(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => format!("must be of type {one}"),
        TypeKind::Multiple(_) => "is of the wrong type".to_owned(),
    }
}

/// Whether a URL has one of the schemes, or is plain http to this machine.
fn has_scheme(text: &str, schemes: &[String]) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        schemes.iter().any(|scheme| scheme == url.scheme())
            || (url.scheme() == "http" && is_loopback(&url))
    })
}

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(url::Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_loopback_only() {
        let https = ["https".to_owned()];
        for good in [
            "https://a.example/x",
            "http://localhost:1/",
            "http://127.9.9.9/",
            "http://[::1]/",
        ] {
            assert!(has_scheme(good, &https), "{good}");
        }
        for bad in [
            "http://example.com/x",
            "ftp://127.0.0.1/",
            "x",
            "http://127.0.0.1.example.com/",
        ] {
            assert!(!has_scheme(bad, &https), "{bad}");
        }
    }
}
