//! Chooses the proxy for a URL, as a pure function of the environment.

mod bypass;

use std::fmt;

use ureq::http::Uri;
use zeroize::Zeroizing;

use self::bypass::is_bypassed;
use super::env::Env;
use super::error::ConfigError;

/// The proxies that environment variables name.
///
/// A variable in lower case takes precedence, as in other tools. `Debug` does not show the URLs,
/// which may contain a password.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct ProxySettings {
    https: Option<Named>,
    http: Option<Named>,
    bypass: Vec<String>,
}

/// A URL and the variable that it comes from.
#[derive(Clone, PartialEq, Eq)]
struct Named {
    variable: &'static str,
    url: Zeroizing<String>,
}

impl ProxySettings {
    /// Returns settings with one proxy, set in code, for every request.
    pub(crate) fn for_all(url: String) -> ProxySettings {
        let proxy = Some(Named {
            variable: "proxy",
            url: Zeroizing::new(url),
        });
        ProxySettings {
            https: proxy.clone(),
            http: proxy,
            bypass: Vec::new(),
        }
    }

    /// Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    ///
    /// If `REQUEST_METHOD` is set, the process may be a CGI script, for which `HTTP_PROXY` in upper
    /// case would be a header of a stranger's request: it is ignored then.
    pub(crate) fn from_env(env: &Env) -> Result<ProxySettings, ConfigError> {
        let all = named(env, &["all_proxy", "ALL_PROXY"])?;
        let is_cgi = env.get_os("REQUEST_METHOD").is_some();
        let http: &[&str] = if is_cgi {
            &["http_proxy"]
        } else {
            &["http_proxy", "HTTP_PROXY"]
        };
        let bypass = named(env, &["no_proxy", "NO_PROXY"])?;
        let bypass = bypass.as_ref().map_or("", |bypass| &bypass.url);
        Ok(ProxySettings {
            https: named(env, &["https_proxy", "HTTPS_PROXY"])?.or_else(|| all.clone()),
            http: named(env, http)?.or(all),
            bypass: bypass
                .split([',', ' ', '\t'])
                .filter(|pattern| !pattern.is_empty())
                .map(str::to_ascii_lowercase)
                .collect(),
        })
    }

    /// Returns the URL of the proxy for a request to a URL: `http://[user:password@]host[:port]`,
    /// or the same with `https://`. `None` means a direct connection.
    ///
    /// A variable that does not contain such a URL is an error only if it applies.
    pub(crate) fn for_url(&self, url: &str) -> Result<Option<&str>, ConfigError> {
        let uri: Uri = url.parse().unwrap_or_default();
        let (proxy, default_port) = match uri.scheme_str() {
            Some("https") => (&self.https, 443),
            Some("http") => (&self.http, 80),
            _ => return Ok(None),
        };
        let host = uri.host().unwrap_or_default();
        let port = uri.port_u16().unwrap_or(default_port);
        match proxy {
            Some(proxy) if !is_bypassed(&self.bypass, host, port) => check(proxy).map(Some),
            _ => Ok(None),
        }
    }
}

impl fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |proxy: &Option<Named>| proxy.as_ref().map(|proxy| proxy.variable);
        f.debug_struct("ProxySettings")
            .field("https", &name(&self.https))
            .field("http", &name(&self.http))
            .field("bypass", &self.bypass)
            .finish()
    }
}

/// Returns the first variable that is set.
fn named(env: &Env, variables: &[&'static str]) -> Result<Option<Named>, ConfigError> {
    for variable in variables {
        if let Some(url) = env.get(variable)? {
            return Ok(Some(Named {
                variable,
                url: Zeroizing::new(url.trim().to_owned()),
            }));
        }
    }
    Ok(None)
}

/// Checks a proxy's URL. The error does not repeat it, since it may contain a password.
fn check(proxy: &Named) -> Result<&str, ConfigError> {
    let is_usable = proxy.url.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), None | Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.path().trim_matches('/').is_empty()
            && uri.query().is_none()
    });
    if is_usable {
        return Ok(&proxy.url);
    }
    Err(ConfigError::new(format!(
        "invalid {}: expected http://[user:password@]host[:port] (SOCKS is not supported)",
        proxy.variable
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://sdb.amazonaws.com/v2/GetExport";

    /// How the variable is named in messages: on Windows case does not matter.
    const HTTPS_PROXY: &str = if cfg!(windows) {
        "https_proxy"
    } else {
        "HTTPS_PROXY"
    };

    fn proxy<const N: usize>(pairs: [(&str, &str); N]) -> ProxySettings {
        ProxySettings::from_env(&Env::from_pairs(pairs)).unwrap()
    }

    #[test]
    fn uses_the_variable_of_the_scheme_before_all_proxy() {
        let proxy = proxy([("HTTPS_PROXY", "http://s"), ("ALL_PROXY", "http://a")]);
        assert_eq!(proxy.for_url(URL).unwrap(), Some("http://s"));
        assert_eq!(proxy.for_url("http://h").unwrap(), Some("http://a"));
        assert_eq!(proxy.for_url("ftp://h").unwrap(), None);
        assert_eq!(ProxySettings::default().for_url(URL).unwrap(), None);
    }

    // On Windows both are the same variable.
    #[cfg(not(windows))]
    #[test]
    fn prefers_variables_in_lower_case() {
        let proxy = proxy([("https_proxy", "http://low"), ("HTTPS_PROXY", "http://up")]);
        assert_eq!(proxy.for_url(URL).unwrap(), Some("http://low"));
    }

    #[cfg(not(windows))]
    #[test]
    fn ignores_the_variable_that_a_header_sets_in_a_cgi_script() {
        let cgi = ("REQUEST_METHOD", "GET");
        let upper = proxy([cgi, ("HTTP_PROXY", "http://evil")]);
        assert_eq!(upper.for_url("http://h").unwrap(), None);
        let lower = proxy([cgi, ("http_proxy", "http://good")]);
        assert_eq!(lower.for_url("http://h").unwrap(), Some("http://good"));
    }

    #[test]
    fn rejects_an_unusable_proxy_only_if_it_applies() {
        let expected = format!(
            "invalid {HTTPS_PROXY}: expected http://[user:password@]host[:port] (SOCKS is not \
             supported)"
        );
        for url in [
            "socks5://h:1080",
            "http://",
            "http://:3128",
            "http://me:hidden@",
            "http://h/path",
            "http://h h",
            "http://h?x",
            "http://me:hid/den@h",
        ] {
            let proxy = proxy([("HTTPS_PROXY", url), ("NO_PROXY", "localhost")]);
            let error = proxy.for_url(URL).unwrap_err().to_string();
            assert_eq!(error, expected, "{url}");
            assert_eq!(proxy.for_url("https://localhost").unwrap(), None);
            assert_eq!(proxy.for_url("http://h").unwrap(), None);
        }
        for url in ["h:3128", "HTTP://h/", "https://me:p@h:1", "http://[::1]:1"] {
            let proxy = proxy([("HTTPS_PROXY", url)]);
            assert_eq!(proxy.for_url(URL).unwrap(), Some(url));
        }
    }

    #[test]
    fn shows_no_url_in_debug() {
        let proxy = proxy([("HTTPS_PROXY", "http://me:hidden@h"), ("NO_PROXY", "a, B")]);
        assert_eq!(
            format!("{proxy:?}"),
            format!(
                "ProxySettings {{ https: Some({HTTPS_PROXY:?}), http: None, bypass: [\"a\", \"b\"] }}"
            )
        );
    }
}
