//! Maps a request to its response: which API, who, what.

mod query;

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard};

use serde::Serialize;
use time::OffsetDateTime;

use super::api::Api;
use super::artifacts::Writer;
use super::auth::Verifier;
use super::clock::{Clock, Pace};
use super::domains::Domain;
use super::error::ServiceError;
use super::exchange::{Request, Response, http_date};
use super::exports::Exports;
use super::host::is_loopback;
use super::s3::{self, Caller};
use super::validate::{self, is_domain_name};
use crate::system::{RealSystem, lock, uuids_v4};

/// The state of the service, shared by all of its threads.
#[derive(Debug)]
pub(super) struct App {
    /// Whether requests for any host are accepted, rather than for loopback hosts only.
    pub(super) any_host: bool,
    pub(super) clock: Clock,
    pub(super) pace: Pace,
    pub(super) page_size: usize,
    pub(super) verifier: Verifier,
    pub(super) domains: BTreeMap<String, Domain>,
    pub(super) writer: Writer,
    pub(super) exports: Mutex<Exports>,
    /// Held while an export is written in the background: one at a time.
    pub(super) turn: tokio::sync::Mutex<()>,
}

impl App {
    /// Handles a request, whose content is read from `upload` if it is an upload. Every response has a
    /// request ID and the service's time.
    pub(super) fn respond(self: &Arc<App>, request: &Request, upload: &mut dyn Read) -> Response {
        let api = Api::of(request);
        let response = self.with_request_id(|request_id| {
            let response = self
                .handle(api, request, upload, request_id)
                .unwrap_or_else(|error| error.into_response(api, request_id));
            match api {
                Api::Exports | Api::Domains => response,
                Api::S3 => response.with_header("x-amz-request-id", request_id),
            }
        });
        let status = response.status();
        log::debug!("{} {} -> {status}", request.method(), request.path());
        response
    }

    /// Responds to a request that could not be read.
    pub(super) fn refuse(&self, error: ServiceError) -> Response {
        log::debug!("unreadable request -> {} {}", error.status, error.code);
        self.with_request_id(|request_id| error.into_response(Api::Exports, request_id))
    }

    fn with_request_id(&self, respond: impl FnOnce(&str) -> Response) -> Response {
        let response = match uuids_v4(&RealSystem) {
            Ok([id]) => respond(&id).with_header("x-amzn-requestid", &id),
            Err(error) => ServiceError::internal(error.to_string()).into_response(Api::Exports, ""),
        };
        response.with_header("date", &http_date(self.clock.now().unix_timestamp()))
    }

    fn handle(
        self: &Arc<App>,
        api: Api,
        request: &Request,
        upload: &mut dyn Read,
        request_id: &str,
    ) -> Result<Response, ServiceError> {
        self.check_host(api, request)?;
        let now = self.clock.now();
        match api {
            Api::Exports => self.operation(request, now),
            Api::Domains => self.query(request, request_id, now),
            Api::S3 => {
                let caller = Caller {
                    region: &self.verify(api, request, now)?,
                    account_id: &self.writer.account_id,
                    now,
                };
                s3::respond(request, upload, &self.writer.store, &caller)
            }
        }
    }

    fn check_host(&self, api: Api, request: &Request) -> Result<(), ServiceError> {
        let host = request.header("host").unwrap_or_default();
        if self.any_host || is_loopback(host) {
            return Ok(());
        }
        let code = match api {
            Api::Exports => "AccessDeniedException",
            Api::Domains => "AccessFailure",
            Api::S3 => "AccessDenied",
        };
        let message = format!(
            "this service listens on loopback only and does not accept the Host header {host:?}: \
             expected localhost, *.localhost, 127.0.0.1 or [::1]"
        );
        Err(ServiceError::new(403, code, message))
    }

    /// Returns the region that a request is signed for.
    fn verify(
        &self,
        api: Api,
        request: &Request,
        now: OffsetDateTime,
    ) -> Result<String, ServiceError> {
        let region = self.verifier.verify(request, api, now);
        region.map_err(|refusal| refusal.into_error(api))
    }

    fn operation(
        self: &Arc<App>,
        request: &Request,
        now: OffsetDateTime,
    ) -> Result<Response, ServiceError> {
        let verify = || self.verify(Api::Exports, request, now);
        match (request.method(), request.path()) {
            ("POST", "/v2/StartDomainExport") => self.start_domain_export(request, &verify()?, now),
            ("POST", "/v2/GetExport") => {
                verify()?;
                self.get_export(request, now)
            }
            ("POST", "/v2/ListExports") => {
                verify()?;
                self.list_exports(request, now)
            }
            (method, path) => Err(ServiceError::new(
                404,
                "UnknownOperationException",
                format!(
                    "{method} {path} is not an operation: expected POST to /v2/StartDomainExport, \
                     /v2/GetExport or /v2/ListExports"
                ),
            )),
        }
    }

    fn start_domain_export(
        self: &Arc<App>,
        request: &Request,
        region: &str,
        now: OffsetDateTime,
    ) -> Result<Response, ServiceError> {
        let mut input = validate::start_request(&request.body)?;
        let [id, new_token] =
            uuids_v4(&RealSystem).map_err(|error| ServiceError::internal(error.to_string()))?;
        let client_token = input
            .client_token
            .take()
            .unwrap_or_else(|| new_token.to_string());
        let arn = format!(
            "arn:aws:sdb:{region}:{}:domain/{}/export/{}",
            self.writer.account_id, input.domain_name, &*id
        );
        self.check_domain_name(&input.domain_name)?;
        let mut exports = self.exports();
        let known = exports.known(&client_token, &input, now)?;
        let index = if let Some(index) = known {
            index
        } else {
            // After a conflict of its token.
            self.check_domain(&input.domain_name)?;
            exports.accept(id.to_string(), arn, client_token, input, now)?
        };
        drop(exports);
        if known.is_none() {
            if self.runs_at_once() {
                self.run(index);
            } else {
                self.run_later(index);
            }
        }
        json_response(&self.exports().started(index))
    }

    fn get_export(&self, request: &Request, now: OffsetDateTime) -> Result<Response, ServiceError> {
        let input = validate::get_request(&request.body)?;
        json_response(&self.exports().get(&input.export_arn, now)?)
    }

    fn list_exports(
        &self,
        request: &Request,
        now: OffsetDateTime,
    ) -> Result<Response, ServiceError> {
        let input = validate::list_request(&request.body)?;
        if let Some(name) = &input.domain_name {
            self.check_domain_name(name)?;
            self.check_domain(name)?;
        }
        json_response(&self.exports().list(&input, now)?)
    }

    /// Domains from files may have any name.
    fn check_domain_name(&self, name: &str) -> Result<(), ServiceError> {
        if is_domain_name(name) || self.domains.contains_key(name) {
            return Ok(());
        }
        Err(ServiceError::invalid_value(format!(
            "domainName must be 3 to 255 letters, digits, '_', '-' and '.', not {name:?}"
        )))
    }

    fn check_domain(&self, name: &str) -> Result<(), ServiceError> {
        if self.domains.contains_key(name) {
            Ok(())
        } else {
            let message = format!("no domain {name:?}");
            Err(ServiceError::bad_request("NoSuchDomainException", message))
        }
    }

    /// A manual clock stands still, so that an export would never be due.
    fn runs_at_once(&self) -> bool {
        matches!(self.clock, Clock::Manual(_)) || self.pace == Pace::instant()
    }

    /// Runs an export once it is no longer pending, unless the service stops before.
    fn run_later(self: &Arc<App>, index: usize) {
        let app = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(app.pace.pending).await;
            let _turn = app.turn.lock().await;
            let writer = Arc::clone(&app);
            let written = tokio::task::spawn_blocking(move || writer.run(index));
            // A panic was already reported by the thread itself.
            written.await.ok();
        });
    }

    /// Writes an export's files and records the outcome.
    fn run(&self, index: usize) {
        let now = self.clock.now();
        let record = self.exports().begin(index, now);
        let domain = &self.domains[&record.input.domain_name];
        let outcome = self.writer.write(&record, domain);
        log::debug!("{} -> {outcome:?}", record.arn);
        self.exports().finish(index, outcome);
    }

    /// Interrupts the export that is being written, which ends without manifests.
    pub(super) fn stop(&self) {
        self.writer.interrupt.store(true, Ordering::Relaxed);
    }

    fn exports(&self) -> MutexGuard<'_, Exports> {
        lock(&self.exports)
    }
}

/// Serializes the output of a successful operation.
fn json_response(output: &impl Serialize) -> Result<Response, ServiceError> {
    let body =
        serde_json::to_vec(output).map_err(|error| ServiceError::internal(error.to_string()))?;
    Ok(Response::new(200, "application/json", body))
}
