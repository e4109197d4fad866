//! The `User-Agent` header.

use std::env::consts::OS;

/// Returns the value of `User-Agent` for an API: this library first, then what AWS SDKs send, in their
/// form.
pub(crate) fn user_agent(api: &str, execution_env: Option<&str>, app_name: Option<&str>) -> String {
    let os = if matches!(OS, "linux" | "macos" | "windows" | "android" | "ios") {
        OS
    } else {
        "other"
    };
    let mut text = format!(
        concat!(
            env!("CARGO_PKG_NAME"),
            "/",
            env!("CARGO_PKG_VERSION"),
            " ua/2.1 api/{}#",
            env!("CARGO_PKG_VERSION"),
            " os/{} lang/rust#",
            env!("CARGO_PKG_RUST_VERSION"),
        ),
        api, os
    );
    for (prefix, value) in [(" exec-env/", execution_env), (" app/", app_name)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            text.push_str(prefix);
            text.extend(value.chars().map(|c| if is_token(c) { c } else { '-' }));
        }
    }
    text
}

/// Returns whether a character may be in an HTTP token: no value can break the header.
fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(
            c,
            '!' | '$' | '%' | '&' | '\'' | '*' | '+' | '-' | '.' | '^' | '_' | '`' | '|' | '~'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_product_first() {
        let plain = user_agent("simpledbv2", None, Some(""));
        assert!(plain.starts_with("simpledb-export/"), "{plain}");
        assert!(plain.contains(" ua/2.1 api/simpledbv2#"), "{plain}");
        assert!(!plain.contains("app/"), "{plain}");
        let full = user_agent("s3", Some("AWS_Lambda_rust"), Some("my app\r\n/1"));
        assert!(full.contains(" ua/2.1 api/s3#"), "{full}");
        assert!(
            full.ends_with(" exec-env/AWS_Lambda_rust app/my-app---1"),
            "{full}"
        );
    }
}
