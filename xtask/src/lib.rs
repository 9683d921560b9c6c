//! Everything behind `cargo xtask`, as a library so that tests can call it on a copy of the tree.
//!
//! - [`workspace`]: where the tree is.
//! - [`yaml`]: the specs as trees whose nodes know where they stand.
//! - [`bundle`]: the family documents as one.
//! - [`model`]: the bundle, understood; whatever is not understood stops here.
//! - [`lower`]: the OpenAPI 3.0 document that progenitor reads.
//! - [`emit`]: the Rust that is generated.
//! - [`codegen`]: all of it in a row, written or compared.
//! - [`docs`]: the table of features in the SDK's README.
//! - [`compare`]: our specs against another document of the same API.
//! - [`coverage`]: which operation is in which layer.

pub mod bundle;
pub mod codegen;
pub mod compare;
pub mod coverage;
pub mod docs;
pub mod emit;
pub mod lower;
pub mod model;
mod names;
pub mod problem;
pub mod workspace;
pub mod yaml;
