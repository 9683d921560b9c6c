//! Every rule of the operation table, broken once: refused before any request, by a line that names
//! the field, and for a length the limit and the set that would allow it. The cases come from the
//! table, so a new rule is tested when it comes into the specs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::collections::BTreeSet;

use musicgpt_api::operation::{Field, Kind, Rule};
use musicgpt_api::requests::dispatch;
use musicgpt_api::{FieldError, LimitSet, Request, Visitor, operations};
use musicgpt_sdk::{Violation, validate};
use musicgpt_tests::samples::{By, Extent, sample, set};

/// What came of breaking the rules of one operation.
#[derive(Default)]
struct Broken {
    cases: usize,
    lines: Vec<String>,
}

struct Breaker;

impl Visitor for Breaker {
    type Output = Broken;

    fn visit<R: Request + 'static>(self) -> Broken {
        let mut broken = Broken::default();
        for field in R::OPERATION.fields {
            break_field::<R>(field, &mut broken);
        }
        for rule in R::OPERATION.rules {
            break_rule::<R>(rule, &mut broken);
        }
        broken
    }
}

impl Broken {
    /// A request must have exactly one violation, of this field.
    fn refuses<R: Request>(&mut self, request: &R, limits: LimitSet, field: &str) -> String {
        let about = format!("{}.{field}", R::OPERATION.id);
        let (violations, _) = validate(request, limits);
        let [violation] = violations.as_slice() else {
            panic!("{about}: {violations:?}");
        };
        assert!(
            violation.fields.iter().any(|name| name.contains(field)),
            "{about}: {violation}"
        );
        self.keep(&about, violation)
    }

    fn keep(&mut self, about: &str, violation: &Violation) -> String {
        let line = violation.to_string();
        assert_eq!(line.lines().count(), 1);
        self.cases += 1;
        self.lines.push(format!("{about} | {line}"));
        line
    }

    /// A text that cannot be the field's value.
    fn unreadable<R: Request>(&mut self, field: &Field, text: &str) {
        match R::default().set(field.name, text) {
            Err(FieldError::Invalid(wanted)) => {
                let violation = Violation::of(field.name, wanted);
                self.keep(&format!("{}.{}", R::OPERATION.id, field.name), &violation);
            }
            other => panic!("{}.{} takes {text}: {other:?}", R::OPERATION.id, field.name),
        }
    }
}

/// A sound request that has the field.
fn with<R: Request>(field: &Field) -> R {
    let by = if field.name.ends_with("_url") {
        By::Url
    } else {
        By::File
    };
    let mut request: R = sample(Extent::Required, by);
    set(&mut request, field).unwrap();
    request
}

fn break_field<R: Request>(field: &'static Field, broken: &mut Broken) {
    let texts = |length: usize| "é".repeat(length);
    for limit in field.max_length {
        let limits = limit.since.map_or(LimitSet::Original, LimitSet::Edition);
        let mut request: R = with(field);
        request.set(field.name, &texts(limit.length)).unwrap();
        assert_eq!(
            validate(&request, limits).0,
            [],
            "{}.{} at its limit",
            R::OPERATION.id,
            field.name
        );
        request.set(field.name, &texts(limit.length + 1)).unwrap();
        let line = broken.refuses(&request, limits, field.name);
        let wider = LimitSet::allowing(field, limit.length + 1);
        for part in [limit.length, limit.length + 1].map(|length| length.to_string()) {
            assert!(line.contains(&part), "{line}");
        }
        assert!(line.contains(&format!("--limits {wider}")), "{line}");
    }
    if let Some(least) = field.min_length.filter(|least| *least > 1) {
        let mut request: R = with(field);
        request.set(field.name, &texts(least - 1)).unwrap();
        broken.refuses(&request, LimitSet::Original, field.name);
    }
    let number = |value: f64| match field.kind {
        Kind::Integer => (value as i64).to_string(),
        _ => value.to_string(),
    };
    let beyond = [
        field
            .minimum
            .map(|least| least - field.multiple_of.unwrap_or(1) as f64),
        field
            .maximum
            .map(|most| most + field.multiple_of.unwrap_or(1) as f64),
        field.multiple_of.map(|step| (step + 1) as f64),
    ];
    for value in beyond.into_iter().flatten() {
        let mut request: R = with(field);
        request.set(field.name, &number(value)).unwrap();
        broken.refuses(&request, LimitSet::Original, field.name);
    }
    match field.kind {
        Kind::Word(_) | Kind::Words(_) | Kind::Integer => broken.unreadable::<R>(field, "robot"),
        Kind::Number => {
            broken.unreadable::<R>(field, "fast");
            let mut request: R = with(field);
            request.set(field.name, "NaN").unwrap();
            broken.refuses(&request, LimitSet::Original, field.name);
        }
        Kind::Boolean => broken.unreadable::<R>(field, "maybe"),
        _ => {}
    }
    if !field.schemes.is_empty() {
        for url in ["http://example.com/x", "nonsense"] {
            let mut request: R = with(field);
            request.set(field.name, url).unwrap();
            broken.refuses(&request, LimitSet::Original, field.name);
        }
    }
    if field.required {
        let mut request = R::default();
        for other in R::OPERATION.fields {
            let sound: R = sample(Extent::Required, By::File);
            if other.name != field.name && sound.fields().get(other.name).is_some() {
                set(&mut request, other).unwrap();
            }
        }
        broken.refuses(&request, LimitSet::Original, field.name);
    }
}

fn break_rule<R: Request>(rule: &Rule, broken: &mut Broken) {
    let sound = |without: &[&str], with: &[&str]| {
        let mut request = R::default();
        let all: R = sample(Extent::Required, By::File);
        for field in R::OPERATION.fields {
            let wanted = all.fields().get(field.name).is_some() && !without.contains(&field.name);
            if wanted || with.contains(&field.name) {
                set(&mut request, field).unwrap();
            }
        }
        request
    };
    match rule {
        Rule::ExactlyOne(names) => {
            broken.refuses(&sound(names, &[]), LimitSet::Original, names[0]);
            broken.refuses(&sound(&[], names), LimitSet::Original, names[1]);
        }
        Rule::AnyOf(groups) => {
            let names: Vec<&str> = groups
                .iter()
                .flat_map(|group| group.iter().copied())
                .collect();
            broken.refuses(&sound(&names, &[]), LimitSet::Original, names[0]);
        }
        Rule::Excludes {
            field,
            value,
            other,
        } => {
            let mut request = sound(&[], &[field, other]);
            if let Some(value) = value {
                request.set(field, &value.to_string()).unwrap();
            }
            broken.refuses(&request, LimitSet::Original, other);
        }
        Rule::Requires { field, others } => {
            broken.refuses(&sound(others, &[field]), LimitSet::Original, others[0]);
        }
        _ => panic!("a rule that nobody breaks: {rule:?}"),
    }
}

#[test]
fn every_rule_is_kept() {
    let mut cases = 0;
    let mut texts = BTreeSet::new();
    for operation in operations::ALL {
        let broken = dispatch(operation, Breaker).unwrap();
        cases += broken.cases;
        texts.extend(broken.lines);
    }
    assert!(cases > 100, "{cases}");
    let lines: Vec<String> = texts.into_iter().collect();
    insta::assert_snapshot!(lines.join("\n"));
}
