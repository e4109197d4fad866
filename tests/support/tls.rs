//! Certificates for the tests, and servers that present them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use base64::prelude::{BASE64_STANDARD, Engine};
use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::server::{Duplex, Wrap};

/// An authority that a client can trust.
struct Authority {
    certificate: Certificate,
    key: KeyPair,
}

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    // With the default name it would be taken for the issuer of self-signed certificates.
    params
        .distinguished_name
        .push(DnType::CommonName, "an authority of the tests");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).expect("a certificate");
    Authority { certificate, key }
});

/// A PEM file with the authority's certificate.
pub(crate) static CA_BUNDLE: LazyLock<PathBuf> = LazyLock::new(|| {
    let name = format!("simpledb-export-test-ca-{}.pem", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, AUTHORITY.certificate.pem()).expect("a file can be written");
    path
});

/// The same in a form that OpenSSL writes, after other content that is found in such files.
pub(crate) static ODD_CA_BUNDLE: LazyLock<PathBuf> = LazyLock::new(|| {
    let name = format!("simpledb-export-test-odd-ca-{}.pem", std::process::id());
    let path = std::env::temp_dir().join(name);
    // An empty list of uses follows the certificate.
    let trusted = [AUTHORITY.certificate.der().as_ref(), &[0x30, 0]].concat();
    let trusted = BASE64_STANDARD.encode(trusted);
    let text = format!(
        "\u{feff}-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n?\n\
         -----END RSA PRIVATE KEY-----\n\
         -----BEGIN TRUSTED CERTIFICATE-----\n{trusted}\n-----END TRUSTED CERTIFICATE-----\n"
    );
    std::fs::write(&path, text).expect("a file can be written");
    path
});

/// A certificate for the loopback, signed by the authority.
pub(crate) fn good() -> Wrap {
    signed(loopback())
}

/// The same at the end of a tunnel: the server is the proxy, too.
pub(crate) fn tunneled() -> Wrap {
    let tls = good();
    Box::new(move |mut socket| {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            socket.read_exact(&mut byte)?;
            head.extend(byte);
        }
        assert!(head.starts_with(b"CONNECT "));
        socket.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        tls(socket)
    })
}

pub(crate) fn expired() -> Wrap {
    let mut params = loopback();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2020, 2, 1);
    signed(params)
}

pub(crate) fn for_another_host() -> Wrap {
    signed(CertificateParams::new(vec!["example.com".to_owned()]).expect("parameters"))
}

pub(crate) fn self_signed() -> Wrap {
    let key = KeyPair::generate().expect("a key");
    let certificate = loopback().self_signed(&key).expect("a certificate");
    wrap(&certificate, &key)
}

fn loopback() -> CertificateParams {
    CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("parameters")
}

fn signed(params: CertificateParams) -> Wrap {
    let key = KeyPair::generate().expect("a key");
    let certificate = params
        .signed_by(&key, &AUTHORITY.certificate, &AUTHORITY.key)
        .expect("a certificate");
    wrap(&certificate, &key)
}

fn wrap(certificate: &Certificate, key: &KeyPair) -> Wrap {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a certificate with its key");
    let config = Arc::new(config);
    Box::new(move |socket: TcpStream| {
        let connection =
            ServerConnection::new(Arc::clone(&config)).map_err(std::io::Error::other)?;
        Ok(Box::new(StreamOwned::new(connection, socket)) as Box<dyn Duplex>)
    })
}
