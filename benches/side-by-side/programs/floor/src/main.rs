//! The floor: one socket of the standard library, rustls for https, one write per request, a cached
//! key, and serde_json. There is no HTTP library, no setting, no credential source, no retry, no
//! timeout, and no useful error. No client with this TLS library can cost less.

use std::env::var;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

type Anything<T> = Result<T, Box<dyn std::error::Error>>;

const PATH: &str = "/v2/StartDomainExport";

trait Connection: Read + Write {}

impl<C: Read + Write> Connection for C {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    client_token: &'a str,
    domain_name: &'a str,
    s3_bucket: &'a str,
    s3_key_prefix: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    export_arn: String,
}

struct Client {
    connection: Box<dyn Connection>,
    host: String,
    region: String,
    access_key_id: String,
    secret_access_key: String,
    /// The key of a day.
    key: Option<(String, Hmac<Sha256>)>,
    request: Vec<u8>,
    response: Vec<u8>,
}

impl Client {
    fn from_env() -> Anything<Client> {
        let url = var("AWS_ENDPOINT_URL")?;
        let (scheme, host) = url.split_once("://").ok_or("no URL")?;
        Ok(Client {
            connection: connect(scheme, host)?,
            host: host.to_owned(),
            region: var("AWS_REGION")?,
            access_key_id: var("AWS_ACCESS_KEY_ID")?,
            secret_access_key: var("AWS_SECRET_ACCESS_KEY")?,
            key: None,
            request: Vec::with_capacity(2048),
            response: Vec::with_capacity(4096),
        })
    }

    fn start_domain_export(&mut self, domain: &str, bucket: &str, prefix: &str) -> Anything<Output> {
        let body = serde_json::to_vec(&Input {
            client_token: &uuid()?,
            domain_name: domain,
            s3_bucket: bucket,
            s3_key_prefix: prefix,
        })?;
        let (date, authorization) = self.sign(&body)?;
        self.request.clear();
        write!(
            self.request,
            "POST {PATH} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nx-amz-date: {date}\r\nauthorization: {authorization}\r\n\r\n",
            self.host,
            body.len(),
        )?;
        self.request.extend_from_slice(&body);
        self.connection.write_all(&self.request)?;
        self.connection.flush()?;
        self.receive()
    }

    fn receive(&mut self) -> Anything<Output> {
        const END_OF_HEAD: &[u8] = b"\r\n\r\n";
        self.response.clear();
        let mut buffer = [0; 4096];
        loop {
            let read = self.connection.read(&mut buffer)?;
            if read == 0 {
                return Err("the connection was closed".into());
            }
            self.response.extend_from_slice(&buffer[..read]);
            let mut windows = self.response.windows(END_OF_HEAD.len());
            let Some(head) = windows.position(|window| window == END_OF_HEAD) else {
                continue;
            };
            let body = &self.response[head + END_OF_HEAD.len()..];
            let head = str::from_utf8(&self.response[..head])?;
            if body.len() >= content_length(head)? {
                if !head.starts_with("HTTP/1.1 200") {
                    return Err(head.into());
                }
                return Ok(serde_json::from_slice(body)?);
            }
        }
    }

    /// `x-amz-date` and `authorization`.
    fn sign(&mut self, body: &[u8]) -> Anything<(String, String)> {
        let now = amz_date(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs());
        let day = &now[..8];
        let names = "content-type;host;x-amz-date";
        let canonical = format!(
            "POST\n{PATH}\n\ncontent-type:application/json\nhost:{}\nx-amz-date:{now}\n\n{names}\n{}",
            self.host,
            hex(&Sha256::digest(body))
        );
        let scope = format!("{day}/{}/sdb/aws4_request", self.region);
        let hash = hex(&Sha256::digest(canonical));
        let to_sign = format!("AWS4-HMAC-SHA256\n{now}\n{scope}\n{hash}");
        let key = match &self.key {
            Some((of, key)) if of == day => key.clone(),
            _ => {
                let key = self.derive_key(day);
                self.key = Some((day.to_owned(), key.clone()));
                key
            }
        };
        let signature = hex(&key.chain_update(to_sign).finalize().into_bytes());
        let id = &self.access_key_id;
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
        );
        Ok((now, authorization))
    }

    fn derive_key(&self, day: &str) -> Hmac<Sha256> {
        let mut key = format!("AWS4{}", self.secret_access_key).into_bytes();
        for part in [day, &self.region, "sdb", "aws4_request"] {
            let mac = keyed(&key).chain_update(part);
            key = mac.finalize().into_bytes().to_vec();
        }
        keyed(&key)
    }
}

fn connect(scheme: &str, host: &str) -> Anything<Box<dyn Connection>> {
    let socket = TcpStream::connect(host)?;
    socket.set_nodelay(true)?;
    if scheme == "http" {
        return Ok(Box::new(socket));
    }
    let mut roots = RootCertStore::empty();
    match var("AWS_CA_BUNDLE") {
        Ok(path) => {
            for certificate in CertificateDer::pem_file_iter(path)? {
                roots.add(certificate?)?;
            }
        }
        Err(_) => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (name, _) = host.rsplit_once(':').ok_or("no port")?;
    let name = ServerName::try_from(name.to_owned())?;
    let connection = ClientConnection::new(Arc::new(config), name)?;
    Ok(Box::new(StreamOwned::new(connection, socket)))
}

fn content_length(head: &str) -> Anything<usize> {
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Ok(length.ok_or("no length")?.1.trim().parse()?)
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

fn uuid() -> Anything<String> {
    let mut bytes = [0; 16];
    getrandom::getrandom(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    let mut uuid = String::with_capacity(36);
    for (at, part) in [0..8, 8..12, 12..16, 16..20, 20..32].into_iter().enumerate() {
        let hyphen = if at == 0 { "" } else { "-" };
        write!(uuid, "{hyphen}{}", &digits[part])?;
    }
    Ok(uuid)
}

/// Seconds since 1970 as `20150830T123600Z`.
fn amz_date(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

fn main() -> Anything<()> {
    let calls: u32 = std::env::args().nth(1).ok_or("how many calls?")?.parse()?;
    let mut client = Client::from_env()?;
    for _ in 0..calls {
        let started = client.start_domain_export("Books", "my-export-bucket", "exports")?;
        assert!(started.export_arn.starts_with("arn:"));
    }
    Ok(())
}
