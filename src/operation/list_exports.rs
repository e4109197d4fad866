//! ListExports.

use super::Operation;
use crate::operation::types::ExportSummary;
use crate::wire::object::{List, members};

/// Input of ListExports: which exports to list. The service keeps exports for 3 months.
///
/// `Serialize` and `Deserialize` use the service's JSON form.
///
/// ```
/// use simpledb_export::ListExportsInput;
///
/// let input = ListExportsInput::new().domain_name("Books").max_results(100);
/// assert_eq!(input.max_results, Some(100));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ListExportsInput {
    /// Lists only the exports of this domain: at least 1 character.
    pub domain_name: Option<String>,
    /// Maximum number of exports per page: at least 1. A page may have fewer, even if more pages
    /// follow.
    pub max_results: Option<u32>,
    /// The previous page's [`next_token`](ListExportsOutput::next_token): 1 to 2,048 characters.
    pub next_token: Option<String>,
}

impl ListExportsInput {
    /// Creates an input that lists all exports of the account in the region.
    #[must_use]
    pub fn new() -> ListExportsInput {
        ListExportsInput::default()
    }

    /// Sets [`domain_name`](ListExportsInput::domain_name).
    #[must_use]
    pub fn domain_name(mut self, domain_name: impl Into<String>) -> ListExportsInput {
        self.domain_name = Some(domain_name.into());
        self
    }

    /// Sets [`max_results`](ListExportsInput::max_results).
    #[must_use]
    pub fn max_results(mut self, max_results: u32) -> ListExportsInput {
        self.max_results = Some(max_results);
        self
    }

    /// Sets [`next_token`](ListExportsInput::next_token).
    #[must_use]
    pub fn next_token(mut self, next_token: impl Into<String>) -> ListExportsInput {
        self.next_token = Some(next_token.into());
        self
    }
}

/// Output of ListExports: a page of exports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListExportsOutput {
    /// The exports of this page. A page may be empty even if more pages follow.
    pub export_summaries: Vec<ExportSummary>,
    /// The token of the next page. Absent or empty on the last page.
    pub next_token: Option<String>,
    pub(crate) request_id: Option<String>,
}

impl ListExportsOutput {
    /// Returns the AWS request id; quote it to AWS Support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

members!(ListExportsInput {
    optional domain_name: "domainName",
    optional max_results: "maxResults",
    optional next_token: "nextToken",
});

members!(ListExportsOutput {
    required export_summaries: "exportSummaries" as List<ExportSummary>,
    optional next_token: "nextToken",
} and { request_id });

impl Operation for ListExportsInput {
    const NAME: &'static str = "ListExports";

    type Output = ListExportsOutput;

    fn set_request_id(output: &mut ListExportsOutput, request_id: Option<String>) {
        output.request_id = request_id;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_an_empty_object_if_nothing_is_set() {
        assert_eq!(
            serde_json::to_string(&ListExportsInput::new()).unwrap(),
            "{}"
        );
    }

    #[test]
    fn writes_and_reads_all_three_members() {
        let input = ListExportsInput::new()
            .domain_name("Books")
            .max_results(7)
            .next_token("t");
        let json = r#"{"domainName":"Books","maxResults":7,"nextToken":"t"}"#;
        assert_eq!(serde_json::to_string(&input).unwrap(), json);
        assert_eq!(
            serde_json::from_str::<ListExportsInput>(json).unwrap(),
            input
        );
    }

    #[test]
    fn reads_a_page_without_its_nulls() {
        let page: ListExportsOutput = serde_json::from_slice(
            br#"{"exportSummaries":[{"exportArn":"arn:x","exportStatus":"PENDING",
            "requestedAt":1,"domainName":"Books","other":1},null],"nextToken":null}"#,
        )
        .unwrap();
        assert_eq!(page.export_summaries.len(), 1);
        assert_eq!(page.export_summaries[0].domain_name, "Books");
        assert_eq!(page.next_token, None);
        assert_eq!(
            serde_json::to_string(&page).unwrap(),
            r#"{"exportSummaries":[{"exportArn":"arn:x","exportStatus":"PENDING","requestedAt":1,"domainName":"Books"}]}"#
        );
    }

    #[test]
    fn rejects_a_page_without_its_list_or_with_an_empty_element() {
        for body in [
            "{}",
            r#"{"exportSummaries":null}"#,
            r#"{"exportSummaries":[{}]}"#,
        ] {
            assert!(
                serde_json::from_str::<ListExportsOutput>(body).is_err(),
                "{body}"
            );
        }
    }
}
