//! `whoami`.

use simpledb_export::config::ConfigError;
use simpledb_export::credentials::{DefaultChain, EnvironmentCredentials};
use simpledb_export::settings::env::Env;
use simpledb_export::settings::profile::{ProfilePaths, Profiles};
use simpledb_export::settings::{LoadOptions, Origin, Setting, Settings, profile_name};
use simpledb_export::{Client, Config, Credentials, ProvideCredentials};

use crate::app::answers::Identity;
use crate::app::args::Global;
use crate::app::failure::{Exit, Failure};
use crate::app::{Result, output, session};

/// Shows each part that is known, also where another one is missing, and tells what is wrong with
/// each of the others.
pub(super) fn run(global: &Global) -> Result<()> {
    let mut found = Found::default();
    found.look(global, &Env::from_process());
    output::print(global.output, "Identity", &found.identity)?;
    match found.problems.pop() {
        None => Ok(()),
        Some(last) => {
            for problem in &found.problems {
                problem.report();
            }
            Err(last)
        }
    }
}

/// What is known, and what is wrong.
#[derive(Default)]
struct Found {
    identity: Identity,
    problems: Vec<Failure>,
}

impl Found {
    fn look(&mut self, global: &Global, env: &Env) {
        let options = session::load_options(global);
        match Settings::load(env, &options) {
            Ok(settings) => self.look_in(global, env, settings),
            Err(error) => {
                self.wrong(&error);
                self.look_without_files(global, env, options);
            }
        }
    }

    fn look_in(&mut self, global: &Global, env: &Env, settings: Settings) {
        self.set_profile(global, Ok(settings.profile.clone()));
        let config = Config::from_settings(&settings);
        let timeout = config.get_operation_timeout();
        let mut region = settings.region.clone();
        let endpoint_origin = settings.endpoint_url.as_ref().map(|url| url.origin.clone());
        let chain = DefaultChain::new(env.clone(), settings);
        let credentials = chain.provide_credentials(timeout);
        let mut from_instance = None;
        if region.is_none() {
            from_instance = chain.instance_region(timeout);
            region = from_instance.clone().map(Setting::in_code);
        }
        self.set_region(region.as_ref(), from_instance.is_some());
        let stand_in = credentials.clone().ok();
        self.set_endpoint(global, config, region, endpoint_origin, stand_in);
        match credentials {
            Ok(credentials) => self.identity.set_credentials(&credentials),
            Err(error) => self.wrong(&format!("no credentials: {error}")),
        }
    }

    /// Where the configuration is wrong, what the flags and the environment say by themselves.
    fn look_without_files(&mut self, global: &Global, env: &Env, options: LoadOptions) {
        self.set_profile(global, profile_name(env));
        if options.profile.is_none() {
            let credentials = EnvironmentCredentials::new(env);
            let no_time = std::time::Duration::ZERO;
            // That there are none is no news: they may be in the profile that could not be read.
            if let Ok(credentials) = credentials.provide_credentials(no_time) {
                self.identity.set_credentials(&credentials);
            }
        }
        // A profile that need not be there, in place of the one that cannot be used.
        let mut options = options;
        options.profile = Some("default".to_owned());
        let paths = ProfilePaths::from_env(env);
        // A variable that is wrong was told already.
        if let Ok(settings) = Settings::from_profiles(env, &paths, Profiles::default(), &options) {
            let config = Config::from_settings(&settings);
            if settings.region.is_some() {
                self.set_region(settings.region.as_ref(), false);
            }
            let origin = settings.endpoint_url.map(|url| url.origin);
            if global.endpoint_url.is_some() || origin.is_some() {
                self.set_endpoint(global, config, settings.region, origin, None);
            }
        }
    }

    fn set_profile(
        &mut self,
        global: &Global,
        profile: std::result::Result<Setting<String>, ConfigError>,
    ) {
        if let Some(name) = &global.profile {
            self.identity.profile = Some(name.clone());
            self.identity.profile_source = Some("--profile".to_owned());
        } else if let Ok(profile) = profile {
            self.identity.profile = Some(profile.value);
            self.identity.profile_source = Some(profile.origin.to_string());
        }
    }

    fn set_region(&mut self, region: Option<&Setting<String>>, is_of_instance: bool) {
        let Some(region) = region else {
            return self.wrong(session::NO_REGION);
        };
        self.identity.region = Some(region.value.clone());
        self.identity.region_source = Some(match &region.origin {
            Origin::Code if is_of_instance => "instance metadata".to_owned(),
            Origin::Code => "--region".to_owned(),
            origin => origin.to_string(),
        });
    }

    fn set_endpoint(
        &mut self,
        global: &Global,
        config: Config,
        region: Option<Setting<String>>,
        origin: Option<Origin>,
        credentials: Option<Credentials>,
    ) {
        let (config, source) = match (&global.endpoint_url, origin) {
            (Some(url), _) => (config.endpoint_url(url), "--endpoint-url".to_owned()),
            (None, Some(origin)) => (config, origin.to_string()),
            (None, None) => (config, "the region's own".to_owned()),
        };
        let Some(region) = region else {
            // That there is no region was told already; an endpoint of one's own is known anyway.
            self.identity.endpoint = config.get_endpoint_url().map(str::to_owned);
            if self.identity.endpoint.is_some() {
                self.identity.endpoint_source = Some(source);
            }
            return;
        };
        // The client is asked for its endpoint only, and wants to have some credentials.
        let credentials = credentials.unwrap_or_else(|| Credentials::new("", ""));
        match Client::new(config.region(region.value).credentials(credentials)) {
            Ok(client) => {
                self.identity.endpoint = Some(client.endpoint_url().to_owned());
                self.identity.endpoint_source = Some(source);
            }
            Err(error) => self.problems.push(Failure::from(error)),
        }
    }

    fn wrong(&mut self, problem: &(impl ToString + ?Sized)) {
        let failure = Failure::new(Exit::Configuration, problem.to_string());
        self.problems.push(failure.in_words_of_flags());
    }
}
