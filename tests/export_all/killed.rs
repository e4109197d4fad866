//! Runs that end at the worst moments: before a request arrives, and before its response does.
//!
//! A server between the run and the service breaks the connection at one request. What is in the
//! state file at that moment is what a killed process leaves, so the next run gets that, and not
//! what the broken run wrote afterwards.

use std::fs;
use std::io::{self, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use simpledb_export::local::Pace;
use simpledb_export::{Client, RetryConfig};

use super::{World, assert_counts};
use crate::support::breaker::read_message;

/// When the connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    BeforeRequest,
    BeforeResponse,
}

/// Forwards requests, one per connection, and breaks one of them.
pub(super) struct Cutter {
    pub(super) address: SocketAddr,
    ended: Arc<AtomicBool>,
    /// What was in the state file when the connection broke.
    pub(super) left: Arc<Mutex<Option<Vec<u8>>>>,
    thread: Option<JoinHandle<()>>,
}

impl Cutter {
    pub(super) fn start(
        service: SocketAddr,
        state: PathBuf,
        request: usize,
        moment: Moment,
    ) -> Cutter {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let left = Arc::new(Mutex::new(None));
        let (is_ended, kept) = (ended.clone(), left.clone());
        let thread = thread::spawn(move || {
            for (number, client) in listener.incoming().enumerate() {
                if is_ended.load(Ordering::SeqCst) {
                    break;
                }
                let client = client.unwrap();
                let broken = (number == request).then_some(moment);
                if broken.is_some() {
                    *kept.lock().unwrap() = Some(fs::read(&state).unwrap());
                }
                if broken != Some(Moment::BeforeRequest) {
                    forward(client, service, broken.is_none()).unwrap();
                }
            }
        });
        Cutter {
            address,
            ended,
            left,
            thread: Some(thread),
        }
    }
}

impl Drop for Cutter {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes it up to see that it has ended.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !thread::panicking() {
                ended.unwrap();
            }
        }
    }
}

/// Forwards one request, and its response if wanted, which says that the connection closes.
fn forward(mut client: TcpStream, service: SocketAddr, with_response: bool) -> io::Result<()> {
    let request = read_message(&mut BufReader::new(&client))?;
    let mut service = TcpStream::connect(service)?;
    service.write_all(&request)?;
    let response = read_message(&mut BufReader::new(&service))?;
    if with_response {
        let line_end = response.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let (status_line, rest) = response.split_at(line_end);
        client.write_all(&[status_line, b"connection: close\r\n", rest].concat())?;
    }
    Ok(())
}

/// Breaks every request of a run in turn, and returns how many there were.
fn break_each(domains: usize, moment: Moment, pause: Duration) -> usize {
    for request in 0.. {
        let world = World::with(domains, |builder| builder.pace(Pace::instant()));
        let cutter = Cutter::start(world.service.address(), world.state(), request, moment);
        let config = world
            .service
            .config()
            .to_builder()
            .endpoint_url(format!("http://{}", cutter.address))
            .retry_config(RetryConfig::disabled());
        let broken = world
            .export_all_by(Client::new(config.build().unwrap()).unwrap())
            .run()
            .unwrap();
        let left = cutter.left.lock().unwrap().take();
        let Some(left) = left else {
            assert_counts(&broken, domains, 0, 0);
            world.assert_each_exported_once();
            return request;
        };
        assert!(broken.stopped_by.is_some(), "{broken:?}");
        // The killed process has not written what it learned from the break.
        fs::write(world.state(), left).unwrap();
        world.clock.advance(pause);
        let report = world.export_all().run().unwrap();
        assert_counts(&report, domains, 0, 0);
        world.assert_each_exported_once();
    }
    unreachable!("a run ends")
}

#[test]
fn exports_each_domain_once_no_matter_which_request_it_is_killed_before() {
    let soon = Duration::from_secs(60);
    assert_eq!(break_each(4, Moment::BeforeRequest, soon), 8);
}

#[test]
fn exports_each_domain_once_no_matter_which_response_it_is_killed_before() {
    let soon = Duration::from_secs(60);
    assert_eq!(break_each(4, Moment::BeforeResponse, soon), 8);
}

#[test]
fn the_same_holds_when_the_client_token_is_no_longer_valid() {
    let late = Duration::from_secs(9 * 3600);
    assert_eq!(break_each(4, Moment::BeforeRequest, late), 8);
    assert_eq!(break_each(4, Moment::BeforeResponse, late), 8);
}
