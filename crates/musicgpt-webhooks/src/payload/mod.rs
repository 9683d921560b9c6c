//! One struct per kind. Lives here: what all of them share, and the macro that
//! joins a struct's fields to their slots. Not here: which kind a body is.

mod cover;
mod failure;
mod lyrics;
mod result;
mod stream;
mod track;
mod unknown;

pub use cover::AlbumCover;
pub use failure::Failure;
pub use lyrics::TimestampedLyrics;
pub use result::{FileResult, Output};
pub use stream::Streaming;
pub use track::TrackResult;
pub use unknown::UnknownEvent;

use std::mem;

use serde_json::{Map, Value};

use crate::flat::Field;
use crate::loose::{Lenient, Loose};

/// Declares a payload: the fields of its own, then those of every payload (with
/// `in any form`, also those of the documents' generic form); how it is read from
/// a `Flat`; and a `Debug` that tells names, not values.
macro_rules! payload {
    (
        $(#[$about:meta])*
        $payload:ident in any form {
            $($(#[$doc:meta])* $name:ident: $type:ty = $field:ident,)*
        }
    ) => {
        $crate::payload::payload! {
            $(#[$about])*
            $payload {
                $($(#[$doc])* $name: $type = $field,)*
                /// The status word; only in the generic form.
                status: String = Status,
                /// The status in a sentence; only in the generic form.
                status_msg: String = StatusMsg,
                /// When the task began, in any format; only in the generic form.
                #[serde(rename = "createdAt")]
                created_at: String = CreatedAt,
                /// When the task last changed, in any format; only in the generic
                /// form.
                #[serde(rename = "updatedAt")]
                updated_at: String = UpdatedAt,
            }
        }
    };
    (
        $(#[$about:meta])*
        $payload:ident {
            $($(#[$doc:meta])* $name:ident: $type:ty = $field:ident,)*
        }
    ) => {
        $crate::payload::payload! { @all
            $(#[$about])*
            $payload {
                $($(#[$doc])* $name: $type = $field,)*
                /// The task that this belongs to.
                task_id: String = TaskId,
                /// The operation in the API's words (`Music AI`, `MUSIC_AI`).
                conversion_type: String = ConversionType,
                /// The kind in the API's words (`music_ai`).
                subtype: String = Subtype,
                /// Whether it worked.
                success: bool = Success,
            }
        }
    };
    (@all
        $(#[$about:meta])*
        $payload:ident {
            $($(#[$attr:meta])* $name:ident: $type:ty = $field:ident,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Default, PartialEq, serde::Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "schemars", schemars(transform = $crate::schema::lenient))]
        #[non_exhaustive]
        pub struct $payload {
            $(
                $(#[$attr])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $name: Option<$type>,
            )*
            /// Fields that this kind does not have in the documents.
            #[serde(flatten)]
            pub unknown_fields: serde_json::Map<String, serde_json::Value>,
            /// Fields that it has, with values that could not be read as such:
            /// another type, or a link that says that there is none.
            #[serde(flatten)]
            #[cfg_attr(feature = "schemars", schemars(skip))]
            pub misfits: serde_json::Map<String, serde_json::Value>,
        }

        impl $payload {
            /// Puts every value where it belongs: a field of this payload, its
            /// misfits, or the unknown fields.
            pub(crate) fn from_flat(flat: $crate::flat::Flat<'_>) -> Self {
                use $crate::flat::Field;
                let (mut values, unknown_fields) = flat.into_parts();
                let mut payload = Self { unknown_fields, ..Self::default() };
                for (field, loose) in &mut values {
                    match field {
                        $(Field::$field => $crate::payload::read(
                            &mut payload.$name,
                            *field,
                            loose,
                            &mut payload.misfits,
                        ),)*
                        other => {
                            let name = other.name().to_owned();
                            let value = std::mem::take(loose).into_value();
                            payload.unknown_fields.insert(name, value);
                        }
                    }
                }
                payload
            }
        }

        impl std::fmt::Debug for $payload {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut set: Vec<&str> = Vec::new();
                $(if self.$name.is_some() {
                    set.push($crate::flat::Field::$field.name());
                })*
                f.debug_struct(stringify!($payload))
                    .field("task_id", &self.task_id)
                    .field("conversion_type", &self.conversion_type)
                    .field("set", &set)
                    .field("unknown_fields", &self.unknown_fields.keys().collect::<Vec<_>>())
                    .field("misfits", &self.misfits.keys().collect::<Vec<_>>())
                    .finish()
            }
        }
    };
}
pub(crate) use payload;

/// Reads a value into its field; what cannot be read goes to the misfits, and
/// null is what an absent field is.
fn read<T: Lenient>(
    slot: &mut Option<T>,
    field: Field,
    loose: &mut Loose<'_>,
    misfits: &mut Map<String, Value>,
) {
    if loose.is_null() {
        return;
    }
    *slot = T::read(loose);
    if slot.is_none() {
        misfits.insert(field.name().to_owned(), mem::take(loose).into_value());
    }
}
