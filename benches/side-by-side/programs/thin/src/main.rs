//! Starts the given number of exports with the least code that signs and sends: no retries, no
//! timeouts, credentials from the environment only, no useful errors.

use std::env::var;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use ureq::Agent;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

type Anything<T> = Result<T, Box<dyn std::error::Error>>;

struct Client {
    agent: Agent,
    endpoint_url: String,
    region: String,
    access_key_id: String,
    secret_access_key: String,
}

impl Client {
    fn from_env() -> Anything<Client> {
        let mut config = Agent::config_builder();
        if let Ok(path) = var("AWS_CA_BUNDLE") {
            let certificates: Vec<_> = parse_pem(&std::fs::read(path)?)
                .filter_map(|item| match item {
                    Ok(PemItem::Certificate(certificate)) => Some(certificate),
                    _ => None,
                })
                .collect();
            let roots = RootCerts::new_with_certs(&certificates);
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        Ok(Client {
            agent: config.build().into(),
            endpoint_url: var("AWS_ENDPOINT_URL")?,
            region: var("AWS_REGION")?,
            access_key_id: var("AWS_ACCESS_KEY_ID")?,
            secret_access_key: var("AWS_SECRET_ACCESS_KEY")?,
        })
    }

    fn start_domain_export(&self, domain: &str, bucket: &str, prefix: &str) -> Anything<Value> {
        let body = json!({
            "domainName": domain,
            "s3Bucket": bucket,
            "s3KeyPrefix": prefix,
            "clientToken": uuid()?,
        });
        let body = body.to_string();
        let path = "/v2/StartDomainExport";
        let (date, authorization) = self.sign(path, body.as_bytes())?;
        let text = self
            .agent
            .post(format!("{}{path}", self.endpoint_url))
            .header("content-type", "application/json")
            .header("x-amz-date", date)
            .header("authorization", authorization)
            .send(body)?
            .body_mut()
            .read_to_string()?;
        Ok(serde_json::from_str(&text)?)
    }

    /// `x-amz-date` and `authorization`.
    fn sign(&self, path: &str, body: &[u8]) -> Anything<(String, String)> {
        let region = &self.region;
        let now = amz_date(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs());
        let day = &now[..8];
        let (_, host) = self.endpoint_url.split_once("://").ok_or("no URL")?;
        let names = "content-type;host;x-amz-date";
        let canonical = format!(
            "POST\n{path}\n\ncontent-type:application/json\nhost:{host}\nx-amz-date:{now}\n\n\
             {names}\n{}",
            hex(&Sha256::digest(body))
        );
        let scope = format!("{day}/{region}/sdb/aws4_request");
        let hash = hex(&Sha256::digest(canonical));
        let to_sign = format!("AWS4-HMAC-SHA256\n{now}\n{scope}\n{hash}");
        let mut key = format!("AWS4{}", self.secret_access_key).into_bytes();
        for part in [day, region, "sdb", "aws4_request"] {
            key = hmac(&key, part)?;
        }
        let signature = hex(&hmac(&key, &to_sign)?);
        let id = &self.access_key_id;
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
        );
        Ok((now, authorization))
    }
}

fn hmac(key: &[u8], message: &str) -> Anything<Vec<u8>> {
    let mac = Hmac::<Sha256>::new_from_slice(key)?;
    Ok(mac.chain_update(message).finalize().into_bytes().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    let digits = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
    bytes.iter().flat_map(digits).collect()
}

fn uuid() -> Anything<String> {
    let mut bytes = [0; 16];
    getrandom::getrandom(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    Ok(parts.map(|part| &digits[part]).join("-"))
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
    let client = Client::from_env()?;
    for _ in 0..calls {
        let started = client.start_domain_export("Books", "my-export-bucket", "exports")?;
        let arn = started["exportArn"].as_str().ok_or("no ARN")?;
        assert!(arn.starts_with("arn:"));
    }
    Ok(())
}
