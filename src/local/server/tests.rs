use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use time::OffsetDateTime;

use crate::local::LocalService;
use crate::operation::list_exports::ListExportsInput;
use crate::sigv4::{SignableBody, SignableRequest, Signer};
use crate::tests::temp_dir::TempDir;

/// More bytes than the system buffers for a client that does not read.
const LARGE: usize = 12_000_000;

const CONNECTIONS: usize = 2;

fn request(service: &LocalService, target: &str) -> String {
    let host = service.address().to_string();
    let signable = SignableRequest {
        method: "GET",
        uri: target,
        headers: &[("host", &host)],
        body: SignableBody::Bytes(b""),
    };
    let signer = Signer::s3(service.region());
    let signed = signer.sign(&signable, &service.credentials(), OffsetDateTime::now_utc());
    let mut request = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n");
    for (name, value) in signed.headers() {
        request.extend([name, ": ", value, "\r\n"]);
    }
    request + "\r\n"
}

#[test]
fn clients_that_never_read_do_not_block_others() {
    let dir = TempDir::new();
    let mut builder = LocalService::builder()
        .root(dir.path())
        .bucket("bucket")
        .request_timeout(Duration::from_millis(200));
    builder.connections = CONNECTIONS;
    let service = builder.start().unwrap();
    fs::write(dir.path().join("bucket/large"), vec![0; LARGE]).unwrap();
    let request = request(&service, "/bucket/large");
    let stalled: Vec<TcpStream> = (0..CONNECTIONS)
        .map(|_| {
            let mut stream = TcpStream::connect(service.address()).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    service
        .client()
        .list_exports(&ListExportsInput::new())
        .unwrap();
    drop(stalled);
}
