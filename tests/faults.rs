//! What can go wrong on the way, and what a call makes of it: how it ends, after how many
//! attempts, how long at most, and what becomes of the connection.

mod answers;
mod connections;
mod deadlines;
mod proxies;
mod row;
mod tls;

use self::row::Row;

#[test]
fn every_fault_ends_a_call_as_it_should() {
    let rows: Vec<Row> = connections::rows()
        .into_iter()
        .chain(answers::rows())
        .chain(proxies::rows())
        .chain(tls::rows())
        .collect();
    let failed: Vec<String> = rows.iter().filter_map(|row| row.run().err()).collect();
    eprintln!(
        "{} faults tried, {} ended otherwise",
        rows.len(),
        failed.len()
    );
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}
