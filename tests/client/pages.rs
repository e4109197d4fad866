//! ListExports page by page and export by export.

use simpledb_export::{ErrorKind, ListExportsInput, ListExportsPages};

use crate::support::{Server, Step, client, json_response, response};

/// A page with exports of these domains.
fn page(domains: &[&str], next_token: &str) -> Vec<u8> {
    let summaries: Vec<String> = domains
        .iter()
        .map(|domain| {
            format!(
                r#"{{"exportArn":"arn","exportStatus":"PENDING","requestedAt":1,
                "domainName":"{domain}"}}"#
            )
        })
        .collect();
    let summaries = summaries.join(",");
    json_response(
        200,
        &format!(r#"{{"exportSummaries":[{summaries}],"nextToken":{next_token}}}"#),
    )
}

fn pages(server: &Server) -> ListExportsPages {
    let input = ListExportsInput::new().domain_name("Books").max_results(2);
    client(&server.url()).list_exports_pages(input)
}

fn domains(server: &Server) -> Vec<String> {
    let exports = pages(server).items();
    exports
        .map(|export| export.expect("an export").domain_name)
        .collect()
}

#[test]
fn fetches_a_page_only_when_it_is_reached() {
    let server = Server::with_responses(vec![
        page(&["a", "b"], r#""one""#),
        page(&[], r#""two""#),
        page(&["c"], "null"),
    ]);
    let mut exports = pages(&server).items();
    let mut next = || {
        exports
            .next()
            .map(|export| export.expect("an export").domain_name)
    };
    assert_eq!(server.requests().len(), 0);
    assert_eq!(next().as_deref(), Some("a"));
    assert_eq!(next().as_deref(), Some("b"));
    assert_eq!(server.requests().len(), 1);
    // An empty page is skipped.
    assert_eq!(next().as_deref(), Some("c"));
    assert_eq!(server.requests().len(), 3);
    assert_eq!(next(), None);
    assert_eq!(next(), None);
    assert_eq!(server.requests().len(), 3);

    let tokens: Vec<_> = server
        .requests()
        .iter()
        .map(|request| {
            let body = request.json();
            assert_eq!(body["domainName"], "Books");
            assert_eq!(body["maxResults"], 2);
            body.get("nextToken").cloned()
        })
        .collect();
    assert_eq!(tokens, [None, Some("one".into()), Some("two".into())]);
}

#[test]
fn ends_at_an_empty_token_as_at_a_missing_one() {
    for end in [r#""""#, "null"] {
        let server = Server::with_responses(vec![page(&["a"], r#""one""#), page(&["b"], end)]);
        assert_eq!(domains(&server), ["a", "b"]);
        assert_eq!(server.requests().len(), 2);
    }
    let body = br#"{"exportSummaries":[]}"#;
    let server = Server::with_responses(vec![response(200, &[], body)]);
    assert_eq!(pages(&server).count(), 1);
}

#[test]
fn rejects_a_repeated_token_after_its_page() {
    let server = Server::with_responses(vec![
        page(&["a"], r#""one""#),
        page(&["b"], r#""two""#),
        page(&["c"], r#""one""#),
    ]);
    let mut exports = pages(&server).items();
    for expected in ["a", "b", "c"] {
        let export = exports.next().expect("an item").expect("an export");
        assert_eq!(export.domain_name, expected);
    }
    let error = exports.next().expect("an item").expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Response);
    assert_eq!(
        error.to_string(),
        "ListExports failed: pagination loop: the service repeated a nextToken"
    );
    assert!(exports.next().is_none());
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn ends_after_an_error() {
    let refusal = json_response(400, r#"{"__type":"InvalidNextTokenException"}"#);
    let server = Server::with_responses(vec![
        page(&["a"], r#""one""#),
        refusal,
        page(&["b"], "null"),
    ]);
    let mut exports = pages(&server).items();
    assert!(exports.next().expect("an item").is_ok());
    let error = exports.next().expect("an item").expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::InvalidNextTokenException);
    assert!(exports.next().is_none());
    assert!(exports.next().is_none());
    assert_eq!(server.requests().len(), 2);
}

fn error_after(server: &Server, pages_before: usize) -> String {
    let mut pages = pages(server);
    for n in 0..pages_before {
        let page = pages.next().expect("an item");
        page.unwrap_or_else(|error| panic!("page {n}: {error}"));
    }
    let error = pages.next().expect("an item").expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Response);
    assert!(pages.next().is_none());
    assert_eq!(server.requests().len(), pages_before);
    error.to_string()
}

#[test]
fn rejects_a_token_that_is_too_long() {
    let longest = format!("{:?}", "t".repeat(2048));
    let longer = format!("{:?}", "t".repeat(2049));
    let server = Server::with_responses(vec![page(&["a"], &longest), page(&["b"], &longer)]);
    assert_eq!(
        error_after(&server, 2),
        "ListExports failed: the service returned a nextToken of 2049 characters: expected at most \
         2048"
    );
}

#[test]
fn ends_after_a_hundred_empty_pages_in_a_row() {
    let server = Server::responding(|n, _| {
        let domains: &[&str] = if n == 98 { &["a"] } else { &[] };
        vec![Step::Send(page(domains, &format!("\"{n}\"")))]
    });
    assert_eq!(
        error_after(&server, 199),
        "ListExports failed: pagination loop: the service returned 100 empty pages in a row"
    );
}
