//! The two operations of SimpleDB's older API: a signed form, and XML.

mod error;
mod form;
mod metadata;

use std::collections::BTreeMap;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use time::OffsetDateTime;

pub(super) use self::error::QueryError;
pub(super) use self::form::Form;
use self::metadata::metadata;
use super::auth::Verifier;
use super::domains::Domain;
use super::exchange::{Request, Response};
use super::xml::Xml;

const VERSION: &str = "2009-04-15";

/// The maximum number of domains per page, and the default.
const MAX_NUMBER_OF_DOMAINS: usize = 100;

/// Marks the token of a list of domains.
const TOKEN: &str = "domains after ";

/// Returns whether a request is for the older API: S3 receives no form at the root.
pub(super) fn is_query(request: &Request) -> bool {
    let content_type = request.header("content-type").unwrap_or_default();
    let is_form = content_type.starts_with("application/x-www-form-urlencoded");
    request.method() == "POST" && request.path() == "/" && is_form
}

/// What the operations need of the service.
pub(super) struct Account<'a> {
    pub(super) domains: &'a BTreeMap<String, Domain>,
    pub(super) verifier: &'a Verifier,
    pub(super) page_size: usize,
    pub(super) now: OffsetDateTime,
}

impl Account<'_> {
    pub(super) fn respond(
        &self,
        request: &Request,
        request_id: &str,
    ) -> Result<Response, QueryError> {
        let form = Form::read(&request.body)?;
        let action = form.required("Action")?;
        self.verifier.verify_form(request, &form, self.now)?;
        let version = form.required("Version")?;
        if version != VERSION {
            return Err(QueryError::no_such_version(version));
        }
        let xml = match action {
            "ListDomains" => self.list_domains(&form, request_id)?,
            "DomainMetadata" => self.domain_metadata(&form, request_id)?,
            other => return Err(QueryError::invalid_action(other)),
        };
        Ok(Response::new(200, "text/xml", xml))
    }

    fn list_domains(&self, form: &Form, request_id: &str) -> Result<Vec<u8>, QueryError> {
        let maximum = match form.get("MaxNumberOfDomains") {
            Some(text) => text
                .parse()
                .ok()
                .filter(|maximum| (1..=MAX_NUMBER_OF_DOMAINS).contains(maximum))
                .ok_or_else(|| QueryError::invalid_maximum(text))?,
            None => MAX_NUMBER_OF_DOMAINS,
        };
        let names: Vec<&str> = self.domains.keys().map(String::as_str).collect();
        let begin = match form.get("NextToken") {
            Some(token) => position(&names, token).ok_or_else(QueryError::invalid_next_token)?,
            None => 0,
        };
        let end = names.len().min(begin + maximum.min(self.page_size));
        let is_last = end == names.len();
        let next_token = (!is_last).then(|| token_after(names[end - 1]));
        Ok(Xml::simpledb("ListDomains", request_id, |xml| {
            for name in &names[begin..end] {
                xml.any_text("DomainName", name);
            }
            xml.optional("NextToken", next_token.as_deref());
        }))
    }

    fn domain_metadata(&self, form: &Form, request_id: &str) -> Result<Vec<u8>, QueryError> {
        let name = form.required("DomainName")?;
        let domain = self
            .domains
            .get(name)
            .ok_or_else(QueryError::no_such_domain)?;
        let metadata = metadata(domain).map_err(|error| QueryError::internal(error.to_string()))?;
        Ok(Xml::simpledb("DomainMetadata", request_id, |xml| {
            for (name, number) in [
                ("ItemCount", metadata.item_count),
                ("ItemNamesSizeBytes", metadata.item_names_size_bytes),
                ("AttributeNameCount", metadata.attribute_name_count),
                (
                    "AttributeNamesSizeBytes",
                    metadata.attribute_names_size_bytes,
                ),
                ("AttributeValueCount", metadata.attribute_value_count),
                (
                    "AttributeValuesSizeBytes",
                    metadata.attribute_values_size_bytes,
                ),
            ] {
                xml.text(name, number.to_string());
            }
            xml.text("Timestamp", self.now.unix_timestamp().to_string());
        }))
    }
}

/// Returns the token of the page after a domain.
fn token_after(name: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{TOKEN}{name}"))
}

/// Returns where the page of a token begins, if the service has returned it.
fn position(names: &[&str], token: &str) -> Option<usize> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let last = text.strip_prefix(TOKEN)?;
    let index = names.iter().position(|name| *name == last)?;
    Some(index + 1)
}
