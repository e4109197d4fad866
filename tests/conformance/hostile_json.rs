//! JSON made to break parsers, as what the service answers.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use simpledb_export::{Client, ErrorKind, GetExportInput};

use super::{find, ran};
use crate::support::{ARN, Server, Step, answer, client_without_retries, export_body};

/// The texts by their names, of which the first letter says whether they are JSON.
fn texts() -> Option<Vec<(String, Vec<u8>)>> {
    let folder = find("hostile-json/test_parsing")?;
    let read = |path: PathBuf| {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        (name, std::fs::read(path).expect("a readable file"))
    };
    let entries = std::fs::read_dir(folder).expect("a readable folder");
    Some(
        entries
            .map(|entry| read(entry.expect("an entry").path()))
            .collect(),
    )
}

/// A client, and what its server will answer.
struct Answering {
    answer: Arc<Mutex<Vec<u8>>>,
    client: Client,
    _server: Server,
}

impl Answering {
    fn new() -> Answering {
        let answer = Arc::<Mutex<Vec<u8>>>::default();
        let server = {
            let answer = Arc::clone(&answer);
            Server::answering(move |_, _| {
                let answer = answer.lock().unwrap_or_else(PoisonError::into_inner);
                vec![Step::Send(answer.clone())]
            })
        };
        Answering {
            answer,
            client: client_without_retries(&server.url()),
            _server: server,
        }
    }

    fn get_export(&self, status: u16, body: &[u8]) -> Result<(), simpledb_export::Error> {
        let bytes = answer(status, &[], body);
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
        let input = GetExportInput::new(ARN);
        self.client.get_export(&input).map(drop)
    }
}

#[test]
fn as_a_body_it_is_an_error_and_never_a_panic() {
    let Some(texts) = texts() else {
        return;
    };
    let service = Answering::new();
    for (name, text) in &texts {
        // None is an export, so that even what is JSON is no answer.
        let error = service.get_export(200, text).expect_err(name);
        assert_eq!(error.kind(), ErrorKind::Response, "{name}");
        let error = service.get_export(400, text).expect_err(name);
        assert_eq!(error.kind(), ErrorKind::Service, "{name}");
        assert_eq!(error.status(), Some(400), "{name}");
        assert!(!error.to_string().contains(char::is_control), "{name}");
    }
    ran("hostile-json as a body", texts.len(), 318);
}

#[test]
fn as_an_unknown_member_it_is_accepted_where_it_is_json() {
    let Some(texts) = texts() else {
        return;
    };
    let service = Answering::new();
    let good = export_body("PENDING", "");
    let good = good.strip_suffix('}').expect("an object");
    let mut accepted = 0;
    for (name, text) in &texts {
        let body = [good.as_bytes(), br#","unknown":"#, text, b"}"].concat();
        match service.get_export(200, &body) {
            Ok(()) => accepted += 1,
            Err(error) if name.starts_with("y_") => panic!("{name}: {error:?}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Response, "{name}"),
        }
    }
    assert!(accepted >= 95, "all 95 that are JSON");
    ran("hostile-json as an unknown member", texts.len(), 318);
}
