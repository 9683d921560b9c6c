//! The axum router.

use axum::Router;

use crate::Receiver;

impl Receiver {
    /// A router with one route, below the path of the public URL (or the mount
    /// path). Merge it into another, or serve it.
    pub fn router(&self) -> Router {
        // What axum gives a meaning to is meant literally here: braces, and by the
        // checks also a colon at the beginning of a segment.
        let mount = self.inner.mount.replace('{', "{{").replace('}', "}}");
        Router::new()
            .without_v07_checks()
            .route_service(&format!("{mount}{{token}}"), self.clone())
    }
}
