//! ListExports.

use super::Operation;
use crate::operation::types::ExportSummary;
use crate::wire::object::{List, read_members, write_members};

/// Which exports to list; the service shows those of the last three months.
///
/// ```
/// use simpledb_export::ListExportsInput;
///
/// let input = ListExportsInput::new().domain_name("Books").max_results(100);
/// assert_eq!(input.max_results, Some(100));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct ListExportsInput {
    /// Only the exports of this domain: at least one character.
    pub domain_name: Option<String>,
    /// How many exports a page has at the most: at least 1. A page may have fewer, even where more
    /// follow.
    pub max_results: Option<u32>,
    /// Where to go on: 1 to 2048 characters.
    pub next_token: Option<String>,
}

impl ListExportsInput {
    /// All exports of the account in the region.
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

/// A page of exports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListExportsOutput {
    /// The exports of this page; there may be none although more pages follow.
    pub export_summaries: Vec<ExportSummary>,
    /// Where the next page begins. Absent or empty on the last page.
    pub next_token: Option<String>,
    request_id: Option<String>,
}

impl ListExportsOutput {
    /// The id that the service gave the request, to be named when asking AWS about it.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

write_members!(ListExportsInput {
    optional domain_name: "domainName",
    optional max_results: "maxResults",
    optional next_token: "nextToken",
});

read_members!(ListExportsOutput {
    required export_summaries: "exportSummaries" as List<ExportSummary>,
    optional next_token: "nextToken",
} and { request_id });

impl Operation for ListExportsInput {
    const NAME: &'static str = "ListExports";

    type Output = ListExportsOutput;

    fn missing_member(&self) -> Option<&'static str> {
        None
    }

    fn set_request_id(output: &mut ListExportsOutput, request_id: Option<String>) {
        output.request_id = request_id;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_set_is_an_empty_object() {
        assert_eq!(
            serde_json::to_string(&ListExportsInput::new()).unwrap(),
            "{}"
        );
    }

    #[test]
    fn all_three_members_are_written() {
        let input = ListExportsInput::new()
            .domain_name("Books")
            .max_results(7)
            .next_token("t");
        assert_eq!(
            serde_json::to_string(&input).unwrap(),
            r#"{"domainName":"Books","maxResults":7,"nextToken":"t"}"#
        );
    }

    #[test]
    fn a_page_is_read_without_its_nulls() {
        let page: ListExportsOutput = serde_json::from_slice(
            br#"{"exportSummaries":[{"exportArn":"arn:x","exportStatus":"PENDING",
            "requestedAt":1,"domainName":"Books","other":1},null],"nextToken":null}"#,
        )
        .unwrap();
        assert_eq!(page.export_summaries.len(), 1);
        assert_eq!(page.export_summaries[0].domain_name, "Books");
        assert_eq!(page.next_token, None);
    }

    #[test]
    fn a_page_without_its_list_or_with_an_empty_element_is_refused() {
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
