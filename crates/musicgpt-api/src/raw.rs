//! Requests for paths that the specs do not have, through the same door as all others.

use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::Method;
use serde_json::Value;

use crate::{Answer, Client, Error, ResponseValue};

/// The name under which hooks know such requests.
const ID: &str = "raw";

impl Client {
    /// Sends a request to a path below the base URL and gives its JSON answer. Nothing is checked.
    pub async fn raw(
        &self,
        method: Method,
        path: &str,
        query: &[(String, String)],
        body: Option<&Value>,
    ) -> Answer<Value> {
        let url = format!("{}/{}", self.baseurl(), path.trim_start_matches('/'));
        let mut request = self
            .client()
            .request(method, url)
            .header(reqwest::header::ACCEPT, "application/json")
            .query(query);
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut request = request.build()?;
        let info = OperationInfo { operation_id: ID };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200 => ResponseValue::from_response(response).await,
            400..=599 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
}
