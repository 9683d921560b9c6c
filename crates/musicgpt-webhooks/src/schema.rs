//! What a payload's JSON Schema says of leniency. The rest of it is derived.

use schemars::Schema;
use serde_json::{Value, json};

/// Lets a schema accept what the parser reads: numbers and booleans as text, and
/// text as digits.
pub(crate) fn lenient(schema: &mut Schema) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for property in properties.into_iter().flat_map(|map| map.values_mut()) {
        let Some(types) = property.get_mut("type").and_then(Value::as_array_mut) else {
            continue;
        };
        let other = match types.first().and_then(Value::as_str) {
            Some("number" | "boolean") => "string",
            Some("string") => "integer",
            _ => continue,
        };
        types.insert(1, json!(other));
        // A format (`double`) is of numbers only.
        if let Some(property) = property.as_object_mut() {
            property.remove("format");
        }
    }
}
