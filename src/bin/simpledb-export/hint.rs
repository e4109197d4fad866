//! How to go on: commands to be copied.

use std::path::Path;

use super::args::Global;

/// Where no region is set.
pub(crate) const REGION: &str = "to set it for one command: --region REGION";

/// After a start of which nobody knows whether the service got it.
pub(crate) fn same_token(client_token: &str) -> String {
    format!(
        "the export may have been started; to go on without starting a second one, run the same \
         command within 8 hours with --client-token {}",
        quote(client_token)
    )
}

/// While or after waiting for an export that has not ended.
pub(crate) fn wait_again(global: &Global, export_arn: &str) -> String {
    format!(
        "to go on waiting: simpledb-export wait export-succeeded --export-arn {}{}",
        quote(export_arn),
        flags(global)
    )
}

/// While or after downloading an export.
pub(crate) fn download_again(global: &Global, export_arn: &str, to: &Path) -> String {
    format!(
        "the export is in its bucket; to go on downloading: simpledb-export download --export-arn \
         {} --to {}{}",
        quote(export_arn),
        quote(&to.display().to_string()),
        flags(global)
    )
}

/// While the start of an export is under way.
pub(crate) fn look_for(global: &Global, domain_name: &str) -> String {
    format!(
        "the export may have been started; to see: simpledb-export list-exports --domain-name \
         {}{}",
        quote(domain_name),
        flags(global)
    )
}

/// The flags that decide which export an ARN means.
fn flags(global: &Global) -> String {
    let flags = [
        ("--region", &global.region),
        ("--profile", &global.profile),
        ("--endpoint-url", &global.endpoint_url),
    ];
    flags
        .into_iter()
        .filter_map(|(flag, value)| Some(format!(" {flag} {}", quote(value.as_deref()?))))
        .collect()
}

/// A word as a POSIX shell takes it.
fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::args::Format;

    fn global(region: Option<&str>, endpoint_url: Option<&str>) -> Global {
        Global {
            region: region.map(str::to_owned),
            profile: None,
            endpoint_url: endpoint_url.map(str::to_owned),
            output: Format::Json,
            color: clap::ColorChoice::Auto,
            quiet: false,
            debug: false,
        }
    }

    #[test]
    fn a_command_to_go_on_with_finds_the_same_export() {
        assert_eq!(
            wait_again(
                &global(None, None),
                "arn:aws:sdb:us-east-1:1:domain/B/export/0"
            ),
            "to go on waiting: simpledb-export wait export-succeeded --export-arn \
             arn:aws:sdb:us-east-1:1:domain/B/export/0"
        );
        let global = global(Some("eu-west-1"), Some("http://localhost:1"));
        assert_eq!(
            look_for(&global, "my books"),
            "the export may have been started; to see: simpledb-export list-exports \
             --domain-name 'my books' --region eu-west-1 --endpoint-url http://localhost:1"
        );
    }

    #[test]
    fn a_token_is_to_be_used_again() {
        assert_eq!(
            same_token("0e1e-2f"),
            "the export may have been started; to go on without starting a second one, run the \
             same command within 8 hours with --client-token 0e1e-2f"
        );
    }

    #[test]
    fn words_survive_a_shell() {
        for (word, quoted) in [
            ("arn:aws:sdb", "arn:aws:sdb"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(quote(word), quoted);
        }
    }
}
