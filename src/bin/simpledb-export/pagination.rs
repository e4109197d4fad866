//! Lists in pieces, as the AWS CLI makes them: `--max-items` cuts anywhere, also within a page of
//! the service, and `--starting-token` goes on there.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use simpledb_export::{ExportSummary, ListExportsOutput};

/// Where a list goes on: in the page of a token, or in the first, after some of its exports.
///
/// Written as the AWS CLI writes it, so that a token of one is good for the other.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct StartingToken {
    /// The service's token of the page; none for the first.
    #[serde(rename = "nextToken")]
    pub(crate) page: Option<String>,
    /// How many exports of the page have been listed before.
    #[serde(
        rename = "boto_truncate_amount",
        default,
        skip_serializing_if = "is_zero"
    )]
    pub(crate) skip: usize,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde gives a reference to what it may leave out"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl StartingToken {
    /// The token that another list ended with; `None` for what is none.
    pub(crate) fn decode(token: &str) -> Option<StartingToken> {
        let json = STANDARD.decode(token.trim()).ok()?;
        serde_json::from_slice(&json).ok()
    }

    pub(crate) fn encode(&self) -> serde_json::Result<String> {
        Ok(STANDARD.encode(serde_json::to_vec(self)?))
    }
}

/// Takes exports off the pages, which begin with that of `start`, until there are `max_items`;
/// gives them, and where the rest begins.
pub(crate) fn take<E>(
    pages: impl IntoIterator<Item = Result<ListExportsOutput, E>>,
    start: StartingToken,
    max_items: Option<usize>,
) -> Result<(Vec<ExportSummary>, Option<StartingToken>), E> {
    let mut here = start;
    let mut taken = Vec::new();
    for page in pages {
        let page = page?;
        let room = max_items.map_or(usize::MAX, |most| most.saturating_sub(taken.len()));
        let left = page.export_summaries.len().saturating_sub(here.skip);
        taken.extend(page.export_summaries.into_iter().skip(here.skip).take(room));
        if left > room {
            here.skip += room;
            return Ok((taken, Some(here)));
        }
        let Some(next) = page.next_token.filter(|token| !token.is_empty()) else {
            break;
        };
        here = StartingToken {
            page: Some(next),
            skip: 0,
        };
        if left == room {
            return Ok((taken, Some(here)));
        }
    }
    Ok((taken, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seven exports: a to c, none, d to g.
    fn pages() -> Vec<Result<ListExportsOutput, &'static str>> {
        let page = |names: &str, next: &str| {
            let summaries: Vec<_> = names
                .chars()
                .map(|name| {
                    format!(
                        r#"{{"exportArn":"{name}","exportStatus":"PENDING","requestedAt":0,
                        "domainName":"Books"}}"#
                    )
                })
                .collect();
            let list = summaries.join(",");
            let json = format!(r#"{{"exportSummaries":[{list}],"nextToken":"{next}"}}"#);
            Ok(serde_json::from_str(&json).unwrap())
        };
        vec![page("abc", "2"), page("", "3"), page("defg", "")]
    }

    fn names(summaries: &[ExportSummary]) -> String {
        summaries.iter().map(|s| s.export_arn.as_str()).collect()
    }

    fn token(page: Option<&str>, skip: usize) -> StartingToken {
        StartingToken {
            page: page.map(str::to_owned),
            skip,
        }
    }

    #[test]
    fn all_pages_are_taken_where_nothing_is_said() {
        let (taken, rest) = take(pages(), StartingToken::default(), None).unwrap();
        assert_eq!(names(&taken), "abcdefg");
        assert_eq!(rest, None);
    }

    #[test]
    fn a_list_is_cut_anywhere_and_goes_on_there() {
        let cases = [
            (2, "ab", Some(token(None, 2))),
            (3, "abc", Some(token(Some("2"), 0))),
            (5, "abcde", Some(token(Some("3"), 2))),
            (7, "abcdefg", None),
            (9, "abcdefg", None),
        ];
        for (most, expected, next) in cases {
            let (taken, rest) = take(pages(), StartingToken::default(), Some(most)).unwrap();
            assert_eq!((names(&taken).as_str(), rest), (expected, next), "{most}");
        }
        let (taken, rest) = take(pages(), token(None, 2), Some(2)).unwrap();
        assert_eq!(names(&taken), "cd");
        assert_eq!(rest, Some(token(Some("3"), 1)));
        let last = pages().split_off(2);
        let (taken, rest) = take(last, token(Some("3"), 1), Some(2)).unwrap();
        assert_eq!(names(&taken), "ef");
        assert_eq!(rest, Some(token(Some("3"), 3)));
    }

    #[test]
    fn an_error_is_given_instead_of_half_a_list() {
        let mut pages = pages();
        pages.push(Err("broken"));
        pages.swap(1, 3);
        let taken = take(pages, StartingToken::default(), None);
        assert_eq!(taken.err(), Some("broken"));
    }

    #[test]
    fn tokens_are_those_of_the_aws_cli() {
        let json = r#"{"nextToken": null, "boto_truncate_amount": 2}"#;
        let decoded = StartingToken::decode(&STANDARD.encode(json));
        assert_eq!(decoded, Some(token(None, 2)));
        let json = r#"{"nextToken": "3"}"#;
        let decoded = StartingToken::decode(&STANDARD.encode(json));
        assert_eq!(decoded, Some(token(Some("3"), 0)));
        for not_a_token in ["", "x", "e30", "bm8="] {
            assert_eq!(StartingToken::decode(not_a_token), None, "{not_a_token}");
        }
        let token = token(Some("3"), 2);
        let encoded = token.encode().unwrap();
        assert_eq!(
            STANDARD.decode(&encoded).unwrap(),
            br#"{"nextToken":"3","boto_truncate_amount":2}"#
        );
        assert_eq!(StartingToken::decode(&encoded), Some(token));
    }
}
