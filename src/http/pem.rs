//! Reads the certificates of a CA bundle, as leniently as OpenSSL does.

use base64::prelude::{BASE64_STANDARD, Engine};

const BEGIN: &str = "-----BEGIN ";

/// Returns the certificates of a PEM file in DER form. What is not a certificate is skipped: keys,
/// comments, a byte order mark.
///
/// The error says what is wrong with the file.
pub(super) fn certificates(content: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let text = String::from_utf8_lossy(content);
    let mut certificates = Vec::new();
    let mut rest = &*text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let section_at = text.len() - rest.len() + before.len();
        let problem = |problem: &str| {
            let line = text[..section_at].matches('\n').count() + 1;
            format!("the section that begins in line {line} {problem}")
        };
        let (label, body) = after
            .split_once("-----")
            .ok_or_else(|| problem("is incomplete"))?;
        let (body, after) = body
            .split_once(&format!("-----END {label}-----"))
            .ok_or_else(|| problem("is incomplete"))?;
        if let "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" = label {
            let base64: String = body.split_ascii_whitespace().collect();
            let mut der = BASE64_STANDARD
                .decode(base64)
                .map_err(|_| problem("is not valid Base64"))?;
            // OpenSSL puts what a trusted certificate is trusted for behind it.
            der.truncate(element_length(&der));
            certificates.push(der);
        }
        rest = after;
    }
    if !certificates.is_empty() {
        return Ok(certificates);
    }
    Err(if content.is_empty() {
        "the file is empty".to_owned()
    } else if is_der(content) {
        "the file is in DER form; convert it with `openssl x509 -inform der -in FILE -out FILE.pem`"
            .to_owned()
    } else {
        "the file has no certificate".to_owned()
    })
}

/// Returns whether the file is one sequence in DER.
fn is_der(content: &[u8]) -> bool {
    content.first() == Some(&0x30) && element_length(content) == content.len()
}

/// The length of the DER element at the beginning, or that of everything if there is none.
fn element_length(der: &[u8]) -> usize {
    let length = || {
        let first = *der.get(1)?;
        if first < 0x80 {
            return Some(2 + usize::from(first));
        }
        let octets = der.get(2..2 + usize::from(first & 0x7f))?;
        let length = octets.iter().try_fold(0_usize, |length, octet| {
            length.checked_mul(256)?.checked_add(usize::from(*octet))
        })?;
        length.checked_add(2 + octets.len())
    };
    length()
        .filter(|length| *length <= der.len())
        .unwrap_or(der.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sequence of two octets, and another one behind it.
    const DER: [u8; 4] = [0x30, 2, 5, 0];
    const BASE64: &str = "MAIFAA==";
    const WITH_MORE: &str = "MAIFADAC\nBQA=";

    fn section(label: &str, body: &str) -> String {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    }

    #[test]
    fn finds_every_form_of_certificate() {
        let certificate = section("CERTIFICATE", BASE64);
        for text in [
            certificate.clone(),
            format!("\u{feff}{certificate}"),
            certificate.replace('\n', "\r\n"),
            certificate.replace('\n', ""),
            format!("subject=/CN=Acme\n  {certificate}"),
            section("X509 CERTIFICATE", BASE64),
            section("TRUSTED CERTIFICATE", WITH_MORE),
            section("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\n?") + &certificate,
        ] {
            assert_eq!(
                certificates(text.as_bytes()),
                Ok(vec![DER.to_vec()]),
                "{text}"
            );
        }
        let two = certificates(certificate.repeat(2).as_bytes());
        assert_eq!(two, Ok(vec![DER.to_vec(); 2]));
    }

    #[test]
    fn says_what_is_wrong_with_a_file() {
        let certificate = section("CERTIFICATE", BASE64);
        let cases = [
            (String::new(), "the file is empty"),
            ("x".to_owned(), "the file has no certificate"),
            (
                section("PRIVATE KEY", BASE64),
                "the file has no certificate",
            ),
            (
                format!("\n{}", &certificate[..40]),
                "the section that begins in line 2 is incomplete",
            ),
            (
                format!("{certificate}-----BEGIN CERT"),
                "the section that begins in line 4 is incomplete",
            ),
            (
                section("CERTIFICATE", "?"),
                "the section that begins in line 1 is not valid Base64",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(certificates(text.as_bytes()).unwrap_err(), expected);
        }
        let error = certificates(&DER).unwrap_err();
        assert!(error.starts_with("the file is in DER form"), "{error}");
    }

    #[test]
    fn measures_elements_of_any_length() {
        let mut long = vec![0x30, 0x82, 1, 0];
        long.resize(4 + 256 + 7, 0);
        assert_eq!(element_length(&long), 4 + 256);
        for broken in [
            &[][..],
            &[0x30],
            &[0x30, 0x82, 1],
            &[0x30, 0xff],
            &[0x30, 9],
        ] {
            assert_eq!(element_length(broken), broken.len());
        }
    }
}
