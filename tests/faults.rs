//! What can go wrong with a request, and how the call ends: with which error, after how many
//! attempts, how soon, and what becomes of the connection.

mod connections;
mod deadlines;
mod proxies;
mod responses;
mod row;
#[cfg(feature = "rustls")]
mod tls;

use std::thread;

use self::row::Row;

fn rows() -> Vec<Row> {
    let mut rows = connections::rows();
    rows.extend(responses::rows());
    rows.extend(proxies::rows());
    #[cfg(feature = "rustls")]
    rows.extend(tls::rows());
    rows
}

#[test]
fn every_fault_ends_a_call_as_it_should() {
    let rows = rows();
    // Most of them only wait.
    let failed: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = rows.iter().map(|row| scope.spawn(|| row.run())).collect();
        let results = running.into_iter().map(|row| row.join().expect("no panic"));
        results.filter_map(Result::err).collect()
    });
    eprintln!(
        "{} faults tried, {} ended otherwise",
        rows.len(),
        failed.len()
    );
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}
