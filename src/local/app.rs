//! Maps a request to its response: which service, who, what.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard};

use serde::Serialize;
use time::OffsetDateTime;

use super::artifacts::Writer;
use super::auth::{Service, Verifier};
use super::clock::{Clock, Pace};
use super::domains::Domain;
use super::exchange::{Request, Response, http_date};
use super::exports::{Accepted, Exports};
use super::host::{is_loopback, virtual_bucket};
use super::query::{Account, QueryError, is_query};
use super::s3::{Caller, S3};
use super::s3_error::S3Error;
use super::simpledb_error::SimpleDbError;
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
    pub(super) s3: S3,
    pub(super) exports: Mutex<Exports>,
    /// Held while an export is written in the background: one at a time.
    pub(super) turn: tokio::sync::Mutex<()>,
}

impl App {
    /// Handles a request, whose content is read from `upload` if it is an upload. Every response has a
    /// request ID and the service's time.
    pub(super) fn respond(self: &Arc<App>, request: &Request, upload: &mut dyn Read) -> Response {
        let now = self.clock.now();
        let response = self.with_request_id(|request_id| {
            if is_query(request) {
                self.query(request, request_id, now)
                    .unwrap_or_else(|error| error.into_response(request_id))
            } else if is_operation(request) {
                self.operation(request, now)
                    .unwrap_or_else(SimpleDbError::into_response)
            } else {
                self.s3(request, upload, now)
                    .unwrap_or_else(|error| error.into_response(request_id))
                    .with_header("x-amz-request-id", request_id)
            }
        });
        let status = response.status();
        log::debug!("{} {} -> {status}", request.method(), request.path());
        response
    }

    /// Responds to a request that could not be read.
    pub(super) fn refuse(&self, error: SimpleDbError) -> Response {
        log::debug!("unreadable request -> {} {}", error.status, error.code);
        self.with_request_id(|_| error.into_response())
    }

    fn with_request_id(&self, respond: impl FnOnce(&str) -> Response) -> Response {
        let response = match uuids_v4(&RealSystem) {
            Ok([id]) => respond(&id).with_header("x-amzn-requestid", &id),
            Err(error) => SimpleDbError::internal(error.to_string()).into_response(),
        };
        response.with_header("date", &http_date(self.clock.now().unix_timestamp()))
    }

    fn check_host(&self, request: &Request) -> Result<(), String> {
        let host = request.header("host").unwrap_or_default();
        if self.any_host || is_loopback(host) {
            return Ok(());
        }
        Err(format!(
            "this service listens on loopback only and does not accept the Host header {host:?}: \
             expected localhost, *.localhost, 127.0.0.1 or [::1]"
        ))
    }

    fn operation(
        self: &Arc<App>,
        request: &Request,
        now: OffsetDateTime,
    ) -> Result<Response, SimpleDbError> {
        self.check_host(request)
            .map_err(|message| SimpleDbError::new(403, "AccessDeniedException", message))?;
        let verify = || self.verifier.verify(request, Service::SimpleDb, now);
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
            (method, path) => Err(SimpleDbError::unknown_operation(method, path)),
        }
    }

    fn query(
        &self,
        request: &Request,
        request_id: &str,
        now: OffsetDateTime,
    ) -> Result<Response, QueryError> {
        self.check_host(request)
            .map_err(|message| QueryError::new(403, "AccessFailure", message))?;
        let account = Account {
            domains: &self.domains,
            verifier: &self.verifier,
            page_size: self.page_size,
            now,
        };
        account.respond(request, request_id)
    }

    fn s3(
        &self,
        request: &Request,
        upload: &mut dyn Read,
        now: OffsetDateTime,
    ) -> Result<Response, S3Error> {
        self.check_host(request).map_err(S3Error::access_denied)?;
        let region = self.verifier.verify(request, Service::S3, now)?;
        let caller = Caller {
            region: &region,
            account_id: &self.writer.account_id,
            now,
        };
        self.s3
            .respond(request, upload, &self.writer.store, &caller)
    }

    fn start_domain_export(
        self: &Arc<App>,
        request: &Request,
        region: &str,
        now: OffsetDateTime,
    ) -> Result<Response, SimpleDbError> {
        let mut input = validate::start_request(&request.body)?;
        let [id, new_token] =
            uuids_v4(&RealSystem).map_err(|error| SimpleDbError::internal(error.to_string()))?;
        let client_token = input
            .client_token
            .take()
            .unwrap_or_else(|| new_token.to_string());
        let arn = format!(
            "arn:aws:sdb:{region}:{}:domain/{}/export/{}",
            self.writer.account_id, input.domain_name, &*id
        );
        let accepted = {
            let mut exports = self.exports();
            self.check_domain_name(&input.domain_name)?;
            // A conflicting token is reported before an unknown domain.
            if exports.known(&client_token, &input, now)?.is_none() {
                self.check_domain(&input.domain_name)?;
            }
            exports.accept(id.to_string(), arn, client_token, input, now)?
        };
        let index = match accepted {
            Accepted::New(index) => {
                if self.runs_at_once() {
                    self.run(index);
                } else {
                    self.run_later(index);
                }
                index
            }
            Accepted::Known(index) => index,
        };
        let exports = self.exports();
        let record = exports.record(index).ok_or_else(|| {
            SimpleDbError::internal("the local service lost the export; please report this bug")
        })?;
        json_response(&record.started())
    }

    fn get_export(
        &self,
        request: &Request,
        now: OffsetDateTime,
    ) -> Result<Response, SimpleDbError> {
        let input = validate::get_request(&request.body)?;
        json_response(&self.exports().get(&input.export_arn, now)?)
    }

    fn list_exports(
        &self,
        request: &Request,
        now: OffsetDateTime,
    ) -> Result<Response, SimpleDbError> {
        let input = validate::list_request(&request.body)?;
        if let Some(name) = &input.domain_name {
            self.check_domain_name(name)?;
            self.check_domain(name)?;
        }
        json_response(&self.exports().list(&input, now)?)
    }

    /// Domains from files may have any name.
    fn check_domain_name(&self, name: &str) -> Result<(), SimpleDbError> {
        if is_domain_name(name) || self.domains.contains_key(name) {
            return Ok(());
        }
        Err(SimpleDbError::invalid_value(format!(
            "domainName must be 3 to 255 letters, digits, '_', '-' and '.', not {name:?}"
        )))
    }

    fn check_domain(&self, name: &str) -> Result<(), SimpleDbError> {
        if self.domains.contains_key(name) {
            Ok(())
        } else {
            Err(SimpleDbError::no_such_domain(name))
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
        let Some(record) = self.exports().begin(index, now) else {
            return;
        };
        let Some(domain) = self.domains.get(&record.input.domain_name) else {
            return;
        };
        if let Some(outcome) = self.writer.write(&record, domain) {
            log::debug!("{} -> {outcome:?}", record.arn);
            self.exports().finish(index, outcome);
        }
    }

    /// Interrupts the export that is being written, which ends without manifests.
    pub(super) fn stop(&self) {
        self.writer.interrupt.store(true, Ordering::Relaxed);
    }

    fn exports(&self) -> MutexGuard<'_, Exports> {
        lock(&self.exports)
    }
}

/// Returns whether a request is for SimpleDB rather than S3, whose POST always has parameters; and
/// `v2` is too short for a bucket's name.
fn is_operation(request: &Request) -> bool {
    let host = request.header("host").unwrap_or_default();
    let has_parameters = request
        .head
        .uri
        .query()
        .is_some_and(|query| !query.is_empty());
    (request.method() == "POST" && !has_parameters)
        || (virtual_bucket(host).is_none() && request.path().starts_with("/v2/"))
}

/// Serializes the output of a successful operation.
fn json_response(output: &impl Serialize) -> Result<Response, SimpleDbError> {
    let body =
        serde_json::to_vec(output).map_err(|error| SimpleDbError::internal(error.to_string()))?;
    Ok(Response::new(200, "application/json", body))
}
