//! What no client can be made with, whoever set it.

use super::{Config, ConfigError};

impl Config {
    /// Looks at what the setters take as it comes.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
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
}
