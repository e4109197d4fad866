//! What is remembered from run to run.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::error::{ExportAllError, ExportAllErrorKind};
use crate::operation::start_domain_export::StartDomainExportInput;
use crate::operation::types::S3SseAlgorithm;
use crate::wire::timestamp;

/// The version of the file's form.
const VERSION: u32 = 1;

/// All that a state file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct State {
    version: u32,
    /// Whose domains these are, once that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    pub(super) settings: Settings,
    pub(super) domains: Vec<Entry>,
}

/// What all exports have in common. A client token stands for an export with these, and another
/// region or service has other domains, so that a state file is good for one of them only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    /// The host of an endpoint that was set. Without its port, as a local service has another one
    /// each time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) endpoint_host: Option<String>,
    pub(super) s3_bucket: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) s3_key_prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) s3_sse_algorithm: Option<S3SseAlgorithm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) s3_sse_kms_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) s3_bucket_owner: Option<String>,
}

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) domain_name: String,
    /// How many exports of it were tried.
    pub(super) attempts: u32,
    #[serde(flatten)]
    pub(super) stage: Stage,
}

/// How far a domain has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(super) enum Stage {
    /// No export of it is under way.
    Waiting,
    /// An export was asked for, or was just about to be; whether it was started is not known.
    Starting {
        client_token: String,
        #[serde(with = "timestamp::text")]
        since: OffsetDateTime,
    },
    /// An export is under way.
    Started {
        client_token: String,
        export_arn: String,
        #[serde(with = "timestamp::text")]
        requested_at: OffsetDateTime,
    },
    /// It is exported.
    Done {
        export_arn: String,
        items_count: Option<u64>,
        export_manifest: Option<String>,
    },
    /// The last try failed.
    Failed {
        code: String,
        message: Option<String>,
        export_arn: Option<String>,
        /// Whether another try cannot help.
        for_good: bool,
    },
}

impl State {
    pub(super) fn new(settings: Settings) -> State {
        State {
            version: VERSION,
            account_id: None,
            settings,
            domains: Vec::new(),
        }
    }

    /// Reads a state file; the error is what is wrong with it.
    pub(super) fn parse(json: &[u8]) -> Result<State, String> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let damaged =
            |error| format!("it is damaged ({error}): bring back a copy, or name another file");
        let head: Head = serde_json::from_slice(json).map_err(damaged)?;
        if head.version != VERSION {
            return Err(format!(
                "it is of version {}, and this program knows version {VERSION}: use the program \
                 that wrote it, or a newer one",
                head.version
            ));
        }
        serde_json::from_slice(json).map_err(damaged)
    }

    /// Makes the state one of exports with these settings, if it is not; refused once anything was
    /// asked for with others.
    pub(super) fn adopt(&mut self, settings: Settings) -> Result<(), ExportAllError> {
        if self.settings != settings {
            if self.is_begun() {
                let (of, other) = (self.settings.describe(), settings.describe());
                return Err(ExportAllError::new(
                    ExportAllErrorKind::OtherSettings,
                    format!(
                        "the state file is of exports with {of}, not with {other}: name another \
                         state file for those"
                    ),
                ));
            }
            self.settings = settings;
        }
        Ok(())
    }

    /// Whether anything was asked for.
    fn is_begun(&self) -> bool {
        !self.domains.iter().all(Entry::is_untouched)
    }

    /// The account that the exports are of, where there is one to keep to.
    pub(super) fn account_to_keep_to(&self) -> Option<&str> {
        self.account_id.as_deref().filter(|_| self.is_begun())
    }

    /// Makes the state one of this account's exports; refused once anything was asked of another.
    pub(super) fn belong_to(&mut self, account_id: &str) -> Result<(), ExportAllError> {
        match self.account_to_keep_to() {
            Some(own) if own != account_id => Err(ExportAllError::new(
                ExportAllErrorKind::OtherAccount,
                format!(
                    "the state file is of the account {own}, and the credentials are of \
                     {account_id}: use that account's, or name another state file"
                ),
            )),
            Some(_) => Ok(()),
            None => {
                self.account_id = Some(account_id.to_owned());
                Ok(())
            }
        }
    }

    /// Notes the account of an export that was started. It is taken at its word where nothing but
    /// credentials has told of one yet.
    pub(super) fn started_in(&mut self, account_id: &str) -> Result<(), ExportAllError> {
        if !self.domains.iter().any(Entry::had_export) {
            self.account_id = None;
        }
        self.belong_to(account_id)
    }

    /// Brings the domains into the order of a list, with those it adds; what is not in the list
    /// comes last. Gives how many are in the list: a name that comes twice counts once.
    pub(super) fn arrange(&mut self, domain_names: Vec<String>) -> usize {
        let mut seen = HashSet::new();
        let mut arranged = Vec::new();
        for domain_name in domain_names {
            if !seen.insert(domain_name.clone()) {
                continue;
            }
            let known = self
                .domains
                .iter()
                .position(|entry| entry.domain_name == domain_name);
            arranged.push(match known {
                Some(index) => self.domains.remove(index),
                None => Entry {
                    domain_name,
                    attempts: 0,
                    stage: Stage::Waiting,
                },
            });
        }
        let listed = arranged.len();
        arranged.append(&mut self.domains);
        self.domains = arranged;
        listed
    }
}

impl Entry {
    /// Whether nothing was ever asked for.
    fn is_untouched(&self) -> bool {
        self.attempts == 0 && self.stage == Stage::Waiting
    }

    /// Whether there is, or was, an export of it that is known by its ARN.
    pub(super) fn had_export(&self) -> bool {
        match &self.stage {
            Stage::Started { .. } | Stage::Done { .. } => true,
            Stage::Failed { export_arn, .. } => export_arn.is_some(),
            Stage::Waiting | Stage::Starting { .. } => false,
        }
    }
}

impl Settings {
    /// The request for an export of a domain with these.
    pub(super) fn input(&self, domain_name: &str, client_token: &str) -> StartDomainExportInput {
        let mut input =
            StartDomainExportInput::new(domain_name, &self.s3_bucket).client_token(client_token);
        input.s3_key_prefix.clone_from(&self.s3_key_prefix);
        input.s3_sse_algorithm.clone_from(&self.s3_sse_algorithm);
        input.s3_sse_kms_key_id.clone_from(&self.s3_sse_kms_key_id);
        input.s3_bucket_owner.clone_from(&self.s3_bucket_owner);
        input
    }

    fn describe(&self) -> String {
        let algorithm = self.s3_sse_algorithm.as_ref().map(S3SseAlgorithm::as_str);
        let options = [
            ("region", self.region.as_deref()),
            ("endpoint", self.endpoint_host.as_deref()),
            ("s3Bucket", Some(self.s3_bucket.as_str())),
            ("s3KeyPrefix", self.s3_key_prefix.as_deref()),
            ("s3SseAlgorithm", algorithm),
            ("s3SseKmsKeyId", self.s3_sse_kms_key_id.as_deref()),
            ("s3BucketOwner", self.s3_bucket_owner.as_deref()),
        ];
        let words: Vec<_> = options
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name} {}", value?)))
            .collect();
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(s3_bucket: &str) -> Settings {
        Settings {
            region: Some("us-east-1".to_owned()),
            s3_bucket: s3_bucket.to_owned(),
            ..Settings::default()
        }
    }

    fn entry(domain_name: &str, attempts: u32, stage: Stage) -> Entry {
        Entry {
            domain_name: domain_name.to_owned(),
            attempts,
            stage,
        }
    }

    fn time() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(1_771_261_003_659_000_000).unwrap()
    }

    #[test]
    fn every_stage_is_written_and_read() {
        let mut state = State::new(settings("bucket"));
        state.domains = vec![
            entry("A", 0, Stage::Waiting),
            entry(
                "B",
                1,
                Stage::Starting {
                    client_token: "t".to_owned(),
                    since: time(),
                },
            ),
            entry(
                "C",
                1,
                Stage::Started {
                    client_token: "t".to_owned(),
                    export_arn: "arn:x".to_owned(),
                    requested_at: time(),
                },
            ),
            entry(
                "D",
                2,
                Stage::Done {
                    export_arn: "arn:x".to_owned(),
                    items_count: Some(u64::MAX),
                    export_manifest: None,
                },
            ),
            entry(
                "E",
                3,
                Stage::Failed {
                    code: "NoSuchBucket".to_owned(),
                    message: Some("no".to_owned()),
                    export_arn: None,
                    for_good: true,
                },
            ),
        ];
        let json = serde_json::to_string(&state).unwrap();
        let starting = r#"{"domainName":"B","attempts":1,"state":"starting","clientToken":"t","since":"2026-02-16T16:56:43.659Z"}"#;
        assert!(json.contains(starting), "{json}");
        assert_eq!(State::parse(json.as_bytes()).unwrap(), state);
    }

    #[test]
    fn what_is_no_state_is_refused_with_what_to_do() {
        assert_eq!(
            State::parse(br#"{"version":2,"settings":7}"#).unwrap_err(),
            "it is of version 2, and this program knows version 1: use the program that wrote \
             it, or a newer one"
        );
        assert_eq!(
            State::parse(b"").unwrap_err(),
            "it is damaged (EOF while parsing a value at line 1 column 0): bring back a copy, or \
             name another file"
        );
        let unknown_stage = br#"{"version":1,"settings":{"s3Bucket":"b"},"domains":[
            {"domainName":"A","attempts":0,"state":"asleep"}]}"#;
        assert!(State::parse(unknown_stage).is_err());
    }

    #[test]
    fn other_settings_are_taken_as_long_as_nothing_was_asked_for() {
        let mut state = State::new(settings("one"));
        state.domains.push(entry("A", 0, Stage::Waiting));
        state.adopt(settings("two")).unwrap();
        assert_eq!(state.settings, settings("two"));

        state.domains[0].attempts = 1;
        state.adopt(settings("two")).unwrap();
        let error = state.adopt(settings("one")).unwrap_err();
        assert_eq!(error.kind(), ExportAllErrorKind::OtherSettings);
        assert_eq!(
            error.to_string(),
            "the state file is of exports with region us-east-1, s3Bucket two, not with region \
             us-east-1, s3Bucket one: name another state file for those"
        );
    }

    #[test]
    fn a_state_belongs_to_one_account_once_anything_was_asked_for() {
        let mut state = State::new(settings("bucket"));
        state.domains.push(entry("A", 0, Stage::Waiting));
        state.belong_to("111122223333").unwrap();
        assert_eq!(state.account_to_keep_to(), None);
        state.belong_to("444455556666").unwrap();

        state.domains[0].attempts = 1;
        assert_eq!(state.account_to_keep_to(), Some("444455556666"));
        state.belong_to("444455556666").unwrap();
        let error = state.belong_to("111122223333").unwrap_err();
        assert_eq!(error.kind(), ExportAllErrorKind::OtherAccount);
        assert_eq!(
            error.to_string(),
            "the state file is of the account 444455556666, and the credentials are of \
             111122223333: use that account's, or name another state file"
        );
        let json = serde_json::to_vec(&state).unwrap();
        assert_eq!(State::parse(&json).unwrap(), state);
    }

    #[test]
    fn the_first_export_tells_the_account_whatever_the_credentials_said() {
        let mut state = State::new(settings("bucket"));
        state.domains.push(entry("A", 1, Stage::Waiting));
        state.belong_to("111122223333").unwrap();
        state.started_in("444455556666").unwrap();
        assert_eq!(state.account_to_keep_to(), Some("444455556666"));

        state.domains[0].stage = Stage::Done {
            export_arn: "arn:x".to_owned(),
            items_count: None,
            export_manifest: None,
        };
        state.started_in("444455556666").unwrap();
        assert!(state.started_in("111122223333").is_err());
    }

    #[test]
    fn another_endpoint_is_another_setting() {
        let at = |host: Option<&str>| Settings {
            endpoint_host: host.map(str::to_owned),
            ..settings("bucket")
        };
        let mut state = State::new(at(None));
        state.domains.push(entry("A", 1, Stage::Waiting));
        assert_eq!(
            state.adopt(at(Some("127.0.0.1"))).unwrap_err().to_string(),
            "the state file is of exports with region us-east-1, s3Bucket bucket, not with region \
             us-east-1, endpoint 127.0.0.1, s3Bucket bucket: name another state file for those"
        );
    }

    #[test]
    fn the_list_gives_the_order_and_nothing_is_forgotten() {
        let mut state = State::new(settings("bucket"));
        state.domains = vec![
            entry("Old", 1, Stage::Waiting),
            entry("B", 2, Stage::Waiting),
        ];
        let listed = state.arrange(["A", "B", "A", "C"].map(str::to_owned).to_vec());
        assert_eq!(listed, 3);
        let names: Vec<_> = state
            .domains
            .iter()
            .map(|entry| (entry.domain_name.as_str(), entry.attempts))
            .collect();
        assert_eq!(names, [("A", 0), ("B", 2), ("C", 0), ("Old", 1)]);
    }

    #[test]
    fn a_request_has_every_option() {
        let settings = Settings {
            s3_key_prefix: Some("p".to_owned()),
            s3_sse_algorithm: Some(S3SseAlgorithm::Kms),
            s3_sse_kms_key_id: Some("k".to_owned()),
            s3_bucket_owner: Some("111122223333".to_owned()),
            ..settings("bucket")
        };
        let expected = StartDomainExportInput::new("Books", "bucket")
            .client_token("t")
            .s3_key_prefix("p")
            .s3_sse_algorithm(S3SseAlgorithm::Kms)
            .s3_sse_kms_key_id("k")
            .s3_bucket_owner("111122223333");
        assert_eq!(settings.input("Books", "t"), expected);
    }
}
