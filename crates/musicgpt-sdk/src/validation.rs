//! Checking a request against the operation table, before anything is sent.

use std::fmt;

use musicgpt_api::operation::{Field, Kind, LimitSet, Operation, Rule};
use musicgpt_api::{FieldValue, Fields, Request};
use reqwest::Url;

/// A rule that a request breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The wire names of the fields concerned.
    pub fields: Vec<String>,
    /// What is wrong and what would be right. Never holds a prompt or lyrics.
    pub message: String,
}

impl Violation {
    /// A violation that concerns one field.
    pub fn of(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            fields: vec![field.into()],
            message: message.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.fields.join(", "), self.message)
    }
}

/// Checks a generated request as the features are checked: what it breaks, and what it is warned of.
/// Files are not looked at.
pub fn validate<R: Request>(request: &R, limits: LimitSet) -> (Vec<Violation>, Vec<Warning>) {
    let mut report = Report::default();
    report.check(R::OPERATION, &request.fields(), limits);
    (report.violations, report.warnings)
}

/// Something that the documentation advises against, but accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The wire name of the field concerned.
    pub field: String,
    /// What it is about. Never holds a prompt or lyrics.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// What is to be said of a request.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) violations: Vec<Violation>,
    pub(crate) warnings: Vec<Warning>,
}

impl Report {
    pub(crate) fn violate(&mut self, field: &str, message: impl Into<String>) {
        self.violations.push(Violation::of(field, message));
    }

    pub(crate) fn warn(&mut self, field: &str, message: impl Into<String>) {
        self.warnings.push(Warning {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// Checks the fields of a request. A field that has a violation already counts as present, so
    /// that one mistake is not reported twice.
    pub(crate) fn check(&mut self, operation: &Operation, fields: &Fields<'_>, limits: LimitSet) {
        let faulty: Vec<String> = self
            .violations
            .iter()
            .flat_map(|violation| violation.fields.clone())
            .collect();
        let has =
            |name: &str| fields.get(name).is_some() || faulty.iter().any(|known| known == name);
        for field in operation.fields {
            match fields.get(field.name) {
                Some(value) => self.check_field(field, value, fields, limits),
                None if field.required && !has(field.name) => {
                    self.violate(field.name, "required, and not given");
                }
                None => {}
            }
        }
        for rule in operation.rules {
            self.check_rule(rule, fields, &has);
        }
    }

    fn check_field(
        &mut self,
        field: &Field,
        value: &FieldValue<'_>,
        fields: &Fields<'_>,
        limits: LimitSet,
    ) {
        match value {
            FieldValue::Text(text) => self.check_text(field, text, limits),
            FieldValue::Word { listed: false, .. } => {} // the caller's explicit wish
            FieldValue::Integer(value) => self.check_number(field, *value as f64),
            FieldValue::Number(value) => self.check_number(field, *value),
            FieldValue::Word { text, .. } => {
                if let Kind::Word(listed) = field.kind
                    && !listed.contains(&text.as_ref())
                {
                    self.violate(field.name, format!("must be one of {}", listed.join(", ")));
                }
            }
            _ => {}
        }
        for switch in field.ignored_when {
            if let Some(FieldValue::Boolean(value)) = fields.get(switch.field)
                && *value == switch.value
            {
                let message = format!("ignored with {} = {}", switch.field, switch.value);
                self.warn(field.name, message);
            }
        }
    }

    fn check_text(&mut self, field: &Field, text: &str, limits: LimitSet) {
        let length = text.chars().count();
        if let Some(limit) = limits.max_length(field)
            && length > limit
        {
            let wider = LimitSet::allowing(field, length);
            self.violate(
                field.name,
                format!("{length} characters, at most {limit} in the limit set {limits}; --limits {wider} allows it"),
            );
        }
        if let Some(least) = field.min_length
            && length < least
        {
            self.violate(field.name, format!("{length} characters, at least {least}"));
        }
        if let Some(advice) = field.advice
            && length > advice.length
        {
            self.warn(field.name, format!("{length} characters; {}", advice.note));
        }
        if !field.schemes.is_empty() && !is_allowed(text, field.schemes) {
            self.violate(
                field.name,
                format!(
                    "must be an address with {}://; http:// is for this machine only",
                    field.schemes.join(":// or ")
                ),
            );
        }
    }

    fn check_number(&mut self, field: &Field, value: f64) {
        let least = field.minimum.unwrap_or(f64::NEG_INFINITY);
        let most = field.maximum.unwrap_or(f64::INFINITY);
        if !value.is_finite() {
            self.violate(field.name, "must be a finite number");
        } else if value < least || value > most {
            let bounds = match (field.minimum, field.maximum) {
                (Some(least), Some(most)) => format!("from {least} to {most}"),
                (Some(least), None) => format!("at least {least}"),
                _ => format!("at most {most}"),
            };
            self.violate(field.name, format!("{value}, must be {bounds}"));
        } else if let Some(step) = field.multiple_of
            && value % step as f64 != 0.0
        {
            self.violate(field.name, format!("{value}, must be a multiple of {step}"));
        }
    }

    fn check_rule(&mut self, rule: &Rule, fields: &Fields<'_>, has: &dyn Fn(&str) -> bool) {
        match rule {
            Rule::ExactlyOne(names) => {
                let given: Vec<&str> = names.iter().copied().filter(|name| has(name)).collect();
                if given.len() != 1 {
                    let what = if given.is_empty() {
                        "none is given".to_owned()
                    } else {
                        format!("{} are given", given.join(" and "))
                    };
                    self.violations.push(Violation {
                        fields: names.iter().map(|name| (*name).to_owned()).collect(),
                        message: format!("exactly one is needed, {what}"),
                    });
                }
            }
            Rule::AnyOf(groups) => {
                let met = groups
                    .iter()
                    .any(|group| group.iter().all(|name| has(name)));
                self.violations.extend((!met).then(|| Violation {
                    fields: groups.iter().map(|group| group.join(" with ")).collect(),
                    message: "at least one is needed, none is given".to_owned(),
                }));
            }
            Rule::Excludes {
                field,
                value,
                other,
            } => {
                let excludes = match (fields.get(field), value) {
                    (Some(FieldValue::Boolean(given)), Some(value)) => given == value,
                    (given, None) => given.is_some(),
                    _ => false,
                };
                if excludes && has(other) {
                    let condition = match value {
                        Some(value) => format!("{field} = {value}"),
                        None => (*field).to_owned(),
                    };
                    self.violate(other, format!("not allowed together with {condition}"));
                }
            }
            Rule::Requires { field, others } => {
                for other in others.iter().filter(|other| has(field) && !has(other)) {
                    self.violate(other, format!("required together with {field}"));
                }
            }
            _ => {}
        }
    }
}

/// Whether an address has one of the schemes, or is plain http to this machine.
fn is_allowed(text: &str, schemes: &[&str]) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    if url.host_str().is_none_or(str::is_empty) {
        return false;
    }
    schemes.contains(&url.scheme()) || (url.scheme() == "http" && is_loopback(&url))
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, allowed) in [
            ("https://example.com/x?token=1", true),
            ("http://example.com/x", false),
            ("http://127.0.0.1:8080/x", true),
            ("http://127.9.9.9/x", true),
            ("http://[::1]/x", true),
            ("http://localhost/x", true),
            ("http://localhost.example.com/x", false),
            ("http://127.0.0.1.example.com/x", false),
            ("ftp://127.0.0.1/x", false),
            ("example.com", false),
            ("https://", false),
        ] {
            assert_eq!(is_allowed(text, &["https"]), allowed, "{text}");
        }
    }
}
