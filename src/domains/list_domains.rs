//! ListDomains.

use std::borrow::Cow;

use super::query::{BOX_USAGE, QueryOperation, REQUEST_ID, decoded};
use crate::wire::object::{List, members};
use crate::wire::xml;

/// Input of ListDomains: which page to list.
///
/// `Serialize` and `Deserialize` use the names of the AWS CLI.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ListDomainsInput {
    /// Maximum number of domains per page: 1 to 100. The service's default is 100.
    pub max_number_of_domains: Option<u32>,
    /// The previous page's [`next_token`](ListDomainsOutput::next_token).
    pub next_token: Option<String>,
}

impl ListDomainsInput {
    /// Creates an input that lists all domains of the account in the region.
    #[must_use]
    pub fn new() -> ListDomainsInput {
        ListDomainsInput::default()
    }

    /// Sets [`max_number_of_domains`](ListDomainsInput::max_number_of_domains).
    #[must_use]
    pub fn max_number_of_domains(mut self, max_number_of_domains: u32) -> ListDomainsInput {
        self.max_number_of_domains = Some(max_number_of_domains);
        self
    }

    /// Sets [`next_token`](ListDomainsInput::next_token).
    #[must_use]
    pub fn next_token(mut self, next_token: impl Into<String>) -> ListDomainsInput {
        self.next_token = Some(next_token.into());
        self
    }
}

/// Output of ListDomains: a page of domains.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ListDomainsOutput {
    /// The names of this page's domains.
    pub domain_names: Vec<String>,
    /// The token of the next page. Absent or empty on the last page.
    pub next_token: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) box_usage: Option<String>,
}

impl ListDomainsOutput {
    /// Returns the AWS request id; quote it to AWS Support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the machine hours that the request used, as the service reports them.
    #[must_use]
    pub fn box_usage(&self) -> Option<f64> {
        self.box_usage.as_deref()?.parse().ok()
    }
}

members!(ListDomainsInput {
    optional max_number_of_domains: "MaxNumberOfDomains",
    optional next_token: "NextToken",
});

members!(ListDomainsOutput {
    required domain_names: "DomainNames" as List<String>,
    optional next_token: "NextToken",
} and { request_id, box_usage });

impl QueryOperation for ListDomainsInput {
    const NAME: &'static str = "ListDomains";

    type Output = ListDomainsOutput;

    fn parameters(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let maximum = self
            .max_number_of_domains
            .map(|maximum| maximum.to_string());
        let maximum = maximum.map(|maximum| ("MaxNumberOfDomains", Cow::Owned(maximum)));
        let token = self.next_token.as_deref();
        let token = token.map(|token| ("NextToken", Cow::Borrowed(token)));
        maximum.into_iter().chain(token).collect()
    }

    fn read(xml: &[u8]) -> Option<ListDomainsOutput> {
        let mut output = ListDomainsOutput::default();
        let mut has_result = false;
        xml::leaves(xml, |leaf| {
            has_result |= leaf.path.starts_with("ListDomainsResult");
            match leaf.path {
                "ListDomainsResult/DomainName" => output.domain_names.push(decoded(leaf)?),
                "ListDomainsResult/NextToken" => output.next_token = Some(leaf.text.to_owned()),
                REQUEST_ID => output.request_id = Some(leaf.text.to_owned()),
                BOX_USAGE => output.box_usage = Some(leaf.text.to_owned()),
                _ => {}
            }
            Some(())
        })?;
        has_result.then_some(output)
    }

    fn request_id(output: &mut ListDomainsOutput) -> &mut Option<String> {
        &mut output.request_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(result: &str) -> Option<ListDomainsOutput> {
        let xml = format!(
            "<?xml version=\"1.0\"?>\n\
             <ListDomainsResponse xmlns=\"http://sdb.amazonaws.com/doc/2009-04-15/\">{result}\
             <ResponseMetadata><RequestId>id-1</RequestId><BoxUsage>0.0000071759</BoxUsage>\
             </ResponseMetadata></ListDomainsResponse>"
        );
        ListDomainsInput::read(xml.as_bytes())
    }

    #[test]
    fn reads_a_page() {
        let page = read(
            "<ListDomainsResult><DomainName>Books</DomainName>\
             <DomainName encoding=\"base64\">YQFi</DomainName><NextToken>t</NextToken>\
             </ListDomainsResult>",
        )
        .unwrap();
        assert_eq!(page.domain_names, ["Books", "a\u{1}b"]);
        assert_eq!(page.next_token.as_deref(), Some("t"));
        assert_eq!(page.request_id(), Some("id-1"));
        assert_eq!(page.box_usage(), Some(0.000_007_175_9));
        assert_eq!(
            serde_json::to_string(&page).unwrap(),
            r#"{"DomainNames":["Books","a\u0001b"],"NextToken":"t"}"#
        );
    }

    #[test]
    fn reads_an_empty_page_but_no_other_document() {
        for empty in [
            "<ListDomainsResult/>",
            "<ListDomainsResult>\n</ListDomainsResult>",
        ] {
            let page = read(empty).unwrap();
            assert_eq!((page.domain_names.len(), page.next_token), (0, None));
        }
        assert_eq!(read(""), None);
        assert_eq!(
            read(
                "<ListDomainsResult><DomainName encoding='base64'>!</DomainName></ListDomainsResult>"
            ),
            None
        );
    }

    #[test]
    fn sends_the_members_that_are_set() {
        assert_eq!(ListDomainsInput::new().parameters(), []);
        let input = ListDomainsInput::new()
            .max_number_of_domains(7)
            .next_token("t");
        let expected = [
            ("MaxNumberOfDomains", "7".into()),
            ("NextToken", "t".into()),
        ];
        assert_eq!(input.parameters(), expected);
    }
}
