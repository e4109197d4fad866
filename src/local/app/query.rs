//! The two operations of SimpleDB's older API: a signed form, and XML.

mod metadata;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use time::OffsetDateTime;

use self::metadata::metadata;
use super::App;
use crate::local::error::ServiceError;
use crate::local::exchange::{Request, Response};
use crate::local::parameters::Parameters;
use crate::local::xml::Xml;

const VERSION: &str = "2009-04-15";

/// The attribute of a response's root.
const NAMESPACE: &str = " xmlns=\"http://sdb.amazonaws.com/doc/2009-04-15/\"";

/// The maximum number of domains per page, and the default.
const MAX_NUMBER_OF_DOMAINS: usize = 100;

/// Marks the token of a list of domains.
const TOKEN: &str = "domains after ";

impl App {
    pub(super) fn query(
        &self,
        request: &Request,
        request_id: &str,
        now: OffsetDateTime,
    ) -> Result<Response, ServiceError> {
        let form = std::str::from_utf8(&request.body).ok();
        let form = form
            .and_then(Parameters::parse)
            .ok_or_else(|| invalid_value("the form is not percent-encoded UTF-8".to_owned()))?;
        let action = form.required("Action")?;
        self.verifier.verify_form(request, &form, now)?;
        let version = form.required("Version")?;
        if version != VERSION {
            return Err(ServiceError::bad_request(
                "NoSuchVersion",
                format!("version {version:?} does not exist here: expected {VERSION}"),
            ));
        }
        match action {
            "ListDomains" => self.list_domains(&form, request_id),
            "DomainMetadata" => self.domain_metadata(&form, request_id, now),
            other => Err(ServiceError::bad_request(
                "InvalidAction",
                format!(
                    "action {other:?} is not implemented here: expected ListDomains or \
                     DomainMetadata"
                ),
            )),
        }
    }

    fn list_domains(&self, form: &Parameters, request_id: &str) -> Result<Response, ServiceError> {
        let maximum = match form.get("MaxNumberOfDomains") {
            Some(text) => text
                .parse()
                .ok()
                .filter(|maximum| (1..=MAX_NUMBER_OF_DOMAINS).contains(maximum))
                .ok_or_else(|| {
                    invalid_value(format!(
                        "Value ({text}) for parameter MaxNumberOfDomains is invalid. \
                         MaxNumberOfDomains must be between 1 and 100."
                    ))
                })?,
            None => MAX_NUMBER_OF_DOMAINS,
        };
        let names: Vec<&str> = self.domains.keys().map(String::as_str).collect();
        let begin = match form.get("NextToken") {
            Some(token) => position(&names, token).ok_or_else(|| {
                let message = "The specified next token is not valid.";
                ServiceError::bad_request("InvalidNextToken", message)
            })?,
            None => 0,
        };
        let end = names.len().min(begin + maximum.min(self.page_size));
        let is_last = end == names.len();
        let next_token = (!is_last).then(|| token_after(names[end - 1]));
        Ok(response("ListDomains", request_id, |xml| {
            for name in &names[begin..end] {
                xml.any_text("DomainName", name);
            }
            xml.optional("NextToken", next_token);
        }))
    }

    fn domain_metadata(
        &self,
        form: &Parameters,
        request_id: &str,
        now: OffsetDateTime,
    ) -> Result<Response, ServiceError> {
        let domain = self.domains.get(form.required("DomainName")?);
        let domain = domain.ok_or_else(|| {
            let message = "The specified domain does not exist.";
            ServiceError::bad_request("NoSuchDomain", message)
        })?;
        let metadata = metadata(domain)
            .map_err(|error| ServiceError::new(500, "InternalError", error.to_string()))?;
        Ok(response("DomainMetadata", request_id, |xml| {
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
            xml.text("Timestamp", now.unix_timestamp().to_string());
        }))
    }
}

fn response(operation: &str, request_id: &str, content: impl FnOnce(&mut Xml)) -> Response {
    let xml = Xml::document(&format!("{operation}Response"), NAMESPACE, |xml| {
        xml.parent(&format!("{operation}Result"), content);
        xml.parent("ResponseMetadata", |xml| {
            xml.text("RequestId", request_id);
            xml.text("BoxUsage", "0");
        });
    });
    Response::new(200, "text/xml", xml)
}

fn invalid_value(message: String) -> ServiceError {
    ServiceError::bad_request("InvalidParameterValue", message)
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
