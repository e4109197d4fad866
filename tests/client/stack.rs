//! How little stack a call needs.

use std::thread;

use simpledb_export::{Client, GetExportInput};

use crate::support::alone::{alone, assert_passes, is_alone};
use crate::support::{ARN, Server, Step, client, export_body, json_response};
#[cfg(feature = "rustls")]
use crate::support::{FakeSystem, again_and_again, config, new_client, tls};

/// Unoptimized code needs more, less than a tenth of it for frames of this crate: the largest are those
/// of ureq and its TLS connector.
const STACK_BYTES: usize = if cfg!(debug_assertions) {
    128 * 1024
} else {
    64 * 1024
};

#[test]
fn a_call_fits_into_a_small_stack() {
    // A thread that overflows its stack ends the whole process.
    assert_passes(&mut alone("client::stack::in_a_child"));
}

#[test]
#[ignore = "the test above runs it, in its own process"]
fn in_a_child() {
    if !is_alone() {
        return;
    }
    let response = Step::Send(json_response(200, &export_body("PENDING", "")));
    let http = Server::scripted(vec![vec![Step::Request, response.clone()]]);
    call_on_a_small_stack(client(&http.url()));
    #[cfg(feature = "rustls")]
    {
        let script = again_and_again(&[Step::Request, response]);
        let https = Server::wrapped(vec![script], tls::good());
        let url = format!("https://{}", https.address());
        let config = config(&url, &FakeSystem::new()).ca_bundle(tls::CA_BUNDLE.as_path());
        call_on_a_small_stack(new_client(config));
    }
}

fn call_on_a_small_stack(client: Client) {
    let call = move || client.get_export(&GetExportInput::new(ARN)).map(drop);
    let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(call);
    let result = thread.expect("a thread").join().expect("no panic");
    result.expect("an export");
}
