//! What no client can be made with, whoever set it.

use super::{Config, ConfigError};
use crate::settings::values;

impl Config {
    /// Looks at what the setters take as it comes; text by the rules that hold in the environment.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        text("region", self.region.as_deref(), values::region)?;
        text("app_name", self.app_name.as_deref(), values::app_id)?;
        let timeouts = [
            ("connect_timeout", self.connect_timeout),
            ("attempt_timeout", self.attempt_timeout),
            ("operation_timeout", self.operation_timeout),
        ];
        match timeouts.iter().find(|(_, timeout)| timeout.is_zero()) {
            Some((name, _)) => Err(no_time(name)),
            None => Ok(()),
        }
    }
}

fn text(
    name: &str,
    value: Option<&str>,
    parse: fn(&str) -> Result<String, &'static str>,
) -> Result<(), ConfigError> {
    let Some(value) = value else {
        return Ok(());
    };
    match parse(value) {
        Ok(_) => Ok(()),
        Err(expected) => Err(ConfigError::new(format!(
            "{name} is {value:?}: expected {expected}"
        ))),
    }
}

fn no_time(name: &str) -> ConfigError {
    ConfigError::new(format!(
        "{name} is zero, in which nothing can be done: expected a longer time, or Duration::MAX \
         for as good as no limit"
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_out_of_nothing_is_refused_and_the_longest_is_not() {
        type Set = fn(Config, Duration) -> Config;
        let setters: [(&str, Set); 3] = [
            ("connect_timeout", Config::connect_timeout),
            ("attempt_timeout", Config::attempt_timeout),
            ("operation_timeout", Config::operation_timeout),
        ];
        for (name, set) in setters {
            let error = set(Config::new(), Duration::ZERO).check().unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "{name} is zero, in which nothing can be done: expected a longer time, or \
                     Duration::MAX for as good as no limit"
                )
            );
            for allowed in [Duration::from_nanos(1), Duration::MAX] {
                assert_eq!(set(Config::new(), allowed).check(), Ok(()), "{name}");
            }
        }
    }

    #[test]
    fn text_that_is_set_in_code_has_the_rules_of_the_environment() {
        for region in ["", "us east", "us-east-1.evil.example"] {
            let error = Config::new().region(region).check().unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "region is {region:?}: expected a region such as \"us-east-1\": letters, \
                     digits and hyphens"
                )
            );
        }
        let error = Config::new().app_name("my app").check().unwrap_err();
        assert_eq!(
            error.to_string(),
            "app_name is \"my app\": expected at most 50 letters, digits and characters of \
             !#$%&'*+-.^_`|~"
        );
        assert!(Config::new().app_name("x".repeat(51)).check().is_err());
        let good = Config::new().region("eu-west-1").app_name("my-app");
        assert_eq!(good.check(), Ok(()));
    }
}
