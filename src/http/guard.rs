//! Which addresses may be connected to at all.

use std::fmt;
use std::net::IpAddr;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Says which addresses are allowed.
pub(crate) type IsAllowed = fn(IpAddr) -> bool;

/// Refuses a host if any of its addresses is not allowed. The check is on what is then connected
/// to, so that a name cannot change its address in between.
#[derive(Debug)]
pub(super) struct GuardedResolver<R> {
    inner: R,
    is_allowed: Option<IsAllowed>,
}

impl<R> GuardedResolver<R> {
    /// Without a rule, everything is allowed.
    pub(super) fn new(inner: R, is_allowed: Option<IsAllowed>) -> GuardedResolver<R> {
        GuardedResolver { inner, is_allowed }
    }
}

impl<R: Resolver> Resolver for GuardedResolver<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let addresses = self.inner.resolve(uri, config, timeout)?;
        let Some(is_allowed) = self.is_allowed else {
            return Ok(addresses);
        };
        match addresses.iter().find(|address| !is_allowed(address.ip())) {
            Some(address) => Err(Error::Other(Box::new(AddressRefused {
                host: uri.host().unwrap_or_default().to_owned(),
                address: address.ip(),
            }))),
            None => Ok(addresses),
        }
    }
}

/// A host with an address that must not be connected to.
#[derive(Debug)]
pub(super) struct AddressRefused {
    host: String,
    address: IpAddr,
}

impl fmt::Display for AddressRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} has the address {}, which is not allowed here",
            self.host, self.address
        )
    }
}

impl std::error::Error for AddressRefused {}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    /// Gives a good and a bad address.
    #[derive(Debug)]
    struct Two;

    impl Resolver for Two {
        fn resolve(
            &self,
            _uri: &Uri,
            _config: &Config,
            _timeout: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, Error> {
            let mut addresses = self.empty();
            addresses.push(SocketAddr::from(([127, 0, 0, 1], 80)));
            addresses.push(SocketAddr::from(([192, 0, 2, 1], 80)));
            Ok(addresses)
        }
    }

    fn resolve(is_allowed: Option<IsAllowed>) -> Result<usize, String> {
        let uri = Uri::from_static("http://example.com/");
        let resolved = GuardedResolver::new(Two, is_allowed).resolve(
            &uri,
            &Config::default(),
            NextTimeout::default(),
        );
        resolved
            .map(|addresses| addresses.len())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn one_address_that_is_not_allowed_is_enough_to_refuse() {
        assert_eq!(resolve(None), Ok(2));
        assert_eq!(resolve(Some(|_| true)), Ok(2));
        let error = resolve(Some(|address| address.is_loopback())).unwrap_err();
        assert!(
            error.ends_with("example.com has the address 192.0.2.1, which is not allowed here"),
            "{error}"
        );
    }
}
