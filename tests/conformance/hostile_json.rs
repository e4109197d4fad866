//! JSON made to break parsers, in the service's responses.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use simpledb_export::{Client, ErrorKind, GetExportInput};

use crate::support::suites::{find, ran};
use crate::support::{ARN, Server, Step, client_without_retries, export_body, response};

/// The texts by name; its first letter says whether the text is JSON.
fn texts() -> Option<Vec<(String, Vec<u8>)>> {
    let directory = find("hostile-json/test_parsing")?;
    let read = |path: PathBuf| {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        (name, std::fs::read(path).expect("a readable file"))
    };
    let entries = std::fs::read_dir(directory).expect("a readable directory");
    Some(
        entries
            .map(|entry| read(entry.expect("an entry").path()))
            .collect(),
    )
}

/// A client, and its server's next response.
struct Service {
    response: Arc<Mutex<Vec<u8>>>,
    client: Client,
    _server: Server,
}

impl Service {
    fn new() -> Service {
        let response = Arc::<Mutex<Vec<u8>>>::default();
        let server = {
            let response = Arc::clone(&response);
            Server::responding(move |_, _| {
                let response = response.lock().unwrap_or_else(PoisonError::into_inner);
                vec![Step::Send(response.clone())]
            })
        };
        Service {
            response,
            client: client_without_retries(&server.url()),
            _server: server,
        }
    }

    fn get_export(&self, status: u16, body: &[u8]) -> Result<(), simpledb_export::Error> {
        let bytes = response(status, &[], body);
        *self.response.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
        let input = GetExportInput::new(ARN);
        self.client.get_export(&input).map(drop)
    }
}

#[test]
fn never_panics_on_it_as_a_body() {
    let Some(texts) = texts() else {
        return;
    };
    let service = Service::new();
    for (name, text) in &texts {
        // None is an export: even what is JSON is an error.
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
fn accepts_it_as_an_unknown_member_if_it_is_json() {
    let Some(texts) = texts() else {
        return;
    };
    let service = Service::new();
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
