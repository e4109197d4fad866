//! From a request to its answer: which service, who, what.

mod answers;
mod work;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;

pub(super) use self::work::Queue;
use super::artifacts::{Job, Writer};
use super::auth::{Service, Verifier};
use super::clock::{Clock, Pace};
use super::domains::Domain;
use super::exchange::{Answer, AnswerBody, Request};
use super::exports::{Accepted, Exports, NewExport, Status};
use super::id::Ids;
use super::object::{Address, Objects, virtual_bucket};
use super::s3_error::S3Error;
use super::simpledb_error::SimpleDbError;
use super::timestamp;
use super::validate;

/// Everything that the service knows, shared by all threads that serve it.
#[derive(Debug)]
pub(super) struct App {
    pub(super) clock: Clock,
    pub(super) pace: Pace,
    pub(super) verifier: Verifier,
    pub(super) domains: BTreeMap<String, Domain>,
    pub(super) writer: Writer,
    pub(super) ids: Ids,
    pub(super) objects: Objects,
    pub(super) exports: Mutex<Exports>,
    pub(super) queue: Queue,
}

impl App {
    /// Answers a request. Every answer has a request id and the service's own time.
    pub(super) fn answer(&self, request: &Request) -> Answer {
        let request_id = self.ids.next();
        let now = timestamp::to_millis(self.clock.now());
        let answer = if is_operation(request) {
            self.operation(request, now)
                .unwrap_or_else(SimpleDbError::into_answer)
        } else {
            self.object(request, now)
                .unwrap_or_else(|error| headless(request, error.into_answer(&request_id)))
                .with_header("x-amz-request-id", request_id.clone())
        };
        let answer = self.dated(answer, request_id);
        log::debug!("{} {} -> {}", request.method, request.path(), answer.status);
        answer
    }

    /// Answers a request that could not be read.
    pub(super) fn refuse(&self, error: SimpleDbError) -> Answer {
        log::debug!("unreadable request -> {} {}", error.status, error.code);
        self.dated(error.into_answer(), self.ids.next())
    }

    fn dated(&self, answer: Answer, request_id: String) -> Answer {
        answer
            .with_header("x-amzn-requestid", request_id)
            .with_header("date", timestamp::http_date(self.clock.now()))
    }

    fn operation(&self, request: &Request, now: OffsetDateTime) -> Result<Answer, SimpleDbError> {
        type Operation = fn(&App, &Request, &str, OffsetDateTime) -> Result<Answer, SimpleDbError>;
        let operation: Operation = match (request.method.as_str(), request.path()) {
            ("POST", "/v2/StartDomainExport") => App::start_domain_export,
            ("POST", "/v2/GetExport") => App::get_export,
            ("POST", "/v2/ListExports") => App::list_exports,
            (method, path) => return Err(SimpleDbError::unknown_operation(method, path)),
        };
        let region = self.verifier.verify(request, Service::SimpleDb, now)?;
        operation(self, request, &region, now)
    }

    fn object(&self, request: &Request, now: OffsetDateTime) -> Result<Answer, S3Error> {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return Err(S3Error::new(
                405,
                "MethodNotAllowed",
                "objects can only be read here, with GET and HEAD",
            ));
        }
        self.verifier.verify(request, Service::S3, now)?;
        let host = request.header("host").unwrap_or_default();
        let address = Address::new(host, request.path())?;
        let writer = &self.writer;
        self.objects
            .serve(request, &address, &writer.store, &writer.account_id)
    }

    fn start_domain_export(
        &self,
        request: &Request,
        region: &str,
        now: OffsetDateTime,
    ) -> Result<Answer, SimpleDbError> {
        let input = validate::start_request(&request.body)?;
        let client_token = input.client_token.unwrap_or_else(|| self.ids.next());
        let parameters = input.parameters;
        let domain_name = &parameters.domain_name;
        let id = self.ids.next();
        let arn = format!(
            "arn:aws:sdb:{region}:{}:domain/{domain_name}/export/{id}",
            self.writer.account_id
        );
        let accepted = {
            let mut exports = self.exports();
            // A token that is known says more than a domain that is not.
            if exports.known(&client_token, &parameters, now)?.is_none()
                && !self.domains.contains_key(domain_name)
            {
                return Err(SimpleDbError::no_such_domain(domain_name));
            }
            let new = NewExport {
                id,
                arn,
                client_token,
            };
            exports.accept(new, parameters, now)?
        };
        let index = match accepted {
            Accepted::New(index) => {
                if self.is_done_at_once() {
                    self.run(index);
                } else {
                    self.queue.push(index, self.pace.pending);
                }
                index
            }
            Accepted::Known(index) => index,
        };
        let exports = self.exports();
        let record = exports.record(index).ok_or_else(gone)?;
        Ok(answers::started(record))
    }

    fn get_export(
        &self,
        request: &Request,
        _region: &str,
        now: OffsetDateTime,
    ) -> Result<Answer, SimpleDbError> {
        let arn = validate::get_request(&request.body)?;
        let exports = self.exports();
        let record = exports.by_arn(&arn)?;
        Ok(answers::export(record, &exports.status(record, now)))
    }

    fn list_exports(
        &self,
        request: &Request,
        _region: &str,
        now: OffsetDateTime,
    ) -> Result<Answer, SimpleDbError> {
        let input = validate::list_request(&request.body)?;
        if let Some(name) = &input.domain_name {
            if !self.domains.contains_key(name) {
                return Err(SimpleDbError::no_such_domain(name));
            }
        }
        let exports = self.exports();
        let (page, next_token) = exports.list(&input, now)?;
        let page: Vec<_> = page
            .into_iter()
            .map(|record| (record, exports.status(record, now)))
            .collect();
        Ok(answers::page(&page, next_token))
    }

    /// A clock that stands still would never let the queue come to an export.
    fn is_done_at_once(&self) -> bool {
        matches!(self.clock, Clock::Manual(_)) || self.pace == Pace::instant()
    }

    /// Writes the files of an export and notes how it ended.
    fn run(&self, index: usize) {
        let cutoff = timestamp::to_millis(self.clock.now());
        let job = {
            let mut exports = self.exports();
            exports.begin(index, cutoff);
            exports.record(index).map(|record| Job::new(record, cutoff))
        };
        let Some(job) = job else { return };
        let Some(domain) = self.domains.get(job.domain_name()) else {
            return;
        };
        if let Some(outcome) = self.writer.write(&job, domain) {
            log::debug!(
                "{} -> {}",
                job.export_arn(),
                Status::Ended(outcome.clone()).as_str()
            );
            self.exports().finish(index, outcome);
        }
    }

    /// Runs the exports that were put off, until the service stops.
    pub(super) fn work(self: &Arc<App>) {
        while let Some(index) = self.queue.next() {
            self.run(index);
        }
    }

    /// Ends the work: what is being written stays without manifests.
    pub(super) fn stop(&self) {
        self.writer.interrupt.store(true, Ordering::Relaxed);
        self.queue.stop();
    }

    fn exports(&self) -> MutexGuard<'_, Exports> {
        self.exports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All that is posted is for SimpleDB; `v2` is too short to be a bucket.
fn is_operation(request: &Request) -> bool {
    let host = request.header("host").unwrap_or_default();
    request.method == "POST"
        || (virtual_bucket(host).is_none() && request.path().starts_with("/v2/"))
}

/// The answer to a HEAD has no bytes, whatever it says.
fn headless(request: &Request, mut answer: Answer) -> Answer {
    if let (true, AnswerBody::Bytes(body)) = (request.method == "HEAD", &answer.body) {
        answer.body = AnswerBody::Head {
            length: body.len() as u64,
        };
    }
    answer
}

fn gone() -> SimpleDbError {
    SimpleDbError::internal("the export is no longer known; this is an error of the local service")
}
