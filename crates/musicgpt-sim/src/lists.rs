//! Lists, page by page: the tasks of this simulator, and its voices.

use serde_json::{Map, Value, json};

use crate::clock::timestamp;
use crate::lookup;
use crate::operation::Operation;
use crate::reply::Reply;
use crate::seed::uuid;
use crate::state::State;
use crate::task::Task;
use crate::vocabulary::{END_DATE, LAST_KEY, LIMIT, PAGE, QUERY, START_DATE, TOTAL, component};

/// Entries per page where nothing is asked for and the example shows nothing.
const USUAL_LIMIT: usize = 20;
/// How a time has to look to be compared with others as text.
const SORTABLE: &str = "Z";

/// Answers with a page of tasks, each as its look-up shows it.
pub(crate) fn tasks(
    state: &State,
    operation: &Operation,
    list: &str,
    request: &Map<String, Value>,
) -> Reply {
    let mut lookups = state.spec.operations.iter();
    let Some(lookup) = lookups.find_map(|operation| operation.lookup.as_ref()) else {
        return Reply::json(200, &Value::Object(operation.answer.example.clone()));
    };
    let asked_type = operation.field_of(request, component::CONVERSION_TYPE);
    let mut tasks = state.tasks();
    tasks.retain(|task| {
        let own_type = task.operation.conversion_type.as_deref();
        let fits = asked_type.is_none_or(|asked| asked.as_str() == own_type);
        own_type.is_some() && fits && is_between(task, request)
    });
    let oldest_first = operation
        .field_of(request, component::SORT_ORDER)
        .is_some_and(|order| order == "ASC");
    if !oldest_first {
        tasks.reverse();
    }
    if let Some(last) = request.get(LAST_KEY).and_then(Value::as_str) {
        // After a key that is not there comes nothing, as in the table behind the real service.
        let place = tasks.iter().position(|task| task.id == last);
        tasks.drain(..place.map_or(tasks.len(), |place| place + 1));
    }
    let limit = number(request, LIMIT).unwrap_or(USUAL_LIMIT);
    let goes_on = tasks.len() > limit;
    tasks.truncate(limit);

    let mut body = operation.answer.example.clone();
    match tasks.last().filter(|_| goes_on) {
        Some(last) => body.insert(LAST_KEY.to_owned(), last.id.as_str().into()),
        None => body.remove(LAST_KEY),
    };
    let now = state.clock.now();
    let tasks = tasks
        .iter()
        .map(|task| lookup::conversion(task, lookup, &state.spec, &state.origin, now));
    body.insert(list.to_owned(), tasks.collect());
    Reply::json(200, &Value::Object(body))
}

/// Whether a task was accepted between the dates of a request. Only as much
/// is compared as the request says of its date, and offsets are not.
fn is_between(task: &Task, request: &Map<String, Value>) -> bool {
    let accepted = timestamp(task.accepted, SORTABLE);
    let bound = |name: &str| {
        let bound = request.get(name)?.as_str()?.replace(' ', "T");
        let length = (accepted.len() - SORTABLE.len()).min(bound.len());
        Some((accepted.get(..length)?, bound.get(..length)?.to_owned()))
    };
    bound(START_DATE).is_none_or(|(accepted, bound)| accepted >= bound.as_str())
        && bound(END_DATE).is_none_or(|(accepted, bound)| accepted <= bound.as_str())
}

const FIRST_NAMES: [&str; 9] = [
    "Ada", "Bruno", "Carla", "Dario", "Edda", "Finn", "Greta", "Hugo", "Ines",
];
const LAST_NAMES: [&str; 5] = ["Alder", "Birch", "Cedar", "Maple", "Willow"];
/// Voices have the same ids in every simulator.
const VOICE_SEED: u64 = 0x0056_6F69_6365;

/// Answers with a page of voices, those whose names match if a name is given.
pub(crate) fn voices(operation: &Operation, list: &str, request: &Map<String, Value>) -> Reply {
    let example = &operation.answer.example;
    let wanted = request.get(QUERY).and_then(Value::as_str);
    let wanted = wanted.unwrap_or_default().to_lowercase();
    let found: Vec<_> = all_voices()
        .filter(|(_, name)| name.to_lowercase().contains(&wanted))
        .collect();
    let limit = number(request, LIMIT).or_else(|| number(example, LIMIT));
    let limit = limit.unwrap_or(USUAL_LIMIT);
    let page = number(request, PAGE).unwrap_or(0);
    let voices = found.iter().skip(page.saturating_mul(limit)).take(limit);
    let voices = voices.map(|(id, name)| json!({"voice_id": id, "voice_name": name}));

    let mut body = example.clone();
    body.insert(list.to_owned(), voices.collect());
    for (name, value) in [(LIMIT, limit), (PAGE, page), (TOTAL, found.len())] {
        body.insert(name.to_owned(), value.into());
    }
    Reply::json(200, &Value::Object(body))
}

/// Ids and names. As on the real service some ids are no UUIDs.
fn all_voices() -> impl Iterator<Item = (String, String)> {
    let names = FIRST_NAMES
        .iter()
        .flat_map(|first| LAST_NAMES.iter().map(move |last| (first, last)));
    (0..).zip(names).map(|(number, (first, last))| {
        let id = match number % 9 {
            8 => format!("{first}{last}"),
            _ => uuid(VOICE_SEED, number),
        };
        (id, format!("{first} {last}"))
    })
}

/// A whole number of an object; a negative one is taken as none at all.
fn number(object: &Map<String, Value>, name: &str) -> Option<usize> {
    let value = object.get(name)?;
    Some(value.as_u64().and_then(|n| n.try_into().ok()).unwrap_or(0))
}
