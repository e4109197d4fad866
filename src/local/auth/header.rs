//! Parses the `Authorization` header of Signature Version 4.

/// `AWS4-HMAC-SHA256 Credential=<id>/<date>/<region>/<service>/aws4_request, SignedHeaders=<a;b>,
/// Signature=<hex>`
#[derive(Debug)]
pub(super) struct Authorization<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) signed_headers: Vec<&'a str>,
    pub(super) signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// Parses the header. The error does not repeat it.
    pub(super) fn parse(header: &'a str) -> Result<Authorization<'a>, String> {
        let parameters = header
            .strip_prefix("AWS4-HMAC-SHA256")
            .filter(|rest| rest.starts_with([' ', '\t']))
            .ok_or("Authorization does not start with AWS4-HMAC-SHA256")?;
        let parameter = |name: &str| {
            parameters
                .split(',')
                .filter_map(|part| part.trim().split_once('='))
                .find(|(n, _)| *n == name)
                .map(|(_, value)| value)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| format!("Authorization has no {name}"))
        };
        let credential = parameter("Credential")?;
        let signed_headers = parameter("SignedHeaders")?.split(';').collect();
        let signature = parameter("Signature")?;
        // The access key ID comes first and may contain slashes.
        let mut parts = credential.rsplitn(5, '/');
        let mut part = || {
            parts
                .next()
                .filter(|part| !part.is_empty())
                .ok_or("Credential is not <access key ID>/<date>/<region>/<service>/aws4_request")
        };
        let (end, service, region, date, access_key_id) =
            (part()?, part()?, part()?, part()?, part()?);
        if end != "aws4_request" {
            return Err("Credential does not end with aws4_request".to_owned());
        }
        let is_region_byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !region.bytes().all(is_region_byte) {
            return Err("invalid region in Credential".to_owned());
        }
        Ok(Authorization {
            access_key_id,
            date,
            region,
            service,
            signed_headers,
            signature,
        })
    }

    /// Returns whether a header, named in lower case, is signed.
    pub(super) fn signs(&self, name: &str) -> bool {
        self.signed_headers.contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_every_part() {
        let header = "AWS4-HMAC-SHA256 Credential=AKID/1/20260216/eu-west-1/sdb/aws4_request,\
                      SignedHeaders=host;x-amz-date, Signature=abc";
        let parsed = Authorization::parse(header).unwrap();
        assert_eq!(parsed.access_key_id, "AKID/1");
        assert_eq!(
            (parsed.date, parsed.region, parsed.service),
            ("20260216", "eu-west-1", "sdb")
        );
        assert!(parsed.signs("host") && !parsed.signs("content-type"));
        assert_eq!(parsed.signature, "abc");
    }

    #[test]
    fn names_the_missing_part() {
        let table = [
            (
                "Basic abc",
                "Authorization does not start with AWS4-HMAC-SHA256",
            ),
            (
                "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=a",
                "Authorization has no Credential",
            ),
            (
                "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, Signature=a",
                "Authorization has no SignedHeaders",
            ),
            (
                "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=",
                "Authorization has no Signature",
            ),
            (
                "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=a",
                "Credential is not <access key ID>/<date>/<region>/<service>/aws4_request",
            ),
            (
                "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=a",
                "Credential does not end with aws4_request",
            ),
            (
                "AWS4-HMAC-SHA256 Credential=a/b/C:/d/aws4_request, SignedHeaders=h, Signature=a",
                "invalid region in Credential",
            ),
        ];
        for (header, error) in table {
            assert_eq!(Authorization::parse(header).unwrap_err(), error);
        }
    }
}
